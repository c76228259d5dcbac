"""Entry v1: our bytes against the serialiser's, and every entry that is almost one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.entries.model import (
    ENTRY_BYTES_MAX,
    STREAMS_MAX,
    Payload,
    Place,
    Seen,
    actor_of,
    assemble,
    check_origin,
    commitment,
    largest_entry,
    parse_entry,
    parse_payload,
    payload_id,
    refuse_oversize,
    signed_bytes,
    verify_signature,
)
from ledger.refusals import LedgerRefusal
from ledger.signer import Ed25519Signer
from ledger.tree import leaf_hash
from runtime import base64url
from runtime.canonical import ledger_bytes
from runtime.refusal import Refusal
from tests.ledger.mangling import mangled

SIGNER = Ed25519Signer(b"\x05" * 32)
AT = datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)
PAYLOAD = Payload(
    type="trace.step.take",
    id=bytes(range(16)),
    origin="log.example/test",
    actor=SIGNER.actor,
    streams=("cert:abc", "lot:def"),
    effective_at=AT,
    facts={"kind": "harvest", "mass_mg": 12},
    commit={"raw": bytes(32), "understood": bytes([7]) * 32},
    seen=Seen(9, bytes([1]) * 32),
)
CANONICAL = PAYLOAD.canonical()
SIG = SIGNER.sign(signed_bytes(CANONICAL))
PLACES = (Place("cert:abc", 1, bytes(32)), Place("lot:def", 4, bytes([3]) * 32))


def entry_value() -> dict[str, Any]:
    """The entry as a JSON value, built without the writer's code."""
    return {
        "v": 1,
        "payload": json.loads(CANONICAL),
        "sig": base64url.encode(SIG),
        "seq": {
            "index": 77,
            "prev": base64url.encode(bytes([2]) * 32),
            "at": "2026-11-22T01:02:03.000004Z",
            "streams": [
                {"id": each.stream, "n": each.n, "prev": base64url.encode(each.prev)}
                for each in PLACES
            ],
        },
    }


def assembled() -> bytes:
    return assemble(
        CANONICAL,
        base64url.encode(SIG),
        77,
        base64url.encode(bytes([2]) * 32),
        "2026-11-22T01:02:03.000004Z",
        [(each.stream, each.n, base64url.encode(each.prev)) for each in PLACES],
    )


ENTRY = assembled()


def test_concatenation_gives_the_bytes_of_the_serialiser() -> None:
    assert assembled() == ledger_bytes(entry_value()) == rfc8785.dumps(entry_value())


stream_ids = st.from_regex(r"[a-z]{2,6}:[A-Za-z0-9_-]{1,19}", fullmatch=True)
numbers = st.integers(0, 2**53 - 1)
hashes = st.binary(min_size=32, max_size=32)
instants = st.datetimes(timezones=st.just(UTC))
facts = st.dictionaries(
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    st.one_of(numbers, st.booleans(), st.from_regex(r"[A-Za-z0-9 -]{0,12}", fullmatch=True)),
    max_size=4,
)


@given(
    streams=st.sets(stream_ids, max_size=5),
    facts=facts,
    commit=st.dictionaries(st.sampled_from(["record", "raw", "understood"]), hashes),
    effective_at=instants,
    seen=st.none() | st.builds(Seen, st.integers(1, 2**53 - 1), hashes),
    index=numbers,
    n=st.integers(1, 2**53 - 1),
    prev=hashes,
    at=instants,
)
def test_any_entry_is_what_the_serialiser_gives_and_comes_back(
    streams: set[str],
    facts: dict[str, Any],
    commit: dict[str, bytes],
    effective_at: datetime,
    seen: Seen | None,
    index: int,
    n: int,
    prev: bytes,
    at: datetime,
) -> None:
    payload = replace(
        PAYLOAD,
        streams=tuple(sorted(streams)),
        facts=facts,
        commit=commit,
        effective_at=effective_at,
        seen=seen,
    )
    canonical = payload.canonical()
    at_text = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)
    places = [(each, n, base64url.encode(prev)) for each in payload.streams]
    entry = assemble(
        canonical, base64url.encode(SIG), index, base64url.encode(prev), at_text, places
    )
    assert entry == rfc8785.dumps(json.loads(entry))
    parsed = parse_entry(entry)
    assert parsed.payload == payload
    assert parsed.payload_bytes == canonical
    assert (parsed.index, parsed.prev, parsed.at, parsed.sig) == (index, prev, at, SIG)
    assert [(each.stream, each.n, each.prev) for each in parsed.places] == [
        (each, n, prev) for each in payload.streams
    ]
    assert parse_payload(canonical) == payload
    assert len(entry) <= largest_entry(canonical, payload.streams)


