"""The checker by itself: strict entries, canonical JSON, keys, notes, and what it may import."""

from __future__ import annotations

import ast
import base64
import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as some

from ecotrace import PROJECT
from ledger.checker.canonical import DEPTH_MAX, check_plain, jcs, parse
from ledger.checker.curve import is_good_key
from ledger.checker.encodings import (
    from_base64,
    from_base64url,
    hash_texts,
    many_hashes,
    microseconds,
    to_base64url,
)
from ledger.checker.entry import ENTRY_MAX, read_entry, read_payload
from ledger.checker.notes import Checkpoint, open_checkpoint, read_vkey
from ledger.checker.report import CheckFault, Difference, Fault, Findings
from ledger.entries.model import parse_entry
from ledger.public_keys import SMALL_ORDER_Y, check_public_key
from runtime.refusal import Refusal
from tests.ledger.dishonest import (
    CHECKPOINT,
    NAME,
    STRANGER,
    Change,
    Forged,
    b64,
    b64u,
    note,
    vkey,
)
from tests.ledger.mangling import mangled

ALLOWED = {"ledger.checker", "cryptography", "orjson", "sqlalchemy"}


def fault_of(call: Callable[[], object]) -> Fault:
    with pytest.raises(CheckFault) as refused:
        call()
    return refused.value.difference.fault


# --- What it stands on -------------------------------------------------------------------------


def imports(file: Path) -> list[str]:
    found = []
    for each in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(each, ast.Import):
            found += [alias.name for alias in each.names]
        elif isinstance(each, ast.ImportFrom):
            found.append(each.module or ".")
    return found


def test_it_imports_nothing_of_ours_but_itself() -> None:
    import sys

    files = sorted((PROJECT / "ledger" / "checker").glob("*.py"))
    assert len(files) > 10
    for file in files:
        for name in imports(file):
            top = name.partition(".")[0]
            ours = name == "ledger.checker" or name.startswith("ledger.checker.")
            known = ours or top in ALLOWED or (top in sys.stdlib_module_names and top != "trace")
            assert known, f"{file.name} imports {name}"
    for name in imports(PROJECT / "ledger" / "fsck.py"):
        assert name.startswith("ledger.checker.") or not name.startswith(("ledger", "runtime"))


# --- Canonical JSON ----------------------------------------------------------------------------


JSON = some.recursive(
    some.none()
    | some.booleans()
    | some.integers(-(2**53) + 1, 2**53 - 1)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=12,
)


@given(JSON)
def test_canonical_bytes_are_those_of_another_library(value: Any) -> None:
    wanted = rfc8785.dumps(value)
    assert jcs(orjson.loads(orjson.dumps(value))) == wanted
    assert jcs(parse(wanted, fractions=True)) == wanted


@given(some.floats(allow_nan=False, allow_infinity=False))
def test_every_double_is_written_as_ecmascript_does(value: float) -> None:
    assert jcs(value) == rfc8785.dumps(value)


def test_canonical_vectors_of_others(vectors: Path) -> None:
    files = sorted((vectors / "jcs" / "input").iterdir())
    assert len(files) == 6
    for file in files:
        written = (vectors / "jcs" / "output" / file.name).read_bytes()
        assert jcs(orjson.loads(file.read_bytes())) == written
        assert jcs(parse(written, fractions=True)) == written


def test_every_character_below_0x100_is_escaped_as_rfc_8785_says() -> None:
    for code in range(0x100):
        written = rfc8785.dumps([chr(code)])
        assert parse(written) == [chr(code)]
        escaped = f'["\\u{code:04x}"]'.encode()
        if escaped != written:
            assert fault_of(partial(parse, escaped)) == Fault.NOT_CANONICAL


def test_names_are_in_the_order_of_utf_16() -> None:
    value = {"\U00010000": 2, "\ufb33": 1}
    assert parse('{"\U00010000":2,"\ufb33":1}'.encode()) == value
    assert fault_of(lambda: parse('{"\ufb33":1,"\U00010000":2}'.encode())) == Fault.NOT_CANONICAL


