"""Consequences, where they stand, their steps, and what they leave to others.

The truth of every row is committed in the log entry `payload_id`; `consequences.replay` compares.
`ConsequenceStandingRow` is the row that two officers who act at once wait for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class ConsequenceRow(Base):
    """A suspension or revocation as proposed, with the radius that was shown."""

    __tablename__ = "certification_consequences"
    __table_args__ = table(TableClass.REGISTER, Index(None, "cert_id"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    cert_id: Mapped[str] = mapped_column(String(26))
    verb: Mapped[str] = mapped_column(String(8))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(String(80))
    ground: Mapped[str | None] = mapped_column(String(40))
    hold_until: Mapped[datetime | None] = mapped_column(Instant)
    office: Mapped[str] = mapped_column(String(26))
    proposed_by: Mapped[str] = mapped_column(String(40))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    # One of a large certificate lists a hundred thousand lots: it is read when it is asked for.
    radius: Mapped[dict[str, Any]] = mapped_column(JsonText, deferred=True)
    radius_digest: Mapped[str] = mapped_column(String(64))


class ConsequenceStandingRow(Base):
    """Where a consequence stands; at most one about a certificate is proposed."""

    __tablename__ = "certification_consequence_standings"
    __table_args__ = table(
        TableClass.DERIVED,
        Index(
            "uq_certification_consequence_standings_waiting",
            "cert_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    consequence_id: Mapped[str] = mapped_column(
        ForeignKey("certification_consequences.id"), primary_key=True
    )
    cert_id: Mapped[str] = mapped_column(String(26))
    state: Mapped[str] = mapped_column(String(10))
    steps: Mapped[int]


class ConsequenceStepRow(Base):
    """One thing done about a consequence, from 1; `change` is the certificate's own number for it.

    `radius` is what a confirmation found, `note` why a proposal was dropped.
    """

    __tablename__ = "certification_consequence_steps"
    __table_args__ = table(TableClass.REGISTER, history=True)

    consequence_id: Mapped[str] = mapped_column(
        ForeignKey("certification_consequences.id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str] = mapped_column(String(26))
    person: Mapped[str] = mapped_column(String(40))
    note: Mapped[str | None] = mapped_column(Text)
    change: Mapped[int | None] = mapped_column()
    radius: Mapped[dict[str, Any] | None] = mapped_column(JsonText, deferred=True)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class FollowUpRow(Base):
    """Something that a confirmed revocation leaves to another office to decide."""

    __tablename__ = "certification_follow_ups"
    __table_args__ = table(TableClass.REGISTER, Index(None, "subject"), history=True)

    consequence_id: Mapped[str] = mapped_column(
        ForeignKey("certification_consequences.id"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(26), primary_key=True)
