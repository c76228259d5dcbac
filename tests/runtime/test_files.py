"""Files by their content, and keys in files of their own."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from runtime.files import FileDamaged, FileMissing, FileStore, FolderStore, open_store
from runtime.files_address import AddressError, BucketAddress, read_address
from runtime.key_file import KeyFileError, make_key_file, read_key_file
from runtime.randomness import SeededRandomness


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "files")


def parts(store: FolderStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("content", [b"", b"jpeg", bytes(1 << 20)])
def test_content_comes_back_under_its_hash(store: FolderStore, content: bytes) -> None:
    name = store.put(content)
    assert name == hashlib.sha256(content).hexdigest()
    assert store.get(name) == content
    assert store.exists(name)


def test_the_same_content_is_stored_once(store: FolderStore) -> None:
    assert store.put(b"a") == store.put(b"a")
    assert len(parts(store)) == 1


def test_a_changed_file_is_not_handed_out(store: FolderStore) -> None:
    name = store.put(b"report")
    parts(store)[0].write_bytes(b"Report")
    with pytest.raises(FileDamaged):
        store.get(name)


def test_a_changed_file_is_replaced_by_the_right_content(store: FolderStore) -> None:
    name = store.put(b"photo")
    (path,) = parts(store)
    path.write_bytes(b"forged")
    assert store.put(b"photo") == name
    assert store.get(name) == b"photo"
    assert parts(store) == [path]


def test_a_file_that_is_not_there(store: FolderStore) -> None:
    assert not store.exists("0" * 64)
    with pytest.raises(FileMissing):
        store.get("0" * 64)


@pytest.mark.parametrize(
    "name", ["", "../secret.key", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "/" * 64]
)
def test_no_name_leads_out_of_the_folder(store: FolderStore, name: str) -> None:
    with pytest.raises(ValueError):
        store.get(name)
    with pytest.raises(ValueError):
        store.exists(name)


def test_a_failed_write_leaves_nothing(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"picture")
    monkeypatch.undo()
    assert parts(store) == []
    assert store.get(store.put(b"picture")) == b"picture"


# ---- addresses ----------------------------------------------------------------------------------


def test_a_folder_is_a_store(tmp_path: Path) -> None:
    opened = open_store(read_address(str(tmp_path / "x")))
    assert isinstance(opened, FileStore)
    assert isinstance(opened, FolderStore)
    assert opened.folder == tmp_path / "x"


BUCKETS = [
    ("s3://files?region=cn-north-1", BucketAddress("files", "", None, "cn-north-1")),
    ("s3://files/?region=cn-north-1", BucketAddress("files", "", None, "cn-north-1")),
    (
        "s3://my.files-1/a/b_c/?endpoint=http://127.0.0.1:9000/",
        BucketAddress("my.files-1", "a/b_c", "http://127.0.0.1:9000", "us-east-1"),
    ),
    (
        "s3://files/tj?region=x1&endpoint=https://s3.example.org",
        BucketAddress("files", "tj", "https://s3.example.org", "x1"),
    ),
]


@pytest.mark.parametrize("text, address", BUCKETS)
def test_the_address_of_a_bucket(text: str, address: BucketAddress) -> None:
    assert read_address(text) == address
    assert read_address(str(address)) == address
    name = "ab" * 32
    assert address.key(name).removeprefix(address.prefix).lstrip("/") == f"ab/{name}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\0b",
        "http://files",
        "file:///srv/files",
        "gs://files",
        "s3:files",
        "s3://",
        "s3://?region=x1",
        "s3://ab?region=x1",
        "s3://Files?region=x1",
        "s3://fi..les?region=x1",
        "s3://-files?region=x1",
        "s3://files",
        "s3://files/../x?region=x1",
        "s3://files/a//b?region=x1",
        "s3://files/名?region=x1",
        "s3://files?region=",
        "s3://files?region=x1&region=x2",
        "s3://files?region=x1&key=AKIA",
        "s3://files?region=x1#part",
        "s3://user:word@files?region=x1",
        "s3://files?region=x1&endpoint=https://u:p@host",
        "s3://files?region=x1&endpoint=ftp://host",
        "s3://files?region=x1&endpoint=https://host/path",
        "s3://[?region=x1",
        "S3://files?region=x1&",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(AddressError) as refused:
        read_address(text)
    assert refused.value.zh
    assert refused.value.en


# ---- key files ----------------------------------------------------------------------------------


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
