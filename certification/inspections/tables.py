"""Inspections, their steps, where each stands, and the nonconformities that were found.

Rows hold ids, codes and days only; what was written (notes, findings, actions, places) is opened
from the entry `payload_id`, photos lie sealed in the file store. `certification.inspections.replay`
compares rows with openings and folds the steps again to check what is derived.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class InspectionRow(Base):
    """One visit: about which case or certificate, of whom, by which checklist."""

    __tablename__ = "certification_inspections"
    __table_args__ = table(TableClass.REGISTER, Index(None, "holder"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    about: Mapped[str] = mapped_column(String(26))
    kind: Mapped[str] = mapped_column(String(12))
    scheme: Mapped[str] = mapped_column(String(16))
    scheme_version: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str] = mapped_column(String(26))
    office: Mapped[str] = mapped_column(String(26))
    draw: Mapped[str | None] = mapped_column(String(26))
    planned_at: Mapped[datetime] = mapped_column(Instant)


class InspectionStepRow(Base):
    """One thing that was done about an inspection, in the order of arrival."""

    __tablename__ = "certification_inspection_steps"
    __table_args__ = table(TableClass.REGISTER, Index(None, "person"), history=True)

    inspection_id: Mapped[str] = mapped_column(
        ForeignKey("certification_inspections.id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[str | None] = mapped_column(String(40))
    party: Mapped[str | None] = mapped_column(String(26))
    said: Mapped[Any] = mapped_column(JsonText)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class InspectionStandingRow(Base):
    """Where an inspection stands; the row that whoever acts locks first."""

    __tablename__ = "certification_inspection_standings"
    __table_args__ = table(
        TableClass.DERIVED, Index(None, "about"), Index(None, "scheme", "day"), Index(None, "day")
    )

    inspection_id: Mapped[str] = mapped_column(
        ForeignKey("certification_inspections.id"), primary_key=True
    )
    about: Mapped[str] = mapped_column(String(26))
    scheme: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    day: Mapped[date] = mapped_column(Date)
    inspectors: Mapped[Any] = mapped_column(JsonText)
    n: Mapped[int]
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class NonconformityRow(Base):
    """Where a nonconformity stands; `no` counts those of one inspection."""

    __tablename__ = "certification_nonconformities"
    __table_args__ = table(TableClass.DERIVED, Index(None, "about", "state"))

    inspection_id: Mapped[str] = mapped_column(
        ForeignKey("certification_inspections.id"), primary_key=True
    )
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    about: Mapped[str] = mapped_column(String(26))
    item: Mapped[str | None] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    correct_by: Mapped[date | None] = mapped_column(Date)
    evidence: Mapped[str | None] = mapped_column(String(26))
