"""Registering, amending and finding parties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.codes import CodeError, credit_code, is_id
from identity.entries import AMEND, REGISTER
from identity.first_come import insert_unless_there
from identity.keys.service import (
    create_party_key,
    name_operator,
    operator_party,
    represent,
    signer_for,
)
from identity.parties.model import (
    AmendParty,
    Contact,
    Party,
    PartyFacts,
    PartyKind,
    RegisterParty,
    check_amendment,
    check_registration,
    committed_record,
    entering_reason,
    masked_name,
    shown_name,
    shown_record,
)
from identity.parties.tables import PartyCodeRow, PartyRecordRow, PartyRow
from identity.refusals import IdentityRefusal
from identity.roles import Role, Scope, require_role, require_scope
from ledger.openings.service import open_entry
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json
from runtime.vault import Vault

LISTED_MAX = 200
"""Parties in one answer to a search."""


def register_party(work: Work, command: RegisterParty, actor: Actor, now: datetime) -> Party:
    """Enter a party in the register and in the log.

    An organisation gets a key in the platform's custody; the operator signs for its registration.
    A natural person is entered and signed for by the host, or by the operator where there is none.
    Raises Refusal: codes of `check_registration`, HOST_UNKNOWN, HOST_NOT_ORGANISATION, CODE_TAKEN,
    NOT_ALLOWED, OTHER_PARTY, OTHER_REGION, SCOPE_MISSING, OPERATOR_MISSING, OWN_CUSTODY.
    """
    require_scope(actor, Scope.REGISTER)
    facts = check_registration(command, now)
    host = None if facts.host is None else _get_host(work, facts.host)
    _require_entering(actor, facts.host, facts.region if host is None else host.region)
    operator = operator_party(work)
    party = _add_party(work, facts)
    if facts.natural:
        represent(work, party, facts.host or operator)
        signed_by = party
    else:
        create_party_key(work, party, now)
        signed_by = operator
    return _enter(work, party, facts, None, signed_by, now)


def register_operator(work: Work, command: RegisterParty, actor: Actor, now: datetime) -> Party:
    """Enter the party that runs the platform: the first one, which signs for itself.

    Raises Refusal: NOT_ALLOWED, OPERATOR_EXISTS, HOST_NOT_ORGANISATION for a natural person, and
    the codes of `check_registration`.
    """
    require_role(actor, Role.ADMIN)
    facts = check_registration(command, now)
    if facts.natural:
        refuse(IdentityRefusal.HOST_NOT_ORGANISATION, "/kind")
    party = _add_party(work, facts)
    name_operator(work, party)
    create_party_key(work, party, now)
    return _enter(work, party, facts, None, party, now)


def amend_party(work: Work, command: AmendParty, actor: Actor, now: datetime) -> Party:
    """Replace a party's record by the next version; the one before stays in register and log.

    Raises Refusal: PARTY_UNKNOWN, RECORD_SUPERSEDED when `version` is not the present one, codes of
    `check_registration`, CODE_TAKEN, NOT_ALLOWED, OTHER_PARTY, OTHER_REGION, SCOPE_MISSING,
    OWN_CUSTODY.
    """
    require_scope(actor, Scope.REGISTER)
    party = get_party(work, command.party)
    facts = check_amendment(command, party, now)
    if party.host is None:
        _require_entering(actor, None, party.region, facts.region)
    else:
        _require_entering(actor, party.host, get_party(work, party.host).region)
    _claim_code(work, party.id, facts.code)
    signed_by = party.id if party.natural else operator_party(work)
    return _enter(work, party.id, facts, party, signed_by, now)


def _require_entering(actor: Actor, host: str | None, *places: str | None) -> None:
    reason = entering_reason(actor, host, places)
    if reason is not None:
        raise Refusal(Reason(reason))


def _get_host(session: Session, host: str) -> Party:
    """Return the organisation under which a natural person is to work."""
    party = find_party(session, host)
    if party is None:
        refuse(IdentityRefusal.HOST_UNKNOWN, "/host_party")
    if party.natural:
        refuse(IdentityRefusal.HOST_NOT_ORGANISATION, "/host_party")
    return party


def _add_party(work: Work, facts: PartyFacts) -> str:
    """Insert what never changes about a party, and claim its code."""
    party = new_id("pers" if facts.natural else "org", work.randomness)
    work.add(PartyRow(id=party, kind=facts.kind, is_natural=facts.natural, host=facts.host))
    work.flush()
    _claim_code(work, party, facts.code)
    return party


def _claim_code(work: Work, party: str, code: str | None) -> None:
    """Make a credit code this party's for ever. Raises Refusal CODE_TAKEN."""
    if code is None or insert_unless_there(work, PartyCodeRow, {"code": code, "party": party}):
        return
    holder = work.scalar(select(PartyCodeRow.party).where(PartyCodeRow.code == code))
    if holder != party:
        refuse(IdentityRefusal.CODE_TAKEN, "/code")