@pytest.mark.parametrize(
    "data, fault",
    [
        (b"", Fault.NOT_JSON),
        (b"\xef\xbb\xbf{}", Fault.NOT_JSON),
        (b'["\xc0\xaf"]', Fault.NOT_JSON),
        (b'["\\ud800"]', Fault.NOT_JSON),
        (b"NaN", Fault.NOT_JSON),
        (b"[1,]", Fault.NOT_JSON),
        (b"{}\n", Fault.NOT_CANONICAL),
        (b'{"a": 1}', Fault.NOT_CANONICAL),
        (b'{"a":1,"a":1}', Fault.NOT_CANONICAL),
        (b'{"b":1,"a":1}', Fault.NOT_CANONICAL),
        (b"-0", Fault.NOT_CANONICAL),
        (b"1e400", Fault.NOT_JSON),
        (b"18446744073709551616", Fault.NOT_CANONICAL),
        (b"[" * 300 + b"]" * 300, Fault.TOO_DEEP),
        (("[" * 250 + '"米"' + "]" * 250).encode(), Fault.TOO_DEEP),
    ],
)
def test_bytes_that_are_not_the_canonical_ones(data: bytes, fault: Fault) -> None:
    assert fault_of(lambda: parse(data)) == fault


@pytest.mark.parametrize(
    "value, fault",
    [
        (2**53 - 1, None),
        (-(2**53) + 1, None),
        (2**53, Fault.NUMBER),
        (-(2**53), Fault.NUMBER),
        (1.0, Fault.NUMBER),
        ({"a": [{"b": 0.5}]}, Fault.NUMBER),
        (True, None),
        (None, None),
    ],
)
def test_numbers_in_facts(value: object, fault: Fault | None) -> None:
    if fault is None:
        check_plain(value, "/facts")
    else:
        assert fault_of(lambda: check_plain(value, "/facts")) == fault


def test_nesting_has_an_end() -> None:
    value: object = 1
    for _ in range(DEPTH_MAX):
        value = [value]
    check_plain(value, "")
    assert fault_of(lambda: check_plain([value], "")) == Fault.TOO_DEEP


# --- Encodings ---------------------------------------------------------------------------------


@given(some.binary(max_size=70))
def test_base64url_has_one_spelling(data: bytes) -> None:
    text = to_base64url(data)
    assert text == base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    assert from_base64url(text) == data
    for wrong in (f"{text}=", f"{text} ", f" {text}", f"{text}\n", f"{text}+", f"{text}/"):
        with pytest.raises(ValueError):
            from_base64url(wrong)


@given(some.text(alphabet="ABCQgwxyz019-_+/= \n", max_size=8))
def test_what_decodes_is_what_encodes(text: str) -> None:
    for decode, encode in ((from_base64url, to_base64url), (from_base64, b64)):
        try:
            data = decode(text)
        except ValueError:
            continue
        assert encode(data) == text


@given(some.lists(some.binary(min_size=32, max_size=32), max_size=5))
def test_many_hashes_at_once_are_each_by_itself(hashes: list[bytes]) -> None:
    assert hash_texts(hashes) == [to_base64url(each) for each in hashes]
    if hashes:
        assert many_hashes(hashes).decode() == "".join(to_base64url(each) + "A" for each in hashes)


def test_instants_count_microseconds() -> None:
    assert microseconds("1970-01-01T00:00:00.000001Z") == 1
    assert microseconds("2026-11-22T01:30:00.000000Z") == 1795311000000000
    with pytest.raises(ValueError):
        microseconds("2026-02-29T00:00:00.000000Z")


# --- Keys and notes ----------------------------------------------------------------------------


def test_good_keys_are_those_that_the_door_takes() -> None:
    keys = [Ed25519PrivateKey.from_private_bytes(bytes([each] * 32)) for each in range(50)]
    publics = [each.public_key().public_bytes_raw() for each in keys]
    others = [sha256(bytes([each])).digest() for each in range(100)]
    p = 2**255 - 19
    edge = [y | sign << 255 for y in (*SMALL_ORDER_Y, p, p + 1, 2**255 - 1) for sign in (0, 1)]
    others += [each.to_bytes(32, "little") for each in edge]
    assert all(is_good_key(each) for each in publics)
    for each in others:
        try:
            check_public_key(each)
            taken = True
        except Refusal:
            taken = False
        assert is_good_key(each) == taken, each.hex()
    assert not any(is_good_key(each) for each in (b"", publics[0][:31], publics[0] + b"\0"))
    assert sum(is_good_key(each) for each in others) > 20


