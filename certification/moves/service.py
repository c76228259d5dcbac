"""Use cases of moves: open one, decide about its certificates, work them off in portions.

`work_off` is what a job repeats: each call is one transaction over a few certificates behind a
cursor, and whoever begins again behind an earlier cursor finds nothing left to do there.

Rows are locked in this order: standing of the move, guard rows of its certificates by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from certification.bodies.service import (
    EndAppointment,
    appointments,
    competent,
    end_appointment,
    functions_of,
    require_appointed,
)
from certification.certificates import model as certificates_model
from certification.certificates import service as certificates
from certification.certificates.commands import ChangeCertificate, TransferBody
from certification.certificates.model import ChangeKind, History, State, fields_of, status_at
from certification.certificates.register import Rows, rows_of
from certification.certificates.tables import CertificateRow, ChangeRow
from certification.moves import model
from certification.moves.entries import MOVE_STEP
from certification.moves.model import (
    LATE,
    ON_THE_WAY,
    VERDICTS,
    MoveEvent,
    MoveState,
    Opening,
    TicketState,
    Why,
)
from certification.moves.tables import MoveRow, MoveStandingRow, MoveStepRow, MoveTicketRow
from certification.quotas import service as quotas
from certification.refusals import CertificationRefusal
from certification.schemes.model import Function, Task
from certification.schemes.service import scheme as scheme_of
from identity.actor import SYSTEM, Actor
from identity.first_come import insert_unless_there
from identity.keys.service import operator_party, signer_for
from identity.names import text_reasons
from identity.parties.service import get_party
from identity.roles import Role, require_party, require_role
from ledger.outbox import Draft, Secret, record
from ledger.portions import spans
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.id_list import id_list
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

BODIES = (Function.OFFICE, Function.BODY)
"""In which functions a party can answer for certificates."""

REASON_MAX = 500
DOCUMENT_MAX = 80
LATE_REASON = "发证机构终止服务，截止日前没有机构重新确认（系统暂停）"
"""What the record of a suspension by the system says; its holder reads it."""


@dataclass(frozen=True)
class OpenMove:
    """Move the certificates of a scheme from one body (party id) to another.

    `why` is leaves or failed; what nobody has attested by the end of `until` is suspended.
    """

    scheme: str
    from_body: str
    to_body: str
    why: str
    until: date
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class DecideTickets:
    """The new body's word about certificates of a move: attested or declined.

    `certificates` are ids; empty stands for all that are still pending.
    """

    move: str
    verdict: str
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkOff:
    """Work off the next `size` certificates of a move behind the cursor `after` (an id, or "")."""

    move: str
    after: str = ""
    size: int = 25


@dataclass(frozen=True)
class MoveResult:
    """Where a move stands after a step, and how many certificates stand where."""

    id: str
    state: str
    decided: int
    pending: int
    attested: int
    declined: int
    moved: int
    suspended: int
    gone: int


@dataclass(frozen=True)
class WorkedOff:
    """What a portion did; `after` is the cursor for the next one, None where nothing is left now.

    `suspended` names the certificates whose scan pages turn.
    """

    move: str
    moved: int
    suspended: tuple[str, ...]
    gone: int
    after: str | None


def open_move(work: Work, command: OpenMove, actor: Actor, now: datetime) -> MoveResult:
    """Open a move with a ticket for every certificate that the body answers for.

    Raises Refusal: NOT_ALLOWED, SCHEME_UNKNOWN, PARTY_UNKNOWN, KEY_MISSING, OWN_CUSTODY, text
    refusals, and those of `moves.model.open_reasons`.
    """
    require_role(actor, Role.ADMIN)
    scheme = scheme_of(command.scheme)
    _check_texts(command)
    get_party(work, command.from_body)
    # It signs for every certificate: one that holds its own key could not be worked off here.
    signer_for(work, get_party(work, command.to_body).id)
    found = list(_answered_by(work, command.from_body, scheme.code, now))
    asked = Opening(
        from_body=command.from_body,
        to_body=command.to_body,
        until=command.until,
        appointed=not functions_of(work, command.to_body, scheme.code, now).isdisjoint(BODIES),
        already_open=_open_move_of(work, command.from_body, scheme.code) is not None,
        certificates=len(found),
    )
    _require_none(model.open_reasons(asked, now))
    row = _row(work, command, now)
    work.add(row)
    work.flush()
    standing = _opened(work, row)
    pending = TicketState.PENDING.value
    tickets = [{"move_id": row.id, "cert_id": each, "state": pending} for each in found]
    work.execute(insert(MoveTicketRow), tickets)
    _step(work, row, standing, MoveEvent.OPEN, found, actor, now)
    _end_appointments(work, row, actor, now)
    return result_of(work, row.id, len(found))


def decide_tickets(work: Work, command: DecideTickets, actor: Actor, now: datetime) -> MoveResult:
    """Attest or decline certificates, as a person of the new body.

    Raises Refusal: NOT_ALLOWED, OTHER_PARTY, NOT_APPOINTED, PERSON_REQUIRED, NOT_COMPETENT,
    MOVE_UNKNOWN, and those of `moves.model.verdict_reasons`.
    """
    require_role(actor, Role.BRAND_OFFICER, Role.DECIDER)
    row, standing = _locked(work, command.move)
    require_party(actor, row.to_body)
    person = _decider(work, actor, row.scheme, now)
    states = _states(work, row.id, command.certificates)
    state = MoveState(standing.state)
    _require_none(model.verdict_reasons(state, row.until, states, command.verdict, now))
    event, leads_to = VERDICTS[command.verdict]
    decided = sorted(states)
    if decided:
        _set(work, row.id, decided, leads_to, person)
        _step(work, row, standing, event, decided, actor, now)
    return result_of(work, row.id, len(decided))


def work_off(work: Work, command: WorkOff, actor: Actor, now: datetime) -> WorkedOff:
    """Move the next attested certificates; past the last day, suspend those nobody answers for.

    The platform does it, signing what moves with the key of the new body. Raises Refusal:
    NOT_ALLOWED, MOVE_UNKNOWN.
    """
    require_role(actor, Role.ADMIN)
    row, standing = _locked(work, command.move)
    late = model.is_late(row.until, now)
    wanted = {TicketState.ATTESTED, *(LATE if late else ())}
    tickets = _portion(work, command, wanted)
    quotas.lock(work, [each.cert_id for each in tickets])
    histories = _histories(work, [each.cert_id for each in tickets])
    moving = [
        ticket for ticket in tickets if _work_off(work, row, ticket, histories[ticket.cert_id], now)
    ]
    _move(work, row, moving, now)
    work.flush()
    if _count(work, row.id, ON_THE_WAY) == 0 and standing.state == MoveState.OPEN:
        _step(work, row, standing, MoveEvent.CLOSE, (), SYSTEM, now)
    by_state = {state: [t.cert_id for t in tickets if t.state == state] for state in TicketState}
    return WorkedOff(
        move=row.id,
        moved=len(by_state[TicketState.MOVED]),
        suspended=tuple(by_state[TicketState.SUSPENDED]),
        gone=len(by_state[TicketState.GONE]),
        after=_next_cursor(work, command, tickets, wanted),
    )


def _next_cursor(
    work: Work, command: WorkOff, tickets: Sequence[MoveTicketRow], wanted: set[TicketState]
) -> str | None:
    """Where to go on: behind this portion, from the start for what came meanwhile, or nowhere."""
    if len(tickets) == command.size:
        return tickets[-1].cert_id
    return "" if _count(work, command.move, wanted) else None


# --- Reading -----------------------------------------------------------------------------------


def require_move(session: Session, id: str) -> MoveRow:
    """The move of this id. Raises Refusal MOVE_UNKNOWN."""
    row = session.get(MoveRow, id)
    if row is None:
        refuse(CertificationRefusal.MOVE_UNKNOWN, "/move")
    return row


def moves_of(session: Session, party: str | None = None, limit: int = 50) -> list[MoveRow]:
    """The newest moves, of all bodies or of those in which a body takes part."""
    query = select(MoveRow).order_by(MoveRow.opened_at.desc(), MoveRow.id).limit(limit)
    if party is not None:
        query = query.where((MoveRow.from_body == party) | (MoveRow.to_body == party))
    return list(session.scalars(query))


def tickets_of(
    session: Session, move: str, after: str = "", limit: int = 200
) -> list[MoveTicketRow]:
    """The tickets of a move by certificate id, behind `after`."""
    query = select(MoveTicketRow).where(
        MoveTicketRow.move_id == move, MoveTicketRow.cert_id > after
    )
    return list(session.scalars(query.order_by(MoveTicketRow.cert_id).limit(limit)))


def open_moves(session: Session) -> list[MoveRow]:
    """The moves that are not closed, the oldest first."""
    query = (
        select(MoveRow)
        .join(MoveStandingRow, MoveStandingRow.move_id == MoveRow.id)
        .where(MoveStandingRow.state == MoveState.OPEN.value)
        .order_by(MoveRow.opened_at, MoveRow.id)
    )
    return list(session.scalars(query))


def result_of(session: Session, move: str, decided: int = 0) -> MoveResult:
    """Where a move stands; `decided` counts what the last step was about."""
    query = (
        select(MoveTicketRow.state, func.count())
        .where(MoveTicketRow.move_id == move)
        .group_by(MoveTicketRow.state)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    return MoveResult(
        id=move,
        state=session.get_one(MoveStandingRow, move).state,
        decided=decided,
        **{state.value: counts.get(state.value, 0) for state in TicketState},
    )


# --- Parts -------------------------------------------------------------------------------------


def _require_none(reasons: Iterable[Reason]) -> None:
    found = tuple(reasons)
    if found:
        raise Refusal(*found)


def _check_texts(command: OpenMove) -> None:
    reasons = list(text_reasons(command.reason, "/reason", REASON_MAX))
    if command.document is not None:
        reasons += text_reasons(command.document, "/document", DOCUMENT_MAX)
    if command.why not in set(Why):
        reasons.append(Reason(CertificationRefusal.MOVE_WHY_UNKNOWN, "/why"))
    _require_none(reasons)


def _open_move_of(session: Session, body: str, scheme: str) -> MoveStandingRow | None:
    query = select(MoveStandingRow).filter_by(
        from_body=body, scheme=scheme, state=MoveState.OPEN.value
    )
    return session.scalar(query)


def _decider(session: Session, actor: Actor, scheme: str, now: datetime) -> str:
    """The person through whom a body attests: one who may decide for the scheme (17065 7.6)."""
    require_appointed(session, actor, scheme, BODIES, now)
    if actor.person is None:
        refuse(CertificationRefusal.PERSON_REQUIRED)
    if not competent(session, actor.person, scheme, Task.DECIDE, now):
        refuse(CertificationRefusal.NOT_COMPETENT)
    return actor.person


def _end_appointments(work: Work, row: MoveRow, actor: Actor, now: datetime) -> None:
    """A body whose certificates go elsewhere serves the scheme no longer."""
    last = beijing_date(now) if row.why == Why.FAILED else row.until
    for each in appointments(work, now, scheme=row.scheme, party=row.from_body):
        ends = each.term.to_date
        if each.function in BODIES and (ends is None or ends > last):
            end_appointment(work, EndAppointment(each.id, last, row.reason), actor, now)


_PORTION = 500
_MOVABLE = frozenset({State.ACTIVE, State.SUSPENDED, State.NOT_YET})


def _answered_by(session: Session, body: str, scheme: str, now: datetime) -> Iterator[str]:
    """The certificates for which a body answers now and that have not ended, by id."""
    became = select(ChangeRow.cert_id).where(ChangeRow.to == body)
    query = select(CertificateRow).where(
        CertificateRow.scheme == scheme,
        or_(CertificateRow.body == body, CertificateRow.cert_id.in_(became)),
    )
    found = session.scalars(query.order_by(CertificateRow.cert_id)).all()
    for low, high in spans(len(found), _PORTION):
        for rows in rows_of(session, found[low:high]):
            if _answers(rows, body, now):
                yield rows.certificate.cert_id


def _answers(rows: Rows, body: str, now: datetime) -> bool:
    history = rows.history()
    movable = status_at(history, now, now).state in _MOVABLE
    return movable and fields_of(rows.versions(), history, now, now).body == body


def _row(work: Work, command: OpenMove, now: datetime) -> MoveRow:
    return MoveRow(
        id=new_id("move", work.randomness),
        scheme=command.scheme,
        from_body=command.from_body,
        to_body=command.to_body,
        why=command.why,
        until=command.until,
        reason=command.reason,
        document=command.document,
        opened_at=now,
    )


def _opened(work: Work, row: MoveRow) -> MoveStandingRow:
    """Enter the standing; of two moves that are opened at once one is refused."""
    standing = {
        "move_id": row.id,
        "from_body": row.from_body,
        "scheme": row.scheme,
        "state": MoveState.OPEN.value,
        "steps": 0,
    }
    if not insert_unless_there(work, MoveStandingRow, standing):
        refuse(CertificationRefusal.MOVE_OPEN_ALREADY, "/from_body")
    return work.get_one(MoveStandingRow, row.id)


def _locked(work: Work, id: str) -> tuple[MoveRow, MoveStandingRow]:
    row = require_move(work, id)
    query = select(MoveStandingRow).filter_by(move_id=row.id).with_for_update()
    return row, work.scalars(query.execution_options(populate_existing=True)).one()


def _states(work: Work, move: str, certificates: Sequence[str]) -> dict[str, TicketState | None]:
    """Where the named certificates stand, in their order; without any all that are pending."""
    query = select(MoveTicketRow.cert_id, MoveTicketRow.state).where(MoveTicketRow.move_id == move)
    if not certificates:
        pending = query.where(MoveTicketRow.state == TicketState.PENDING.value)
        return {cert_id: TicketState(state) for cert_id, state in work.execute(pending)}
    named = query.where(MoveTicketRow.cert_id.in_(id_list(work, certificates)))
    found = {cert_id: TicketState(state) for cert_id, state in work.execute(named)}
    return {cert_id: found.get(cert_id) for cert_id in certificates}


def _set(
    work: Work, move: str, certificates: Sequence[str], state: TicketState, person: str
) -> None:
    mine = update(MoveTicketRow).where(
        MoveTicketRow.move_id == move,
        MoveTicketRow.cert_id.in_(id_list(work, certificates)),
    )
    work.execute(
        mine.values(state=state.value, person=person).execution_options(synchronize_session=False)
    )


def _portion(work: Work, command: WorkOff, wanted: set[TicketState]) -> list[MoveTicketRow]:
    query = (
        select(MoveTicketRow)
        .where(
            MoveTicketRow.move_id == command.move,
            MoveTicketRow.state.in_([state.value for state in wanted]),
            MoveTicketRow.cert_id > command.after,
        )
        .order_by(MoveTicketRow.cert_id)
        .limit(command.size)
    )
    return list(work.scalars(query))


def _count(work: Work, move: str, states: Iterable[TicketState]) -> int:
    query = select(func.count()).where(
        MoveTicketRow.move_id == move,
        MoveTicketRow.state.in_([state.value for state in states]),
    )
    return work.scalar(query) or 0


def _histories(session: Session, cert_ids: Sequence[str]) -> dict[str, History]:
    query = select(CertificateRow).where(CertificateRow.cert_id.in_(id_list(session, cert_ids)))
    found = rows_of(session, list(session.scalars(query)))
    return {rows.certificate.cert_id: rows.history() for rows in found}


def _work_off(
    work: Work, move: MoveRow, ticket: MoveTicketRow, history: History, now: datetime
) -> bool:
    """Settle what has nothing to move, and suspend what nobody attested; True: it is to be moved.

    Revoked, given up or expired: nothing is there to move. Suspended already: it stays so.
    """
    attested = ticket.state == TicketState.ATTESTED
    kind = ChangeKind.TRANSFER_BODY if attested else ChangeKind.SUSPEND
    try:
        certificates_model.check_change(history, kind, now, now)
    except Refusal as refusal:
        stands_still = refusal.first.code is CertificationRefusal.CERTIFICATE_SUSPENDED
        ticket.state = (TicketState.SUSPENDED if stands_still else TicketState.GONE).value
        return False
    if not attested:
        change = ChangeCertificate(ticket.cert_id, now, LATE_REASON, move.document)
        ticket.payload_id = certificates.suspend(work, change, SYSTEM, now).payload_id
        ticket.state = TicketState.SUSPENDED.value
    return attested


def _move(work: Work, move: MoveRow, tickets: Sequence[MoveTicketRow], now: datetime) -> None:
    """Let the new body answer, in its own name and with its own key."""
    commands = [
        TransferBody(each.cert_id, now, move.to_body, move.reason, move.document, move_id=move.id)
        for each in tickets
    ]
    body = replace(SYSTEM, party=move.to_body)
    moved = certificates.transfer_bodies(work, commands, body, now) if commands else ()
    for ticket, decided in zip(tickets, moved, strict=True):
        ticket.payload_id, ticket.state = decided.payload_id, TicketState.MOVED.value


def _step(
    work: Work,
    row: MoveRow,
    standing: MoveStandingRow,
    event: MoveEvent,
    named: Sequence[str],
    actor: Actor,
    now: datetime,
) -> None:
    """Count the step, state it in the log, and keep its row."""
    closed = event is MoveEvent.CLOSE
    standing.state = (MoveState.CLOSED if closed else MoveState.OPEN).value
    standing.steps += 1
    office = actor.party or operator_party(work)
    said: dict[str, Json] = {
        "event": event.value,
        "office": office,
        "person": actor.person or "",
        "certificates": list(named),
    }
    if event is MoveEvent.OPEN:
        said |= {
            "scheme": row.scheme,
            "from_body": row.from_body,
            "to_body": row.to_body,
            "why": row.why,
            "until": row.until.isoformat(),
            "reason": row.reason,
            "document": row.document,
        }
    draft = Draft(MOVE_STEP, (row.id,), now, {}, (Secret("record", said, office),))
    payload_id = record(work, draft, signer_for(work, office), now).payload_id
    work.add(
        MoveStepRow(
            move_id=row.id,
            n=standing.steps,
            event=event.value,
            at=now,
            office=office,
            person=actor.person or "",
            certificates=len(named),
            payload_id=payload_id,
        )
    )
    work.flush()
