"""Captured events, the lots that they moved, and the names by which duplicates are found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class Event(Base):
    """An event in the log. What it says is sealed in the openings; here is what gates need."""

    __tablename__ = "events"
    __table_args__ = table(
        TableClass.REGISTER,
        Index("ix_events_party_recorded", "party_id", "recorded_at"),
        history=True,
    )

    payload_id: Mapped[str] = mapped_column(String(43), primary_key=True)
    event_hash: Mapped[str] = mapped_column(String(100), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    type: Mapped[str] = mapped_column(String(24))
    step: Mapped[str | None] = mapped_column(String(24))
    party_id: Mapped[str] = mapped_column(String(26))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    offset: Mapped[str] = mapped_column(String(6))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    document: Mapped[str] = mapped_column(String(64))
    pointer: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(12))
    refers_to: Mapped[str | None] = mapped_column(String(43))


class EventLot(Base):
    """What an event did to a lot, in mg or pieces (0 for a lot that was only touched)."""

    __tablename__ = "event_lots"
    __table_args__ = table(TableClass.REGISTER, history=True)

    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True)
    payload_id: Mapped[str] = mapped_column(
        ForeignKey("events.payload_id"), primary_key=True, index=True
    )
    move: Mapped[str] = mapped_column(String(8), primary_key=True)
    quantity: Mapped[int] = mapped_column(BigInteger)


class EventName(Base):
    """The hashes of all events: who captures one holds its row, so that another waits and sees."""

    __tablename__ = "event_names"
    __table_args__ = table(TableClass.DERIVED)

    event_hash: Mapped[str] = mapped_column(String(100), primary_key=True)
