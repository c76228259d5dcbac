"""Use cases of random draws: open, commit, reveal, replace a late office, draw; and reading them.

Each takes the row of the standing first, so that two who act at once follow one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.draws import model
from certification.draws.entries import COMMIT, REPLACE, RESULT, REVEAL
from certification.draws.model import DrawEvent, DrawStanding, DrawState, DrawStep, fold
from certification.draws.tables import DrawRow, DrawStandingRow, DrawStepRow
from certification.inspections import fitness
from certification.inspections.model import InspectionState
from certification.inspections.tables import InspectionRow, InspectionStandingRow
from certification.refusals import CertificationRefusal
from certification.schemes.service import scheme as scheme_of
from identity.actor import Actor
from identity.codes import is_id
from identity.keys.service import operator_party, signer_for
from identity.parties.service import get_party
from identity.roles import Role, Scope, require_role, require_scope
from ledger.openings.service import open_entry
from ledger.outbox import Draft, Secret, record
from ledger.reader import LogReader
from ledger.work import Work
from runtime import base64url
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json
from runtime.vault import Vault

LIST_MAX = 200
TAKE_PART = (Role.BRAND_OFFICER, Role.INSPECTOR, Role.REGULATOR, Role.DECIDER)
"""Roles that act for an office in a draw."""


@dataclass(frozen=True)
class OpenDraw:
    """Open a draw of so many of these members by these offices (party ids, in their order).

    Each step of a round is given so many hours.
    """

    scheme: str
    members: tuple[str, ...]
    drawn: int
    offices: tuple[str, ...]
    hours: int = 24


@dataclass(frozen=True)
class CommitNonce:
    """The SHA-256 of an office's nonce, in hexadecimal or base64url."""

    draw: str
    nonce_hash: str


@dataclass(frozen=True)
class RevealNonce:
    """An office's nonce, in hexadecimal or base64url."""

    draw: str
    nonce: str


@dataclass(frozen=True)
class ReplaceOffice:
    """Put another office in the place of one that is late; the draw starts again."""

    draw: str
    late: str
    office: str


@dataclass(frozen=True)
class DrawResult:
    """Draw, once every office has revealed."""

    draw: str


@dataclass(frozen=True)
class DrawReceipt:
    """Where a draw stands after a step; `chosen` are ids of members once it is drawn."""

    draw: str
    state: str
    round: int
    n: int
    payload_id: str
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draw:
    """A draw with everything that its steps say."""

    id: str
    scheme: str
    office: str
    opened_at: datetime
    steps: tuple[DrawStep, ...]

    @property
    def standing(self) -> DrawStanding:
        """Where it stands."""
        return fold(self.steps)

    @property
    def commitment(self) -> str:
        """The entry that commits to the population."""
        return self.steps[0].payload_id


@dataclass(frozen=True)
class Population:
    """The opening of a population: with the salt anybody checks the commitment in the log."""

    salt: str
    members: tuple[str, ...]


def open_draw(work: Work, command: OpenDraw, actor: Actor, now: datetime) -> DrawReceipt:
    """Commit to a population and name the offices.

    Raises Refusal: those of `fitness.require_office`, SCHEME_UNKNOWN, PARTY_UNKNOWN, and those of
    `open_reasons`.
    """
    scheme = scheme_of(command.scheme)
    fitness.require_office(work, actor, scheme.code, now)
    _require_none(
        model.open_reasons(command.members, command.drawn, command.offices, command.hours)
    )
    for office in command.offices:
        _require_organisation(work, office, "/offices")
    members = model.population_of(command.members)
    office = actor.party or operator_party(work)
    row = DrawRow(
        id=new_id("draw", work.randomness), scheme=scheme.code, office=office, opened_at=now
    )
    work.add(row)
    work.flush()
    state = DrawState.COMMITTING.value
    work.add(DrawStandingRow(draw_id=row.id, state=state, round=1, n=0))
    work.flush()
    said: dict[str, Json] = {
        "scheme": scheme.code,
        "office": office,
        "offices": list(command.offices),
        "members": len(members),
        "drawn": command.drawn,
        "hours": command.hours,
    }
    public = {"members": len(members), "drawn": command.drawn, "hours": command.hours}
    facts: dict[str, Json] = {**public, "offices": len(command.offices)}
    draft = _Draft(COMMIT, DrawEvent.OPEN, facts, said, {"population": list(members)})
    return _step(work, find_draw(work, row.id), draft, actor, now)


