"""The CBV 2.0 event hash: one name for an event, however it was written down.

    ni:///sha-256;{hex of SHA-256}?ver=CBV2.0        (RFC 6920; CBV 2.0, 8.9.2)

is made over the *pre-hash string*: every field as `name=value`, one after the other without
separator, in the canonical order, lists sorted. The same event gives the same hash whatever the
order of members and list items, the prefixes, the time zone in which times are written, the
spelling of numbers, and the way in which GS1 keys are written (EPC URN or Digital Link).

It is an identifier and finds duplicates. It binds nothing: error declaration, event ID, record
time and sub-milliseconds are left out, fields are joined without separator, and `007` is `7`.

The steps:
1. event type, then the fields of `_ORDER`, each list sorted
2. business transactions, destinations, master data (ilmd), sources and the event's extensions,
   all together sorted by their text. The rule text has sources before destinations and sensor
   elements after both; the published hashes and the reference implementation have this order,
   and the published hashes decide.
3. SHA-256 of the UTF-8 bytes

Values are written as follows. Times: UTC, milliseconds. Standard words: full names. Prefixed
values: written out. GS1 keys: `epc_uri.constrained_uri`. Text that reads as a number: the double,
as Python's `repr` writes it, whole numbers without fraction. True and false: small letters.
Extensions: `{namespace}local`, nested ones after their parent. White space around a value and
comments (`rdfs:comment`) are left out; null and empty text give the name alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from runtime.strict_json import Numeral
from trace.digital_link.epc_uri import constrained_uri
from trace.epcis.document import Context, ReceivedEvent
from trace.epcis.namespaces import RDFS_COMMENT, expand_key, expand_value
from trace.epcis.times import millisecond_text
from trace.epcis.vocabulary import (
    ALERT,
    BIZ_STEP,
    BIZ_TRANSACTION,
    COMPONENT,
    DISPOSITION,
    MEASUREMENT,
    SOURCE_DESTINATION,
    URN_STEMS,
    Vocabulary,
)

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")

Writer: TypeAlias = Callable[[str, Any, Context], str]
"""Gives the text of a field: its name, its value, what holds around it."""


def event_hash(event: ReceivedEvent) -> str:
    """Give the CBV 2.0 hash of a checked event as an `ni` URI."""
    digest = hashlib.sha256(pre_hash(event).encode("utf-8")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: ReceivedEvent) -> str:
    """Give the string that is hashed; raises `TypeError` for an event that is no object."""
    value, context = event.value, event.context
    if not isinstance(value, dict):
        raise TypeError("a checked event is an object")
    ordered = (writer(name, value[name], context) for name, writer in _ORDER if name in value)
    loose = (
        _LOOSE.get(key, _extension)(key, item, context)
        for key, item in value.items()
        if key not in _ELSEWHERE
    )
    return f"eventType={value['type']}" + "".join(ordered) + "".join(sorted(loose))


def _text(value: Any, context: Context) -> str:
    """Write a plain value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, (int, Numeral)):
        return _number(str(value) if isinstance(value, int) else value.spelling)
    text = value.strip()
    if text[:19] == "urn:epcglobal:cbv:":
        text = _full_name(text)
    text = expand_value(text, context.namespaces)
    if _NUMBER.match(text):
        return _number(text)
    return constrained_uri(text) or text


def _full_name(text: str) -> str:
    """Write out a standard word of EPCIS 1.2."""
    for stem, web_stem in URN_STEMS.items():
        if text.startswith(stem):
            return web_stem + text.removeprefix(stem)
    return text


def _number(text: str) -> str:
    """Write a number as the double that it is read as: `1.50` as 1.5, `007` as 7."""
    double = float(text)
    if double in (float("inf"), float("-inf")):
        return text
    return str(int(double)) if double == int(double) else repr(double)


def _named(name: str, text: str) -> str:
    return f"{name}={text}" if text else name


def _plain(name: str, value: Any, context: Context) -> str:
    """A field with one value."""
    text = _text(value, context)
    return f"{name}={text}" if text else ""


def _time(name: str, value: Any, context: Context) -> str:
    return f"{name}={millisecond_text(value)}"


def _word(vocabulary: Vocabulary) -> Writer:
    def writer(name: str, value: Any, context: Context) -> str:
        return f"{name}={_text(vocabulary.full_name(value), context)}"

    return writer


def _each(writer: Writer, item_name: str | None = None, list_name: str | None = None) -> Writer:
    """A field that may have several values, sorted; `list_name` stands once before them."""

    def several(name: str, value: Any, context: Context) -> str:
        items = value if isinstance(value, list) else [value]
        texts = sorted(writer(item_name or name, item, context) for item in items)
        joined = "".join(texts)
        return (list_name or "") + joined if joined else ""

    return several


