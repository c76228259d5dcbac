"""Accounts, memberships, passwords and the lock after failed sign-ins.

Invariants:
- An account is a login name and perhaps an e-mail address; neither contains a phone number, because
  both stand in the clear. Both are compared without regard to case and width.
- A *membership* is a role that an account holds for a party, in a region or everywhere, from one
  instant until another. An account without a present membership may sign in and do nothing.
- Somebody acts for one party and region at a time; roles of other memberships do not mix in.
- After `FAILURES_MAX` failed sign-ins within `FAILURE_WINDOW` a name is locked until the oldest of
  them is that old, whether or not such an account exists; attempts while locked are not counted.
- Passwords are stored as argon2id hashes only; a command carries the hash, never the password.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from identity.actor import Actor
from identity.codes import is_region
from identity.refusals import IdentityRefusal
from identity.roles import ROLES, SCOPES
from runtime.refusal import Reason

FAILURES_MAX = 10
FAILURE_WINDOW = timedelta(minutes=15)
PASSWORD_MIN = 10
PASSWORD_MAX = 128
_DISTINCT_MIN = 5
_LOGIN_MAX = 32
_EMAIL_MAX = 254
_LOGIN = re.compile(r"(?!\d+\Z)[\w.-]{3,32}")
_PHONE_INSIDE = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)")
_SEQUENCES = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_WELL_KNOWN = (
    "administrator",
    "ecotrace",
    "iloveyou",
    "letmein",
    "passw0rd",
    "password",
    "welcome",
    "woaini",
)


@dataclass(frozen=True)
class CreatePerson:
    """Open an account; `password_hash` comes from `identity.people.passwords`."""

    login: str
    password_hash: str = field(repr=False)
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SetPassword:
    """Give an account another password, which ends all its sessions."""

    person: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True)
class SetActive:
    """Block an account or let it in again; blocking ends all its sessions."""

    person: str
    active: bool


@dataclass(frozen=True)
class Account:
    """An account, without the names by which it signs in."""

    id: str
    active: bool


@dataclass(frozen=True)
class GrantMembership:
    """Let a person act for a party; `since` is now when absent, `until` None for no end."""

    person: str
    party: str
    role: str
    region: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class EndMembership:
    """End a membership now."""

    membership: str


@dataclass(frozen=True)
class Membership:
    """A role that a person holds for a party; `until` is excluded."""

    id: str
    person: str
    party: str
    role: str
    region: str | None
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class FailedSignIn:
    """Somebody gave a name and a password that do not belong together.

    `person` is the account of that name, None where there is none.
    """

    name_digest: bytes = field(repr=False)
    person: str | None


@dataclass(frozen=True)
class SuccessfulSignIn:
    """Somebody signed in; the failures of that name are forgotten."""

    person: str
    name_digest: bytes = field(repr=False)


@dataclass(frozen=True)
class Credentials:
    """What signing in needs of an account; `session_name` is what its session cookies name."""

    person: str
    active: bool
    session_name: str = field(repr=False)
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True)
class Standing:
    """For whom, and how far, a person may act: one choice among the present memberships."""

    party: str
    region: str | None
    roles: tuple[str, ...]


def login_name(typed: str) -> str:
    """Return what a login name is compared by: NFKC, case folded, no spaces around it."""
    return unicodedata.normalize("NFKC", typed.strip()[:_EMAIL_MAX]).casefold()


def account_reasons(command: CreatePerson) -> tuple[Reason, ...]:
    """Return why an account cannot be opened under these names; empty when it can."""
    reasons = []
    if not _LOGIN.fullmatch(login_name(command.login)) or len(command.login) > _LOGIN_MAX:
        reasons.append(Reason(IdentityRefusal.LOGIN_MALFORMED, "/login"))
    if _PHONE_INSIDE.search(login_name(command.login)):
        reasons.append(Reason(IdentityRefusal.PHONE_IN_NAME, "/login"))
    if command.email is not None:
        if email_address(command.email) is None:
            reasons.append(Reason(IdentityRefusal.EMAIL_MALFORMED, "/email"))
        if _PHONE_INSIDE.search(login_name(command.email)):
            reasons.append(Reason(IdentityRefusal.PHONE_IN_NAME, "/email"))
    return tuple(reasons)


def grant_reasons(command: GrantMembership, now: datetime) -> tuple[Reason, ...]:
    """Return why a membership cannot be granted as asked for; empty when it can."""
    reasons = []
    if command.role not in ROLES:
        reasons.append(Reason(IdentityRefusal.ROLE_UNKNOWN, "/role"))
    if command.until is not None and command.until <= (command.since or now):
        reasons.append(Reason(IdentityRefusal.PERIOD_BACKWARDS, "/until"))
    if command.region is not None and not is_region(command.region):
        reasons.append(Reason(IdentityRefusal.REGION_MALFORMED, "/region"))
    return tuple(reasons)


def email_address(typed: str) -> str | None:
    """Return an e-mail address in the spelling by which it is compared, None when it is none."""
    try:
        checked = validate_email(typed.strip()[: _EMAIL_MAX + 1], check_deliverability=False)
    except EmailNotValidError:
        return None
    return login_name(checked.normalized)


def password_reasons(password: str, login: str) -> tuple[Reason, ...]:
    """Return why a password is not accepted for an account; empty when it is.

    At least `PASSWORD_MIN` characters, at least five different ones, and what is left without the
    login name, keyboard rows, counting and well-known words is still a word of its own.
    """
    text = unicodedata.normalize("NFKC", password)
    if len(text) < PASSWORD_MIN:
        numbers = {"least": PASSWORD_MIN}
        return (Reason(IdentityRefusal.PASSWORD_TOO_SHORT, "/password", numbers),)
    if len(text) > PASSWORD_MAX:
        numbers = {"most": PASSWORD_MAX}
        return (Reason(IdentityRefusal.PASSWORD_TOO_LONG, "/password", numbers),)
    if len(set(text)) < _DISTINCT_MIN or len(_unguessed(text.casefold(), login_name(login))) < 4:
        return (Reason(IdentityRefusal.PASSWORD_TOO_SIMPLE, "/password"),)
    return ()


def _unguessed(text: str, login: str) -> str:
    """Return what remains of a password without the parts that a guesser tries first."""
    for word in (login, *_WELL_KNOWN):
        text = text.replace(word, "") if word else text
    for row in (*_SEQUENCES, *(each[::-1] for each in _SEQUENCES)):
        for length in range(len(row), 3, -1):
            for start in range(len(row) - length + 1):
                text = text.replace(row[start : start + length], "")
    return text


def locked_until(failures: Iterable[datetime], now: datetime) -> datetime | None:
    """Return the instant at which a name may be tried again, None when it may be now."""
    recent = sorted(at for at in failures if now - at < FAILURE_WINDOW)
    if len(recent) < FAILURES_MAX:
        return None
    return recent[-FAILURES_MAX] + FAILURE_WINDOW


def standings(memberships: Sequence[Membership], now: datetime) -> tuple[Standing, ...]:
    """Return for whom the memberships let act at an instant, the oldest first."""
    roles: dict[tuple[str, str | None], set[str]] = {}
    for held in sorted(memberships, key=lambda each: (each.since, each.id)):
        if held.since <= now and (held.until is None or now < held.until):
            roles.setdefault((held.party, held.region), set()).add(held.role)
    return tuple(
        Standing(party, region, tuple(sorted(held))) for (party, region), held in roles.items()
    )


def acting(person: str, standing: Standing | None) -> Actor:
    """Return the actor of a signed-in person in one standing, or without any role."""
    if standing is None:
        return Actor(party=None, person=person, scopes=SCOPES)
    return Actor(
        party=standing.party,
        person=person,
        roles=frozenset(standing.roles),
        scopes=SCOPES,
        region=standing.region,
    )
