"""Moves, where they stand, their steps, and one ticket for each certificate on its way.

`certification.moves.replay` rebuilds standings and tickets from the entries of moves and of the
certificates themselves.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class MoveRow(Base):
    """A move as it was opened; `until` is the last day, Beijing time."""

    __tablename__ = "certification_moves"
    __table_args__ = table(TableClass.REGISTER, history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16))
    from_body: Mapped[str] = mapped_column(String(26))
    to_body: Mapped[str] = mapped_column(String(26))
    why: Mapped[str] = mapped_column(String(8))
    until: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime] = mapped_column(Instant)


class MoveStandingRow(Base):
    """Where a move stands: the row that whoever changes it waits for; one is open for a body."""

    __tablename__ = "certification_move_standings"
    __table_args__ = table(
        TableClass.DERIVED,
        Index(
            "uq_certification_move_standings_open",
            "from_body",
            "scheme",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    move_id: Mapped[str] = mapped_column(ForeignKey("certification_moves.id"), primary_key=True)
    from_body: Mapped[str] = mapped_column(String(26))
    scheme: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8))
    steps: Mapped[int]


class MoveStepRow(Base):
    """One thing done about a move, from 1; `certificates` counts those that it was about."""

    __tablename__ = "certification_move_steps"
    __table_args__ = table(TableClass.REGISTER, history=True)

    move_id: Mapped[str] = mapped_column(ForeignKey("certification_moves.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str] = mapped_column(String(26))
    person: Mapped[str] = mapped_column(String(40))
    certificates: Mapped[int]
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class MoveTicketRow(Base):
    """Derived: where one certificate stands on its way.

    `person` decided about it; `payload_id` names the entry that moved or suspended it.
    """

    __tablename__ = "certification_move_tickets"
    __table_args__ = table(
        TableClass.DERIVED, Index(None, "move_id", "state", "cert_id"), Index(None, "cert_id")
    )

    move_id: Mapped[str] = mapped_column(ForeignKey("certification_moves.id"), primary_key=True)
    cert_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    person: Mapped[str | None] = mapped_column(String(40))
    payload_id: Mapped[str | None] = mapped_column(String(43))