def commit_nonce(work: Work, command: CommitNonce, actor: Actor, now: datetime) -> DrawReceipt:
    """Commit to a nonce for the actor's office.

    Raises Refusal: DRAW_UNKNOWN, NOT_ALLOWED, DRAW_OFFICE_OTHER, and those of `commit_reasons`.
    """
    draw = _locked(work, command.draw)
    standing, place = draw.standing, _my_place(draw, actor)
    digest = model.read_32_bytes(command.nonce_hash)
    _require_none(model.commit_reasons(standing, place, digest, now))
    assert digest is not None
    facts: dict[str, Json] = {
        "round": standing.round,
        "place": place,
        "nonce": base64url.encode(digest),
    }
    return _step(work, draw, _Draft(COMMIT, DrawEvent.COMMIT, facts, facts), actor, now)


def reveal_nonce(work: Work, command: RevealNonce, actor: Actor, now: datetime) -> DrawReceipt:
    """Reveal the nonce of the actor's office.

    Raises Refusal: DRAW_UNKNOWN, NOT_ALLOWED, DRAW_OFFICE_OTHER, and those of `reveal_reasons`.
    """
    draw = _locked(work, command.draw)
    standing, place = draw.standing, _my_place(draw, actor)
    nonce = model.read_32_bytes(command.nonce)
    logged = _all_logged(work, standing.pending)
    _require_none(model.reveal_reasons(standing, place, nonce, now, logged=logged))
    assert nonce is not None
    facts: dict[str, Json] = {
        "round": standing.round,
        "place": place,
        "reveal": base64url.encode(nonce),
    }
    return _step(work, draw, _Draft(REVEAL, DrawEvent.REVEAL, facts, facts), actor, now)


def replace_office(work: Work, command: ReplaceOffice, actor: Actor, now: datetime) -> DrawReceipt:
    """Log that an office was late, put another one in its place, and start again.

    Raises Refusal: DRAW_UNKNOWN, those of `fitness.require_office`, PARTY_UNKNOWN, and those of
    `replace_reasons`.
    """
    draw = _locked(work, command.draw)
    fitness.require_office(work, actor, draw.scheme, now)
    standing = draw.standing
    place = standing.place(command.late)
    _require_none(model.replace_reasons(standing, place, command.office, now))
    assert place is not None
    _require_organisation(work, command.office, "/office")
    facts: dict[str, Json] = {"round": standing.round + 1, "place": place}
    said: dict[str, Json] = {**facts, "late": command.late, "office": command.office}
    return _step(work, draw, _Draft(REPLACE, DrawEvent.REPLACE, facts, said), actor, now)


def draw_result(work: Work, command: DrawResult, actor: Actor, now: datetime) -> DrawReceipt:
    """Compute the result: nothing is left to decide, so any of the offices may ask for it.

    Raises Refusal: DRAW_UNKNOWN, NOT_ALLOWED, DRAW_OFFICE_OTHER, EVIDENCE_ERASED, and those of
    `result_reasons`.
    """
    draw = _locked(work, command.draw)
    if not actor.is_platform and actor.party != draw.office:
        _my_place(draw, actor)
    standing = draw.standing
    _require_none(model.result_reasons(standing))
    members = population(work, work.vault, draw).members
    nonces = [base64url.decode(standing.reveals[place]) for place in sorted(standing.reveals)]
    seed = model.seed_of(nonces)
    chosen = model.choose(seed, len(members), standing.drawn)
    facts: dict[str, Json] = {
        "round": standing.round,
        "seed": base64url.encode(seed),
        "chosen": list(chosen),
    }
    receipt = _step(work, draw, _Draft(RESULT, DrawEvent.RESULT, facts, facts), actor, now)
    named = tuple(members[number] for number in chosen)
    return DrawReceipt(
        receipt.draw, receipt.state, receipt.round, receipt.n, receipt.payload_id, named
    )


# --- Reading -----------------------------------------------------------------------------------


def find_draw(session: Session, id: str) -> Draw:
    """A draw by its id: what is in its steps is public. Raises Refusal DRAW_UNKNOWN."""
    row = session.get(DrawRow, id) if is_id(id) else None
    if row is None:
        refuse(CertificationRefusal.DRAW_UNKNOWN, "/draw")
    return _draw(session, row)


def draws(session: Session, scheme: str | None = None) -> tuple[Draw, ...]:
    """The draws, of a scheme or of all, the newest first; at most `LIST_MAX`."""
    query = select(DrawRow).order_by(DrawRow.opened_at.desc(), DrawRow.id).limit(LIST_MAX)
    if scheme is not None:
        query = query.where(DrawRow.scheme == scheme)
    return tuple(_draw(session, row) for row in session.scalars(query))


