"""Keeping evidence once, handing it in for several cases, reading it, erasing it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from certification.evidence.intake import Upload, look_into
from certification.evidence.model import Answer
from certification.evidence.replay import replay_evidence, replay_files
from certification.evidence.service import (
    FileFacts,
    KeepEvidence,
    answers_known,
    answers_of,
    attached,
    evidence_file,
    evidence_of,
    file_names,
    find_evidence,
    keep_evidence,
    missing,
    share,
)
from certification.evidence.tables import AttachmentRow, EvidenceRow
from certification.schemes.model import TrackKind
from identity.actor import SYSTEM, Actor
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from runtime.files import FilesUnavailable
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.evidence.desk import CASE, OTHER_CASE, PICTURE, Desk, asking
from tests.fixtures.hostile_files import GOOD_PDFS, HOSTILE_FILES, jpeg
from tests.fixtures.pictures import BLUE, png

TABLES = ["certification_attachments", "certification_evidence"]


def stored(desk: Desk) -> list[Path]:
    return [path for path in desk.node.files.folder.rglob("*") if path.is_file()]


def count(desk: Desk, table: type) -> int:
    with desk.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def content_of(desk: Desk, evidence: Any, actor: Actor | None = None) -> bytes:
    with desk.read() as session:
        node, reader = desk.node, actor or desk.acting(desk.firm)
        return evidence_file(session, node.vault, node.files, evidence, reader)


# ---- keeping ------------------------------------------------------------------------------------


def test_a_document_is_kept_sealed_and_the_log_says_nothing_of_it(desk):
    answers = {"contact": "村民甲", "area": ("120", "亩")}
    made = desk.keep(name="..\\营业\u202e执照.PNG", answers=answers, valid_from=date(2026, 1, 1))
    digest = hashlib.sha256(PICTURE).hexdigest()
    assert (made.holder, made.document, made.digest) == (desk.firm, "licence", digest)
    assert (made.media, made.size_bytes) == ("image/png", len(PICTURE))
    assert made.fields == ("contact", "area")
    payload = logged(desk.node, made.payload_id)
    assert (payload.type, payload.streams, payload.facts) == (
        "certification.evidence.keep", (made.id,), {},
    )  # fmt: skip
    assert opened(desk.node, made.payload_id) == {
        "holder": desk.firm,
        "document": "licence",
        "digest": digest,
        "media": "image/png",
        "size_bytes": len(PICTURE),
        "name": "营业执照.png",
        "valid_from": "2026-01-01",
        "valid_until": None,
        "kept_by": desk.firm,
    }
    assert opened(desk.node, made.payload_id, "answers") == {
        "contact": ["村民甲", None], "area": ["120", "亩"],
    }  # fmt: skip
    (path,) = stored(desk)
    assert path.name != digest
    assert PICTURE[:40] not in path.read_bytes()
    assert content_of(desk, made) == PICTURE
    with desk.read() as session:
        assert find_evidence(session, made.id) == made
        assert file_names(session, desk.node.vault, [made]) == {made.id: "营业执照.png"}


def test_names_and_answers_stand_in_no_row(desk):
    desk.keep(name="村民甲.png", answers={"contact": "村民甲"})
    with desk.node.database.read_engine.connect() as connection:
        for table in (*TABLES, "sealed_files"):
            for row in connection.execute(text(f"SELECT * FROM {table}")):
                assert "村民甲" not in str(row), table


def test_answers_alone_are_evidence_too(desk):
    made = desk.keep(None, content=None, answers={"employees": "12"})
    assert (made.document, made.digest, made.media, made.fields) == (
        None,
        None,
        None,
        ("employees",),
    )
    assert stored(desk) == []
    assert codes(content_of, desk, made) == ["evidence_incomplete"]


def test_a_household_is_served_by_its_host_and_by_offices(desk):
    for actor, by in (
        (desk.acting(desk.firm, "operator"), desk.firm),
        (desk.office, desk.office.party),
        (SYSTEM, desk.office.party),
        (desk.acting(desk.other, "lab_analyst"), desk.other),
    ):
        made = desk.keep("map", name="", holder=desk.household, actor=actor)
        assert (made.holder, made.kept_by) == (desk.household, by)
    assert len(stored(desk)) == 1


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"holder": "org:AAAAAAAAAAAAAAAAAAAA"}, ["party_unknown"]),
    ({"document": "diploma"}, ["document_key_unknown"]),
    ({"document": None}, ["evidence_incomplete"]),
    ({"content": None}, ["evidence_incomplete", "evidence_incomplete"]),
    ({"document": None, "content": None}, ["evidence_incomplete"]),
    ({"document": "statement"}, ["document_day_missing"]),
    ({"document": "report", "valid_from": date(2026, 11, 2)}, ["document_from_future"]),
    ({"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 31)}, ["dates_reversed"]),
    ({"answers": {"colour": "red"}}, ["answer_unknown"]),
    ({"answers": {"employees": "0"}}, ["answer_out_of_range"]),
    (
        {"document": "diploma", "answers": {"colour": "red"}, "valid_from": date(1, 1, 1)},
        ["date_out_of_range", "answer_unknown", "document_key_unknown"],
    ),
    (
        {"document": "map", "name": "a.pdf", "content": GOOD_PDFS["plain"]},
        ["file_type_not_of_document"],
    ),
]  # fmt: skip


def test_what_is_refused_stores_and_keeps_nothing(desk):
    for changes, expected in REFUSED:
        assert sorted(codes(desk.keep, **changes)) == sorted(expected), changes
    for actor in (
        desk.acting(desk.other, "operator", "grower"),
        desk.acting(desk.other, "reviewer", "decider"),
        replace(desk.acting(desk.firm, "operator"), party=None),
    ):
        assert codes(desk.keep, actor=actor) == ["other_party"]
    machine = replace(desk.acting(desk.firm, "operator"), client="c", scopes=frozenset())
    assert codes(desk.keep, actor=machine) == ["scope_missing"]
    assert (stored(desk), count(desk, EvidenceRow)) == ([], 0)


def test_hostile_files_are_refused_before_anything_is_asked():
    for which, (name, content, fault) in HOSTILE_FILES.items():
        code = {"unknown": "file_type_unknown", "too_many": "file_too_complex"}
        expected = code.get(fault, f"file_{fault}")
        with pytest.raises(Refusal) as caught:
            look_into(Upload(name, content))
        first = caught.value.first
        assert (first.code.code, first.pointer) == (expected, "/file"), which
        assert first.text("zh") != first.text("en")


def test_a_document_may_be_a_pdf(desk):
    made = desk.keep(name="执照.pdf", content=GOOD_PDFS["plain"])
    assert made.media == "application/pdf"
    assert content_of(desk, made) == GOOD_PDFS["plain"]


def test_a_store_that_is_away_keeps_nothing(desk, monkeypatch):
    def away(*_: object) -> bytes:
        raise FilesUnavailable("the bucket does not answer")

    made = desk.keep()
    monkeypatch.setattr(desk.node.files, "put", away)
    assert codes(desk.keep, content=jpeg(), name="a.jpg") == ["files_unavailable"]
    monkeypatch.setattr(desk.node.files, "get", away)
    assert codes(content_of, desk, made) == ["files_unavailable"]
    with desk.read() as session, pytest.raises(FilesUnavailable):
        list(replay_files(session, desk.node.vault, desk.node.files))
    assert count(desk, EvidenceRow) == 1


def test_one_key_keeps_once(desk):
    assert desk.keep(key="k1") == desk.keep(key="k1")
    assert codes(desk.keep, key="k1", content=png(9, 9)) == ["idempotency_conflict"]
    assert count(desk, EvidenceRow) == 1


def test_a_command_for_another_file_is_a_mistake_of_ours(desk):
    command = KeepEvidence(desk.firm, "map", file=FileFacts("a.png", "image/png", "00" * 32, 3))
    with pytest.raises(ValueError, match="another file"):
        desk.node.unit.run(partial(keep_evidence, None), command, actor=SYSTEM)
    assert count(desk, EvidenceRow) == 0


# ---- cases --------------------------------------------------------------------------------------


def test_one_document_serves_two_cases(desk):
    made, later = desk.keep(), desk.keep("map", content=png(20, 20, BLUE))
    first = desk.attach(made.id)
    desk.node.clock.advance(timedelta(seconds=1))
    desk.attach(later.id)
    desk.attach(made.id, OTHER_CASE, desk.firm, desk.office)
    with desk.read() as session:
        assert attached(session, CASE)[0] == first
        assert [each.evidence for each in attached(session, CASE)] == [made, later]
        assert [each.evidence for each in attached(session, OTHER_CASE)] == [made]
        assert attached(session, "case:none") == ()
        row = session.get(AttachmentRow, (CASE, made.id))
    assert opened(desk.node, row.payload_id) == {
        "case": CASE, "evidence": made.id, "holder": desk.firm, "attached_by": desk.firm,
    }  # fmt: skip
    assert CASE not in str(logged(desk.node, row.payload_id))
    assert len(stored(desk)) == 2


def test_what_cannot_be_handed_in(desk):
    made = desk.keep()
    foreign = desk.keep(holder=desk.other, actor=desk.office)
    desk.attach(made.id)
    assert codes(desk.attach, made.id) == ["evidence_attached"]
    assert codes(desk.attach, "evid:AAAAAAAAAAAAAAAAAAAA") == ["evidence_unknown"]
    assert codes(desk.attach, "../x") == ["evidence_unknown"]
    assert codes(desk.attach, foreign.id) == ["other_party"]
    assert codes(desk.attach, foreign.id, OTHER_CASE, desk.firm, desk.office) == [
        "evidence_of_other"
    ]
    theirs = desk.acting(desk.other, "operator")
    assert codes(desk.attach, foreign.id, CASE, None, theirs) == ["evidence_of_other"]
    desk.node.vault.destroy(desk.firm)
    assert codes(desk.attach, made.id, OTHER_CASE) == ["evidence_erased"]
    assert count(desk, AttachmentRow) == 1


def test_what_is_missing_and_what_was_given_before(desk):
    made = asking("licence", "report", "contact", "area")
    desk.attach(desk.keep(answers={"contact": "村民甲"}).id)
    desk.keep("report", content=png(9, 9), valid_from=date(2026, 1, 1))
    now = desk.node.clock.now()
    with desk.read() as session:
        lacking = missing(session, CASE, made, "initial", now)
        assert [each.pointer for each in lacking] == ["/documents/report", "/answers/area"]
        (reason,) = missing(session, CASE, made, made.tracks[TrackKind.INITIAL], now, ("area",))
        assert reason.code.code == "document_missing"
        found = share(session, desk.firm, made, "initial")
        assert (found.known, found.new) == (("licence", "report", "contact"), ("area",))
        later = datetime(2027, 6, 1, tzinfo=UTC)
        assert share(session, desk.firm, made, "initial", later).new == ("report", "area")
        assert len(share(session, desk.other, made, "initial").new) == 4
        assert codes(missing, session, CASE, made, "renewal", now) == ["track_not_offered"]


def test_the_newest_answer_counts(desk):
    first = desk.keep(None, content=None, answers={"contact": "旧", "employees": "3"})
    desk.node.clock.advance(timedelta(seconds=1))
    second = desk.keep(None, content=None, answers={"contact": "新"})
    desk.attach(second.id)
    desk.node.clock.advance(timedelta(seconds=1))
    desk.attach(first.id)
    vault = desk.node.vault
    with desk.read() as session:
        assert answers_of(session, vault, CASE)["contact"] == Answer("contact", "旧")
        known = answers_known(session, vault, desk.firm)
    assert known == {"contact": Answer("contact", "新"), "employees": Answer("employees", "3")}


# ---- reading and erasing ------------------------------------------------------------------------


def test_who_reads_a_file(desk):
    made = desk.keep(holder=desk.household)
    for role in ("reviewer", "expert", "decider", "inspector", "regulator", "lab_analyst"):
        assert content_of(desk, made, desk.acting(desk.other, role)) == PICTURE
    assert content_of(desk, made, desk.acting(desk.firm, "grower")) == PICTURE
    for role in ("operator", "grower", "admin", "credit_client"):
        reader = desk.acting(desk.other, role)
        assert codes(content_of, desk, made, reader) == ["other_party"], role


def test_destroying_the_key_erases_file_name_and_answers(desk):
    made, theirs = (
        desk.keep(answers={"contact": "村民甲"}),
        desk.keep(holder=desk.other, actor=SYSTEM),
    )
    desk.attach(made.id)
    desk.node.vault.destroy(desk.firm)
    assert codes(content_of, desk, made) == ["evidence_erased"]
    assert content_of(desk, theirs, desk.office) == PICTURE
    vault = desk.node.vault
    with desk.read() as session:
        assert answers_of(session, vault, CASE) == {}
        assert file_names(session, vault, evidence_of(session, desk.firm)) == {}
    assert differences(desk) == []


def test_a_lost_file_is_given_once_more(desk):
    made = desk.keep()
    (path,) = stored(desk)
    path.write_bytes(b"altered")
    assert codes(content_of, desk, made) == ["evidence_lost"]
    assert differences(desk) == [("certification_evidence", "digest")]
    path.unlink()
    assert codes(content_of, desk, made) == ["evidence_lost"]
    assert differences(desk) == [("certification_evidence", "digest")]
    desk.keep()
    assert content_of(desk, made) == PICTURE
    assert differences(desk) == []


# ---- the second reader --------------------------------------------------------------------------


def payloads(session: Any) -> list[Any]:
    reader = LogReader(session)
    entries = map(parse_entry, reader.entry_range(0, reader.size))
    return [(base64url.encode(payload_id(each.payload_bytes)), each.payload) for each in entries]


def differences(desk: Desk) -> list[tuple[str, str]]:
    node = desk.node
    with desk.read() as session:
        found = [
            *replay_evidence(session, node.vault, payloads(session)),
            *replay_files(session, node.vault, node.files),
        ]
    return [(each.table, each.column) for each in found]


NOBODY = "'org:AAAAAAAAAAAAAAAAAAAA'"
ALTERED = {
    "certification_evidence": {
        "holder": NOBODY,
        "document": "'map'",
        "digest": f"'{'ab' * 32}'",
        "media": "'image/jpeg'",
        "size_bytes": "1",
        "valid_from": "'2026-01-02'",
        "valid_until": "'2030-01-01'",
        "fields": "'[]'",
        "kept_at": "kept_at - 1",
        "kept_by": NOBODY,
        "id": "'evid:AAAAAAAAAAAAAAAAAAAA'",
    },
    "certification_attachments": {
        "case_id": "'case:BAAAAAAAAAAAAAAAAAAA'",
        "evidence_id": "'evid:AAAAAAAAAAAAAAAAAAAA'",
        "attached_at": "attached_at - 1",
        "attached_by": NOBODY,
    },
}
TOLD = {
    "kept_at": "at", "attached_at": "at", "id": "stream", "case_id": "case",
    "evidence_id": "evidence",
}  # fmt: skip
"""Columns that a difference names by what the entry says."""


def test_every_altered_value_is_named(desk, tamper):
    made = desk.keep(answers={"contact": "甲"}, valid_from=date(2026, 1, 1))
    desk.attach(made.id)
    assert differences(desk) == []
    rows = rows_of(desk.node, TABLES)

    def altered(*statements: str) -> list[tuple[str, str]]:
        with tamper(desk.node.database) as connection:
            for statement in statements:
                connection.execute(text(statement))
        return differences(desk)

    changes = {
        table: ", ".join(f"{column} = {value}" for column, value in columns.items())
        for table, columns in ALTERED.items()
    }
    found = altered(*(f"UPDATE {table} SET {change}" for table, change in changes.items()))
    for table, columns in ALTERED.items():
        for column in columns:
            assert (table, TOLD.get(column, column)) in found, column
    put_back(desk.node, tamper, rows)
    found = altered(*(f"UPDATE {table} SET payload_id = '{'A' * 43}'" for table in TABLES))
    assert sorted(found) == sorted([(table, "payload_id") for table in TABLES] * 2)
    put_back(desk.node, tamper, rows)
    found = altered(*(f"DELETE FROM {table}" for table in TABLES))
    assert sorted(found) == sorted((table, "payload_id") for table in TABLES)
    put_back(desk.node, tamper, rows)
    assert differences(desk) == []
    assert altered("UPDATE certification_evidence SET digest = NULL") == [
        ("certification_evidence", "digest")
    ]