def test_hashes_are_those_of_the_format() -> None:
    assert payload_id(CANONICAL) == sha256(b"ecotrace/payload/v1\0" + CANONICAL).digest()
    assert actor_of(SIGNER.public_key) == sha256(SIGNER.public_key).digest()
    assert leaf_hash(ENTRY) == sha256(b"\0" + ENTRY).digest()
    written = b'["mass","1.50"]'
    salt = bytes(range(32))
    wanted = sha256(b"ecotrace/commit/v1\0" + salt + written).digest()
    assert commitment("mass", "1.50", salt) == wanted
    with pytest.raises(ValueError):
        commitment("mass", "1.50", salt[:31])


def test_the_signature_is_over_prefix_and_payload() -> None:
    verify_signature(SIGNER.public_key, CANONICAL, SIG)
    bare = SIGNER.sign(CANONICAL)
    for sig in (bare, SIG[:-1], SIG + b"\0", bytes(64), b""):
        with pytest.raises(Refusal) as refused:
            verify_signature(SIGNER.public_key, CANONICAL, sig)
        assert refused.value.first.code is LedgerRefusal.BAD_SIGNATURE
    with pytest.raises(Refusal):
        verify_signature(Ed25519Signer(bytes(32)).public_key, CANONICAL, SIG)
    with pytest.raises(Refusal):
        verify_signature(b"\xff" * 32, CANONICAL, SIG)


def test_the_order_of_the_group_added_to_s_is_refused() -> None:
    """RFC 8032 §5.1.7: S lies below L, or one signature would have two spellings."""
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(SIG[32:], "little") + order
    with pytest.raises(Refusal):
        verify_signature(SIGNER.public_key, CANONICAL, SIG[:32] + s.to_bytes(32, "little"))


def test_every_small_alteration_of_a_payload_is_refused() -> None:
    for altered in mangled(CANONICAL):
        with pytest.raises(Refusal):
            verify_signature(SIGNER.public_key, parse_payload(altered).canonical(), SIG)


def test_every_small_alteration_of_an_entry_is_refused_or_has_another_hash() -> None:
    """Payload and signature are bound by the actor's key; the rest only by the tree."""
    end = ENTRY.index(b',"seq":')
    for altered in mangled(ENTRY):
        try:
            parsed = parse_entry(altered)
            verify_signature(SIGNER.public_key, parsed.payload_bytes, parsed.sig)
        except Refusal:
            continue
        assert parsed.payload_bytes == CANONICAL
        assert altered[:end] == ENTRY[:end]
        assert leaf_hash(altered) != leaf_hash(ENTRY)


def change(path: str, value: object) -> Callable[[], bytes]:
    """The entry with the member at `path` replaced, added, or (value `...`) removed."""

    def changed() -> bytes:
        entry = entry_value()
        *steps, last = path.split("/")
        target: Any = entry
        for step in steps:
            target = target[int(step)] if step.isdigit() else target[step]
        if value is ...:
            del target[last]
        else:
            target[int(last) if last.isdigit() else last] = value
        return rfc8785.dumps(entry)

    return changed


