"""Appointments, competences, the ends of both, and declarations; rows are only inserted.

Every row's truth is stated or committed in the log entry `payload_id`; `bodies.replay` compares.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class AppointmentRow(Base):
    """A party serves a scheme in one function, for as many cases at once as `capacity` says."""

    __tablename__ = "certification_appointments"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("to_date IS NULL OR to_date >= from_date", name="dates_in_order"),
        Index(None, "party", "scheme"),
        Index(None, "scheme"),
        history=True,
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    party: Mapped[str] = mapped_column(String(26))
    scheme: Mapped[str] = mapped_column(String(16))
    function: Mapped[str] = mapped_column(String(12))
    from_date: Mapped[date] = mapped_column(Date)
    to_date: Mapped[date | None] = mapped_column(Date)
    capacity: Mapped[int | None] = mapped_column()
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class AppointmentEndRow(Base):
    """The last day of an appointment was brought forward; the earliest of several days counts."""

    __tablename__ = "certification_appointment_ends"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(ForeignKey("certification_appointments.id"), primary_key=True)
    to_date: Mapped[date] = mapped_column(Date, primary_key=True)
    office: Mapped[str | None] = mapped_column(String(26))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class CompetenceRow(Base):
    """A person may do one task for a scheme, as `party` vouches."""

    __tablename__ = "certification_competences"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("to_date >= from_date", name="dates_in_order"),
        Index(None, "person", "scheme"),
        Index(None, "scheme", "task"),
        history=True,
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person: Mapped[str] = mapped_column(String(26))
    scheme: Mapped[str] = mapped_column(String(16))
    task: Mapped[str] = mapped_column(String(12))
    party: Mapped[str] = mapped_column(String(26))
    from_date: Mapped[date] = mapped_column(Date)
    to_date: Mapped[date] = mapped_column(Date)
    document: Mapped[str | None] = mapped_column(String(80))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class CompetenceEndRow(Base):
    """The last day of a competence was brought forward; the earliest of several days counts."""

    __tablename__ = "certification_competence_ends"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(ForeignKey("certification_competences.id"), primary_key=True)
    to_date: Mapped[date] = mapped_column(Date, primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class DeclarationRow(Base):
    """What a person declared about the applicant of a case; the newest of a case counts."""

    __tablename__ = "certification_declarations"
    __table_args__ = table(TableClass.REGISTER, Index(None, "case_id", "person"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26))
    person: Mapped[str] = mapped_column(String(26))
    party: Mapped[str] = mapped_column(String(26))
    relation: Mapped[str] = mapped_column(String(12))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
