"""Which lot has which certificates of conformity; what they say lies in the sealed openings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class ConformityCertificate(Base):
    """The n-th certificate of a lot (from 1); the newest counts.

    Name, contact and quantity are not here: this row can never be deleted, a person's data can.
    """

    __tablename__ = "conformity_certificates"
    __table_args__ = table(TableClass.REGISTER, UniqueConstraint("lot_id", "n"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), index=True)
    n: Mapped[int]
    party_id: Mapped[str] = mapped_column(String(26), index=True)
    style: Mapped[str] = mapped_column(String(8))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))
