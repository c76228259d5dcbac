"""Making, registering and finding the keys of parties."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.model import (
    CHALLENGE_BYTES,
    CHALLENGE_VALID,
    AskChallenge,
    Challenge,
    Custody,
    PartyKey,
    RegisterOwnKey,
    RotateKey,
    possession_message,
    proves_possession,
)
from identity.keys.tables import (
    KeyChallengeRow,
    PartyKeyRow,
    PlatformOperatorRow,
    RepresentationRow,
)
from identity.refusals import IdentityRefusal
from identity.roles import Role, require_party, require_role
from ledger.entries.model import actor_of
from ledger.genesis import register_key
from ledger.log_keys import load_log_keys
from ledger.public_keys import check_public_key
from ledger.signer import Ed25519Signer, Signer
from ledger.work import Work
from runtime import base64url
from runtime.refusal import refuse

_SEED_BYTES = 32


def signer_for(work: Work, party: str) -> Signer:
    """Return who signs for a party: its own key in the platform's custody, or its host's.

    Raises Refusal: KEY_MISSING, and OWN_CUSTODY where only the party itself can sign.
    """
    signers: dict[str, Signer] = work.info.setdefault("identity.signers", {})
    if party not in signers:
        signers[party] = _find_signer(work, party)
    return signers[party]


def _find_signer(work: Work, party: str) -> Signer:
    represented = select(RepresentationRow.signed_by).where(RepresentationRow.party == party)
    key = newest_key(work, work.scalar(represented) or party)
    if key is None:
        refuse(IdentityRefusal.KEY_MISSING)
    if key.custody != "platform":
        refuse(IdentityRefusal.OWN_CUSTODY)
    seed = work.vault.secret(_secret_name(key.actor))
    if seed is None:
        raise LookupError("the vault does not hold a registered key: was it restored alone?")
    return Ed25519Signer(seed)


def operator_signer(work: Work) -> Signer:
    """Return the signer of the party that runs the platform. Raises Refusal OPERATOR_MISSING."""
    return signer_for(work, operator_party(work))


def operator_party(session: Session) -> str:
    """Return the id of the party that runs the platform. Raises Refusal OPERATOR_MISSING."""
    row = session.get(PlatformOperatorRow, 1)
    if row is None:
        refuse(IdentityRefusal.OPERATOR_MISSING)
    return row.party


def name_operator(work: Work, party: str) -> None:
    """Make a party the one that runs the platform, once. Raises Refusal OPERATOR_EXISTS."""
    if not insert_unless_there(work, PlatformOperatorRow, {"id": 1, "party": party}):
        refuse(IdentityRefusal.OPERATOR_EXISTS)


def represent(work: Work, party: str, signed_by: str) -> None:
    """Let an organisation sign for a natural person from now on."""
    work.add(RepresentationRow(party=party, signed_by=signed_by))
    work.flush()


def create_party_key(work: Work, party: str, now: datetime) -> PartyKey:
    """Draw a key, seal its private half in the vault, and register it.

    The vault commits for itself: if the business transaction fails, a key stays there that nobody
    knows of and nothing names.
    """
    seed = work.randomness.token(_SEED_BYTES)
    signer = Ed25519Signer(seed)
    work.vault.store_secret(_secret_name(signer.actor), seed)
    return _register(work, party, signer.public_key, "platform", now)


def rotate_party_key(work: Work, command: RotateKey, actor: Actor, now: datetime) -> PartyKey:
    """Give a party a fresh key in the platform's custody; it signs from now on.

    Raises Refusal: NOT_ALLOWED, OTHER_PARTY, KEY_MISSING for a party that never had a key.
    """
    _require_keyholder(work, command.party, actor)
    return create_party_key(work, command.party, now)


def ask_challenge(work: Work, command: AskChallenge, actor: Actor, now: datetime) -> Challenge:
    """Draw a challenge with which a party proves possession of an own key.

    Raises Refusal: NOT_ALLOWED, OTHER_PARTY, KEY_MISSING.
    """
    _require_keyholder(work, command.party, actor)
    work.execute(delete(KeyChallengeRow).where(KeyChallengeRow.until_at <= now))
    challenge, until = work.randomness.token(CHALLENGE_BYTES), now + CHALLENGE_VALID
    work.add(KeyChallengeRow(challenge=challenge, party=command.party, until_at=until))
    work.flush()
    return Challenge(command.party, challenge, work.origin, until)


def register_own_key(work: Work, command: RegisterOwnKey, actor: Actor, now: datetime) -> PartyKey:
    """Register a key that the party holds itself; the platform signs for it no longer.

    Raises Refusal: NOT_ALLOWED, OTHER_PARTY, KEY_MISSING, CHALLENGE_ENDED, POSSESSION_UNPROVED and
    the codes of `ledger.refusals` for a public key that is malformed, weak or registered.
    """
    _require_keyholder(work, command.party, actor)
    check_public_key(command.public_key, "/public_key")
    answered = delete(KeyChallengeRow).where(
        KeyChallengeRow.challenge == command.challenge,
        KeyChallengeRow.party == command.party,
        KeyChallengeRow.until_at > now,
    )
    if work.execute(answered.returning(KeyChallengeRow.party)).first() is None:
        refuse(IdentityRefusal.CHALLENGE_ENDED, "/challenge")
    message = possession_message(command.challenge, work.origin, command.party, command.public_key)
    if not proves_possession(command.public_key, message, command.signature):
        refuse(IdentityRefusal.POSSESSION_UNPROVED, "/signature")
    return _register(work, command.party, command.public_key, "own", now)


def newest_key(session: Session, party: str) -> PartyKey | None:
    """Return the key with which a party signs now, None for a party without one."""
    statement = select(PartyKeyRow).where(PartyKeyRow.party == party)
    row = session.scalar(statement.order_by(PartyKeyRow.number.desc()).limit(1))
    return None if row is None else _key(row)


def keys_of(session: Session, party: str) -> tuple[PartyKey, ...]:
    """Return all keys that a party ever had, the first first."""
    statement = select(PartyKeyRow).where(PartyKeyRow.party == party)
    return tuple(_key(row) for row in session.scalars(statement.order_by(PartyKeyRow.number)))


def key_owner(session: Session, actor: bytes) -> PartyKey | None:
    """Return whose key an entry's `actor` (32 bytes) names, None for a key of the log itself."""
    row = session.get(PartyKeyRow, actor)
    return None if row is None else _key(row)


