"""Our canonical record of an event: what we understood, to be committed and kept.

The record has every field and extension of the event, error declaration included, and no more.
Two documents that say the same in other words give the same record:
- times are instants as everywhere here (`2026-10-18T00:00:00.000000Z`; finer digits stay in the raw
  bytes only); the offset of the place is kept in `eventTimeZoneOffset`
- numbers are strings, spelled as received
- standard words, and words with a prefix, have their full names (CBV 2.0)
- GS1 keys are canonical Digital Link URIs with all their levels (`epc_uri.canonical_uri`); other
  identifiers stay as received
- extension keys are `{namespace}local`, at every level; keys without prefix inside an extension
  stay, and so do all its texts
- `certificationInfo` is always a list; `@context` is gone
The order of lists is kept as received. Unlike the event hash the record tells apart whatever was
said apart, so it binds: `ledger_bytes(understood(event))` is what the log commits to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from runtime.clock import instant_text
from runtime.json_pointer import pointer_text
from runtime.refusal import refuse
from runtime.strict_json import decimals_as_strings
from trace.digital_link.epc_uri import canonical_uri
from trace.epcis.document import ReceivedEvent
from trace.epcis.namespaces import expand_key, expand_value
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.times import instant_of
from trace.epcis.vocabulary import (
    ALERT,
    BIZ_STEP,
    BIZ_TRANSACTION,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT,
    SOURCE_DESTINATION,
    Vocabulary,
)

Namespaces: TypeAlias = Mapping[str, str]
Reading: TypeAlias = Callable[[Any, Namespaces], Any]

Role = Literal["subject", "parent", "child", "input", "output"]


@dataclass(frozen=True)
class Named:
    """One thing that an event names: its role, its identifier, and how much of it."""

    role: Role
    uri: str
    quantity: str | None = None
    unit: str | None = None


def understood(event: ReceivedEvent) -> dict[str, Any]:
    """Give the canonical record of a checked event.

    Raises `Refusal` for an extension key that the log cannot hold; `check_event` finds it before.
    """
    if not isinstance(event.value, dict):
        raise TypeError("a checked event is an object")
    record: dict[str, Any] = _fields(_EVENT)(event.value, event.context.namespaces)
    return record


def named(record: Mapping[str, Any]) -> Iterator[Named]:
    """Give everything that a record names as its goods, in the order of the record's fields."""
    for field, role in _ROLES.items():
        value = record.get(field)
        for item in [value] if isinstance(value, str) else value or []:
            if isinstance(item, str):
                yield Named(role, item)
            else:
                yield Named(role, item["epcClass"], item.get("quantity"), item.get("uom"))


_ROLES: dict[str, Role] = {
    "epcList": "subject",
    "quantityList": "subject",
    "parentID": "parent",
    "childEPCs": "child",
    "childQuantityList": "child",
    "inputEPCList": "input",
    "inputQuantityList": "input",
    "outputEPCList": "output",
    "outputQuantityList": "output",
}


def _same(value: Any, namespaces: Namespaces) -> Any:
    return value


def _time(value: Any, namespaces: Namespaces) -> Any:
    return instant_text(instant_of(value))


def _number(value: Any, namespaces: Namespaces) -> Any:
    return decimals_as_strings(value)


def _identifier(value: Any, namespaces: Namespaces) -> Any:
    full = expand_value(value, namespaces)
    return canonical_uri(full) or full


def _word(vocabulary: Vocabulary) -> Reading:
    return lambda value, namespaces: expand_value(vocabulary.full_name(value), namespaces)


def _each(reading: Reading) -> Reading:
    """A list, or one value that counts as a list."""

    def several(value: Any, namespaces: Namespaces) -> Any:
        items = value if isinstance(value, list) else [value]
        return [reading(item, namespaces) for item in items]

    return several


def _fields(readings: Mapping[str, Reading]) -> Reading:
    """An object of the standard: its own fields, then extensions."""

    def record(value: Any, namespaces: Namespaces) -> Any:
        read = {}
        for key, item in value.items():
            if key in readings:
                read[key] = readings[key](item, namespaces)
            elif key != "@context":
                read[_key(key, namespaces)] = _extension(item, namespaces)
        return read

    return record


def _key(key: str, namespaces: Namespaces) -> str:
    """Give the full name of an extension key."""
    if not key.isascii():
        refuse(EpcisRefusal.KEY_NOT_ASCII, pointer_text([key]))
    name = expand_key(key, namespaces)
    if name is None:
        refuse(EpcisRefusal.NAMESPACE_UNDECLARED, pointer_text([key]))
    return name


def _extension(value: Any, namespaces: Namespaces) -> Any:
    """Give the content of an extension: full names for prefixed keys, numbers as strings."""
    if isinstance(value, dict):
        return {
            _key(key, namespaces) if ":" in key or not key.isascii() else key: _extension(
                item, namespaces
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_extension(item, namespaces) for item in value]
    return decimals_as_strings(value)


_PLACE = _fields({"id": _identifier})
_QUANTITIES = _each(
    _fields({"epcClass": _identifier, "quantity": _number, "uom": _same}),
)
_DEVICE: dict[str, Reading] = dict.fromkeys(
    ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), _identifier
)
_REPORT: dict[str, Reading] = {
    **_DEVICE,
    **dict.fromkeys(
        ("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"),
        _identifier,
    ),
    **dict.fromkeys(
        ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), _number
    ),
    **dict.fromkeys(("stringValue", "booleanValue", "hexBinaryValue", "uom"), _same),
    "type": _word(MEASUREMENT),
    "exception": _word(ALERT),
    "component": _word(COMPONENT),
    "time": _time,
}
_METADATA: dict[str, Reading] = {
    **_DEVICE,
    **dict.fromkeys(("time", "startTime", "endTime"), _time),
}
_SENSORS = _each(
    _fields({"sensorMetadata": _fields(_METADATA), "sensorReport": _each(_fields(_REPORT))})
)


def _typed(vocabulary: Vocabulary, name: str) -> Reading:
    return _each(_fields({"type": _word(vocabulary), name: _identifier}))


_EVENT: dict[str, Reading] = {
    **dict.fromkeys(("type", "eventTimeZoneOffset", "eventID", "action"), _same),
    **dict.fromkeys(("eventTime", "recordTime"), _time),
    **dict.fromkeys(("parentID", "transformationID"), _identifier),
    **dict.fromkeys(
        ("epcList", "childEPCs", "inputEPCList", "outputEPCList", "certificationInfo"),
        _each(_identifier),
    ),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
        _QUANTITIES,
    ),
    **dict.fromkeys(("readPoint", "bizLocation"), _PLACE),
    "bizStep": _word(BIZ_STEP),
    "disposition": _word(DISPOSITION),
    "persistentDisposition": _fields(dict.fromkeys(("set", "unset"), _each(_word(DISPOSITION)))),
    "bizTransactionList": _typed(BIZ_TRANSACTION, "bizTransaction"),
    "sourceList": _typed(SOURCE_DESTINATION, "source"),
    "destinationList": _typed(SOURCE_DESTINATION, "destination"),
    "sensorElementList": _SENSORS,
    "ilmd": _fields({}),
    "errorDeclaration": _fields(
        {
            "declarationTime": _time,
            "reason": _word(ERROR_REASON),
            "correctiveEventIDs": _each(_same),
        }
    ),
}
