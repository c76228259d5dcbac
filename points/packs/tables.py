"""Published rule packs: the exact bytes of each file, only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class PackRow(Base):
    """One published pack; `digest` is the SHA-256 of `content` and stands in the log."""

    __tablename__ = "points_packs"
    __table_args__ = table(TableClass.REGISTER, UniqueConstraint("code", "version"), history=True)

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    pack_id: Mapped[str] = mapped_column(String(26), unique=True)
    code: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column()
    content: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
