"""Files by their content, and keys in files of their own."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.key_file import KeyFileError, make_key_file, read_key_file
from runtime.randomness import SeededRandomness


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def parts(store: FileStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"jpeg", bytes(1 << 20)])
def test_content_comes_back_under_its_hash(store: FileStore, content: bytes) -> None:
    name = store.put(content)
    assert name == hashlib.sha256(content).hexdigest()
    assert store.get(name) == content
    assert store.exists(name)


def test_the_same_content_is_stored_once(store: FileStore) -> None:
    assert store.put(b"a") == store.put(b"a")
    assert len(parts(store)) == 1


def test_a_changed_file_is_not_handed_out(store: FileStore) -> None:
    name = store.put(b"report")
    parts(store)[0].write_bytes(b"Report")
    with pytest.raises(FileDamaged):
        store.get(name)


def test_a_changed_file_is_replaced_by_the_right_content(store: FileStore) -> None:
    name = store.put(b"photo")
    (path,) = parts(store)
    path.write_bytes(b"forged")
    assert store.put(b"photo") == name
    assert store.get(name) == b"photo"
    assert parts(store) == [path]


def test_a_file_that_is_not_there(store: FileStore) -> None:
    assert not store.exists("0" * 64)
    with pytest.raises(FileMissing):
        store.get("0" * 64)


@pytest.mark.parametrize(
    "name", ["", "../secret.key", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "/" * 64]
)
def test_no_name_leads_out_of_the_folder(store: FileStore, name: str) -> None:
    with pytest.raises(ValueError):
        store.get(name)
    with pytest.raises(ValueError):
        store.exists(name)


def test_a_failed_write_leaves_nothing(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"picture")
    monkeypatch.undo()
    assert parts(store) == []
    assert store.get(store.put(b"picture")) == b"picture"


def test_a_key_file_is_for_its_owner_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    before = os.umask(0)
    try:
        key = make_key_file(path, SeededRandomness(b"key"))
    finally:
        os.umask(before)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key_file(path) == key
    with pytest.raises(KeyFileError):
        make_key_file(path, SeededRandomness(b"other"))
    assert read_key_file(path) == key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    make_key_file(path, SeededRandomness(b"key"))
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="600"):
        read_key_file(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"AAAA\n", b"A" * 43 + b"\n\n", b"A" * 44, b"\xff" * 43, b"A" * 42 + b"B"],
)
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        read_key_file(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"master\.key"):
        read_key_file(tmp_path / "master.key")
