"""The table of first answers, by which a repeated request is recognised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class FirstAnswer(Base):
    """The first answer under an Idempotency-Key; a cache that may be emptied after 30 days."""

    __tablename__ = "first_answers"
    __table_args__ = table(TableClass.UNPROTECTED)

    scope: Mapped[str] = mapped_column(String(80), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    use_case: Mapped[str] = mapped_column(String(120))
    answer: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
