"""Who may record for whom: everybody for his own party, the platform's own staff for any."""

from __future__ import annotations

from identity.actor import Actor
from identity.roles import Scope, require_party, require_scope


def check_acting(actor: Actor, party: str, scope: Scope) -> None:
    """Let an actor pass who acts for this party and, if a machine, has this scope.

    The platform itself and its command line act for any party; the log then says "recorded by the
    platform for X". Raises Refusal: SCOPE_MISSING, OTHER_PARTY.
    """
    if actor.channel in ("system", "cli"):
        return
    require_scope(actor, scope)
    require_party(actor, party)
