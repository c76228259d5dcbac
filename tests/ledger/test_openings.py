"""Openings: sealed per subject, checked when opened, gone when erased."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from ledger.errors import NotInLog, OpeningBroken
from ledger.openings.service import (
    keep_document,
    open_entries,
    open_entry,
    read_document,
    subjects_in_use,
)
from ledger.outbox import Draft, Secret, record
from runtime import base64url
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import FIRM, OFFICE, STEP, Log

UNDERSTOOD = {"what": "收割", "mass": "1.50", "list": [1, {"a": None, "b": True}], "big": 2**53 - 1}


def enter(log: Log) -> str:
    """One entry with a field of the firm and one of the office."""
    secrets = (Secret("raw", "bytes", FIRM), Secret("understood", UNDERSTOOD, OFFICE))
    with log.work() as work:
        draft = Draft(STEP.type, ("lot:a",), log.now, {}, secrets)
        return record(work, draft, log.firm, log.now).payload_id


def values(log: Log, payload_id: str) -> dict[str, object]:
    with log.database.read() as session:
        opened = open_entry(session, log.vault, payload_id)
    return {field: each.value for field, each in opened.items()}


def test_what_was_committed_is_opened(log: Log) -> None:
    assert values(log, enter(log)) == {"raw": "bytes", "understood": UNDERSTOOD}


def test_an_entry_without_a_place_opens_too(log: Log) -> None:
    with log.unsequenced() as work:
        draft = log.step("lot:a", secrets={"raw": 5})
        name = record(work, draft, log.firm, log.now).payload_id
        assert open_entry(work, log.vault, name)["raw"].value == 5
    assert values(log, name) == {"raw": 5}


def test_an_entry_without_commitments_opens_to_nothing(log: Log) -> None:
    assert values(log, log.record("lot:a").payload_id) == {}


def test_many_are_opened_together(log: Log) -> None:
    with log.work() as work:
        names = [
            record(work, log.step("lot:a", secrets={"raw": number}), log.firm, log.now).payload_id
            for number in range(7)
        ]
    with log.database.read() as session:
        opened = open_entries(session, log.vault, names)
    assert [opened[name]["raw"].value for name in names] == list(range(7))


def test_no_such_entry(log: Log) -> None:
    with pytest.raises(NotInLog):
        values(log, base64url.encode(bytes(32)))


def test_what_is_stored_says_nothing(log: Log) -> None:
    enter(log)
    with log.database.read() as session:
        rows = session.execute(text("SELECT * FROM openings")).all()
    assert len(rows) == 2
    stored = b"".join(value if isinstance(value, bytes) else b"" for row in rows for value in row)
    for plain in ("收割".encode(), b"1.50", b"bytes", b"understood"):
        assert plain not in stored


def test_a_destroyed_subject_key_ends_its_openings_and_no_others(log: Log) -> None:
    name = enter(log)
    log.vault.destroy(OFFICE)
    assert values(log, name) == {"raw": "bytes"}
    # A new key for the same subject opens nothing of the old.
    log.vault.subject_key(OFFICE)
    with pytest.raises(OpeningBroken):
        values(log, name)


def test_a_deleted_row_ends_its_openings(log: Log) -> None:
    name = enter(log)
    with log.database.write_engine.begin() as connection:
        connection.execute(text("DELETE FROM openings WHERE subject = :s"), {"s": FIRM})
    assert values(log, name) == {"understood": UNDERSTOOD}


def test_every_altered_column_is_noticed(log: Log, tamper: Tamper) -> None:
    name, other = enter(log), enter(log)
    columns = ("ciphertext", "nonce", "record_salt")
    for column in columns:
        query = f"SELECT {column} FROM openings WHERE payload_id = :n AND subject = :s"
        update = f"UPDATE openings SET {column} = :v WHERE payload_id = :n AND subject = :s"
        keys = {"n": base64url.decode(name), "s": FIRM}
        with log.database.read() as session:
            kept: bytes = session.execute(text(query), keys).scalar_one()
        for wrong in (bytes([kept[0] ^ 1]) + kept[1:], kept[:-1] + bytes([kept[-1] ^ 1])):
            with tamper(log.database) as connection:
                connection.execute(text(update), {**keys, "v": wrong})
            with pytest.raises(OpeningBroken):
                values(log, name)
        with tamper(log.database) as connection:
            connection.execute(text(update), {**keys, "v": kept})
    assert values(log, name) == values(log, other)


def test_a_row_moved_to_another_entry_does_not_open(log: Log, tamper: Tamper) -> None:
    name = enter(log)
    other = log.record("lot:b").payload_id
    with tamper(log.database) as connection:
        connection.execute(
            text("UPDATE openings SET payload_id = :to WHERE payload_id = :n AND subject = :s"),
            {"to": base64url.decode(other), "n": base64url.decode(name), "s": FIRM},
        )
    with pytest.raises(OpeningBroken):
        values(log, other)


def test_an_opening_that_unseals_but_does_not_match_is_refused() -> None:
    from ledger.openings.model import Opening, checked, plaintext

    opening = Opening("raw", bytes(32), "value", FIRM)
    commit = {"raw": opening.commitment()}
    assert checked(plaintext([opening]), commit)["raw"].value == "value"
    for wrong in (
        Opening("raw", bytes(32), "other", FIRM),
        Opening("raw", bytes([1] * 32), "value", FIRM),
        Opening("understood", bytes(32), "value", FIRM),
    ):
        with pytest.raises(OpeningBroken):
            checked(plaintext([wrong]), commit)


def test_subjects_in_use(log: Log) -> None:
    enter(log)
    with log.work() as work:
        keep_document(work, b"<xml/>", "org:CCCC")
        assert subjects_in_use(work, [FIRM, OFFICE, "org:CCCC", "org:none"]) == {
            FIRM,
            OFFICE,
            "org:CCCC",
        }
    log.vault.subject_key("org:none")
    log.clock.advance(timedelta(days=2))
    with log.database.read() as session:
        swept = log.vault.sweep(lambda asked: subjects_in_use(session, asked), timedelta(days=1))
    assert swept == 1
    assert not log.vault.has("org:none")


# --- Documents ---------------------------------------------------------------------------------


def test_a_document_is_kept_once_and_comes_back(log: Log) -> None:
    document = "<文件/>".encode() * 100
    with log.work() as work:
        digest = keep_document(work, document, FIRM)
        assert keep_document(work, document, FIRM) == digest
        assert keep_document(work, document, OFFICE) == digest
    with log.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM documents")) == 2
        assert read_document(session, log.vault, digest, FIRM) == document
        assert read_document(session, log.vault, digest, "org:none") is None
        assert read_document(session, log.vault, "00" * 32, FIRM) is None
        stored = session.scalar(text("SELECT ciphertext FROM documents"))
    assert document[:8] not in (stored or b"")


def test_an_erased_document_is_absent_and_can_be_kept_again(log: Log) -> None:
    with log.work() as work:
        digest = keep_document(work, b"document", FIRM)
    log.vault.destroy(FIRM)
    with log.database.read() as session:
        assert read_document(session, log.vault, digest, FIRM) is None
    with log.work() as work:
        log.vault.subject_key(FIRM)
        assert keep_document(work, b"document", FIRM) == digest
        assert read_document(work, log.vault, digest, FIRM) == b"document"


def test_a_document_under_another_name_does_not_open(log: Log, tamper: Tamper) -> None:
    with log.work() as work:
        keep_document(work, b"document", FIRM)
    with tamper(log.database) as connection:
        connection.execute(text("UPDATE documents SET sha256 = :d"), {"d": "00" * 32})
    with log.database.read() as session, pytest.raises(OpeningBroken):
        read_document(session, log.vault, "00" * 32, FIRM)