ROOT = sha256(b"root").digest()
NOTE = note(NAME, 7, ROOT)


def test_a_checkpoint_is_opened() -> None:
    key = read_vkey(vkey())
    assert (key.name, key.public_key) == (NAME, CHECKPOINT.public)
    assert open_checkpoint(NOTE, [key]) == Checkpoint(NAME, 7, ROOT)
    others = NOTE + b"\xe2\x80\x94 witness.example " + b64(b"x" * 80).encode() + b"\n"
    assert open_checkpoint(others, [key]) == Checkpoint(NAME, 7, ROOT)


def test_no_altered_checkpoint_or_key_is() -> None:
    key = read_vkey(vkey())
    for each in mangled(NOTE):
        with pytest.raises(CheckFault):
            open_checkpoint(each, [key])
    for each in mangled(vkey().encode()):
        with pytest.raises(CheckFault):
            assert read_vkey(each.decode("utf-8", "replace")) == key


@pytest.mark.parametrize(
    "altered, fault",
    [
        (note(NAME, 7, ROOT, STRANGER), Fault.NOTE_UNSIGNED),
        (note(NAME, 7, ROOT[:31]), Fault.CHECKPOINT_MALFORMED),
        (note("", 7, ROOT), Fault.CHECKPOINT_MALFORMED),
        (note(NAME, -1, ROOT), Fault.CHECKPOINT_MALFORMED),
        (note(NAME, 10**19, ROOT), Fault.CHECKPOINT_MALFORMED),
        (note(f"{NAME}\n7\n{b64(ROOT)}\nmore", 7, ROOT), Fault.CHECKPOINT_MALFORMED),
        (NOTE.replace(b"\n7\n", b"\n07\n"), Fault.NOTE_FORGED),
        (NOTE[: NOTE.index(b"\n\n") + 2], Fault.NOTE_MALFORMED),
        (NOTE + NOTE[NOTE.index(b"\n\n") + 2 :] * 100, Fault.NOTE_MALFORMED),
        (NOTE.replace(b"log", b"l\tg", 1), Fault.NOTE_MALFORMED),
        (b"\xff" + NOTE, Fault.NOTE_MALFORMED),
    ],
)
def test_what_is_wrong_with_a_checkpoint(altered: bytes, fault: Fault) -> None:
    assert fault_of(lambda: open_checkpoint(altered, [read_vkey(vkey())])) == fault


# --- Entries -----------------------------------------------------------------------------------


def an_entry(**changes: Any) -> bytes:
    log = Forged().begin()
    log.add("lot:a", "lot:b", **changes)
    return log.entries[-1]


def rich(payload: dict[str, Any]) -> None:
    payload["facts"] = {"kind": "harvest", "list": [1, {"deep": []}], "none": None, "text": '{"}'}
    payload["commit"] = {"raw": b64u(ROOT), '"odd}\\': b64u(ROOT)}
    payload["seen"] = {"size": 2, "root": b64u(ROOT)}


GOOD = an_entry(payload=rich)


def test_a_good_entry_is_read_as_the_writer_reads_it() -> None:
    value, payload_bytes = read_entry(GOOD)
    assert value == json.loads(GOOD)
    assert payload_bytes == rfc8785.dumps(value["payload"])
    assert read_payload(payload_bytes) == value["payload"]
    assert parse_entry(GOOD).payload_bytes == payload_bytes


def test_no_mangled_entry_is_read_otherwise_than_the_writer_reads_it() -> None:
    """Two readers that share no code agree on every small alteration."""
    read = 0
    for each in mangled(GOOD):
        try:
            parse_entry(each)
        except Refusal:
            with pytest.raises(CheckFault):
                read_entry(each)
        else:
            value, payload_bytes = read_entry(each)
            assert value == json.loads(each)
            assert payload_bytes == rfc8785.dumps(value["payload"])
            read += 1
    assert read > 1000


