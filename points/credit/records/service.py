"""Entering penalties, ending them, and reading what may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import operator_signer, signer_for
from identity.parties.model import Party
from identity.parties.service import find_party
from identity.refusals import IdentityRefusal
from identity.roles import Role, covers, require_role
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from points import entries
from points.credit.records.model import (
    CloseRecord,
    Closing,
    CreditRecord,
    Ending,
    RecordKind,
    RecordPenalty,
    check_closing,
    check_penalty,
    published_at,
)
from points.credit.records.tables import CreditClosingRow, CreditRecordRow
from points.credit.regimes.model import PenaltyClass, Regime, regime_on
from points.credit.regimes.service import regimes
from points.refusals import PointsRefusal
from runtime.clock import day_end, instant_text
from runtime.ids import new_id
from runtime.refusal import refuse
from runtime.strict_json import Json


@dataclass(frozen=True)
class RecordedCredit:
    """A record that was entered or ended."""

    record_id: str
    payload_id: str


def record_penalty(
    work: Work, command: RecordPenalty, actor: Actor, now: datetime
) -> RecordedCredit:
    """Enter an administrative penalty; refuses natural persons and what the regime forbids."""
    require_role(actor, Role.REGULATOR)
    regime = regime_on(regimes(), command.decided)
    check_penalty(command, regime, now)
    party = _subject(work, command.subject, actor)
    record_id = new_id("case", work.randomness)
    body = _body(record_id, party, command, regime)
    draft = Draft(
        type=entries.CREDIT_RECORD,
        streams=(party.id,),
        effective_at=day_end(command.decided - timedelta(days=1)),
        facts={},
        secrets=(
            Secret("record", body, party.id),
            Secret("narrative", command.narrative, party.id),
        ),
    )
    _require_new(work, party.id, command)
    written = record(work, draft, _signer(work, actor), now)
    row = _row(record_id, party.id, command, regime, now) | {"payload_id": written.payload_id}
    if not insert_unless_there(work, CreditRecordRow, row):
        refuse(PointsRefusal.DOCUMENT_TAKEN, "/document_number")
    return RecordedCredit(record_id, written.payload_id)


def close_record(work: Work, command: CloseRecord, actor: Actor, now: datetime) -> RecordedCredit:
    """End a record by repair or withdrawal; the record itself stays as it was written."""
    require_role(actor, Role.REGULATOR)
    found = find_record(work, command.record_id)
    party = _subject(work, found.subject, actor)
    ending = check_closing(found, regime_on(regimes(), found.decided), command, now)
    body: dict[str, Json] = {
        "record": found.record_id,
        "ending": ending.value,
        "effective_at": instant_text(command.effective_at),
        "document_number": command.document_number,
    }
    draft = Draft(
        type=entries.CREDIT_CLOSE,
        streams=(party.id,),
        effective_at=command.effective_at,
        facts={},
        secrets=(Secret("record", body, party.id),),
    )
    written = record(work, draft, _signer(work, actor), now)
    row = {
        "record_id": found.record_id,
        "ending": ending.value,
        "effective_at": command.effective_at,
        "document_number": command.document_number,
        "recorded_at": now,
        "payload_id": written.payload_id,
    }
    if not insert_unless_there(work, CreditClosingRow, row):
        refuse(PointsRefusal.RECORD_CLOSED)
    return RecordedCredit(found.record_id, written.payload_id)


def find_record(session: Session, record_id: str) -> CreditRecord:
    """A record by id; refuses an unknown one."""
    row = session.get(CreditRecordRow, record_id)
    if row is None:
        refuse(PointsRefusal.RECORD_UNKNOWN)
    return _records(session, [row])[0]


def published_records(
    session: Session, subject: str, at: datetime, as_known_at: datetime | None = None
) -> tuple[CreditRecord, ...]:
    """Records of a party that may be shown at `at`, the latest decision first."""
    rows = session.scalars(
        select(CreditRecordRow)
        .where(CreditRecordRow.subject == subject)
        .order_by(CreditRecordRow.decided.desc(), CreditRecordRow.record_id)
    )
    found = _records(session, list(rows))
    return tuple(each for each in found if published_at(each, at, as_known_at))


def _subject(session: Session, subject: str, actor: Actor) -> Party:
    party = find_party(session, subject)
    if party is None:
        refuse(PointsRefusal.SUBJECT_UNKNOWN, "/subject")
    if party.natural:
        refuse(PointsRefusal.NATURAL_PERSON, "/subject")
    if not covers(actor.region, party.region):
        refuse(IdentityRefusal.OTHER_REGION)
    return party


def _require_new(session: Session, subject: str, command: RecordPenalty) -> None:
    statement = select(CreditRecordRow.record_id).where(
        CreditRecordRow.subject == subject,
        CreditRecordRow.authority == command.authority,
        CreditRecordRow.document_number == command.document_number,
    )
    if session.scalar(statement) is not None:
        refuse(PointsRefusal.DOCUMENT_TAKEN, "/document_number")


def _body(record_id: str, party: Party, command: RecordPenalty, regime: Regime) -> dict[str, Json]:
    return {
        "record": record_id,
        "kind": RecordKind.PENALTY.value,
        "subject": party.id,
        "subject_code": party.code,
        "document_number": command.document_number,
        "authority": command.authority,
        "decided": command.decided.isoformat(),
        "class": command.penalty_class,
        "offence": command.offence,
        "finding": command.finding,
        "occurred_at": instant_text(command.occurred_at),
        "basis": command.basis,
        "disclosure_start": _day(command.disclosure_start),
        "disclosure_end": _day(command.disclosure_end),
        "regime": regime.code,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _row(
    record_id: str, subject: str, command: RecordPenalty, regime: Regime, now: datetime
) -> dict[str, object]:
    return {
        "record_id": record_id,
        "kind": RecordKind.PENALTY.value,
        "subject": subject,
        "document_number": command.document_number,
        "authority": command.authority,
        "decided": command.decided,
        "penalty_class": command.penalty_class,
        "offence": command.offence,
        "finding": command.finding,
        "occurred_at": command.occurred_at,
        "basis": command.basis,
        "disclosure_start": command.disclosure_start,
        "disclosure_end": command.disclosure_end,
        "regime": regime.code,
        "recorded_at": now,
    }


def _records(session: Session, rows: Iterable[CreditRecordRow]) -> list[CreditRecord]:
    listed = list(rows)
    statement = select(CreditClosingRow).where(
        CreditClosingRow.record_id.in_([row.record_id for row in listed])
    )
    closings = {row.record_id: _closing(row) for row in session.scalars(statement)}
    return [_record(row, closings.get(row.record_id)) for row in listed]


def _closing(row: CreditClosingRow) -> Closing:
    return Closing(Ending(row.ending), row.effective_at, row.recorded_at)


def _record(row: CreditRecordRow, closing: Closing | None) -> CreditRecord:
    return CreditRecord(
        record_id=row.record_id,
        kind=RecordKind(row.kind),
        subject=row.subject,
        subject_natural=False,
        document_number=row.document_number,
        authority=row.authority,
        decided=row.decided,
        penalty_class=PenaltyClass(row.penalty_class),
        offence=row.offence,
        finding=row.finding,
        occurred_at=row.occurred_at,
        basis=row.basis,
        disclosure_start=row.disclosure_start,
        disclosure_end=row.disclosure_end,
        recorded_at=row.recorded_at,
        payload_id=row.payload_id,
        closings=() if closing is None else (closing,),
    )


def _signer(work: Work, actor: Actor) -> Signer:
    return operator_signer(work) if actor.party is None else signer_for(work, actor.party)
