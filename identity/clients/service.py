"""Letting API clients in, revoking them, and recognising their tokens."""

from __future__ import annotations

import hmac
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.clients.model import (
    Client,
    CreateClient,
    RevokeClient,
    acting,
    client_reasons,
    token_digest,
)
from identity.clients.tables import ClientRow
from identity.codes import is_id
from identity.first_come import insert_unless_there
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import require_grant
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse

_NO_DIGEST = bytes(32)


def create_client(work: Work, command: CreateClient, actor: Actor, now: datetime) -> Client:
    """Let a machine of a party in.

    Raises Refusal: codes of `client_reasons`, NOT_ALLOWED, OTHER_PARTY, PARTY_UNKNOWN, TOKEN_TAKEN.
    """
    if reasons := client_reasons(command, now):
        raise Refusal(*reasons)
    require_grant(actor, command.party, command.roles)
    get_party(work, command.party)
    row = {
        "id": new_id("client", work.randomness),
        "digest": command.digest,
        "party": command.party,
        "label": command.label,
        "scopes": sorted(set(command.scopes)),
        "roles": sorted(set(command.roles)),
        "region": command.region,
        "created_at": now,
        "until_at": command.until,
    }
    if not insert_unless_there(work, ClientRow, row):
        refuse(IdentityRefusal.TOKEN_TAKEN)
    return _client(work.get_one(ClientRow, row["id"]))


def revoke_client(work: Work, command: RevokeClient, actor: Actor, now: datetime) -> Client:
    """End a client's token now; one that is revoked already stays as it is.

    Raises Refusal: CLIENT_UNKNOWN, NOT_ALLOWED, OTHER_PARTY.
    """
    row = work.get(ClientRow, command.client) if is_id(command.client) else None
    if row is None:
        refuse(IdentityRefusal.CLIENT_UNKNOWN)
    require_grant(actor, row.party, row.roles)
    if row.revoked_at is None:
        row.revoked_at = now
        work.flush()
    return _client(row)


def clients_of(session: Session, party: str) -> tuple[Client, ...]:
    """Return the clients of a party, the newest first."""
    statement = select(ClientRow).where(ClientRow.party == party)
    rows = session.scalars(statement.order_by(ClientRow.created_at.desc(), ClientRow.id))
    return tuple(_client(row) for row in rows)


def token_actor(session: Session, text: str, now: datetime) -> Actor | None:
    """Return who asks with a token, None for one that does not count.

    Malformed, unknown, expired and revoked tokens take the same steps: one digest, one look-up by
    the digest (which the sender cannot choose byte by byte), one comparison in constant time.
    """
    digest = token_digest(text)
    row = session.scalar(select(ClientRow).where(ClientRow.digest == digest))
    same = hmac.compare_digest(digest, row.digest if row is not None else _NO_DIGEST)
    if row is None or not same:
        return None
    client = _client(row)
    return acting(client) if client.counts_at(now) else None


def _client(row: ClientRow) -> Client:
    return Client(
        id=row.id,
        party=row.party,
        label=row.label,
        scopes=tuple(row.scopes),
        roles=tuple(row.roles),
        region=row.region,
        created_at=row.created_at,
        until=row.until_at,
        revoked_at=row.revoked_at,
    )
