"""Entry types of identity: what registering and amending a party says in public.

Of an organisation the kind is public, in the organisation's own stream, and `shown` commits to what
scan pages open: the record without phone and times. Of a natural person
nothing is: the entry lies in the stream of the host, or in none, is signed with the host's or the
operator's key, and names neither the person nor, when it amends, the entry that it replaces; both
stand inside the committed record.
"""

from __future__ import annotations

from typing import Final

from identity.parties.model import KINDS, PartyKind
from ledger.entry_types import EntryType, Field

REGISTER: Final = "identity.party.register"
AMEND: Final = "identity.party.amend"

_ORGANISATIONS = tuple(sorted(kind for kind in PartyKind if not KINDS[kind].natural))
_KIND = Field("code", vocabulary=_ORGANISATIONS, optional=True)

ENTRY_TYPES: Final = (
    EntryType(
        REGISTER,
        {"kind": _KIND},
        ("identity_number", "record", "shown"),
        "An organisation's kind, beside its opaque id; of natural persons nothing is public.",
    ),
    EntryType(
        AMEND,
        {"kind": _KIND, "supersedes": Field("digest", optional=True)},
        ("identity_number", "record", "shown"),
        "Which entry of the same organisation it replaces; of natural persons nothing is public.",
    ),
)
