"""Making a bar with a revocation, lifting it with an annulment, and asking whether one holds.

Both are called in the transaction of the decision itself, by whoever decides; they check no role of
their own. The certificate's row is locked by then, so a revocation makes one bar at most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.bars import model
from certification.bars.entries import LIFT_BAR, MAKE_BAR
from certification.bars.model import Bar
from certification.bars.tables import BarRow, LiftedBarRow
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.ids import new_id
from runtime.strict_json import Json


@dataclass(frozen=True)
class MakeBar:
    """What a revocation was: change `n` of a certificate, on a ground, from when on."""

    holder: str
    scheme: str
    cert_id: str
    n: int
    effective_at: datetime
    ground: str | None = None


@dataclass(frozen=True)
class LiftBar:
    """Change `n` of a certificate was declared an error."""

    cert_id: str
    n: int


def make_bar(work: Work, command: MakeBar, actor: Actor, now: datetime) -> Bar | None:
    """Bar the holder for the years of the scheme; None where the scheme bars nobody for it."""
    years = model.years_of(scheme_of(command.scheme), command.ground)
    if years is None:
        return None
    from_date = beijing_date(command.effective_at)
    bar = Bar(
        id=new_id("bar", work.randomness),
        holder=command.holder,
        scheme=command.scheme,
        cert_id=command.cert_id,
        n=command.n,
        ground=command.ground,
        from_date=from_date,
        until=model.last_day(from_date, years),
    )
    secret = Secret("record", _committed(bar), bar.holder)
    draft = Draft(MAKE_BAR, (bar.id,), now, {}, (secret,))
    bar = replace(bar, payload_id=record(work, draft, _signer(work, actor), now).payload_id)
    work.add(_row(bar, now))
    work.flush()
    return bar


def lift_bar(work: Work, command: LiftBar, actor: Actor, now: datetime) -> Bar | None:
    """Lift the bar that a change made; None where it made none, or it is lifted already."""
    row = work.scalar(select(BarRow).filter_by(cert_id=command.cert_id, n=command.n))
    if row is None or work.get(LiftedBarRow, row.id) is not None:
        return None
    committed: dict[str, Json] = {"certificate": command.cert_id, "annuls": command.n}
    draft = Draft(LIFT_BAR, (row.id,), now, {}, (Secret("record", committed, row.holder),))
    payload_id = record(work, draft, _signer(work, actor), now).payload_id
    work.add(LiftedBarRow(id=row.id, recorded_at=now, payload_id=payload_id))
    work.flush()
    return bar_from(row)


def bar_of(session: Session, holder: str, scheme: str, now: datetime) -> Bar | None:
    """The bar that keeps a holder from applying under a scheme now, None where there is none."""
    return model.present_bar(bars_of(session, holder, scheme), beijing_date(now))


def bars_of(session: Session, holder: str, scheme: str | None = None) -> tuple[Bar, ...]:
    """The bars of a holder that were not lifted, over or not, the oldest first."""
    lifted = select(LiftedBarRow.id)
    query = select(BarRow).where(BarRow.holder == holder, BarRow.id.not_in(lifted))
    if scheme is not None:
        query = query.where(BarRow.scheme == scheme)
    return tuple(map(bar_from, session.scalars(query.order_by(BarRow.from_date, BarRow.id))))


def bar_from(row: BarRow) -> Bar:
    """A bar from its row."""
    return Bar(
        row.id, row.holder, row.scheme, row.cert_id, row.n, row.ground, row.from_date, row.until,
        row.payload_id,
    )  # fmt: skip


def _committed(bar: Bar) -> dict[str, Json]:
    return {
        "holder": bar.holder,
        "scheme": bar.scheme,
        "certificate": bar.cert_id,
        "change": bar.n,
        "ground": bar.ground,
        "from": bar.from_date.isoformat(),
        "until": None if bar.until is None else bar.until.isoformat(),
    }


def _row(bar: Bar, now: datetime) -> BarRow:
    return BarRow(
        id=bar.id,
        holder=bar.holder,
        scheme=bar.scheme,
        cert_id=bar.cert_id,
        n=bar.n,
        ground=bar.ground,
        from_date=bar.from_date,
        until=bar.until,
        recorded_at=now,
        payload_id=bar.payload_id,
    )


def _signer(work: Work, actor: Actor) -> Signer:
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)
