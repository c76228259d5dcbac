"""The CBV 2.0 event hash: against published hashes, against the reference, and under rewriting."""

from __future__ import annotations

import contextlib
import hashlib
import json
import timeit
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.trace.epcis.documents import CONTEXT, document, event, read, written
from tests.trace.epcis.events import NAMESPACES, events
from trace.epcis.check import check_event
from trace.epcis.document import ReceivedEvent, read_document
from trace.epcis.event_hash import event_hash, pre_hash

PREFIXES = [CONTEXT[0], NAMESPACES]

# Its published pre-hash string is garbled: it does not have the hash that is published beside it.
GARBLED = {"epcisDocWithAllGS1Keys.prehashes"}


def only(value: dict[str, Any], context: Any = PREFIXES) -> ReceivedEvent:
    (one,) = read_document(written(document(value, **{"@context": context})), 1).events
    return one


def test_published_hashes(vectors):
    files = sorted((vectors / "epcis-hash").glob("*.jsonld"))
    assert len(files) == 9
    for file in files:
        found = [event_hash(one) for one in read_document(file.read_bytes(), 1000).events]
        assert found == file.with_suffix(".hashes").read_text("utf-8").split(), file.name


def test_published_pre_hash_strings(vectors):
    compared = 0
    for file in sorted((vectors / "epcis-hash").glob("*.prehashes")):
        source = file.with_suffix(".jsonld")
        if source.exists() and file.name not in GARBLED:
            found = [pre_hash(one) for one in read_document(source.read_bytes(), 1000).events]
            assert found == file.read_text("utf-8").rstrip("\n").split("\n"), file.name
            compared += 1
    assert compared == 7


def test_the_garbled_string_is_garbled(vectors):
    for name in GARBLED:
        file = vectors / "epcis-hash" / name
        digest = hashlib.sha256(file.read_bytes().rstrip(b"\n")).hexdigest()
        assert digest not in file.with_suffix(".hashes").read_text("utf-8")


@given(events())
def test_the_reference_gives_the_same(reference_pre_hashes, value):
    one = only(value)
    assert check_event(one) == ()
    # The reference reads a type only where it comes before the value, and no event of its own
    # context; `events` keeps off what `test_where_we_differ_from_the_reference` lists.
    whole = document(value, **{"@context": PREFIXES})
    assert [pre_hash(one)] == reference_pre_hashes(whole)


DIFFERENCES = [
    # True and false are spelled as in XML.
    ({"ext:x": True}, "{https://ns.example.com/ext/}x=true"),
    # Prefixes of the EPCIS context need no declaration; those of an event hold in it.
    ({"cbvmda:lotNumber": "L"}, "{urn:epcglobal:cbv:mda:}lotNumber=L"),
    ({"@context": {"e": "https://e.example/"}, "e:x": "1"}, "{https://e.example/}x=1"),
    # A business transaction may have no type.
    (
        {"bizTransactionList": [{"bizTransaction": "urn:x:y"}]},
        "bizTransactionListbizTransaction=urn:x:y",
    ),
    # An extension that is called a list is no list of the standard.
    ({"ext:wishList": ["a"]}, "{https://ns.example.com/ext/}wishList=a"),
    # A number is what JSON or XML calls one.
    ({"ext:x": "1_000"}, "x=1_000"),
    ({"ext:x": "infinity"}, "x=infinity"),
    ({"ext:x": "1" + "0" * 400}, "x=1" + "0" * 400),
    # Nothing is said by null.
    ({"ext:x": None}, "{https://ns.example.com/ext/}x"),
    # Escapes in an address do not keep it from being canonical.
    (
        {"epcList": ["https://a.example/01/09521141012345/21/A%2fB"]},
        "epc=https://id.gs1.org/01/09521141012345/21/A%2FB",
    ),
    # Milliseconds carry.
    ({"eventTime": "2026-12-31T23:59:59.9997Z"}, "eventTime=2027-01-01T00:00:00.000Z"),
]


@pytest.mark.parametrize(("changes", "contained"), DIFFERENCES)
def test_where_we_differ_from_the_reference(reference_pre_hashes, changes, contained):
    """Where it breaks the rules of CBV 2.0 or breaks down; each line says which rule we follow."""
    value = event(**changes)
    ours = pre_hash(only(value, CONTEXT))
    assert contained in ours
    with contextlib.suppress(IndexError):
        assert reference_pre_hashes(document(value)) != [ours]


def test_where_prefixes_end_does_not_matter():
    """The reference puts an extension at its place only if its namespace ends with a slash."""
    made = {"readPoint": {"id": "urn:x:y", "e:x": "1"}, "e:y": "2"}
    for namespace in ("https://e.example/", "https://e.example/ns#", "urn:e:"):
        text = pre_hash(only(event(**made), [CONTEXT[0], {"e": namespace}]))
        assert text.endswith(f"readPointid=urn:x:y{{{namespace}}}x=1{{{namespace}}}y=2")