def test_invalid_json_of_others_is_no_entry(vectors: Path) -> None:
    files = sorted((vectors / "json-parsing").glob("n_*.json"))
    doubled = sorted((vectors / "json-parsing").glob("y_object_duplicated_key*.json"))
    assert len(files) > 150
    assert len(doubled) == 2
    facts = b'"facts":{"kind":'
    with_facts = an_entry(payload=lambda said: said.update(facts={"kind": "harvest"}))
    assert facts + b'"harvest"' in with_facts
    for file in files + doubled:
        content = file.read_bytes()
        with pytest.raises(CheckFault):
            read_entry(content)
        # The same where an entry may hold anything.
        with pytest.raises(CheckFault):
            read_entry(with_facts.replace(b'"harvest"', content))
        with pytest.raises(CheckFault):
            read_payload(content)


def drop(name: str) -> Change:
    return lambda said: said.pop(name)


def put(**values: Any) -> Change:
    return lambda said: said.update(values)


CASES: list[tuple[str, dict[str, Change], Fault, str | None]] = [
    ("a member of payload is missing", {"payload": drop("commit")}, Fault.MEMBERS, "/payload"),
    ("facts are missing", {"payload": drop("facts")}, Fault.MEMBERS, "/payload"),
    ("an unknown member beside", {"payload": put(fact={})}, Fault.MEMBERS, "/payload"),
    ("one behind facts", {"payload": put(further={"id": "x"})}, Fault.MEMBERS, "/payload"),
    ("one in seq", {"seq": put(note=1)}, Fault.MEMBERS, "/seq"),
    ("one at the top", {"entry": put(extra=1)}, Fault.MEMBERS, ""),
    ("one at the top, in the middle", {"entry": put(q={"id": "x"})}, Fault.MEMBERS, ""),
    ("another version", {"entry": put(v=2)}, Fault.MALFORMED, "/v"),
    ("a version that is true", {"entry": put(v=True)}, Fault.MALFORMED, "/v"),
    ("payload is a list", {"entry": put(payload=[])}, Fault.MALFORMED, "/payload"),
    ("no type", {"payload": put(type="")}, Fault.MALFORMED, "/payload/type"),
    ("a type of two words", {"payload": put(type="a.b")}, Fault.MALFORMED, "/payload/type"),
    ("a short id", {"payload": put(id="AAAA")}, Fault.MALFORMED, "/payload/id"),
    ("an id with bits", {"payload": put(id="A" * 21 + "B")}, Fault.MALFORMED, "/payload/id"),
    ("an origin with a space", {"payload": put(origin="a b")}, Fault.MALFORMED, "/payload/origin"),
    ("a day in words", {"payload": put(effective_at="now")}, Fault.MALFORMED, None),
    ("24 o'clock", {"seq": put(at="2026-11-22T24:00:00.000000Z")}, Fault.MALFORMED, "/seq/at"),
    ("no microseconds", {"seq": put(at="2026-11-22T01:30:00Z")}, Fault.MALFORMED, "/seq/at"),
    ("30 February", {"seq": put(at="2026-02-30T01:30:00.000000Z")}, Fault.INSTANT, "/seq/at"),
    ("the year 0", {"payload": put(effective_at="0000-01-01T00:00:00.000000Z")}, Fault.INSTANT,
     "/payload/effective_at"),
    ("facts in a list", {"payload": put(facts=[])}, Fault.MALFORMED, "/payload/facts"),
    ("a fraction", {"payload": put(facts={"a": 0.5})}, Fault.NUMBER, "/payload/facts/a"),
    ("a short commitment", {"payload": put(commit={"raw": "AA"})}, Fault.MALFORMED, None),
    ("seen nothing", {"payload": put(seen=None)}, Fault.MALFORMED, "/payload/seen"),
    ("seen too much", {"payload": put(seen={"a": 1})}, Fault.MEMBERS, "/payload/seen"),
    ("97 streams", {"payload": put(streams=[f"lot:{n:02}" for n in range(97)])}, Fault.MALFORMED,
     "/payload/streams"),
    ("a stream of 27", {"payload": put(streams=["lot:" + "a" * 23])}, Fault.MALFORMED, None),
    ("no kind", {"payload": put(streams=["a"])}, Fault.MALFORMED, "/payload/streams/0"),
    ("streams not sorted", {"payload": put(streams=["lot:b", "lot:a"])}, Fault.STREAM_ORDER,
     "/payload/streams"),
    ("a stream twice", {"payload": put(streams=["lot:a", "lot:a"])}, Fault.STREAM_ORDER,
     "/payload/streams"),
    ("other places", {"seq": put(streams=[])}, Fault.PLACES, "/seq/streams"),
    ("n from zero", {"seq": lambda seq: seq["streams"][0].update(n=0)}, Fault.MALFORMED, None),
    ("a short signature", {"entry": put(sig="AAAA")}, Fault.MALFORMED, "/sig"),
    ("index below zero", {"seq": put(index=-1)}, Fault.MALFORMED, "/seq"),
]  # fmt: skip


