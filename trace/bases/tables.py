"""The register of production bases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class ProductionBase(Base):
    """A production base (基地). `area_m2` is rounded once from the typed value, for display."""

    __tablename__ = "bases"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(26), index=True)
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(12), index=True)
    village_zh: Mapped[str] = mapped_column(String(60))
    area_m2: Mapped[int] = mapped_column(BigInteger)
    area_typed: Mapped[str] = mapped_column(String(40))
    outline: Mapped[Any] = mapped_column(JsonText, nullable=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))