def _require_keyholder(session: Session, party: str, actor: Actor) -> None:
    """Let administrators and the party's own operator pass, for a party that has a key."""
    if Role.ADMIN not in actor.roles:
        require_role(actor, Role.OPERATOR)
        require_party(actor, party)
    if newest_key(session, party) is None:
        refuse(IdentityRefusal.KEY_MISSING)


def _register(
    work: Work, party: str, public_key: bytes, custody: Custody, now: datetime
) -> PartyKey:
    """Write the KEY entry and the row; the lock on the party's stream orders its keys."""
    system = load_log_keys(work.vault, work.origin).system
    recorded = register_key(work, public_key, custody, party, system, now)
    numbers = select(func.max(PartyKeyRow.number)).where(PartyKeyRow.party == party)
    row = PartyKeyRow(
        actor=actor_of(public_key),
        party=party,
        number=(work.scalar(numbers) or 0) + 1,
        public_key=public_key,
        custody=custody,
        since_at=now,
        payload_id=recorded.payload_id,
    )
    work.add(row)
    work.flush()
    work.info.pop("identity.signers", None)
    return _key(row)


def _secret_name(actor: bytes) -> str:
    return f"party-key/{base64url.encode(actor)}"


def _key(row: PartyKeyRow) -> PartyKey:
    return PartyKey(
        party=row.party,
        number=row.number,
        actor=row.actor,
        public_key=row.public_key,
        custody=row.custody,
        since=row.since_at,
        payload_id=row.payload_id,
    )
