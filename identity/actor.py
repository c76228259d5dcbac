"""Who asks: the person or machine behind a use case, as every area sees it.

An actor is decided once, at the edge (sign-in, token, command line), and handed down. Roles say
what it may do, scopes bound what a machine may do of that, `party` says for whom it acts, and
`region` how far an office reaches. A use case never looks at a request or a session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from identity.roles import ROLES, SCOPES

Channel = Literal["console", "api", "cli", "system"]


@dataclass(frozen=True)
class Actor:
    """One who asks for something.

    `party` and `person` are ids or None; `region` is the region code that an office answers for,
    None for no bound; `client` is the id of the API client. At the console a person holds every
    scope, so that only roles bound what may be done; a token is bounded by both.
    """

    party: str | None
    person: str | None
    roles: frozenset[str] = field(default_factory=frozenset)
    scopes: frozenset[str] = field(default_factory=frozenset)
    channel: Channel = "console"
    client: str | None = None
    region: str | None = None

    @property
    def is_platform(self) -> bool:
        """Whether the platform itself acts: `init`, the demo, the worker."""
        return self.channel == "system"


SYSTEM = Actor(party=None, person=None, roles=ROLES, scopes=SCOPES, channel="system")
"""The platform itself: everything that no person and no client asked for."""


def command_line(party: str | None, region: str | None = None) -> Actor:
    """Return the actor of the command line, which only the operator's staff can start."""
    return Actor(party=party, person=None, roles=ROLES, scopes=SCOPES, channel="cli", region=region)
