"""Files in the store that end with their subject's key."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import OpeningBroken
from ledger.openings.sealed_files import SealedFile, keep_file, read_file, seal_file
from ledger.openings.service import subjects_in_use
from runtime.files import FileDamaged, FileMissing, FolderStore
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import FIRM, OFFICE, Log

CONTENT = "检验报告".encode() * 1000


@pytest.fixture
def files(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def sealed(log: Log, files: FolderStore, subject: str = FIRM) -> SealedFile:
    with log.database.read() as session:
        return seal_file(session, log.vault, log.randomness, files, CONTENT, subject)


def kept(log: Log, files: FolderStore, subject: str = FIRM) -> SealedFile:
    file = sealed(log, files, subject)
    with log.work() as work:
        assert keep_file(work, file) == file.sha256
    return file


def read(log: Log, files: FolderStore, digest: str, subject: str = FIRM) -> bytes | None:
    with log.database.read() as session:
        return read_file(session, log.vault, files, digest, subject)


def count(log: Log) -> object:
    with log.database.read() as session:
        return session.scalar(text("SELECT count(*) FROM sealed_files"))


def stored(files: FolderStore) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file()]


def test_a_file_comes_back_and_the_store_says_nothing(log: Log, files: FolderStore) -> None:
    file = kept(log, files)
    assert read(log, files, file.sha256) == CONTENT
    (path,) = stored(files)
    assert path.name == file.sealed_sha256 != file.sha256
    assert CONTENT[:12] not in path.read_bytes()
    with log.database.read() as session:
        assert subjects_in_use(session, [FIRM, OFFICE]) == {FIRM}
        columns = session.execute(text("SELECT * FROM sealed_files")).mappings().one()
    assert sum(len(str(value)) for value in columns.values()) < 500


def test_the_same_file_is_sealed_once_for_each_subject(log: Log, files: FolderStore) -> None:
    first, again = kept(log, files), kept(log, files)
    assert (first.sealed_sha256, again.replaces) == (again.sealed_sha256, None)
    other = kept(log, files, OFFICE)
    assert other.sealed_sha256 != first.sealed_sha256
    assert len(stored(files)) == count(log) == 2
    assert read(log, files, first.sha256, OFFICE) == CONTENT


def test_the_first_of_two_that_seal_at_once_stays(log: Log, files: FolderStore) -> None:
    first, second = sealed(log, files), sealed(log, files)
    with log.work() as work:
        keep_file(work, first)
    with log.work() as work:
        keep_file(work, second)
    assert count(log) == 1
    assert read(log, files, first.sha256) == CONTENT


def test_destroying_the_key_ends_the_file(log: Log, files: FolderStore) -> None:
    file = kept(log, files)
    log.vault.destroy(FIRM)
    assert read(log, files, file.sha256) is None
    log.vault.subject_key(FIRM)
    with pytest.raises(OpeningBroken):
        read(log, files, file.sha256)
    again = kept(log, files)
    assert again.replaces == file.sealed_sha256
    assert read(log, files, file.sha256) == CONTENT


def test_deleting_the_row_ends_the_file(log: Log, files: FolderStore, tamper: Tamper) -> None:
    file = kept(log, files)
    with tamper(log.database) as connection:
        connection.execute(text("DELETE FROM sealed_files"))
    assert read(log, files, file.sha256) is None
    assert read(log, files, "00" * 32) is None


@pytest.mark.parametrize("column", ["record_salt", "nonce"])
def test_altered_key_material_opens_nothing(
    log: Log, files: FolderStore, tamper: Tamper, column: str
) -> None:
    file = kept(log, files)
    with tamper(log.database) as connection:
        length = 32 if column == "record_salt" else 12
        connection.execute(text(f"UPDATE sealed_files SET {column} = :v"), {"v": bytes(length)})
    with pytest.raises(OpeningBroken):
        read(log, files, file.sha256)


def test_another_file_in_its_place_does_not_open(
    log: Log, files: FolderStore, tamper: Tamper
) -> None:
    file, other = kept(log, files), kept(log, files, OFFICE)
    with tamper(log.database) as connection:
        change = text("UPDATE sealed_files SET sealed_sha256 = :v WHERE subject = :s")
        connection.execute(change, {"v": other.sealed_sha256, "s": FIRM})
    with pytest.raises(OpeningBroken):
        read(log, files, file.sha256)


def test_a_lost_and_a_changed_file_are_named_and_given_anew(log: Log, files: FolderStore) -> None:
    file = kept(log, files)
    (path,) = stored(files)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(FileDamaged):
        read(log, files, file.sha256)
    path.unlink()
    with pytest.raises(FileMissing):
        read(log, files, file.sha256)
    assert kept(log, files).replaces == file.sealed_sha256
    assert read(log, files, file.sha256) == CONTENT
