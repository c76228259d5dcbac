"""A fact for which points may be given, as another area traced it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from points.packs.model import Fact, attributes_from
from points.refusals import PointsRefusal
from runtime.canonical import jcs
from runtime.clock import instant_text
from runtime.quantities import Quantity, QuantityError, parse
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

_SOURCE = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_EVENT_ID = re.compile(r"[!-~]{1,80}")
_WORD = re.compile(r"[a-z][a-z0-9._-]{0,39}")
ATTRIBUTES_MAX = 20
_ATTRIBUTE_TEXT_MAX = 60


@dataclass(frozen=True)
class TracedFact:
    """What happened, to whom, when, how much, and where it is on record.

    `kind` is a word of rule packs (`lot.closed`), `subject` a party id, `at` the time when the fact
    was true. `quantity` and `unit` are as typed. `source` and `event_id` name the fact for ever:
    the same pair counts once. `attributes` are what rules compare (`chain` = `unbroken`).
    """

    kind: str
    subject: str
    at: datetime
    source: str
    event_id: str
    quantity: str | None = None
    unit: str | None = None
    attributes: dict[str, str | int] = field(default_factory=dict)

    def digest(self) -> bytes:
        """SHA-256 of the whole fact, by which a repetition is told from a conflict (I4)."""
        return sha256(jcs(self.record())).digest()

    def record(self) -> dict[str, Json]:
        """The fact as it is committed beside the postings that it caused."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "at": instant_text(self.at),
            "source": self.source,
            "event_id": self.event_id,
            "quantity": self.quantity,
            "unit": self.unit,
            "attributes": dict(self.attributes),
        }


def check(fact: TracedFact, now: datetime) -> Fact:
    """The fact as rules look at it; refuses malformed names, amounts and times."""
    _check_names(fact)
    if fact.at > now:
        refuse(PointsRefusal.IN_THE_FUTURE, "/at")
    return Fact(fact.kind, fact.at, _quantity(fact), attributes_from(fact.attributes))


def require_names(source: str, event_id: str) -> None:
    """Refuse a source or event id outside the plain ASCII forms that the books keep."""
    if not _SOURCE.fullmatch(source):
        refuse(PointsRefusal.SOURCE_MALFORMED, "/source")
    if not _EVENT_ID.fullmatch(event_id):
        refuse(PointsRefusal.SOURCE_MALFORMED, "/event_id")


def _check_names(fact: TracedFact) -> None:
    require_names(fact.source, fact.event_id)
    if not _WORD.fullmatch(fact.kind):
        refuse(PointsRefusal.SOURCE_MALFORMED, "/kind")
    if not _attributes_are_plain(fact.attributes):
        refuse(PointsRefusal.SOURCE_MALFORMED, "/attributes")


def _attributes_are_plain(attributes: Mapping[str, str | int]) -> bool:
    return len(attributes) <= ATTRIBUTES_MAX and all(
        _WORD.fullmatch(name) and _plain(value) for name, value in attributes.items()
    )


def _plain(value: str | int) -> bool:
    if isinstance(value, str):
        return bool(_WORD.fullmatch(value)) and len(value) <= _ATTRIBUTE_TEXT_MAX
    return type(value) is int and abs(value) < 2**53


def _quantity(fact: TracedFact) -> Quantity | None:
    if fact.quantity is None and fact.unit is None:
        return None
    try:
        quantity = parse(fact.quantity or "", fact.unit or "")
    except QuantityError as error:
        raise Refusal(Reason(PointsRefusal.QUANTITY_INVALID, "/quantity")) from error
    if quantity.exact == 0:
        refuse(PointsRefusal.QUANTITY_INVALID, "/quantity")
    return quantity