def _enter(
    work: Work,
    party: str,
    facts: PartyFacts,
    before: Party | None,
    signed_by: str,
    now: datetime,
) -> Party:
    """Write the log entry of a record and the register's row of it."""
    draft = _draft(party, facts, before, now)
    recorded = record(work, draft, signer_for(work, signed_by), now)
    version = 1 if before is None else before.version + 1
    row = {
        "party": party,
        "version": version,
        **_clear(facts),
        "effective_at": facts.effective_at,
        "recorded_at": now,
        "payload_id": recorded.payload_id,
    }
    if not insert_unless_there(work, PartyRecordRow, row):
        # Another amendment of the same version was committed while this one waited for the stream.
        refuse(IdentityRefusal.RECORD_SUPERSEDED, "/version", version=version)
    return get_party(work, party)


def _draft(party: str, facts: PartyFacts, before: Party | None, now: datetime) -> Draft:
    """Return what is signed about a record; of a natural person nothing of it is public."""
    supersedes = None if before is None else before.payload_id
    secrets = [Secret("record", committed_record(facts, supersedes, now), party)]
    public: dict[str, Json] = {}
    if facts.natural:
        # Committed for everybody, so that the log does not tell who gave a number.
        secrets.append(Secret("identity_number", facts.identity_number, party))
        streams = () if facts.host is None else (facts.host,)
    else:
        public = {"kind": facts.kind.value}
        if supersedes is not None:
            public["supersedes"] = supersedes
        streams = (party,)
        # What every scan page shows of an organisation; the record holds its phone besides.
        secrets.append(Secret("shown", shown_record(facts), party))
    return Draft(
        type=REGISTER if before is None else AMEND,
        streams=streams,
        effective_at=facts.effective_at,
        facts=public,
        secrets=tuple(secrets),
    )


def _clear(facts: PartyFacts) -> Mapping[str, str | None]:
    """Return what of a record may stand in the clear in the register."""
    if facts.natural:
        return {"name_zh": None, "name_en": None, "code": None, "region": None}
    return {
        "name_zh": facts.name_zh,
        "name_en": facts.name_en,
        "code": facts.code,
        "region": facts.region,
    }


def find_party(session: Session, id_or_code: str, known_at: datetime | None = None) -> Party | None:
    """Return a party by its id or by a credit code as typed, None when there is none.

    `known_at` asks for the record as it was known at an instant; the present one when absent.
    """
    party = id_or_code if is_id(id_or_code) else _party_of_code(session, id_or_code)
    if party is None:
        return None
    found = session.execute(_records(known_at).where(PartyRow.id == party)).first()
    return None if found is None else _party(found[0], found[1])


def get_party(session: Session, party: str) -> Party:
    """Return a party by its id or credit code. Raises Refusal PARTY_UNKNOWN."""
    found = find_party(session, party)
    if found is None:
        refuse(IdentityRefusal.PARTY_UNKNOWN)
    return found


