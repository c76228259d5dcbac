"""Roles of people, scopes of machines, and the three questions that use cases ask about them.

The lists are closed. A role is what somebody does in the field; a scope is a door that a token may
open. Region codes nest (GB/T 2260 and the statistical codes of towns and villages): an office that
answers for 370500 reaches 370505 and 370505104.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from identity.refusals import IdentityRefusal
from runtime.refusal import refuse

if TYPE_CHECKING:
    from identity.actor import Actor


class Role(StrEnum):
    """What somebody does, one word each; `ROLE_NAMES` has the names that pages show."""

    GROWER = "grower"
    OPERATOR = "operator"
    BRAND_OFFICER = "brand_officer"
    INSPECTOR = "inspector"
    REVIEWER = "reviewer"
    EXPERT = "expert"
    LAB_ANALYST = "lab_analyst"
    DECIDER = "decider"
    REGULATOR = "regulator"
    POINTS_OFFICER = "points_officer"
    CREDIT_CLIENT = "credit_client"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a token may be used for."""

    CAPTURE = "capture"
    LABELS = "labels"
    QUERY = "query"
    REGISTER = "register"
    CERTIFY = "certify"
    POINTS = "points"
    CREDIT = "credit"
    ADMIN = "admin"


ROLES: frozenset[str] = frozenset(Role)
SCOPES: frozenset[str] = frozenset(Scope)

ROLE_NAMES: dict[Role, tuple[str, str]] = {
    Role.GROWER: ("种植养殖者", "grower"),
    Role.OPERATOR: ("企业经办人", "operator of a firm"),
    Role.BRAND_OFFICER: ("品牌办公室", "brand office"),
    Role.INSPECTOR: ("检查员", "inspector"),
    Role.REVIEWER: ("复核员", "reviewer"),
    Role.EXPERT: ("评审专家", "expert"),
    Role.LAB_ANALYST: ("检验员", "laboratory analyst"),
    Role.DECIDER: ("审定人", "decider"),
    Role.REGULATOR: ("监管人员", "regulator"),
    Role.POINTS_OFFICER: ("积分管理员", "points officer"),
    Role.CREDIT_CLIENT: ("信用平台", "credit platform"),
    Role.ADMIN: ("系统管理员", "administrator"),
}

GRANTED_BY_FIRMS: frozenset[str] = frozenset({Role.GROWER, Role.OPERATOR})
"""Roles that a firm's operator may give to people and machines of the own party."""


def require_role(actor: Actor, *roles: str) -> None:
    """Let an actor with one of these roles pass. Raises Refusal NOT_ALLOWED."""
    if actor.roles.isdisjoint(roles):
        refuse(IdentityRefusal.NOT_ALLOWED)


def require_scope(actor: Actor, scope: str) -> None:
    """Let people pass, and machines whose token has this scope. Raises Refusal SCOPE_MISSING."""
    if actor.client is not None and scope not in actor.scopes:
        refuse(IdentityRefusal.SCOPE_MISSING, None, scope=str(scope))


def require_party(actor: Actor, party: str) -> None:
    """Let the party itself and the platform pass. Raises Refusal OTHER_PARTY."""
    if actor.party != party and not actor.is_platform:
        refuse(IdentityRefusal.OTHER_PARTY)


def require_grant(actor: Actor, party: str, roles: Iterable[str]) -> None:
    """Let those pass who may give these roles for a party: administrators, and a firm's operator.

    Raises Refusal: NOT_ALLOWED, OTHER_PARTY.
    """
    if Role.ADMIN in actor.roles:
        return
    require_role(actor, Role.OPERATOR)
    require_party(actor, party)
    if not GRANTED_BY_FIRMS.issuperset(roles):
        refuse(IdentityRefusal.NOT_ALLOWED)


def covers(office: str | None, place: str | None) -> bool:
    """Whether an office's region reaches a place; no region reaches everywhere.

    The trailing zero pairs of a six-digit code stand for "all of it": 370500 is the whole city. A
    place that is not known is reached only by an office without a bound.
    """
    if office is None:
        return True
    if place is None:
        return False
    stem = office
    while len(office) == 6 and stem.endswith("00"):
        stem = stem[:-2]
    return place.startswith(stem)


def unknown(given: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """Return the words that are not in a closed list, sorted."""
    return tuple(sorted(set(given) - known))
