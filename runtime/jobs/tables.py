"""The table of jobs. Unprotected: a job only repeats what rows elsewhere already say is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class JobRow(Base):
    """One job; `due_at` is also the end of the lease while somebody works on it."""

    __tablename__ = "jobs"
    __table_args__ = table(TableClass.UNPROTECTED, Index("ix_jobs_due_at", "due_at"))

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text, unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JsonText)
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
