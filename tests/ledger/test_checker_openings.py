"""Openings against their commitments, opened by a function that the caller brings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from ledger.fsck import (
    Fault,
    OpeningsReport,
    OpenValue,
    SealBroken,
    SealedOpening,
    check_openings,
    snapshot,
)
from ledger.openings.model import opening_context
from ledger.outbox import record
from runtime import base64url, sealing
from runtime.database import Database
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import FIRM, Log, Plant, begun

VALUE = {"mass_mg": 5, "name": "小站稻", "share": 0.1, "tiny": 1e-7, "list": [None, True, 1e21]}


def opener(log: Log) -> OpenValue:
    """How the application opens a row: the subject's key from the vault, then the seal."""

    def open_value(row: SealedOpening) -> bytes | None:
        subject_key = log.vault.find_key(row.subject)
        if subject_key is None:
            return None
        key = sealing.record_key(subject_key, row.record_salt, base64url.encode(row.payload_id))
        context = opening_context(row.payload_id, row.subject)
        try:
            return sealing.unseal(key, row.nonce, row.ciphertext, context)
        except sealing.SealBroken as error:
            raise SealBroken from error

    return open_value


def check(log: Log, open_value: OpenValue | None = None) -> OpeningsReport:
    with snapshot(log.database.read_engine) as connection:
        return check_openings(connection, open_value or opener(log))


@pytest.fixture
def kept(database: Database, plant: Plant) -> Log:
    """Two entries in the log and one in the outbox, with four openings."""
    return plant(database, keep)


def keep(log: Log) -> Log:
    begun(log)
    log.record("lot:a", secrets={"raw": VALUE, "understood": "e\u0301"})
    log.record("lot:a", secrets={"raw": 1})
    with log.unsequenced() as work:
        record(work, log.step("lot:a", secrets={"raw": [1, 2]}), log.firm, log.now)
    return log


def test_openings_match_their_commitments(kept: Log) -> None:
    report = check(kept)
    assert report.differences == ()
    assert (report.opened, report.erased, report.good) == (4, 0, True)


def test_what_was_erased_is_no_difference(kept: Log, tamper: Tamper) -> None:
    with tamper(kept.database) as connection:
        connection.execute(text("DELETE FROM openings WHERE payload_id = (SELECT min(payload_id)"
                                " FROM openings)"))  # fmt: skip
    assert check(kept).good
    kept.vault.destroy(FIRM)
    report = check(kept)
    assert (report.opened, report.erased, report.good) == (0, 2, True)


@pytest.mark.parametrize(
    "column, value, wanted",
    [
        ("payload_id", bytes(32), ("payload_id", Fault.UNCOMMITTED)),
        ("record_salt", bytes(32), ("ciphertext", Fault.SEAL)),
        ("nonce", bytes(12), ("ciphertext", Fault.SEAL)),
        ("ciphertext", bytes(40), ("ciphertext", Fault.SEAL)),
        ("ciphertext", b"", ("ciphertext", Fault.SEAL)),
    ],
)
def test_an_altered_opening_is_found(
    kept: Log, tamper: Tamper, column: str, value: bytes, wanted: tuple[str, Fault]
) -> None:
    with tamper(kept.database) as connection:
        least = "(SELECT min(payload_id) FROM openings)"
        statement = f"UPDATE openings SET {column} = :value WHERE payload_id = {least}"
        assert connection.execute(text(statement), {"value": value}).rowcount == 1
    report = check(kept)
    assert [(each.column, each.fault) for each in report.differences] == [wanted]
    assert report.differences[0].table == "openings"
    assert FIRM in str(report.differences[0].row)
    assert not report.good


def test_a_row_that_was_moved_to_another_entry_does_not_open(kept: Log, tamper: Tamper) -> None:
    with tamper(kept.database) as connection:
        query = "SELECT payload_id FROM openings ORDER BY payload_id"
        names = list(connection.scalars(text(query)))
        for old, new in ((names[0], b"-"), (names[1], names[0]), (b"-", names[1])):
            statement = "UPDATE openings SET payload_id = :new WHERE payload_id = :old"
            connection.execute(text(statement), {"new": new, "old": old})
    assert [each.fault for each in check(kept).differences] == [Fault.SEAL, Fault.SEAL]


def altered(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """A plaintext that says something else, sealed anew by whoever holds the key."""

    def changed(plain: bytes) -> bytes:
        value = json.loads(plain)
        other = change(value)
        value = value if other is None else other
        return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()

    return changed


SALT = base64url.encode(bytes(32))


@pytest.mark.parametrize(
    "change, fault",
    [
        (altered(lambda said: said.update(raw=[said["raw"][0], 2])), Fault.OPENING),
        (altered(lambda said: said.update(raw=[SALT, said["raw"][1]])), Fault.OPENING),
        (altered(lambda said: said.update(raw=[SALT[:40], 1])), Fault.OPENING),
        (altered(lambda said: said.update(raw=["=", 1])), Fault.OPENING),
        (altered(lambda said: said.update(raw=[1, 1])), Fault.OPENING),
        (altered(lambda said: said.update(raw=[SALT])), Fault.OPENING),
        (altered(lambda said: said.update(raw={})), Fault.OPENING),
        (altered(lambda said: {"more": said["raw"]}), Fault.UNCOMMITTED),
        (altered(lambda said: []), Fault.OPENING),
        (lambda plain: plain + b" ", Fault.NOT_CANONICAL),
        (lambda plain: plain[:-1], Fault.NOT_JSON),
    ],
)
def test_what_an_opening_may_not_be(
    sqlite_log: Log, change: Callable[[bytes], bytes], fault: Fault
) -> None:
    sqlite_log.record("lot:a", secrets={"raw": 1})
    honest = opener(sqlite_log)

    def open_value(row: SealedOpening) -> bytes | None:
        plain = honest(row)
        assert plain is not None
        return change(plain)

    report = check(sqlite_log, open_value)
    assert [each.fault for each in report.differences] == [fault]
    assert (report.differences[0].entry, report.differences[0].column) == (4, "ciphertext")
    assert report.count == 1


def test_an_opening_of_an_entry_that_cannot_be_read(sqlite_log: Log, tamper: Tamper) -> None:
    sqlite_log.record("lot:a", secrets={"raw": 1})
    with tamper(sqlite_log.database) as connection:
        connection.execute(text("UPDATE entries SET bytes = :x"), {"x": b"{}"})
        connection.execute(text("UPDATE openings SET nonce = 'x' WHERE subject = 'x'"))
    assert [each.fault for each in check(sqlite_log).differences] == [Fault.MEMBERS]
