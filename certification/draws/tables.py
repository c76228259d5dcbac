"""Draws, their steps, and where each stands; the population is opened from the entry of the first.

`certification.draws.replay` compares rows with entries and openings, folds the steps again, and
computes each result anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class DrawRow(Base):
    """One random draw: under which scheme, and opened by whom."""

    __tablename__ = "certification_draws"
    __table_args__ = table(TableClass.REGISTER, Index(None, "scheme"), history=True)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16))
    office: Mapped[str] = mapped_column(String(26))
    opened_at: Mapped[datetime] = mapped_column(Instant)


class DrawStepRow(Base):
    """One thing that was done about a draw, in order."""

    __tablename__ = "certification_draw_steps"
    __table_args__ = table(TableClass.REGISTER, history=True)

    draw_id: Mapped[str] = mapped_column(ForeignKey("certification_draws.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    person: Mapped[str | None] = mapped_column(String(40))
    party: Mapped[str] = mapped_column(String(26))
    said: Mapped[Any] = mapped_column(JsonText)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class DrawStandingRow(Base):
    """Where a draw stands; the row that whoever acts locks first."""

    __tablename__ = "certification_draw_standings"
    __table_args__ = table(TableClass.DERIVED)

    draw_id: Mapped[str] = mapped_column(ForeignKey("certification_draws.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    round: Mapped[int]
    n: Mapped[int]
