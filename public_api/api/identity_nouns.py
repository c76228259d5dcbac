"""Who: parties, API clients, and the one who asks."""

# What the API shows is listed here field by field, so that a new field of a model does not leave
# the house by itself; that the lists read alike today is no reason to make them one.
# pylint: disable=duplicate-code

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity.actor import Actor
from identity.clients.model import Client, CreateClient, RevokeClient, new_token
from identity.clients.service import clients_of, create_client, revoke_client
from identity.parties.model import PartyKind, RegisterParty
from identity.parties.service import get_party, register_party
from identity.refusals import IdentityRefusal
from identity.roles import ROLES, SCOPES, Scope, require_grant, require_party
from public_api.api.fields import Listed, Moment, Shape, Text, named, whose
from public_api.api.operation import Noun, Of, run
from runtime.refusal import refuse
from web.node import current_node

parties = Noun("parties", __name__, url_prefix="/api/v1/parties", description="Parties (主体)")
clients = Noun("clients", __name__, url_prefix="/api/v1/clients", description="API clients")
me = Noun("me", __name__, url_prefix="/api/v1/me", description="Who asks")


@dataclass(frozen=True)
class PartyRead:
    """A party; of a natural person nothing but id, kind and host is told here."""

    id: str
    kind: str
    natural: bool
    host: str | None
    version: int
    name_zh: str | None
    name_en: str | None
    code: str | None
    region: str | None
    effective_at: datetime
    recorded_at: datetime
    payload_id: str


class PartyBody(Shape):
    """A party to be registered; which fields a kind needs is said by its refusals."""

    kind = Text(required=True, most=40, words=PartyKind, about="Kind of party")
    name_zh = Text(required=True, about="Name in Chinese")
    name_en = Text(load_default=None, allow_none=True)
    code = Text(load_default=None, allow_none=True, about="Unified social credit code")
    region = Text(load_default=None, allow_none=True, about="6, 9 or 12 digits")
    host_party = named(load_default=None, allow_none=True)
    phone = Text(load_default=None, allow_none=True)
    identity_number = Text(load_default=None, allow_none=True)
    effective_at = Moment(load_default=None, allow_none=True)


@parties.operation("POST", "", Scope.REGISTER, PartyRead, takes=PartyBody)
def create_party(actor: Actor, body: dict[str, Any]) -> Of:
    """Register a party."""
    party = run(register_party, RegisterParty(**body), actor)
    return Of(party, f"/parties/{party.id}")


@parties.operation("GET", "/<code:party>", Scope.QUERY, PartyRead)
def get(actor: Actor, party: str) -> Any:
    """Give a party by its id or credit code; natural persons to themselves and their host only."""
    with current_node().database.read() as session:
        found = get_party(session, party)
        if found.natural and actor.party != found.host:
            require_party(actor, found.id)
        return found


class ClientBody(Shape):
    """A machine to be let in."""

    party = whose()
    label = Text(required=True, about="What the machine is")
    scopes = Listed(Text(words=SCOPES), required=True, least=1, most=20)
    roles = Listed(Text(words=ROLES), load_default=(), most=20)
    region = Text(load_default=None, allow_none=True)
    until = Moment(required=True, about="End of validity, at most 366 days from now")


@dataclass(frozen=True)
class ClientRead:
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


@dataclass(frozen=True)
class ClientMade:
    """The new client, and its token: shown this once and kept nowhere."""

    client: ClientRead
    token: str


@dataclass(frozen=True)
class ClientList:
    """The clients of a party, the newest first."""

    clients: tuple[ClientRead, ...]


class WhoseClients(Shape):
    """Whose clients are listed."""

    party = whose()


@clients.operation("POST", "", Scope.ADMIN, ClientMade, takes=ClientBody)
def create_token(actor: Actor, body: dict[str, Any]) -> Of:
    """Let a machine in. A token cannot give what it has not; Idempotency-Key has no effect."""
    party = body.pop("party") or actor.party or ""
    # Whoever holds a token must not be able to make one that opens more doors.
    if not actor.scopes.issuperset(body["scopes"]) and actor.client is not None:
        refuse(IdentityRefusal.NOT_ALLOWED, "/scopes")
    node = current_node()
    token = new_token(node.randomness)
    command = CreateClient(party=party, digest=token.digest, **body)
    client = node.unit.run(create_client, command, actor=actor)
    return Of(ClientMade(_client(client), token.text), f"/clients/{client.id}")


@clients.operation("GET", "", Scope.ADMIN, ClientList, asks=WhoseClients)
def list_all(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the clients of a party."""
    party = asked["party"] or actor.party or ""
    require_grant(actor, party, ())
    with current_node().database.read() as session:
        return ClientList(tuple(_client(each) for each in clients_of(session, party)))


@clients.operation("POST", "/<code:client>/revocation", Scope.ADMIN, ClientRead)
def revoke(actor: Actor, client: str) -> Any:
    """End a client's token now."""
    return _client(run(revoke_client, RevokeClient(client), actor))


def _client(client: Client) -> ClientRead:
    return ClientRead(
        client.id, client.party, client.label, client.scopes, client.roles, client.region,
        client.created_at, client.until, client.revoked_at,
    )  # fmt: skip


@dataclass(frozen=True)
class Me:
    """Who asks: for which party, in which roles, through which doors."""

    party: str | None
    person: str | None
    client: str | None
    channel: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]
    region: str | None


@me.operation("GET", "", None, Me)
def whoami(actor: Actor) -> Me:
    """Tell who asks."""
    return Me(
        actor.party, actor.person, actor.client, actor.channel, tuple(sorted(actor.roles)),
        tuple(sorted(actor.scopes)), actor.region,
    )  # fmt: skip