@pytest.mark.parametrize(
    "changes, fault, pointer", [each[1:] for each in CASES], ids=[each[0] for each in CASES]
)
def test_what_is_wrong_with_an_entry(
    changes: dict[str, Change], fault: Fault, pointer: str | None
) -> None:
    entry = json.loads(GOOD)
    before = entry["payload"]["streams"]
    changes.get("payload", put())(entry["payload"])
    if entry["payload"]["streams"] != before:
        names = entry["payload"]["streams"]
        entry["seq"]["streams"] = [{"id": each, "n": 1, "prev": b64u(ROOT)} for each in names]
    changes.get("seq", put())(entry["seq"])
    changes.get("entry", put())(entry)
    with pytest.raises(CheckFault) as refused:
        read_entry(rfc8785.dumps(entry))
    found = refused.value.difference
    assert found.fault == fault
    assert pointer in (None, found.pointer)


def test_an_entry_has_at_most_16384_bytes() -> None:
    def padded(more: int) -> bytes:
        return an_entry(payload=put(facts={"text": "x" * more}))

    rest = len(padded(0))
    read_entry(padded(ENTRY_MAX - rest))
    assert fault_of(lambda: read_entry(padded(ENTRY_MAX - rest + 1))) == Fault.TOO_LARGE
    assert fault_of(lambda: read_payload(b" " * (ENTRY_MAX + 1))) == Fault.TOO_LARGE


def test_text_outside_of_ascii_and_nfc_is_no_reason_to_refuse() -> None:
    for text in ("小站稻", "e\u0301", "\U0001f33e", "\x7f"):
        entry = an_entry(payload=put(facts={text: text}))
        assert read_entry(entry)[0]["payload"]["facts"] == {text: text}


# --- Reports -----------------------------------------------------------------------------------


def test_every_fault_has_its_own_sentence_in_both_languages() -> None:
    for lang in ("zh", "en"):
        sentences = [each.sentence(lang) for each in Fault]
        assert all(sentences)
        assert len(set(sentences)) == len(sentences)
    assert len(Fault) == len(Fault.__members__)


def test_a_difference_is_one_line_and_one_object() -> None:
    found = Difference(Fault.VALUE, 5, None, "tiles", "root", "level=0 number=1", None, "aa", "bb")
    assert found.text("en") == (
        "entry 5, table tiles, column root, row level=0 number=1:"
        " the value is wrong (expected aa, found bb)"
    )
    assert found.text("zh").startswith("条目 5, 表 tiles")
    assert found.as_json() == {
        "fault": "value",
        "entry": 5,
        "table": "tiles",
        "column": "root",
        "row": "level=0 number=1",
        "expected": "aa",
        "found": "bb",
    }
    assert Difference(Fault.NOTE_UNSIGNED).text("en") == "no known key signed the note"


def test_many_of_one_kind_are_counted_and_not_all_listed() -> None:
    findings = Findings()
    for index in range(1000):
        findings.say(Fault.PREV, entry=index)
        findings.differs("heads", "root" if index % 2 else "at", "size=1", 1, 2)
    assert findings.count == 2000
    assert len(findings.listed) == 60
