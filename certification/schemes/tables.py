"""Published scheme versions: the canonical content of each, only ever added.

The truth of every row is in the log entry `payload_id`; `certification.schemes.replay` compares.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class SchemeRow(Base):
    """One published version of a scheme; `digest` is the SHA-256 of `content`."""

    __tablename__ = "certification_schemes"
    __table_args__ = table(TableClass.REGISTER, UniqueConstraint("code", "version"), history=True)

    scheme_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    version: Mapped[str] = mapped_column(String(8))
    effective: Mapped[date]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
