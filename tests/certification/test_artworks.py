"""The artwork of a mark: who may register which picture, what the log says, what counts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from certification.artworks.model import BYTES_MAX, read_picture
from certification.artworks.replay import replay_files
from certification.artworks.service import (
    RegisterArtwork,
    artwork_file,
    artworks_of,
    find_artwork,
    newest_artwork,
    register_artwork,
    require_artwork,
)
from certification.artworks.tables import ArtworkRow
from certification.replay import replay
from identity.actor import SYSTEM
from identity.audit.tables import AuditTableRow
from runtime import base64url
from runtime.refusal import Refusal
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.fixtures.pictures import BLUE, noise, png

RED_MARK, BLUE_MARK = png(120, 80), png(64, 64, BLUE)


def register(office, content=RED_MARK, scheme="jnjp", actor=None):
    use_case = partial(register_artwork, office.node.files)
    return office.run(use_case, RegisterArtwork(scheme, content), actor)


def files_of(office) -> list[Path]:
    return [path for path in office.node.files.folder.rglob("*") if path.is_file()]


def count(office, table) -> int:
    with office.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_picture_is_kept_by_its_hash_and_the_log_says_which(office):
    made = register(office)
    digest = hashlib.sha256(RED_MARK).digest()
    assert made.picture == read_picture(RED_MARK)
    assert (made.picture.digest, made.picture.width, made.picture.height) == (
        digest.hex(), 120, 80,
    )  # fmt: skip
    assert artwork_file(office.node.files, made.picture.digest) == RED_MARK
    payload = logged(office.node, made.payload_id)
    assert payload.type == "certification.artwork.register"
    assert payload.streams == (made.id,)
    assert payload.facts == {"scheme": "jnjp", "artwork": base64url.encode(digest)}
    assert opened(office.node, made.payload_id) == {
        "office": office.actor.party,
        "size_bytes": len(RED_MARK),
        "width": 120,
        "height": 80,
    }


def test_the_newest_of_a_scheme_counts_and_earlier_ones_stay(office):
    moments = []
    for content, scheme in ((RED_MARK, "jnjp"), (BLUE_MARK, "jnjp"), (RED_MARK, "hhk")):
        moments.append(register(office, content, scheme))
        office.node.clock.advance(timedelta(seconds=1))
    first, second, other = moments
    with office.read() as session:
        assert require_artwork(session, "jnjp") == second
        assert newest_artwork(session, "hhk") == other
        assert newest_artwork(session, "green") is None
        assert artworks_of(session, "jnjp") == [second, first]
        assert find_artwork(session, first.id) == first
    again = register(office, RED_MARK)
    with office.read() as session:
        assert require_artwork(session, "jnjp") == again
    assert len(files_of(office)) == 2
    assert differences(office) == []


def test_only_a_brand_office_registers(office):
    for roles in ((), ("grower",), ("regulator",), ("inspector", "operator")):
        actor = replace(office.actor, roles=frozenset(roles))
        assert codes(register, office, actor=actor) == ["not_allowed"], roles
    assert files_of(office) == []


def test_the_platform_registers_as_its_operator(office):
    assert register(office, actor=SYSTEM).office == office.actor.party


REFUSED = [
    (b"", "jnjp", "artwork_malformed"),
    (b"GIF89a", "jnjp", "artwork_malformed"),
    (RED_MARK[:-1], "jnjp", "artwork_malformed"),
    (RED_MARK + b"<script>", "jnjp", "artwork_malformed"),
    (png(15, 64), "jnjp", "artwork_sides"),
    (png(64, 2001), "jnjp", "artwork_sides"),
    (noise(1000, 1000), "jnjp", "artwork_too_large"),
    (bytes(BYTES_MAX + 1), "jnjp", "artwork_too_large"),
    (RED_MARK, "none", "scheme_unknown"),
    (RED_MARK, "JNJP", "scheme_unknown"),
    (RED_MARK, "", "scheme_unknown"),
    (b"", "../jnjp", "scheme_unknown"),
]


def test_what_is_refused_leaves_its_audit_row_and_nothing_else(office):
    before = count(office, AuditTableRow)
    for content, scheme, expected in REFUSED:
        assert codes(register, office, content, scheme) == [expected], (content[:20], scheme)
    assert count(office, AuditTableRow) == before + len(REFUSED)
    assert count(office, ArtworkRow) == 0
    assert files_of(office) == []


def test_refusals_say_their_bounds_in_both_languages():
    with pytest.raises(Refusal) as caught:
        read_picture(bytes(BYTES_MAX + 1))
    assert caught.value.first.text("zh") == "标志图样过大：文件不超过 512 KiB"
    with pytest.raises(Refusal) as caught:
        read_picture(png(2001, 64))
    assert caught.value.first.text("en") == "The sides of mark artwork have 16 to 2,000 pixels"


def test_the_file_is_on_the_disk_before_the_entry_that_names_it(office, monkeypatch):
    files = office.node.files
    put, seen = files.put, []

    def watched(content: bytes) -> str:
        name: str = put(content)
        seen.append((files.exists(name), count(office, ArtworkRow)))
        return name

    monkeypatch.setattr(files, "put", watched)
    register(office)
    assert seen == [(True, 0)]


def test_a_disk_that_takes_nothing_leaves_no_entry(office, monkeypatch):
    def full(content: bytes) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(office.node.files, "put", full)
    assert codes(register, office) == ["artwork_not_stored"]
    assert count(office, ArtworkRow) == 0
    monkeypatch.undo()
    assert register(office).scheme == "jnjp"
    assert differences(office) == []


def test_one_key_registers_once(office):
    use_case = partial(register_artwork, office.node.files)
    run = partial(office.node.unit.run, use_case, actor=office.actor, idempotency_key="k1")
    assert run(RegisterArtwork("jnjp", RED_MARK)) == run(RegisterArtwork("jnjp", RED_MARK))
    assert codes(run, RegisterArtwork("jnjp", BLUE_MARK)) == ["idempotency_conflict"]
    assert count(office, ArtworkRow) == 1


def test_what_is_not_there(office):
    made = register(office)
    with office.read() as session:
        assert codes(require_artwork, session, "green") == ["artwork_unknown"]
        assert codes(require_artwork, session, "none") == ["scheme_unknown"]
        for id in ("art:AAAAAAAAAAAAAAAAAAAA", "art:x", "", "\x00"):
            assert codes(find_artwork, session, id) == ["artwork_unknown"], id
    for digest in ("0" * 64, "../../x", ""):
        assert codes(artwork_file, office.node.files, digest) == ["artwork_lost"], digest
    (file,) = files_of(office)
    file.write_bytes(BLUE_MARK)
    assert codes(artwork_file, office.node.files, made.picture.digest) == ["artwork_lost"]


# ---- the second reader --------------------------------------------------------------------------


def differences(office) -> list[tuple[str, str]]:
    with office.read() as session:
        found = [
            *replay(session, office.node.vault),
            *replay_files(session, office.node.files),
        ]
    return [(each.table, each.column) for each in found]


ALTERED = [
    ("UPDATE certification_artworks SET scheme = 'hhk'", "scheme"),
    (f"UPDATE certification_artworks SET digest = '{'ab' * 32}'", "digest"),
    ("UPDATE certification_artworks SET digest = 'x'", "digest"),
    ("UPDATE certification_artworks SET size_bytes = size_bytes + 1", "size_bytes"),
    ("UPDATE certification_artworks SET width = 121", "width"),
    ("UPDATE certification_artworks SET height = 81", "height"),
    ("UPDATE certification_artworks SET office = 'org:AAAAAAAAAAAAAAAAAAAA'", "office"),
    ("UPDATE certification_artworks SET registered_at = registered_at - 1", "registered_at"),
    ("UPDATE certification_artworks SET id = 'art:AAAAAAAAAAAAAAAAAAAA'", "id"),
    (f"UPDATE certification_artworks SET payload_id = '{'A' * 43}'", "payload_id"),
    ("DELETE FROM certification_artworks", "payload_id"),
]


def test_every_altered_value_is_named(office, tamper):
    register(office)
    assert differences(office) == []
    stored = rows_of(office.node, ["certification_artworks"])
    for statement, column in ALTERED:
        with tamper(office.node.database) as connection:
            connection.execute(text(statement))
        assert ("certification_artworks", column) in differences(office), statement
        put_back(office.node, tamper, stored)
    assert differences(office) == []


def test_a_lost_and_a_changed_file_are_named(office):
    register(office)
    (file,) = files_of(office)
    file.write_bytes(BLUE_MARK)
    assert differences(office) == [("certification_artworks", "digest")]
    register(office)  # sent once more, the file is whole again
    assert differences(office) == []
    file.unlink()
    assert differences(office) == [("certification_artworks", "digest")] * 2
    file.write_bytes(RED_MARK)
    assert differences(office) == []
