"""API tokens: what one looks like, what it may be used for, and when it counts.

Invariants:
- A token is `ect_` and 43 base64url letters (32 random bytes). Only its SHA-256 is kept: against
  256 random bits no slow hash is needed, and a query pays microseconds instead of argon2's tens of
  milliseconds.
- The token is made at the edge and shown once; commands, answers and the trail carry its digest.
- A client belongs to one party, has scopes and roles of the closed lists and an end; it may be
  revoked at once and never comes back.
- A token that is malformed, unknown, expired or revoked is refused with one and the same answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from identity.actor import Actor
from identity.codes import is_region
from identity.names import text_reasons
from identity.refusals import IdentityRefusal
from identity.roles import ROLES, SCOPES, unknown
from runtime import base64url
from runtime.randomness import Randomness
from runtime.refusal import Reason

TOKEN_PREFIX = "ect_"
TOKEN_BYTES = 32
LABEL_MAX = 40
VALID_DAYS_MAX = 366


@dataclass(frozen=True)
class NewToken:
    """A token as it is shown once, and the digest that is stored."""

    text: str = field(repr=False)
    digest: bytes


@dataclass(frozen=True)
class CreateClient:
    """Let a machine of a party in; `digest` is that of the token made by `new_token`.

    `region` bounds an office's machine; `until` is excluded, at most 366 days from now.
    """

    party: str
    label: str
    digest: bytes
    scopes: tuple[str, ...]
    until: datetime
    roles: tuple[str, ...] = ()
    region: str | None = None


@dataclass(frozen=True)
class RevokeClient:
    """End a client's token now."""

    client: str


@dataclass(frozen=True)
class Client:
    """A client as it is listed."""

    id: str
    party: str
    label: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    region: str | None
    created_at: datetime
    until: datetime
    revoked_at: datetime | None

    def counts_at(self, now: datetime) -> bool:
        """Whether the token is neither expired nor revoked at an instant."""
        return now < self.until and self.revoked_at is None


def new_token(randomness: Randomness) -> NewToken:
    """Make a token; its text is to be shown once and forgotten."""
    text = TOKEN_PREFIX + base64url.encode(randomness.token(TOKEN_BYTES))
    return NewToken(text, token_digest(text))


def token_digest(text: str) -> bytes:
    """Return the SHA-256 under which a token is kept, of any text whatever."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def client_reasons(command: CreateClient, now: datetime) -> tuple[Reason, ...]:
    """Return why a client cannot be let in as asked for; empty when it can."""
    reasons = list(text_reasons(command.label, "/label", LABEL_MAX))
    if unknown(command.scopes, SCOPES) or not command.scopes:
        reasons.append(Reason(IdentityRefusal.SCOPE_UNKNOWN, "/scopes"))
    if unknown(command.roles, ROLES):
        reasons.append(Reason(IdentityRefusal.ROLE_UNKNOWN, "/roles"))
    if command.region is not None and not is_region(command.region):
        reasons.append(Reason(IdentityRefusal.REGION_MALFORMED, "/region"))
    if command.until <= now:
        reasons.append(Reason(IdentityRefusal.PERIOD_BACKWARDS, "/until"))
    if command.until > now + timedelta(days=VALID_DAYS_MAX):
        numbers = {"days": VALID_DAYS_MAX}
        reasons.append(Reason(IdentityRefusal.PERIOD_TOO_LONG, "/until", numbers))
    return tuple(reasons)


def acting(client: Client) -> Actor:
    """Return the actor that a client's token makes."""
    return Actor(
        party=client.party,
        person=None,
        roles=frozenset(client.roles),
        scopes=frozenset(client.scopes),
        channel="api",
        client=client.id,
        region=client.region,
    )
