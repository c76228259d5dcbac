"""Cases, their steps and outcomes, where each stands, and which of them run.

Rows of `certification_case_steps` hold ids, codes and days only; what was typed lies in the opening
of the entry `payload_id`. `certification.cases.replay` compares rows with openings, and folds the
steps again to check the standings and the guard rows.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class CaseRow(Base):
    """One application: whose, under which version of which scheme, on which track."""

    __tablename__ = "certification_cases"
    __table_args__ = table(TableClass.REGISTER, Index(None, "holder"), history=True)

    case_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    holder: Mapped[str] = mapped_column(String(26))
    scheme: Mapped[str] = mapped_column(String(16))
    scheme_version: Mapped[str] = mapped_column(String(8))
    track: Mapped[str] = mapped_column(String(16))
    cert_id: Mapped[str | None] = mapped_column(String(26))
    opened_at: Mapped[datetime] = mapped_column(Instant)


class StepRow(Base):
    """One thing that was done about a case, in order."""

    __tablename__ = "certification_case_steps"
    __table_args__ = table(TableClass.REGISTER, Index(None, "person"), history=True)

    case_id: Mapped[str] = mapped_column(
        ForeignKey("certification_cases.case_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(24))
    outcome: Mapped[str | None] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[str | None] = mapped_column(String(26))
    party: Mapped[str | None] = mapped_column(String(26))
    task: Mapped[str | None] = mapped_column(String(12))
    assignee: Mapped[str | None] = mapped_column(String(26))
    objection: Mapped[int | None] = mapped_column()
    fee: Mapped[str | None] = mapped_column(String(40))
    until: Mapped[date | None] = mapped_column(Date)
    excluded: Mapped[Any] = mapped_column(JsonText)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class OutcomeRow(Base):
    """What a granted case became; one row at most for each case."""

    __tablename__ = "certification_case_outcomes"
    __table_args__ = table(TableClass.REGISTER, Index(None, "subject"), history=True)

    case_id: Mapped[str] = mapped_column(
        ForeignKey("certification_cases.case_id"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(26))
    number: Mapped[str] = mapped_column(String(40))
    n: Mapped[int | None] = mapped_column()
    payload_id: Mapped[str] = mapped_column(String(43))


class StandingRow(Base):
    """Where a case stands; the row that whoever acts locks first.

    `answers` is the digest of the sealed document with the answers given so far.
    """

    __tablename__ = "certification_case_standings"
    __table_args__ = table(TableClass.DERIVED, Index(None, "state", "scheme"))

    case_id: Mapped[str] = mapped_column(
        ForeignKey("certification_cases.case_id"), primary_key=True
    )
    scheme: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(Instant)
    n: Mapped[int] = mapped_column()
    answers: Mapped[str | None] = mapped_column(String(64))


class RunningCaseRow(Base):
    """The one case that runs for a holder, scheme, track and certificate ("" where none)."""

    __tablename__ = "certification_running_cases"
    __table_args__ = table(TableClass.DERIVED)

    holder: Mapped[str] = mapped_column(String(26), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    track: Mapped[str] = mapped_column(String(16), primary_key=True)
    about: Mapped[str] = mapped_column(String(26), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(26), unique=True)
