"""Recalls, what they cover, and their history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class Recall(Base):
    """A recall as proposed."""

    __tablename__ = "recalls"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"))
    reason_zh: Mapped[str] = mapped_column(Text)
    reason_en: Mapped[str] = mapped_column(Text)
    office_id: Mapped[str] = mapped_column(String(26))
    proposed_by: Mapped[str] = mapped_column(String(40))
    radius: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)


class RecallStanding(Base):
    """Where a recall stands: the row that two officers who act at once wait for."""

    __tablename__ = "recall_standings"
    __table_args__ = table(TableClass.DERIVED)

    recall_id: Mapped[str] = mapped_column(ForeignKey("recalls.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    steps: Mapped[int]


class RecallStep(Base):
    """One change of a recall's state; steps are numbered from 1."""

    __tablename__ = "recall_steps"
    __table_args__ = table(TableClass.REGISTER, history=True)

    recall_id: Mapped[str] = mapped_column(ForeignKey("recalls.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(8))
    person: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str | None] = mapped_column(String(43))


class RecalledLot(Base):
    """A lot inside the radius of an ordered recall."""

    __tablename__ = "recalled_lots"
    __table_args__ = table(TableClass.REGISTER, history=True)

    recall_id: Mapped[str] = mapped_column(ForeignKey("recalls.id"), primary_key=True)
    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True, index=True)
