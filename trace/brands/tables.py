"""The register of brands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class Brand(Base):
    """A regional public brand. A new name is a new row: history is never updated."""

    __tablename__ = "brands"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(12))
    owner_id: Mapped[str] = mapped_column(String(26))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))
