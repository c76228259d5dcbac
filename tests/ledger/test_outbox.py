"""The door: what enters, what is refused, and that a refusal leaves nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from ledger.entries.model import (
    Payload,
    Seen,
    parse_entry,
    payload_id,
    signed_bytes,
    verify_signature,
)
from ledger.outbox import Draft, Opening, Recorded, Secret, accept, record
from ledger.refusals import LedgerRefusal
from ledger.signer import Ed25519Signer
from runtime import base64url
from runtime.refusal import Refusal
from tests.ledger.conftest import FIRM, STEP, Log

SALT = bytes(range(32))


def refusal_of(log: Log, action: Callable[[], object]) -> Refusal:
    """What an action is refused for, having checked that it left no row behind."""
    before = counts(log)
    with pytest.raises(Refusal) as refused:
        action()
    assert counts(log) == before
    return refused.value


def code_of(log: Log, action: Callable[[], object]) -> LedgerRefusal:
    code = refusal_of(log, action).first.code
    assert isinstance(code, LedgerRefusal)
    return code


def counts(log: Log) -> list[int]:
    tables = ("entries", "entry_streams", "stream_counts", "outbox", "openings", "heads", "tiles")
    with log.database.read() as session:
        return [session.scalar(text(f"SELECT count(*) FROM {each}")) or 0 for each in tables]


# --- record ------------------------------------------------------------------------------------


def test_an_entry_says_what_the_draft_said(log: Log) -> None:
    with log.work() as work:
        draft = replace(
            log.step("lot:b", "lot:a", "lot:b", kind="harvest", mass_mg=7),
            effective_at=log.now - timedelta(days=3),
        )
        recorded = record(work, draft, log.firm, log.now)
        assert work.recorded == [recorded]
    assert recorded.streams == (("lot:a", 1), ("lot:b", 1))
    with log.reader() as reader:
        index = reader.index_of(recorded.payload_id)
        assert index == 4
        entry = parse_entry(reader.entry(index))
        head = reader.head(4)
    assert entry.payload.facts == {"kind": "harvest", "mass_mg": 7}
    assert entry.payload.streams == ("lot:a", "lot:b")
    assert entry.payload.effective_at == log.now - timedelta(days=3)
    assert entry.payload.seen == Seen(4, head.root)
    assert entry.at == log.now
    assert base64url.encode(payload_id(entry.payload_bytes)) == recorded.payload_id
    verify_signature(log.firm.public_key, entry.payload_bytes, entry.sig)


def test_equal_drafts_are_two_entries_with_fresh_salts(log: Log) -> None:
    first = log.record("lot:a", secrets={"raw": "same"})
    second = log.record("lot:a", secrets={"raw": "same"})
    assert first.payload_id != second.payload_id
    with log.reader() as reader:
        commits = [parse_entry(reader.entry(index)).payload.commit["raw"] for index in (4, 5)]
    assert commits[0] != commits[1]


DRAFTS: list[tuple[Callable[[Log], Draft], list[LedgerRefusal]]] = [
    (lambda log: replace(log.step("lot:a"), type="KEY"), [LedgerRefusal.RESERVED_TYPE]),
    (lambda log: replace(log.step("lot:a"), type="MAP"), [LedgerRefusal.RESERVED_TYPE]),
    (lambda log: replace(log.step("lot:a"), type="ERASURE"), [LedgerRefusal.RESERVED_TYPE]),
    (lambda log: replace(log.step("lot:a"), type="trace.no.such"), [LedgerRefusal.UNKNOWN_TYPE]),
    (lambda log: log.step("lot:a", place="津南区"), [LedgerRefusal.UNDECLARED_FACT]),
    (lambda log: log.step("lot:a", kind="theft"), [LedgerRefusal.MALFORMED_FACT]),
    (lambda log: log.step("lot:a", mass_mg=1.5), [LedgerRefusal.MALFORMED_FACT]),
    (
        lambda log: log.step("lot:a", secrets={"place": "x"}, kind="theft", more=1),
        [
            LedgerRefusal.UNDECLARED_FACT,
            LedgerRefusal.MALFORMED_FACT,
            LedgerRefusal.UNDECLARED_COMMITMENT,
        ],
    ),
    (lambda log: log.step("lot"), [LedgerRefusal.MALFORMED_STREAM]),
    (
        lambda log: log.step("lot:a", secrets={"raw": {"x": ["\ud800"]}}),
        [LedgerRefusal.OUTSIDE_PROFILE],
    ),
    (lambda log: log.step("lot:" + "a" * 23), [LedgerRefusal.MALFORMED_STREAM]),
    (lambda log: log.step("lot:a", "lot:米"), [LedgerRefusal.MALFORMED_STREAM]),
]


def test_drafts_that_are_refused(log: Log) -> None:
    for number, (draft, codes) in enumerate(DRAFTS):

        def enter(draft: Callable[[Log], Draft] = draft) -> None:
            with log.work() as work:
                record(work, draft(log), log.firm, log.now)

        assert [each.code for each in refusal_of(log, enter).reasons] == codes, number


def test_keys_that_may_not_sign(log: Log) -> None:
    stranger = Ed25519Signer(b"s" * 32)
    checkpoint = Ed25519Signer(b"c" * 32)
    for signer, code in (
        (stranger, LedgerRefusal.UNKNOWN_KEY),
        (checkpoint, LedgerRefusal.UNKNOWN_KEY),
        (log.keys.system, LedgerRefusal.WRONG_KEY_PURPOSE),
    ):

        def enter(signer: Ed25519Signer = signer) -> None:
            with log.work() as work:
                record(work, log.step("lot:a"), signer, log.now)

        assert code_of(log, enter) is code


def test_a_signer_that_misstates_its_actor_is_a_mistake_of_ours(log: Log) -> None:
    signer = Ed25519Signer(b"f" * 32)
    signer.actor = bytes(32)
    with log.work() as work, pytest.raises(ValueError):
        record(work, log.step("lot:a"), signer, log.now)


def test_one_field_is_committed_once(log: Log) -> None:
    draft = replace(log.step("lot:a"), secrets=(Secret("raw", "1", FIRM), Secret("raw", "2", FIRM)))
    with log.work() as work, pytest.raises(ValueError):
        record(work, draft, log.firm, log.now)


def test_facts_too_large_for_an_entry(log: Log) -> None:
    from ledger.entry_types import EntryType, Field

    many = EntryType(
        "trace.many.codes", {"codes": Field("list", item=Field("number"))}, (), "A test."
    )
    log.entry_types["trace.many.codes"] = many

    def enter() -> None:
        facts = {"codes": ["A" * 40] * 256 + ["B"] * 0}
        with log.work() as work:
            record(work, Draft(many.type, (), log.now, facts, ()), log.firm, log.now)  # type: ignore[arg-type]

    assert 256 * 43 < 16_384
    enter()
    many_long = replace(many, public={"codes": Field("list", item=Field("code", pattern=".{70}"))})
    log.entry_types["trace.many.codes"] = many_long

    def enter_long() -> None:
        facts = {"codes": ["A" * 70] * 256}
        with log.work() as work:
            record(work, Draft(many.type, (), log.now, facts, ()), log.firm, log.now)  # type: ignore[arg-type]

    refusal = refusal_of(log, enter_long)
    assert refusal.first.code is LedgerRefusal.ENTRY_TOO_LARGE
    assert refusal.status == 413


# --- Continuations -----------------------------------------------------------------------------


def streams(count: int, group: str = "000") -> tuple[str, ...]:
    return tuple(f"lot:{group}{each:016}" for each in range(count))


def test_operations_over_many_streams(log: Log) -> None:
    for count, parts in [(96, 0), (97, 1), (192, 1), (193, 2), (500, 5)]:
        one_operation(log, streams(count, f"{count:03}"), parts)


def one_operation(log: Log, names: tuple[str, ...], parts: int) -> None:
    with log.reader() as reader:
        size = reader.size
    with log.work() as work:
        record(work, log.step("lot:other"), log.firm, log.now)
        recorded = record(work, log.step(*names, secrets={"raw": 1}), log.firm, log.now)
        record(work, log.step(names[-1]), log.firm, log.now)
    assert recorded.streams == tuple((each, 1) for each in names)
    with log.reader() as reader:
        index = reader.index_of(recorded.payload_id)
        assert index is not None
        entries = [parse_entry(reader.entry(index + part)) for part in range(parts + 2)]
        assert reader.stream(names[-1]) == [index + parts, index + parts + 1]
        assert (index, reader.size) == (size + 1, index + parts + 2)
    first, *rest, after = entries
    assert first.payload.streams == names[:96]
    assert [each.payload.type for each in rest] == ["CONT"] * parts
    for part, each in enumerate(rest, 1):
        assert each.payload.facts == {"of": recorded.payload_id, "part": part, "parts": parts}
        assert each.payload.streams == names[part * 96 : (part + 1) * 96]
        assert each.payload.actor == first.payload.actor
        assert each.payload.effective_at == first.payload.effective_at
        assert each.payload.seen == first.payload.seen
        assert not each.payload.commit
        verify_signature(log.firm.public_key, each.payload_bytes, each.sig)
    assert after.payload.type == STEP.type


# --- accept ------------------------------------------------------------------------------------


def payload_of(log: Log, **changes: object) -> Payload:
    opening = Opening("raw", SALT, {"mass": "1.50"}, FIRM)
    made = Payload(
        type=STEP.type,
        id=bytes(16),
        origin=log.keys.origin,
        actor=log.office.actor,
        streams=("lot:a", "lot:b"),
        effective_at=log.now,
        facts={"kind": "sale"},
        commit={"raw": opening.commitment()},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def opening_of(log: Log) -> list[Opening]:
    return [Opening("raw", SALT, {"mass": "1.50"}, FIRM)]


def take(
    log: Log,
    payload: Payload | bytes,
    openings: Sequence[Opening] | None = None,
    signer: Ed25519Signer | None = None,
    sig: bytes | None = None,
    key: bytes | None = None,
    continuations: Sequence[tuple[bytes, bytes]] = (),
) -> Recorded:
    signer = signer or log.office
    canonical = payload if isinstance(payload, bytes) else payload.canonical()
    with log.work() as work:
        return accept(
            work,
            canonical,
            sig if sig is not None else signer.sign(signed_bytes(canonical)),
            key if key is not None else signer.public_key,
            opening_of(log) if openings is None else openings,
            log.now,
            continuations,
        )


def test_a_payload_signed_elsewhere_enters(log: Log) -> None:
    with log.reader() as reader:
        head = reader.head()
    payload = payload_of(log, seen=Seen(head.size, head.root))
    recorded = take(log, payload)
    with log.reader() as reader:
        index = reader.index_of(recorded.payload_id)
        assert index is not None
        assert parse_entry(reader.entry(index)).payload == payload


def test_a_signature_enters_once(log: Log) -> None:
    take(log, payload_of(log))
    assert code_of(log, lambda: take(log, payload_of(log))) is LedgerRefusal.REPEATED_PAYLOAD

    def twice() -> None:
        canonical = payload_of(log, id=bytes([1] * 16)).canonical()
        sig = log.office.sign(signed_bytes(canonical))
        with log.work() as work:
            for _ in range(2):
                accept(work, canonical, sig, log.office.public_key, opening_of(log), log.now)

    assert code_of(log, twice) is LedgerRefusal.REPEATED_PAYLOAD


CHANGES: list[tuple[dict[str, object], list[LedgerRefusal]]] = [
    ({"origin": "log.example/other"}, [LedgerRefusal.WRONG_ORIGIN]),
    ({"type": "GENESIS"}, [LedgerRefusal.RESERVED_TYPE]),
    ({"type": "CONT"}, [LedgerRefusal.RESERVED_TYPE]),
    ({"type": "trace.no.such"}, [LedgerRefusal.UNKNOWN_TYPE]),
    (
        {"facts": {"kind": "theft", "place": 1}, "origin": "x"},
        [
            LedgerRefusal.WRONG_ORIGIN,
            LedgerRefusal.UNDECLARED_FACT,
            LedgerRefusal.MALFORMED_FACT,
        ],
    ),
    ({"actor": bytes(32)}, [LedgerRefusal.WRONG_ACTOR]),
    ({"seen": Seen(4, bytes(32))}, [LedgerRefusal.UNKNOWN_CHECKPOINT]),
    ({"seen": Seen(3, bytes(32))}, [LedgerRefusal.UNKNOWN_CHECKPOINT]),
    ({"seen": Seen(9999, bytes(32))}, [LedgerRefusal.UNKNOWN_CHECKPOINT]),
    ({"commit": {"raw": bytes(32)}}, [LedgerRefusal.OPENING_MISMATCH]),
    (
        {"commit": {"raw": bytes(32), "understood": bytes(32)}},
        [LedgerRefusal.OPENING_MISSING],
    ),
    ({"commit": {}}, [LedgerRefusal.OPENING_MISMATCH]),
]


def test_payloads_that_are_refused(log: Log) -> None:
    for changes, codes in CHANGES:
        payload = payload_of(log, **changes)
        refusal = refusal_of(log, lambda payload=payload: take(log, payload))  # type: ignore[misc]
        assert [each.code for each in refusal.reasons] == codes, changes


def test_bytes_that_are_refused(log: Log) -> None:
    canonical = payload_of(log).canonical()
    decomposed = canonical.replace(b"sale", "e\u0301".encode())
    for wrong, code in (
        (b"{}", LedgerRefusal.MISSING_MEMBER),
        (b"", LedgerRefusal.NOT_JSON),
        (canonical + b"\n", LedgerRefusal.NOT_CANONICAL),
        (decomposed, LedgerRefusal.OUTSIDE_PROFILE),
        (b"[" * 20_000, LedgerRefusal.ENTRY_TOO_LARGE),
    ):
        assert code_of(log, lambda wrong=wrong: take(log, wrong)) is code  # type: ignore[misc]


def test_signatures_that_are_refused(log: Log) -> None:
    good = payload_of(log)
    sig = log.office.sign(signed_bytes(good.canonical()))
    flipped = bytes([sig[0] ^ 1]) + sig[1:]
    for wrong in (flipped, b"", sig[:63], bytes(64)):
        assert code_of(log, lambda wrong=wrong: take(log, good, sig=wrong)) is (  # type: ignore[misc]
            LedgerRefusal.BAD_SIGNATURE
        )


def test_keys_that_are_refused(log: Log) -> None:
    stranger = Ed25519Signer(b"s" * 32)
    unknown = payload_of(log, actor=stranger.actor)
    assert code_of(log, lambda: take(log, unknown, signer=stranger)) is LedgerRefusal.UNKNOWN_KEY
    system = payload_of(log, actor=log.keys.system.actor)
    assert (
        code_of(log, lambda: take(log, system, signer=log.keys.system))
        is LedgerRefusal.WRONG_KEY_PURPOSE
    )
    held = payload_of(log, actor=log.firm.actor)
    assert code_of(log, lambda: take(log, held, signer=log.firm)) is (
        LedgerRefusal.WRONG_KEY_CUSTODY
    )


def test_openings_that_are_refused(log: Log) -> None:
    good = opening_of(log)[0]
    for wrong in (
        replace(good, value={"mass": "1.5"}),
        replace(good, salt=bytes(32)),
        replace(good, value={"mass": float("nan")}),
    ):
        assert code_of(log, lambda wrong=wrong: take(log, payload_of(log), [wrong])) is (  # type: ignore[misc]
            LedgerRefusal.OPENING_MISMATCH
        )
    assert code_of(log, lambda: take(log, payload_of(log), [])) is LedgerRefusal.OPENING_MISSING
    extra = [good, replace(good, field="understood")]
    assert code_of(log, lambda: take(log, payload_of(log), extra)) is LedgerRefusal.OPENING_MISMATCH


def many(log: Log, count: int) -> tuple[Payload, list[Payload]]:
    """A payload over `count` streams as a client makes it."""
    names = streams(count)
    first = payload_of(log, streams=names[:96])
    of = base64url.encode(payload_id(first.canonical()))
    portions = [names[at : at + 96] for at in range(96, count, 96)]
    rest = [
        replace(
            first,
            type="CONT",
            id=bytes([part]) * 16,
            streams=portion,
            facts={"of": of, "part": part, "parts": len(portions)},
            commit={},
        )
        for part, portion in enumerate(portions, 1)
    ]
    return first, rest


def signed(log: Log, payloads: Sequence[Payload]) -> list[tuple[bytes, bytes]]:
    return [
        (each.canonical(), log.office.sign(signed_bytes(each.canonical()))) for each in payloads
    ]


def test_continuations_signed_elsewhere_enter_in_one_batch(log: Log) -> None:
    first, rest = many(log, 200)
    recorded = take(log, first, continuations=signed(log, rest))
    assert len(recorded.streams) == 200
    with log.reader() as reader:
        assert reader.size == 7
        assert reader.stream(streams(200)[-1]) == [6]


def test_continuations_that_do_not_fit_are_refused(log: Log) -> None:
    first, rest = many(log, 200)
    one, two = rest
    broken: list[list[Payload]] = [
        [one],
        [two, one],
        [one, one],
        [one, replace(two, effective_at=log.now - timedelta(seconds=1))],
        [one, replace(two, facts={**two.facts, "part": 3})],
        [one, replace(two, streams=("lot:-",))],
        [one, replace(two, streams=())],
        [one, replace(two, type=STEP.type)],
        [one, replace(two, commit={"raw": bytes(32)})],
        [replace(one, streams=one.streams[:50]), two],
    ]
    for wrong in broken:
        pairs = signed(log, wrong)
        assert code_of(
            log,
            lambda pairs=pairs: take(log, first, continuations=pairs),  # type: ignore[misc]
        ) is (LedgerRefusal.MALFORMED_CONTINUATION)
    forged = [(canonical, bytes(64)) for canonical, _ in signed(log, rest)]
    assert code_of(log, lambda: take(log, first, continuations=forged)) is (
        LedgerRefusal.BAD_SIGNATURE
    )


# --- Numbers -----------------------------------------------------------------------------------


def test_numbers_count_per_stream(log: Log) -> None:
    with log.work() as work:
        first = record(work, log.step("lot:a", "lot:b"), log.firm, log.now)
        second = record(work, log.step("lot:b"), log.firm, log.now)
    third = log.record("lot:a", "lot:b", "lot:c")
    assert first.streams == (("lot:a", 1), ("lot:b", 1))
    assert second.streams == (("lot:b", 2),)
    assert third.streams == (("lot:a", 2), ("lot:b", 3), ("lot:c", 1))


def test_a_rolled_back_transaction_gives_its_numbers_back(log: Log) -> None:
    def fail() -> None:
        with log.work() as work:
            record(work, log.step("lot:a"), log.firm, log.now)
            raise RuntimeError("the use case fails")

    with pytest.raises(RuntimeError):
        fail()
    assert log.record("lot:a").streams == (("lot:a", 1),)


def test_racing_writers_leave_no_gap(log: Log) -> None:
    def write(number: int) -> None:
        names = (f"lot:{number % 3}", f"lot:{(number + 1) % 3}")
        with log.unsequenced() as work:
            record(work, log.step(*names), log.firm, log.now)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(48)))
    log.drain()
    with log.reader() as reader:
        assert reader.size == 4 + 48
        for stream, indexes in reader.streams(["lot:0", "lot:1", "lot:2"]).items():
            places = [parse_entry(reader.entry(index)).places for index in indexes]
            numbers = [place.n for each in places for place in each if place.stream == stream]
            assert numbers == list(range(1, 33))


def test_racing_copies_of_one_payload_enter_once(log: Log) -> None:
    canonical = payload_of(log).canonical()
    sig = log.office.sign(signed_bytes(canonical))

    def write(_: int) -> bool:
        try:
            with log.unsequenced() as work:
                key = log.office.public_key
                accept(work, canonical, sig, key, opening_of(log), log.now)
        except Refusal as refused:
            assert refused.first.code is LedgerRefusal.REPEATED_PAYLOAD
            return False
        log.drain()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(write, range(12))) == 1
    with log.reader() as reader:
        assert reader.size == 5
        assert reader.stream("lot:a") == [4]
