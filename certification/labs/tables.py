"""Laboratories, accreditations, and reports with their results; rows are only inserted.

The name of a sample stands in the opening of its report only. `certification.labs.replay` compares
rows, entries and openings.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class LaboratoryRow(Base):
    """A laboratory and the organisation that it is."""

    __tablename__ = "certification_labs"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    party: Mapped[str] = mapped_column(String(26), unique=True)
    registered_at: Mapped[datetime] = mapped_column(Instant)
    registered_by: Mapped[str] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class AccreditationRow(Base):
    """What a laboratory may test from one day to another; `scope` is a list of its lines."""

    __tablename__ = "certification_accreditations"
    __table_args__ = table(TableClass.REGISTER, Index(None, "lab"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    lab: Mapped[str] = mapped_column(ForeignKey("certification_labs.id"))
    authority: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(40))
    from_date: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    scope: Mapped[Any] = mapped_column(JsonText)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class AccreditationEndRow(Base):
    """The early end of an accreditation: the first day on which it no longer counts."""

    __tablename__ = "certification_accreditation_ends"
    __table_args__ = table(TableClass.REGISTER, history=True)

    accreditation: Mapped[str] = mapped_column(
        ForeignKey("certification_accreditations.id"), primary_key=True
    )
    lab: Mapped[str] = mapped_column(ForeignKey("certification_labs.id"))
    ended_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class ReportRow(Base):
    """A laboratory's report on one sample, with its results as a list."""

    __tablename__ = "certification_reports"
    __table_args__ = table(
        TableClass.REGISTER, Index(None, "evidence_id"), Index(None, "lab", "number"), history=True
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    lab: Mapped[str] = mapped_column(ForeignKey("certification_labs.id"))
    evidence_id: Mapped[str] = mapped_column(ForeignKey("certification_evidence.id"))
    holder: Mapped[str] = mapped_column(String(26))
    number: Mapped[str] = mapped_column(String(40))
    sample: Mapped[Any] = mapped_column(JsonText)
    received_on: Mapped[date] = mapped_column(Date)
    issued_on: Mapped[date] = mapped_column(Date)
    results: Mapped[Any] = mapped_column(JsonText)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[str] = mapped_column(String(26))
    analyst: Mapped[str | None] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
