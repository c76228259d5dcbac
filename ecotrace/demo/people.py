"""The demo's people: one for each desk, with a password that everybody may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ecotrace.demo.stage import Stage
from identity.actor import Actor
from identity.clients.model import CreateClient, new_token
from identity.clients.service import create_client
from identity.parties.model import Party
from identity.people.model import CreatePerson, GrantMembership
from identity.people.passwords import hash_password
from identity.people.service import create_person, grant_membership
from identity.roles import Role, Scope

PASSWORD = "yanshi-2026-demo"


@dataclass(frozen=True)
class Desk:
    """A login and what it may do, for whom."""

    login: str
    role: Role
    party: Party
    region: str | None = None


def seat(stage: Stage, desks: tuple[Desk, ...]) -> dict[str, Actor]:
    """Open an account for each desk; gives the actors by login."""
    hashed = hash_password(PASSWORD)
    actors = {}
    for desk in desks:
        account = stage.run(create_person, CreatePerson(desk.login, hashed))
        stage.run(
            grant_membership,
            GrantMembership(account.id, desk.party.id, desk.role, desk.region),
        )
        actors[desk.login] = Actor(
            desk.party.id, account.id, frozenset({desk.role}), region=desk.region
        )
    return actors


def credit_token(stage: Stage, platform: Party) -> str:
    """Make the token with which the printed `curl` asks for a credit report."""
    token = new_token(stage.node.randomness)
    until = stage.node.clock.now() + timedelta(days=365)
    stage.run(
        create_client,
        CreateClient(
            platform.id, "demo credit platform", token.digest, (Scope.CREDIT.value,), until,
            roles=(Role.CREDIT_CLIENT.value,),
        ),
    )  # fmt: skip
    return token.text