BAD: list[tuple[str, object, LedgerRefusal, str | None]] = [
    ("v", 2, LedgerRefusal.MALFORMED_VALUE, "/v"),
    ("v", True, LedgerRefusal.MALFORMED_VALUE, "/v"),
    ("v", ..., LedgerRefusal.MISSING_MEMBER, ""),
    ("extra", 1, LedgerRefusal.UNKNOWN_MEMBER, ""),
    ("payload/extra", 1, LedgerRefusal.UNKNOWN_MEMBER, "/payload"),
    ("payload/facts", ..., LedgerRefusal.MISSING_MEMBER, "/payload"),
    ("payload/facts", [], LedgerRefusal.MALFORMED_VALUE, "/payload/facts"),
    ("payload/commit", None, LedgerRefusal.MALFORMED_VALUE, "/payload/commit"),
    ("payload/commit/raw", "AA", LedgerRefusal.MALFORMED_VALUE, "/payload/commit/raw"),
    ("payload/commit/a~b", "AA", LedgerRefusal.MALFORMED_VALUE, "/payload/commit/a~0b"),
    ("payload/type", "Trace.step.take", LedgerRefusal.MALFORMED_VALUE, "/payload/type"),
    ("payload/type", "trace.step", LedgerRefusal.MALFORMED_VALUE, "/payload/type"),
    ("payload/type", "trace.step.take.now", LedgerRefusal.MALFORMED_VALUE, "/payload/type"),
    ("payload/type", 5, LedgerRefusal.MALFORMED_VALUE, "/payload/type"),
    ("payload/id", base64url.encode(bytes(15)), LedgerRefusal.MALFORMED_VALUE, "/payload/id"),
    ("payload/id", "AAAAAAAAAAAAAAAAAAAAAB", LedgerRefusal.MALFORMED_VALUE, "/payload/id"),
    ("payload/id", "AAAAAAAAAAAAAAAAAAAAAA==", LedgerRefusal.MALFORMED_VALUE, "/payload/id"),
    ("payload/origin", "", LedgerRefusal.MALFORMED_VALUE, "/payload/origin"),
    ("payload/origin", "a b", LedgerRefusal.MALFORMED_VALUE, "/payload/origin"),
    ("payload/actor", "AA", LedgerRefusal.MALFORMED_VALUE, "/payload/actor"),
    ("payload/streams", "lot:a", LedgerRefusal.MALFORMED_VALUE, "/payload/streams"),
    ("payload/streams", ["lot:b", "lot:a"], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    ("payload/streams", ["lot:a", "lot:a"], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    ("payload/streams", ["lot"], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    ("payload/streams", ["l:abc"], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    ("payload/streams", [5], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    ("payload/streams", ["lot:" + "a" * 23], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    ("payload/streams", ["lot:米"], LedgerRefusal.MALFORMED_STREAM, "/payload/streams"),
    (
        "payload/streams",
        [f"lot:{each:03}" for each in range(97)],
        LedgerRefusal.TOO_MANY_STREAMS,
        "/payload/streams",
    ),
    ("payload/effective_at", "2026-11-22", LedgerRefusal.MALFORMED_VALUE, None),
    ("payload/effective_at", "2026-11-22T01:02:03Z", LedgerRefusal.MALFORMED_VALUE, None),
    ("payload/effective_at", "2026-02-30T01:02:03.000000Z", LedgerRefusal.MALFORMED_VALUE, None),
    (
        "payload/effective_at",
        "2026-11-22T01:02:03.000000+08:00",
        LedgerRefusal.MALFORMED_VALUE,
        None,
    ),
    ("payload/seen", None, LedgerRefusal.MALFORMED_VALUE, "/payload/seen"),
    ("payload/seen/size", 0, LedgerRefusal.MALFORMED_VALUE, "/payload/seen/size"),
    ("payload/seen/size", "9", LedgerRefusal.MALFORMED_VALUE, "/payload/seen/size"),
    ("payload/seen/root", ..., LedgerRefusal.MISSING_MEMBER, "/payload/seen"),
    ("sig", base64url.encode(bytes(63)), LedgerRefusal.MALFORMED_VALUE, "/sig"),
    ("sig", None, LedgerRefusal.MALFORMED_VALUE, "/sig"),
    ("seq", [], LedgerRefusal.MALFORMED_VALUE, "/seq"),
    ("seq/index", -1, LedgerRefusal.MALFORMED_VALUE, "/seq/index"),
    ("seq/index", True, LedgerRefusal.MALFORMED_VALUE, "/seq/index"),
    ("seq/index", "1", LedgerRefusal.MALFORMED_VALUE, "/seq/index"),
    ("seq/prev", "", LedgerRefusal.MALFORMED_VALUE, "/seq/prev"),
    ("seq/at", 1, LedgerRefusal.MALFORMED_VALUE, "/seq/at"),
    ("seq/streams", [], LedgerRefusal.MALFORMED_STREAM, "/seq/streams"),
    ("seq/streams/0/n", 0, LedgerRefusal.MALFORMED_VALUE, "/seq/streams/0/n"),
    ("seq/streams/0/id", "cert:abd", LedgerRefusal.MALFORMED_STREAM, "/seq/streams"),
    ("seq/streams/0/extra", 1, LedgerRefusal.UNKNOWN_MEMBER, "/seq/streams/0"),
]


@pytest.mark.parametrize("path, value, code, pointer", BAD)
def test_entries_that_are_not_of_the_format(
    path: str, value: object, code: LedgerRefusal, pointer: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        parse_entry(change(path, value)())
    assert refused.value.first.code is code
    if pointer is not None:
        assert refused.value.first.pointer == pointer


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", LedgerRefusal.NOT_JSON),
        (b"{", LedgerRefusal.NOT_JSON),
        (b"\xff", LedgerRefusal.NOT_JSON),
        (b"\xef\xbb\xbf{}", LedgerRefusal.NOT_JSON),
        (b'{"v":1,"v":1}', LedgerRefusal.NOT_JSON),
        (b'{"v":NaN}', LedgerRefusal.NOT_JSON),
        (b'{"v":"\\ud800"}', LedgerRefusal.NOT_JSON),
        (b"[" * 100_000, LedgerRefusal.ENTRY_TOO_LARGE),
        (b"[" * 10_000, LedgerRefusal.NOT_JSON),
        (b"[]", LedgerRefusal.MALFORMED_VALUE),
        (b"1", LedgerRefusal.MALFORMED_VALUE),
        (ENTRY + b" ", LedgerRefusal.NOT_CANONICAL),
        (b" " + ENTRY, LedgerRefusal.NOT_CANONICAL),
        (ENTRY.replace(b'"v":1', b'"v":1.0'), LedgerRefusal.NOT_CANONICAL),
        (ENTRY.replace(b'"v":1', b'"v":1e0'), LedgerRefusal.NOT_CANONICAL),
        (ENTRY.replace(b'"index":77', b'"index":-0'), LedgerRefusal.NOT_CANONICAL),
        (ENTRY.replace(b"harvest", b"har\\u0076est"), LedgerRefusal.NOT_CANONICAL),
        (ENTRY.replace(b'"kind":"harvest","mass_mg":12', b'"mass_mg":12,"kind":"harvest"'),
         LedgerRefusal.NOT_CANONICAL),
        (ENTRY.replace(b'"mass_mg":12', b'"mass_mg":9007199254740992'),
         LedgerRefusal.NOT_CANONICAL),
    ],
)  # fmt: skip
def test_bytes_that_are_no_entry(data: bytes, code: LedgerRefusal) -> None:
    with pytest.raises(Refusal) as refused:
        parse_entry(data)
    assert refused.value.first.code is code


def test_a_verifier_takes_text_that_the_door_refuses() -> None:
    """Unicode normalisation and vocabularies are judged once, when accepting."""
    entry = change("payload/facts", {"decomposed": "e\u0301", "sentence": "any text"})()
    assert parse_entry(entry).payload.facts["decomposed"] == "e\u0301"
    with pytest.raises(Refusal) as refused:
        replace(PAYLOAD, facts={"decomposed": "e\u0301"}).canonical()
    assert refused.value.first.code is LedgerRefusal.OUTSIDE_PROFILE


def test_ninety_six_of_the_longest_streams_fit() -> None:
    streams = tuple(f"recall:{each:019}" for each in range(STREAMS_MAX))
    payload = replace(PAYLOAD, streams=streams)
    canonical = payload.canonical()
    refuse_oversize(canonical, streams)
    places = [(each, 2**53 - 1, "A" * 43) for each in streams]
    entry = assemble(
        canonical, "A" * 86, 2**53 - 1, "A" * 43, "2026-11-22T00:00:00.000000Z", places
    )
    assert len(entry) == largest_entry(canonical, streams) <= ENTRY_BYTES_MAX


def test_the_size_at_the_door_is_exact() -> None:
    room = ENTRY_BYTES_MAX - largest_entry(
        replace(PAYLOAD, facts={"x": ""}).canonical(), PAYLOAD.streams
    )
    fits = replace(PAYLOAD, facts={"x": "a" * room}).canonical()
    assert largest_entry(fits, PAYLOAD.streams) == ENTRY_BYTES_MAX
    refuse_oversize(fits, PAYLOAD.streams)
    over = replace(PAYLOAD, facts={"x": "a" * (room + 1)}).canonical()
    with pytest.raises(Refusal) as refused:
        refuse_oversize(over, PAYLOAD.streams)
    assert refused.value.first.code is LedgerRefusal.ENTRY_TOO_LARGE
    assert refused.value.status == 413
    assert refused.value.first.numbers == {"size": 16_385, "limit": 16_384}


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "-a", "日志", "a" * 129, "a\nb", 'a"b'])
def test_origins_that_are_refused(origin: str) -> None:
    with pytest.raises(Refusal):
        check_origin(origin)


@pytest.mark.parametrize("origin", ["a", "log.example/tianjin", "127.0.0.1:8000/log", "A~b_c-9"])
def test_origins(origin: str) -> None:
    assert check_origin(origin) == origin
