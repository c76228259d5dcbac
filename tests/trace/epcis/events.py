"""Right events drawn at random, of all five types, with extensions at every level."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as some

from trace.epcis import vocabulary

NAMESPACES = {"ext": "https://ns.example.com/ext/", "own": "https://own.example/ns/"}

EPCS = [
    "urn:epc:id:sgtin:0614141.107346.2017",
    "urn:epc:id:sscc:5200001.0111111146",
    "https://id.gs1.org/01/09521141012345/21/2017",
    "https://id.gs1.org/8004/4000001111",
    "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
]
CLASSES = [
    "urn:epc:class:lgtin:4012345.012345.998877",
    "urn:epc:idpat:sgtin:4012345.098765.*",
    "https://trace.example/01/09521141012345/10/L-1",
    "https://trace.example/p/rice/10/L-1",
]
PLACES = ["urn:epc:id:sgln:4012345.00225.0", "https://id.example.com/414/4012345000054"]
PARTIES = ["urn:epc:id:pgln:4012345.00225", "https://id.example.com/417/4012345002256"]
TRANSACTIONS = ["http://transaction.acme.com/po/12345678", "urn:epcglobal:cbv:bt:5200001000008:RE1"]

texts = some.text("abc XYZ012米粉·-", min_size=1, max_size=12)
names = some.from_regex(r"[a-z][A-Za-z]{0,8}", fullmatch=True).filter(
    # The reference treats these names as its own, wherever they stand.
    lambda name: (
        not name.endswith("List")
        and name not in ("comment", "type", "action", "bizTransaction", "source", "destination")
        and "action" not in name
        and "eventTime" not in name
    )
)
keys = some.builds("{}:{}".format, some.sampled_from(sorted(NAMESPACES)), names)
plain = texts | some.integers(-1000, 10**6) | some.sampled_from(EPCS)
inner = some.recursive(
    plain,
    lambda values: (
        some.dictionaries(keys | names, values, min_size=1, max_size=3)
        | some.lists(plain, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
extensions = some.dictionaries(keys, inner, max_size=3)
times = some.datetimes().map(lambda at: f"{at.replace(year=2020, microsecond=0).isoformat()}.250")
offsets = some.sampled_from(["Z", "+08:00", "-06:00", "+05:30"])
stamps = some.builds("{}{}".format, times, offsets)
decimals = some.decimals(-1000, 1000, places=3).map(lambda number: float(str(number)))
quantities = some.fixed_dictionaries(
    {"epcClass": some.sampled_from(CLASSES)},
    optional={"quantity": some.integers(0, 10**6)},
) | some.fixed_dictionaries(
    {
        "epcClass": some.sampled_from(CLASSES),
        "quantity": decimals.map(abs),
        "uom": some.sampled_from(["KGM", "MTK"]),
    }
)
places = some.builds(lambda id, more: {"id": id, **more}, some.sampled_from(PLACES), extensions)


def words(of: vocabulary.Vocabulary) -> some.SearchStrategy[str]:
    return some.sampled_from(sorted(of.words))


def typed(
    kinds: some.SearchStrategy[str], name: str, values: list[str]
) -> some.SearchStrategy[dict[str, str]]:
    """A type and a value, in this order: the reference asks for it."""
    return some.tuples(kinds, some.sampled_from(values)).map(
        lambda pair: {"type": pair[0], name: pair[1]}
    )


def ends(name: str, values: list[str]) -> some.SearchStrategy[list[dict[str, str]]]:
    kinds = words(vocabulary.SOURCE_DESTINATION)
    return some.lists(typed(kinds, name, values), min_size=1, max_size=3)


metadata = some.fixed_dictionaries(
    {"time": stamps},
    optional={
        "startTime": stamps,
        "deviceID": some.sampled_from(EPCS),
        "rawData": some.sampled_from(EPCS),
    },
)
reports = some.fixed_dictionaries(
    {"type": words(vocabulary.MEASUREMENT), "value": decimals},
    optional={
        "time": stamps,
        "component": words(vocabulary.COMPONENT),
        "stringValue": texts,
        "uom": some.sampled_from(["CEL", "A93"]),
        "minValue": decimals,
    },
)
sensors = some.builds(
    lambda metadata, reports, more: {"sensorMetadata": metadata, "sensorReport": reports, **more},
    metadata,
    some.lists(reports, min_size=1, max_size=2),
    extensions,
)
COMMON = {
    "bizStep": words(vocabulary.BIZ_STEP),
    "disposition": words(vocabulary.DISPOSITION),
    "readPoint": places,
    "bizLocation": places,
    "certificationInfo": some.lists(some.sampled_from(TRANSACTIONS), min_size=1, max_size=2),
    "sourceList": ends("source", PARTIES),
    "destinationList": ends("destination", PARTIES),
    "sensorElementList": some.lists(sensors, min_size=1, max_size=2),
    "eventID": some.just("urn:uuid:fd338495-0e6d-41dd-afee-a862ecd32518"),
    "recordTime": stamps,
    "errorDeclaration": some.fixed_dictionaries(
        {"declarationTime": stamps}, optional={"reason": words(vocabulary.ERROR_REASON)}
    ),
}
TRANSACTION = typed(words(vocabulary.BIZ_TRANSACTION), "bizTransaction", TRANSACTIONS)
transactions = some.lists(TRANSACTION, min_size=1, max_size=3)
epcs = some.lists(some.sampled_from(EPCS), min_size=1, max_size=4, unique=True)
amounts = some.lists(quantities, min_size=1, max_size=3)
actions = some.sampled_from(sorted(vocabulary.ACTIONS))
master_data = some.dictionaries(keys, inner, min_size=1, max_size=3)

TYPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ObjectEvent": (
        {"epcList": epcs, "action": some.just("ADD")},
        {"quantityList": amounts, "ilmd": master_data, "bizTransactionList": transactions},
    ),
    "AggregationEvent": (
        {"parentID": some.sampled_from(EPCS), "childEPCs": epcs, "action": actions},
        {"childQuantityList": amounts, "bizTransactionList": transactions},
    ),
    "AssociationEvent": (
        {"parentID": some.sampled_from(EPCS), "childEPCs": epcs, "action": actions},
        {"childQuantityList": amounts},
    ),
    "TransactionEvent": (
        {"bizTransactionList": transactions, "quantityList": amounts, "action": actions},
        {"epcList": epcs, "parentID": some.sampled_from(EPCS)},
    ),
    "TransformationEvent": (
        {"inputEPCList": epcs, "outputQuantityList": amounts},
        {
            "inputQuantityList": amounts,
            "outputEPCList": epcs,
            "transformationID": some.sampled_from(EPCS),
            "ilmd": master_data,
            "bizTransactionList": transactions,
        },
    ),
}


@some.composite
def events(draw: some.DrawFn) -> dict[str, Any]:
    """A right event; its prefixes are `NAMESPACES`."""
    kind = draw(some.sampled_from(sorted(TYPES)))
    needed, further = TYPES[kind]
    fields = draw(some.fixed_dictionaries(needed, optional={**COMMON, **further}))
    return {
        "type": kind,
        "eventTime": draw(stamps),
        "eventTimeZoneOffset": draw(some.sampled_from(["+08:00", "-06:00", "+14:00"])),
        **fields,
        **draw(extensions),
    }
