"""The tables of EPCIS 2.0: which fields each object has, which it must have, and their kinds.

Written from the field lists of EPCIS 2.0, chapter 7; tests compare the verdicts with the published
JSON Schema and with the documents that GS1 gives as right and wrong. Where we differ on purpose:

Wider than the schema, because documents of GS1's own valid set need it
- `persistentDisposition` in all five event types
- bare words for kinds of measurement that the schema's list does not have
- a sensor report with an `exception` needs no `type`

Narrower, because two readers could understand the event differently, or it says nothing
- an identifier list that is there but empty does not count as what an event is about
- `parentID` of an AggregationEvent is needed for ADD and DELETE (EPCIS 2.0, 7.4.3)
- event types of a partner's own; versions other than 2.x
- extension prefixes that are not declared; standard terms, and epcis, cbv and gs1, declared anew;
  two keys that mean the same; keys without namespace in readPoint and bizLocation
- full names in the CBV's own stems that it does not have (`…/cbv/BizStep-transforming`)
- lists of identifiers that name one twice, in every event type
- quantities below zero, with an exponent, in parts without a unit; a unit without quantity
- times without a day in the calendar, with leap seconds, small letters, offsets over 14:00 or
  more than nine digits of a second
- texts that `trace.text` refuses or that are longer than `kinds.TEXT_MAX`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trace.epcis import kinds
from trace.epcis.findings import Examination, Path
from trace.epcis.kinds import Kind, list_of, matching, uri, word
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.vocabulary import (
    ALERT,
    BIZ_STEP,
    BIZ_TRANSACTION,
    COMPONENT,
    DISPOSITION,
    ERROR_REASON,
    MEASUREMENT,
    SOURCE_DESTINATION,
)


@dataclass(frozen=True)
class Shape:
    """An object: its fields, the required ones, and whether it may be extended.

    Called as a kind. `unknown` is the code for a key that is neither a field nor namespaced;
    `also` looks at what has to hold between the fields.
    """

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    extensible: bool = True
    unknown: EpcisRefusal = EpcisRefusal.FIELD_UNKNOWN
    also: Kind | None = None

    def __call__(self, check: Examination, value: Any, path: Path) -> None:
        """Check an object."""
        if not isinstance(value, dict):
            check.fault(EpcisRefusal.WRONG_TYPE, path, expected="object")
            return
        for key, item in value.items():
            kind = self.fields.get(key)
            if kind is not None:
                kind(check, item, (*path, key))
            elif self.extensible and ":" in key:
                kinds.extension(check, key, item, path)
            else:
                self._unknown(check, key, path)
        for key in self.required:
            if key not in value:
                check.fault(EpcisRefusal.FIELD_MISSING, (*path, key))
        kinds.no_key_twice(check, value, path)
        if self.also is not None:
            self.also(check, value, path)

    def _unknown(self, check: Examination, key: str, path: Path) -> None:
        code = self.unknown if key.isascii() else EpcisRefusal.KEY_NOT_ASCII
        check.fault(code, (*path, key))


def _type_or_exception(check: Examination, report: dict[str, Any], path: Path) -> None:
    """A sensor report says what it measured, or what went wrong (EPCIS 2.0, 7.3.7.3)."""
    if "type" not in report and "exception" not in report:
        check.fault(EpcisRefusal.FIELD_MISSING, (*path, "type"))


def _set_or_unset(check: Examination, value: dict[str, Any], path: Path) -> None:
    if "set" not in value and "unset" not in value:
        check.fault(EpcisRefusal.FIELD_MISSING, (*path, "set"))


IDENTIFIERS = list_of(uri, unique=True)
QUANTITIES = list_of(
    Shape(
        {"epcClass": uri, "quantity": kinds.quantity, "uom": matching("[A-Z0-9]{2,3}")},
        required=("epcClass",),
        extensible=False,
        also=kinds.quantity_element,
    )
)
PLACE = Shape({"id": uri}, required=("id",))
BUSINESS_TRANSACTION = Shape(
    {"type": word(BIZ_TRANSACTION), "bizTransaction": uri},
    required=("bizTransaction",),
    extensible=False,
)
ERROR_DECLARATION = Shape(
    {
        "declarationTime": kinds.past_time,
        "reason": word(ERROR_REASON),
        "correctiveEventIDs": list_of(uri),
    },
    required=("declarationTime",),
)
PERSISTENT_DISPOSITION = Shape(
    {
        "set": list_of(word(DISPOSITION), least=1, unique=True),
        "unset": list_of(word(DISPOSITION), least=1, unique=True),
    },
    extensible=False,
    also=_set_or_unset,
)
SENSOR_METADATA = Shape(
    {
        "time": kinds.time,
        "startTime": kinds.time,
        "endTime": kinds.time,
        "deviceID": uri,
        "deviceMetadata": uri,
        "rawData": uri,
        "dataProcessingMethod": uri,
        "bizRules": uri,
    }
)
SENSOR_REPORT = Shape(
    {
        "type": word(MEASUREMENT),
        "exception": word(ALERT),
        "component": word(COMPONENT),
        "time": kinds.time,
        "stringValue": kinds.string,
        "booleanValue": kinds.boolean,
        "hexBinaryValue": matching("[A-Fa-f0-9]+"),
        "uom": kinds.string,
        **dict.fromkeys(
            (
                "deviceID",
                "deviceMetadata",
                "rawData",
                "dataProcessingMethod",
                "bizRules",
                "microorganism",
                "chemicalSubstance",
                "coordinateReferenceSystem",
                "uriValue",
            ),
            uri,
        ),
        **dict.fromkeys(
            ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"),
            kinds.number,
        ),
    },
    also=_type_or_exception,
)
SENSOR_ELEMENT = Shape(
    {"sensorMetadata": SENSOR_METADATA, "sensorReport": list_of(SENSOR_REPORT, least=1)},
    required=("sensorReport",),
)
MASTER_DATA = Shape({}, unknown=EpcisRefusal.NAMESPACE_MISSING)
"""ILMD: everything in it is an extension (EPCIS 2.0, 7.3.6)."""


def _end(name: str) -> Kind:
    """A source or a destination."""
    fields = {"type": word(SOURCE_DESTINATION), name: uri}
    return Shape(fields, required=("type", name), extensible=False)


_NAMED: dict[str, Kind] = {
    "epcList": IDENTIFIERS,
    "quantityList": QUANTITIES,
    "action": kinds.action,
}
_CONTAINED: dict[str, Kind] = {
    "parentID": uri,
    "childEPCs": IDENTIFIERS,
    "childQuantityList": QUANTITIES,
    "action": kinds.action,
}
_TRANSFORMED: dict[str, Kind] = {
    "inputEPCList": IDENTIFIERS,
    "inputQuantityList": QUANTITIES,
    "outputEPCList": IDENTIFIERS,
    "outputQuantityList": QUANTITIES,
    "transformationID": uri,
    "ilmd": MASTER_DATA,
}
_EVERY_EVENT: dict[str, Kind] = {
    "type": kinds.string,
    "eventTime": kinds.past_time,
    "recordTime": kinds.past_time,
    "eventTimeZoneOffset": kinds.offset,
    "eventID": uri,
    "certificationInfo": kinds.one_or_list_of(uri),
    "errorDeclaration": ERROR_DECLARATION,
    "bizStep": word(BIZ_STEP),
    "disposition": word(DISPOSITION),
    "persistentDisposition": PERSISTENT_DISPOSITION,
    "readPoint": PLACE,
    "bizLocation": PLACE,
    "bizTransactionList": list_of(BUSINESS_TRANSACTION),
    "sourceList": list_of(_end("source")),
    "destinationList": list_of(_end("destination")),
    "sensorElementList": list_of(SENSOR_ELEMENT),
}
_STANDARD_TERMS = (
    frozenset(_EVERY_EVENT) | frozenset(_NAMED) | frozenset(_CONTAINED) | frozenset(_TRANSFORMED)
)
CONTEXT = kinds.context(_STANDARD_TERMS)
_EVERY_EVENT["@context"] = CONTEXT


def _has_any(event: Mapping[str, Any], *lists: str) -> bool:
    """Say whether one of the lists is there and not empty."""
    return any(isinstance(event.get(name), list) and event[name] for name in lists)


def _about_something(check: Examination, event: dict[str, Any], path: Path, *lists: str) -> None:
    if not _has_any(event, *lists):
        check.fault(EpcisRefusal.IDENTIFIERS_MISSING, (*path, lists[0]))


def _object_event(check: Examination, event: dict[str, Any], path: Path) -> None:
    """An object event names goods, or is what a sensor at a read point saw (EPCIS 2.0, 7.4.2)."""
    sensed = _has_any(event, "sensorElementList") and "readPoint" in event
    if not sensed:
        _about_something(check, event, path, "epcList", "quantityList")
    if "ilmd" in event and event.get("action") in ("OBSERVE", "DELETE"):
        check.fault(EpcisRefusal.FIELD_FORBIDDEN, (*path, "ilmd"))


def _aggregation_event(check: Examination, event: dict[str, Any], path: Path) -> None:
    """Children may be left out when all are taken out; the parent when only seen (7.4.3)."""
    action = event.get("action")
    if action != "DELETE":
        _about_something(check, event, path, "childEPCs", "childQuantityList")
    if action in ("ADD", "DELETE") and "parentID" not in event:
        check.fault(EpcisRefusal.FIELD_MISSING, (*path, "parentID"))


def _association_event(check: Examination, event: dict[str, Any], path: Path) -> None:
    """Children may be left out when all are taken off (7.4.6)."""
    if event.get("action") != "DELETE":
        _about_something(check, event, path, "childEPCs", "childQuantityList")


def _transaction_event(check: Examination, event: dict[str, Any], path: Path) -> None:
    """Goods may be left out when all are taken out of the transaction (7.4.4)."""
    if event.get("action") != "DELETE":
        _about_something(check, event, path, "epcList", "quantityList")


def _transformation_event(check: Examination, event: dict[str, Any], path: Path) -> None:
    """Inputs and outputs, or one of them while a transformation ID joins several events (7.4.5)."""
    inputs = ("inputEPCList", "inputQuantityList")
    outputs = ("outputEPCList", "outputQuantityList")
    if "transformationID" in event:
        _about_something(check, event, path, *inputs, *outputs)
        return
    _about_something(check, event, path, *inputs)
    _about_something(check, event, path, *outputs)


def _event(fields: Mapping[str, Kind], required: tuple[str, ...], also: Kind) -> Shape:
    required = ("eventTime", "eventTimeZoneOffset", *required)
    return Shape({**_EVERY_EVENT, **fields}, required=required, also=also)


EVENTS = {
    "ObjectEvent": _event({**_NAMED, "ilmd": MASTER_DATA}, ("action",), _object_event),
    "AggregationEvent": _event(_CONTAINED, ("action",), _aggregation_event),
    "AssociationEvent": _event(_CONTAINED, ("action", "parentID"), _association_event),
    "TransactionEvent": _event(
        {
            **_NAMED,
            "parentID": uri,
            "bizTransactionList": list_of(BUSINESS_TRANSACTION, least=1),
        },
        ("action", "bizTransactionList"),
        _transaction_event,
    ),
    "TransformationEvent": _event(_TRANSFORMED, (), _transformation_event),
}
"""The five event types of EPCIS 2.0 (7.4)."""


def _attribute_value(check: Examination, value: Any, path: Path) -> None:
    if isinstance(value, (bool, list)) or value is None:
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="string")


_VOCABULARY_ELEMENT = Shape(
    {
        "id": uri,
        "attributes": list_of(Shape({"id": uri, "attribute": _attribute_value}, ("id",))),
        "children": list_of(uri),
    },
    ("id",),
)
_VOCABULARY = Shape({"type": uri, "vocabularyElementList": list_of(_VOCABULARY_ELEMENT)}, ("type",))
_HEADER = Shape({"epcisMasterData": Shape({"vocabularyList": list_of(_VOCABULARY)})})
_EVENT_LIST = list_of(kinds.anything)
_ENVELOPE: dict[str, Kind] = {
    "@context": CONTEXT,
    "id": uri,
    "type": kinds.string,
    "schemaVersion": matching(r"2(\.[0-9]+)*", EpcisRefusal.VERSION_UNSUPPORTED),
    "creationDate": kinds.time,
}
_QUERY_RESULTS = Shape(
    {
        "queryName": kinds.string,
        "subscriptionID": kinds.string,
        "resultsBody": Shape(
            {"eventList": _EVENT_LIST, "vocabularyList": list_of(_VOCABULARY)}, ("eventList",)
        ),
    },
    ("queryName", "resultsBody"),
)

DOCUMENTS = {
    "EPCISDocument": Shape(
        {
            **_ENVELOPE,
            "instanceIdentifier": kinds.string,
            "sender": kinds.string,
            "receiver": kinds.string,
            "epcisHeader": _HEADER,
            "epcisBody": Shape({"eventList": _EVENT_LIST}, ("eventList",)),
        },
        ("@context", "schemaVersion", "creationDate", "epcisBody"),
    ),
    "EPCISQueryDocument": Shape(
        {**_ENVELOPE, "epcisBody": Shape({"queryResults": _QUERY_RESULTS}, ("queryResults",))},
        ("@context", "epcisBody"),
    ),
}
"""The two documents that hold events; the events in them are looked at one by one elsewhere."""