def _list(list_name: str, item_name: str, writer: Writer) -> tuple[str, Writer]:
    """A list of the standard with its name in JSON, and the name of its items in the hash."""
    return list_name, _each(writer, item_name, list_name)


def _object(order: Iterable[tuple[str, Writer]], header: bool = True) -> Writer:
    """An object: its own fields in order, then its extensions."""
    fields = dict(order)

    def writer(name: str, value: Any, context: Context) -> str:
        own = (write(key, value[key], context) for key, write in fields.items() if key in value)
        further = (_extension(key, value[key], context) for key in value if key not in fields)
        text = "".join(own) + "".join(sorted(further))
        return (name if header else "") + text if text else ""

    return writer


def _extension(key: str, value: Any, context: Context) -> str:
    """An extension with everything inside it."""
    name = expand_key(key, context.namespaces) or key
    if name == RDFS_COMMENT or key == "comment" or name in context.ignored:
        return ""
    if isinstance(value, list):
        return "".join(sorted(_extension_item(name, item, context) for item in value))
    return _extension_item(name, value, context)


def _extension_item(name: str, value: Any, context: Context) -> str:
    if isinstance(value, dict):
        return name + "".join(sorted(_inner(value, context)))
    if isinstance(value, list):
        return name + "".join(sorted(_extension_item("", item, context) for item in value))
    return _named(name, _text(value, context))


def _inner(value: Mapping[str, Any], context: Context) -> Iterator[str]:
    return (_extension(key, item, context) for key, item in value.items() if key != "@context")


def _fields(writer: Writer, *names: str) -> list[tuple[str, Writer]]:
    return [(name, writer) for name in names]


_EPCS = "epc", _plain
_QUANTITY = "quantityElement", _object(_fields(_plain, "epcClass", "quantity", "uom"))
_PLACE = _object([("id", _plain)])
_SENSOR_METADATA = _object(
    [
        *_fields(_time, "time", "startTime", "endTime"),
        *_fields(
            _plain, "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"
        ),
    ]
)
_SENSOR_REPORT = _object(
    [
        ("type", _word(MEASUREMENT)),
        ("exception", _word(ALERT)),
        *_fields(_plain, "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod"),
        ("time", _time),
        *_fields(_plain, "microorganism", "chemicalSubstance", "value"),
        ("component", _word(COMPONENT)),
        *_fields(
            _plain,
            "stringValue",
            "booleanValue",
            "hexBinaryValue",
            "uriValue",
            "minValue",
            "maxValue",
            "meanValue",
            "sDev",
            "percRank",
            "percValue",
            "uom",
            "coordinateReferenceSystem",
        ),
    ]
)
_SENSOR_ELEMENT = _object(
    [("sensorMetadata", _SENSOR_METADATA), ("sensorReport", _each(_SENSOR_REPORT))]
)
_PERSISTENT = _object([("set", _each(_word(DISPOSITION))), ("unset", _each(_word(DISPOSITION)))])

_ORDER: list[tuple[str, Writer]] = [
    ("eventTime", _time),
    ("eventTimeZoneOffset", _plain),
    ("certificationInfo", _each(_plain)),
    ("parentID", _plain),
    _list("epcList", *_EPCS),
    _list("inputEPCList", *_EPCS),
    _list("childEPCs", *_EPCS),
    _list("quantityList", *_QUANTITY),
    _list("childQuantityList", *_QUANTITY),
    _list("inputQuantityList", *_QUANTITY),
    _list("outputEPCList", *_EPCS),
    _list("outputQuantityList", *_QUANTITY),
    ("action", _plain),
    ("transformationID", _plain),
    ("bizStep", _word(BIZ_STEP)),
    ("disposition", _word(DISPOSITION)),
    ("persistentDisposition", _PERSISTENT),
    ("readPoint", _PLACE),
    ("bizLocation", _PLACE),
    _list("sensorElementList", "sensorElement", _SENSOR_ELEMENT),
]


def _typed(vocabulary: Vocabulary, name: str) -> Writer:
    """A business transaction, source or destination: its type, then its value."""
    return _object([("type", _word(vocabulary)), (name, _plain)], header=False)


_LOOSE: dict[str, Writer] = dict(
    [
        _list("bizTransactionList", "bizTransaction", _typed(BIZ_TRANSACTION, "bizTransaction")),
        _list("destinationList", "destination", _typed(SOURCE_DESTINATION, "destination")),
        _list("sourceList", "source", _typed(SOURCE_DESTINATION, "source")),
    ]
)

_LEFT_OUT = frozenset({"type", "@context", "eventID", "recordTime", "errorDeclaration"})
_ELSEWHERE = frozenset(name for name, _ in _ORDER) | _LEFT_OUT
