"""How a log begins, and which keys it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.entries.model import ZERO_HASH, parse_entry, verify_signature
from ledger.genesis import init_log, register_key
from ledger.log_keys import load_log_keys, make_log_keys, make_root_keys
from ledger.note import open_checkpoint
from ledger.outbox import record
from ledger.refusals import LedgerRefusal
from ledger.signer import Ed25519Signer
from ledger.tree import Frontier, leaf_hash
from runtime import base64url
from runtime.randomness import SeededRandomness
from runtime.refusal import Refusal
from runtime.vault import Vault
from tests.ledger.conftest import FIRM, OFFICE, ORIGIN, Log


def refused(action: Callable[[], object]) -> LedgerRefusal:
    with pytest.raises(Refusal) as refusal:
        action()
    code = refusal.value.first.code
    assert isinstance(code, LedgerRefusal)
    return code


def test_the_first_four_entries(log: Log) -> None:
    with log.reader() as reader:
        entries = [parse_entry(reader.entry(index)) for index in range(4)]
        checkpoint = open_checkpoint(reader.checkpoint(), [log.keys.checkpoint.verifier()], ORIGIN)
        leaves = [leaf_hash(reader.entry(index)) for index in range(4)]
    assert [each.payload.type for each in entries] == ["GENESIS", "KEY", "KEY", "KEY"]
    genesis = entries[0]
    assert genesis.prev == ZERO_HASH
    assert genesis.payload.origin == ORIGIN
    assert genesis.payload.seen is None
    assert genesis.payload.facts == {
        "demo": True,
        "format": "ecotrace/entry/v1",
        "root_keys": [base64url.encode(each.public_key) for each in log.roots],
        "system_key": base64url.encode(log.keys.system.public_key),
    }
    assert [each.payload.facts["purpose"] for each in entries[1:]] == [
        "checkpoint",
        "party",
        "party",
    ]
    assert [each.payload.facts["custody"] for each in entries[2:]] == ["platform", "own"]
    assert [each.payload.streams for each in entries[1:]] == [(), (FIRM,), (OFFICE,)]
    for each in entries:
        assert each.payload.actor == log.keys.system.actor
        verify_signature(log.keys.system.public_key, each.payload_bytes, each.sig)
    assert (checkpoint.size, checkpoint.root) == (4, Frontier(leaves).root())


def test_the_log_is_begun_once(log: Log) -> None:
    def again() -> None:
        with log.work() as work:
            init_log(work, log.keys, roots(log), demo=False, now=log.now)

    assert refused(again) is LedgerRefusal.LOG_EXISTS
    with log.reader() as reader:
        assert reader.size == 4


def roots(log: Log) -> list[bytes]:
    return [each.public_key for each in log.roots]


def test_root_keys_are_three_different_good_ones(empty_log: Log) -> None:
    good = roots(empty_log)
    small = (1).to_bytes(32, "little")
    system = empty_log.keys.system.public_key
    for wrong, code in (
        (good[:2], LedgerRefusal.MALFORMED_KEY),
        ([*good[:2], good[0]], LedgerRefusal.MALFORMED_KEY),
        ([*good[:2], system], LedgerRefusal.MALFORMED_KEY),
        ([*good[:2], small], LedgerRefusal.SMALL_ORDER_KEY),
        ([*good[:2], bytes(31)], LedgerRefusal.MALFORMED_KEY),
    ):

        def begin(wrong: list[bytes] = wrong) -> None:
            with empty_log.work() as work:
                init_log(work, empty_log.keys, wrong, demo=True, now=empty_log.now)

        assert refused(begin) is code
    with empty_log.reader() as reader:
        assert reader.size == 0
        assert reader.origin() is None


def test_nothing_enters_before_genesis(empty_log: Log) -> None:
    def early() -> None:
        with empty_log.work() as work:
            record(work, empty_log.step("lot:abc"), empty_log.firm, empty_log.now)

    assert refused(early) is LedgerRefusal.UNKNOWN_KEY

    def key_first() -> None:
        with empty_log.work() as work:
            register_key(
                work, empty_log.firm.public_key, "platform", FIRM, empty_log.firm, empty_log.now
            )

    assert refused(key_first) is LedgerRefusal.UNKNOWN_KEY


def test_a_key_is_registered_once(log: Log) -> None:
    for key, stream in ((log.firm.public_key, OFFICE), (log.keys.checkpoint.public_key, FIRM)):

        def again(key: bytes = key, stream: str = stream) -> None:
            with log.work() as work:
                register_key(work, key, "own", stream, log.keys.system, log.now)

        assert refused(again) is LedgerRefusal.KEY_REGISTERED


def test_weak_keys_are_not_registered(log: Log) -> None:
    for key, code in (
        (bytes(32), LedgerRefusal.SMALL_ORDER_KEY),
        ((1).to_bytes(32, "little"), LedgerRefusal.SMALL_ORDER_KEY),
        ((2).to_bytes(32, "little"), LedgerRefusal.MALFORMED_KEY),
        (b"\xff" * 32, LedgerRefusal.MALFORMED_KEY),
    ):

        def register(key: bytes = key) -> None:
            with log.work() as work:
                register_key(work, key, "own", FIRM, log.keys.system, log.now)

        assert refused(register) is code
    with log.reader() as reader:
        assert reader.size == 4


def test_only_the_system_key_registers_keys(log: Log) -> None:
    def register() -> None:
        with log.work() as work:
            key = Ed25519Signer(b"n" * 32).public_key
            register_key(work, key, "own", FIRM, log.firm, log.now)

    assert refused(register) is LedgerRefusal.WRONG_KEY_PURPOSE


def test_a_partys_key_has_a_stream_and_no_other_has(log: Log) -> None:
    key = Ed25519Signer(b"n" * 32).public_key
    with log.work() as work:
        with pytest.raises(ValueError):
            register_key(work, key, "own", None, log.keys.system, log.now)
        with pytest.raises(ValueError):
            register_key(work, key, "own", FIRM, log.keys.system, log.now, purpose="system")


def test_keys_are_found_again(log: Log) -> None:
    with log.reader() as reader:
        keys = reader.key_entries()
        assert [each.index for each in keys] == [0, 1, 2, 3]
        assert [each.purpose for each in keys] == ["system", "checkpoint", "party", "party"]
        firm = reader.key_of(log.firm.actor)
        assert firm is not None
        assert (firm.public_key, firm.custody, firm.stream, firm.index) == (
            log.firm.public_key,
            "platform",
            FIRM,
            2,
        )
        assert reader.key_of(bytes(32)) is None
        assert [each.index for each in reader.keys_of_stream(OFFICE)] == [3]


def test_the_vault_gives_the_same_keys_again(vault: Vault, randomness: SeededRandomness) -> None:
    assert refused(lambda: load_log_keys(vault, ORIGIN)) is LedgerRefusal.LOG_MISSING
    made = make_log_keys(vault, ORIGIN, randomness)
    for again in (make_log_keys(vault, ORIGIN, randomness), load_log_keys(vault, ORIGIN)):
        assert again.vkey() == made.vkey()
        assert again.system.public_key == made.system.public_key
    assert made.system.public_key != made.checkpoint.public_key


def test_root_keys_are_kept_nowhere(vault: Vault, randomness: SeededRandomness) -> None:
    made = make_root_keys(ORIGIN, randomness)
    assert [each.name for each in made] == [f"{ORIGIN}/root{number}" for number in (1, 2, 3)]
    assert len({each.public_key for each in made}) == 3
    for each in made:
        assert each.private_text.startswith(f"PRIVATE+KEY+{each.name}+")
        assert each.private_text not in repr(each)
    with vault.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM secrets").scalar() == 0
