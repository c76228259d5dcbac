"""Appeals, what was done about each, and where each stands.

What was typed lies in openings only. `certification.appeals.replay` compares rows with them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class AppealRow(Base):
    """One appeal, complaint or report of misuse: about what, and whose it is."""

    __tablename__ = "certification_appeals"
    __table_args__ = table(TableClass.REGISTER, Index(None, "subject"), history=True)

    appeal_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    target: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(26))
    n: Mapped[int | None] = mapped_column()
    scheme: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str] = mapped_column(String(26))
    filed_by: Mapped[str | None] = mapped_column(String(26))
    filed_at: Mapped[datetime] = mapped_column(Instant)


class AppealStepRow(Base):
    """One thing that was done about an appeal, in order."""

    __tablename__ = "certification_appeal_steps"
    __table_args__ = table(TableClass.REGISTER, history=True)

    appeal_id: Mapped[str] = mapped_column(
        ForeignKey("certification_appeals.appeal_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[str | None] = mapped_column(String(26))
    party: Mapped[str | None] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class AppealStandingRow(Base):
    """Where an appeal stands; whoever acts locks this row first.

    `running` names the decision while an appeal about it runs: one at a time.
    """

    __tablename__ = "certification_appeal_standings"
    __table_args__ = table(TableClass.DERIVED, Index(None, "state", "scheme"))

    appeal_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    n: Mapped[int] = mapped_column()
    running: Mapped[str | None] = mapped_column(String(64), unique=True)