def parties_under(session: Session, host: str) -> tuple[Party, ...]:
    """Return the natural persons that work under an organisation, in order of registration."""
    statement = _records(None).where(PartyRow.host == host)
    rows = session.execute(statement.order_by(PartyRecordRow.recorded_at, PartyRow.id))
    return tuple(_party(party, version) for party, version in rows)


def search_organisations(
    session: Session, words: str, kind: str | None = None, region: str | None = None
) -> tuple[Party, ...]:
    """Return organisations whose name contains the words, at most `LISTED_MAX`, by name.

    `region` takes in everything below it. Natural persons are never listed.
    """
    statement = _records(None).where(PartyRow.is_natural.is_(False))
    statement = statement.where(
        PartyRecordRow.name_zh.contains(_searched(words), autoescape=True)
        | PartyRecordRow.name_en.icontains(_searched(words), autoescape=True)
    )
    if kind is not None:
        statement = statement.where(PartyRow.kind == _searched(kind))
    if region is not None:
        statement = statement.where(
            PartyRecordRow.region.startswith(_searched(region), autoescape=True)
        )
    rows = session.execute(
        statement.order_by(PartyRecordRow.name_zh, PartyRow.id).limit(LISTED_MAX)
    )
    return tuple(_party(party, version) for party, version in rows)


def _searched(words: str) -> str:
    """Return search words without NUL, which PostgreSQL does not take in a text."""
    return words.replace("\x00", "")


def party_contact(session: Session, vault: Vault, party: str) -> Contact | None:
    """Open name, phone and region of a party; None once they have been erased.

    Each opening is checked against its commitment in the log. Who may see the result is decided by
    the caller: pages mask it (`party_name`), except where the law asks for it. Raises Refusal
    PARTY_UNKNOWN.
    """
    opened = open_entry(session, vault, get_party(session, party).payload_id)
    if "record" not in opened:
        return None
    value: Any = opened["record"].value
    return Contact(value["name_zh"], value["name_en"], value["phone"], value["region"])


def party_name(session: Session, vault: Vault, party: str, lang: str) -> str:
    """Return a party's name as pages show it: in full, or masked for a natural person.

    An erased person is called 已删除 or "erased". Raises Refusal PARTY_UNKNOWN.
    """
    found = get_party(session, party)
    if not found.natural:
        return shown_name(found, lang)
    contact = party_contact(session, vault, party)
    if contact is None:
        return "erased" if lang == "en" else "已删除"
    return masked_name(PartyKind(found.kind), contact.name_zh, contact.name_en, lang)


def _party_of_code(session: Session, typed: str) -> str | None:
    try:
        code = credit_code(typed)
    except CodeError:
        return None
    return session.scalar(select(PartyCodeRow.party).where(PartyCodeRow.code == code))


def _records(known_at: datetime | None) -> Select[PartyRow, PartyRecordRow]:
    """Return parties with their newest record, of those known at an instant."""
    newer = select(func.max(PartyRecordRow.version)).where(PartyRecordRow.party == PartyRow.id)
    if known_at is not None:
        newer = newer.where(PartyRecordRow.recorded_at <= known_at)
    return (
        select(PartyRow, PartyRecordRow)
        .join(PartyRecordRow, PartyRecordRow.party == PartyRow.id)
        .where(PartyRecordRow.version == newer.correlate(PartyRow).scalar_subquery())
    )


def _party(row: PartyRow, version: PartyRecordRow) -> Party:
    return Party(
        id=row.id,
        kind=row.kind,
        natural=row.is_natural,
        host=row.host,
        version=version.version,
        name_zh=version.name_zh,
        name_en=version.name_en,
        code=version.code,
        region=version.region,
        effective_at=version.effective_at,
        recorded_at=version.recorded_at,
        payload_id=version.payload_id,
    )
