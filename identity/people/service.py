"""Opening accounts, granting and ending memberships, and counting failed sign-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.codes import is_id
from identity.first_come import insert_unless_there
from identity.parties.service import get_party
from identity.people.model import (
    FAILURE_WINDOW,
    FAILURES_MAX,
    Account,
    CreatePerson,
    Credentials,
    EndMembership,
    FailedSignIn,
    GrantMembership,
    Membership,
    SetActive,
    SetPassword,
    SuccessfulSignIn,
    account_reasons,
    email_address,
    grant_reasons,
    locked_until,
    login_name,
)
from identity.people.tables import MembershipRow, PersonRow, SignInFailureRow
from identity.refusals import IdentityRefusal
from identity.roles import Role, require_grant, require_role
from ledger.work import Work
from runtime.ids import new_id
from runtime.randomness import Randomness
from runtime.refusal import Reason, Refusal, refuse


def create_person(work: Work, command: CreatePerson, actor: Actor, now: datetime) -> Account:
    """Open an account. Raises Refusal: NOT_ALLOWED, codes of `account_reasons`, LOGIN_TAKEN,
    EMAIL_TAKEN.
    """
    require_role(actor, Role.ADMIN)
    if reasons := account_reasons(command):
        raise Refusal(*reasons)
    row = {
        "id": new_id("user", work.randomness),
        "login": login_name(command.login),
        "email": email_address(command.email) if command.email else None,
        "password": command.password_hash,
        "active": True,
        "fs_uniquifier": _uniquifier(work.randomness),
        "created_at": now,
    }
    if not insert_unless_there(work, PersonRow, row):
        raise Refusal(*_taken(work, str(row["login"]), row["email"]))
    return Account(id=str(row["id"]), active=True)


def _taken(session: Session, login: str, email: object) -> list[Reason]:
    """Return which of the two names another account holds."""
    held = session.scalars(select(PersonRow.login).where(PersonRow.login == login)).first()
    reasons = [Reason(IdentityRefusal.LOGIN_TAKEN, "/login")] if held else []
    if email is not None and session.scalar(select(PersonRow.id).where(PersonRow.email == email)):
        reasons.append(Reason(IdentityRefusal.EMAIL_TAKEN, "/email"))
    return reasons


def set_password(work: Work, command: SetPassword, actor: Actor, now: datetime) -> Account:
    """Give an account another password; its owner and administrators may.

    Ends all sessions of the account. Raises Refusal: NOT_ALLOWED, PERSON_UNKNOWN.
    """
    if actor.person != command.person:
        require_role(actor, Role.ADMIN)
    person = _get_person(work, command.person)
    person.password = command.password_hash
    person.fs_uniquifier = _uniquifier(work.randomness)
    work.flush()
    return Account(id=person.id, active=person.active)


def set_active(work: Work, command: SetActive, actor: Actor, now: datetime) -> Account:
    """Block an account or let it in again. Raises Refusal: NOT_ALLOWED, PERSON_UNKNOWN."""
    require_role(actor, Role.ADMIN)
    person = _get_person(work, command.person)
    person.active = command.active
    person.fs_uniquifier = _uniquifier(work.randomness)
    work.flush()
    return Account(id=person.id, active=person.active)


def refresh_password_hash(work: Work, command: SetPassword, actor: Actor, now: datetime) -> Account:
    """Keep the same password under a newer hash; sessions go on.

    For whoever has just proved the password. Raises Refusal: NOT_ALLOWED, PERSON_UNKNOWN.
    """
    if actor.person != command.person:
        refuse(IdentityRefusal.NOT_ALLOWED)
    person = _get_person(work, command.person)
    person.password = command.password_hash
    work.flush()
    return Account(id=person.id, active=person.active)


def find_credentials(session: Session, typed: str) -> Credentials | None:
    """Return what signing in needs of the account with a login name or e-mail address."""
    name = login_name(typed)
    if not name.isprintable():
        return None
    column = PersonRow.email if "@" in name else PersonRow.login
    return _credentials(session.scalar(select(PersonRow).where(column == name)))


def session_credentials(session: Session, session_name: str) -> Credentials | None:
    """Return the account whose sessions bear this name, None when they have been ended."""
    if not session_name.isalnum():
        return None
    statement = select(PersonRow).where(PersonRow.fs_uniquifier == session_name)
    return _credentials(session.scalar(statement))


def _credentials(row: PersonRow | None) -> Credentials | None:
    if row is None:
        return None
    return Credentials(row.id, row.active, row.fs_uniquifier, row.password)


def _uniquifier(randomness: Randomness) -> str:
    """Return a fresh value for the session cookie of an account."""
    return randomness.token(32).hex()


def _get_person(session: Session, person: str) -> PersonRow:
    row = session.get(PersonRow, person) if is_id(person) else None
    if row is None:
        refuse(IdentityRefusal.PERSON_UNKNOWN)
    return row


def grant_membership(
    work: Work, command: GrantMembership, actor: Actor, now: datetime
) -> Membership:
    """Let a person act for a party in a role.

    An administrator grants every role, a firm's operator grower and operator of the own party.
    Raises Refusal: NOT_ALLOWED, OTHER_PARTY, PARTY_UNKNOWN, PERSON_UNKNOWN, ROLE_UNKNOWN,
    REGION_MALFORMED, PERIOD_BACKWARDS.
    """
    if reasons := grant_reasons(command, now):
        raise Refusal(*reasons)
    require_grant(actor, command.party, {command.role})
    get_party(work, command.party)
    person = _get_person(work, command.person)
    row = MembershipRow(
        id=new_id("member", work.randomness),
        person=person.id,
        party=command.party,
        role=command.role,
        region=command.region,
        since_at=command.since or now,
        until_at=command.until,
    )
    work.add(row)
    work.flush()
    return _membership(row)


def end_membership(work: Work, command: EndMembership, actor: Actor, now: datetime) -> Membership:
    """End a membership now; one that has ended already stays as it is.

    Raises Refusal: MEMBERSHIP_UNKNOWN, NOT_ALLOWED, OTHER_PARTY.
    """
    row = work.get(MembershipRow, command.membership) if is_id(command.membership) else None
    if row is None:
        refuse(IdentityRefusal.MEMBERSHIP_UNKNOWN)
    require_grant(actor, row.party, {row.role})
    if row.until_at is None or row.until_at > now:
        row.until_at = max(now, row.since_at)
        work.flush()
    return _membership(row)


def memberships_of(session: Session, person: str) -> tuple[Membership, ...]:
    """Return all memberships of a person, also ended ones."""
    rows = session.scalars(select(MembershipRow).where(MembershipRow.person == person))
    return tuple(_membership(row) for row in rows)


def members_of(session: Session, party: str) -> tuple[Membership, ...]:
    """Return all memberships for a party, also ended ones, the oldest first."""
    statement = select(MembershipRow).where(MembershipRow.party == party)
    rows = session.scalars(statement.order_by(MembershipRow.since_at, MembershipRow.id))
    return tuple(_membership(row) for row in rows)


def _membership(row: MembershipRow) -> Membership:
    return Membership(
        id=row.id,
        person=row.person,
        party=row.party,
        role=row.role,
        region=row.region,
        since=row.since_at,
        until=row.until_at,
    )


def sign_in_locked(session: Session, name_digest: bytes, now: datetime) -> datetime | None:
    """Return until when a name is locked, None when it may be tried."""
    failures = session.scalars(
        select(SignInFailureRow.at)
        .where(SignInFailureRow.name_digest == name_digest)
        .order_by(SignInFailureRow.at.desc())
        .limit(FAILURES_MAX)
    )
    return locked_until(failures, now)


def note_failed_sign_in(work: Work, command: FailedSignIn, actor: Actor, now: datetime) -> None:
    """Count a failure against a name, and forget those of all names that no longer count."""
    work.execute(delete(SignInFailureRow).where(SignInFailureRow.at <= now - FAILURE_WINDOW))
    work.add(
        SignInFailureRow(
            id=new_id("fail", work.randomness), name_digest=command.name_digest, at=now
        )
    )
    work.flush()


def note_sign_in(work: Work, command: SuccessfulSignIn, actor: Actor, now: datetime) -> None:
    """Forget the failures of the name that has now signed in; the audit row is the record."""
    work.execute(
        delete(SignInFailureRow).where(SignInFailureRow.name_digest == command.name_digest)
    )