def rewritten(value: Any, random: Any) -> Any:
    """Give the same with members and items in another order."""
    if isinstance(value, dict):
        items = [(key, rewritten(item, random)) for key, item in value.items()]
        random.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [rewritten(item, random) for item in value]
        random.shuffle(items)
        return items
    return value


@given(events(), some.randoms())
def test_order_does_not_matter(value, random):
    assert pre_hash(only(rewritten(value, random))) == pre_hash(only(value))


@given(events())
def test_prefixes_do_not_matter(value):
    """The two prefixes change places, in keys and in the declaration."""
    text = json.dumps(value).replace('"ext:', '"ex-:').replace('"own:', '"ext:')
    swapped = json.loads(text.replace('"ex-:', '"own:'))
    other = {"own": NAMESPACES["ext"], "ext": NAMESPACES["own"]}
    assert pre_hash(only(swapped, [CONTEXT[0], other])) == pre_hash(only(value))


@given(events())
def test_what_the_hash_does_not_bind(value):
    left_out = ("eventID", "recordTime", "errorDeclaration")
    bare = {name: item for name, item in value.items() if name not in left_out}
    assert event_hash(only(bare)) == event_hash(only(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"eventTime": "2026-10-18T08:00:00+08:00"}, {"eventTime": "2026-10-17T18:00:00.0-06:00"}),
        ({"eventTime": "2026-10-18T00:00:00Z"}, {"eventTime": "2026-10-18T00:00:00.0001Z"}),
        ({"bizStep": "shipping"}, {"bizStep": "cbv:BizStep-shipping"}),
        ({"bizStep": "shipping"}, {"bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}),
        (
            {"epcList": ["urn:epc:id:sgtin:4012345.012345.12"]},
            {"epcList": ["https://a.example/01/4012345123456/22/V/10/L/21/12?17=271130"]},
        ),
        ({"ext:x": "007"}, {"ext:x": 7}),
        ({"ext:x": " a "}, {"ext:x": "a"}),
        ({"ext:x": ["a"]}, {"ext:x": "a"}),
        ({"ext:x": "12345678901234567"}, {"ext:x": "12345678901234568"}),
        ({"rdfs:comment": "seen"}, {}),
        ({"certificationInfo": "urn:x:y"}, {"certificationInfo": ["urn:x:y"]}),
    ],
)
def test_what_counts_as_the_same(one, other):
    assert event_hash(only(event(**one), CONTEXT)) == event_hash(only(event(**other), CONTEXT))


@pytest.mark.parametrize(
    "changes",
    [
        {"eventTime": "2026-10-18T08:00:00.001+08:00"},
        {"eventTimeZoneOffset": "-08:00"},
        {"action": "DELETE"},
        {"epcList": ["https://id.gs1.org/01/09521141012345/21/2018"]},
        {"bizStep": "shipping"},
        {"disposition": "active"},
        {"readPoint": {"id": "urn:x:y"}},
        {"readPoint": {"id": "urn:x:y", "ext:x": "1"}},
        {"bizLocation": {"id": "urn:x:y"}},
        {"quantityList": [{"epcClass": "urn:x:y", "quantity": 1}]},
        {"quantityList": [{"epcClass": "urn:x:y", "quantity": 1, "uom": "KGM"}]},
        {"persistentDisposition": {"set": ["active"]}},
        {"persistentDisposition": {"unset": ["active"]}},
        {"certificationInfo": "urn:x:y"},
        {"ext:x": "1"},
        {"ext:x": {"y": "1"}},
    ],
)
def test_what_makes_another_event(changes):
    assert event_hash(only(event(**changes), CONTEXT)) != event_hash(only(event(), CONTEXT))


def test_names_that_a_query_adds_are_left_out():
    """The answer of a query lists what its repository has added (`ignoreFields`)."""
    body = {
        "queryName": "q",
        "ext:ignoreFields": ["ext:hash"],
        "resultsBody": {"eventList": [event(**{"ext:hash": "x"})]},
    }
    answer = {
        "@context": CONTEXT,
        "type": "EPCISQueryDocument",
        "epcisBody": {"queryResults": body},
    }
    (found,) = read_document(written(answer), 1).events
    assert event_hash(found) == event_hash(only(event(), CONTEXT))


def test_an_event_is_hashed_in_less_than_300_microseconds(vectors):
    """The median, over events whose identifiers were not met before."""
    (one,) = read(event(bizStep="shipping", disposition="in_transit"))
    plain: Any = one.value
    rounds = []
    for number in range(200):
        plain["epcList"] = [f"urn:epc:id:sgtin:0614141.107346.{number}{item}" for item in "abcd"]
        rounds.append(timeit.timeit(lambda: event_hash(one), number=1))
    assert sorted(rounds)[100] < 300e-6
