"""Log entries of random draws: everything that a stranger needs to compute the draw again.

`certification.draw.commit`, stream `draw:`
    at the opening: facts members, drawn, offices, hours; commits population (the sorted ids of the
    members), record (scheme, offices, by whom)
    of an office: facts round, place, nonce (SHA-256 of its nonce); commits record
`certification.draw.reveal`, stream `draw:`: facts round, place, reveal (the nonce); commits record
`certification.draw.replace`, stream `draw:`: facts round (the new one), place; commits record
`certification.draw.result`, stream `draw:`: facts round, seed, chosen; commits record

The population is committed with a salt like every commitment, so that nobody learns before the
visits who may be visited; after them it is opened.
"""

from __future__ import annotations

from certification.draws.model import DRAWN_MAX, HOURS, MEMBERS_MAX, OFFICES
from ledger.entry_types import EntryType, Field

COMMIT = "certification.draw.commit"
REVEAL = "certification.draw.reveal"
REPLACE = "certification.draw.replace"
RESULT = "certification.draw.result"

_ROUND = Field("int", low=1)
_PLACE = Field("int", low=1, high=OFFICES[1])

ENTRY_TYPES = (
    EntryType(
        COMMIT,
        {
            "members": Field("int", low=1, high=MEMBERS_MAX, optional=True),
            "drawn": Field("int", low=1, high=DRAWN_MAX, optional=True),
            "offices": Field("int", low=OFFICES[0], high=OFFICES[1], optional=True),
            "hours": Field("int", low=HOURS[0], high=HOURS[1], optional=True),
            "round": Field("int", low=1, optional=True),
            "place": Field("int", low=1, high=OFFICES[1], optional=True),
            "nonce": Field("digest", optional=True),
        },
        ("population", "record"),
        "How many are drawn of how many, and hashes of random numbers: nobody is named.",
    ),
    EntryType(
        REVEAL,
        {"round": _ROUND, "place": _PLACE, "reveal": Field("key")},
        ("record",),
        "A random number that an office made for this draw only; it says nothing about anybody.",
    ),
    EntryType(
        REPLACE,
        {"round": _ROUND, "place": _PLACE},
        ("record",),
        "That an office did not do its step in time has to be seen by everybody.",
    ),
    EntryType(
        RESULT,
        {
            "round": _ROUND,
            "seed": Field("digest"),
            "chosen": Field("list", item=Field("int", high=MEMBERS_MAX)),
        },
        ("record",),
        "Numbers of members in a population that is opened only after the visits.",
    ),
)