def population(session: Session, vault: Vault, draw: Draw) -> Population:
    """The population with its salt, whether it may be shown yet or not (`may_be_opened`).

    Raises Refusal EVIDENCE_ERASED.
    """
    opening = open_entry(session, vault, draw.commitment).get("population")
    if opening is None or not isinstance(opening.value, list):
        refuse(CertificationRefusal.EVIDENCE_ERASED)
    return Population(base64url.encode(opening.salt), tuple(map(str, opening.value)))


def chosen_members(session: Session, vault: Vault, draw: Draw) -> tuple[str, ...]:
    """The members that were drawn, in order; empty before. For offices that plan the visits."""
    chosen = draw.standing.chosen
    if not chosen:
        return ()
    members = population(session, vault, draw).members
    return tuple(members[number] for number in chosen)


def may_be_opened(session: Session, vault: Vault, draw: Draw) -> bool:
    """Whether the population may be shown to everybody: each member drawn has been visited."""
    wanted = set(chosen_members(session, vault, draw))
    visited = (
        select(InspectionRow.about)
        .join(InspectionStandingRow, InspectionStandingRow.inspection_id == InspectionRow.id)
        .where(InspectionRow.draw == draw.id)
        .where(InspectionStandingRow.state == InspectionState.FINISHED.value)
    )
    return bool(wanted) and wanted <= set(session.scalars(visited))


def _draw(session: Session, row: DrawRow) -> Draw:
    query = select(DrawStepRow).filter_by(draw_id=row.id).order_by(DrawStepRow.n)
    steps = tuple(step_from(each) for each in session.scalars(query))
    return Draw(row.id, row.scheme, row.office, row.opened_at, steps)


def step_from(row: DrawStepRow) -> DrawStep:
    """One step, from its row."""
    return DrawStep(row.n, DrawEvent(row.event), row.at, row.said, row.payload_id)


# --- Rows and entry ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Draft:
    """A step that is to be entered: its type, its public facts, and what its row says."""

    type: str
    event: DrawEvent
    facts: Mapping[str, Json]
    said: Mapping[str, Any]
    beside: Mapping[str, Json] | None = None


def _step(work: Work, draw: Draw, draft: _Draft, actor: Actor, now: datetime) -> DrawReceipt:
    party = actor.party or operator_party(work)
    n = len(draw.steps) + 1
    committed: dict[str, Json] = {
        "n": n,
        "event": draft.event.value,
        "person": actor.person,
        "party": party,
        "said": dict(draft.said),
    }
    secrets = [Secret("record", committed, draw.office)]
    secrets += [Secret(name, value, draw.office) for name, value in (draft.beside or {}).items()]
    entry = Draft(draft.type, (draw.id,), now, draft.facts, tuple(secrets))
    payload_id = record(work, entry, signer_for(work, party), now).payload_id
    step = DrawStep(n, draft.event, now, draft.said, payload_id)
    work.add(
        DrawStepRow(
            draw_id=draw.id, n=n, event=draft.event.value, at=now, person=actor.person,
            party=party, said=dict(draft.said), payload_id=payload_id,
        )
    )  # fmt: skip
    standing = draw.standing.after(step)
    row = work.get_one(DrawStandingRow, draw.id)
    row.state, row.round, row.n = standing.state.value, standing.round, standing.n
    work.flush()
    return DrawReceipt(draw.id, standing.state.value, standing.round, n, payload_id)


def _locked(work: Work, id: str) -> Draw:
    if is_id(id):
        query = select(DrawStandingRow).filter_by(draw_id=id).with_for_update()
        work.scalar(query.execution_options(populate_existing=True))
    return find_draw(work, id)


def _my_place(draw: Draw, actor: Actor) -> int:
    """The place of the actor's office. Raises Refusal: NOT_ALLOWED, DRAW_OFFICE_OTHER."""
    require_scope(actor, Scope.CERTIFY)
    require_role(actor, *TAKE_PART)
    place = draw.standing.place(actor.party)
    if place is None:
        refuse(CertificationRefusal.DRAW_OFFICE_OTHER)
    return place


def _all_logged(session: Session, payload_ids: Iterable[str]) -> bool:
    reader = LogReader(session)
    return all(reader.index_of(each) is not None for each in payload_ids)


def _require_organisation(session: Session, party: str, pointer: str) -> None:
    if get_party(session, party).natural:
        bounds = {"least": model.OFFICES[0], "most": model.OFFICES[1]}
        refuse(CertificationRefusal.DRAW_OFFICES_INVALID, pointer, **bounds)


def _require_none(reasons: Iterable[Reason]) -> None:
    found = list(reasons)
    if found:
        raise Refusal(*found)
