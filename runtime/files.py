"""Files by their content: pictures, scans and large documents under their SHA-256.

A *store* keeps files whole under the hash of their content: a name never stands for half a file,
and the same content is stored once. What is read is hashed again: a file that no longer matches
its name raises `FileDamaged` rather than being handed on. A store is a folder (`FolderStore`) or
part of a bucket that speaks the S3 protocol (`runtime.s3_files`); `open_store` tells them apart by
the address that the settings give.

Whoever stores and reads meets three kinds of wrong: `FileMissing` and `FileDamaged` are about one
file, `FilesUnavailable`, an `OSError` as a full disk is one, about the store. What is personal is
sealed before it comes here (`ledger.openings.sealed_files`): stores are backed up for ever.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol, runtime_checkable

from runtime.files_address import BucketAddress

_NAME = re.compile(r"[0-9a-f]{64}")


class FileMissing(LookupError):
    """No file has this hash."""


class FileDamaged(RuntimeError):
    """A file's content no longer has the hash that names it."""


class FilesUnavailable(OSError):
    """The store cannot be used now: it does not answer, refuses, or lacks what it needs here."""


@runtime_checkable
class FileStore(Protocol):
    """Where files lie by the hexadecimal SHA-256 of their content.

    Every method raises `ValueError` for what is no such name, and `OSError` where the store itself
    does not do its work.
    """

    def put(self, content: bytes) -> str:
        """Store the content and give its name; it is durable when this returns.

        A file of this name that was damaged is replaced.
        """
        ...

    def get(self, name: str) -> bytes:
        """Read the content; raise `FileMissing` or `FileDamaged`."""
        ...

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of this name, whatever it holds."""
        ...


class FolderStore:
    """A folder of files, each at `ab/ab12…`; a `FileStore`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Write the content beside its place, force it to the disk, then give it its name."""
        name = content_name(content)
        path = self._path(name)
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
            _sync_folder(path.parent)
            _sync_folder(self.folder)
        return name

    def get(self, name: str) -> bytes:
        """Read the content; raise `FileMissing`, `FileDamaged`, or `ValueError` for no name."""
        try:
            content = self._path(name).read_bytes()
        except FileNotFoundError:
            raise FileMissing(name) from None
        return whole(name, content)

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of this name; raise `ValueError` for no name."""
        return self._path(name).exists()

    def _path(self, name: str) -> Path:
        """Give the place of a name; whatever is no hash could lead out of the folder."""
        return self.folder / checked_name(name)[:2] / name


def open_store(address: Path | BucketAddress) -> FileStore:
    """Open the store at an address of the settings.

    Raises `FilesUnavailable` where a bucket is asked for and this installation cannot reach one:
    without the library, or without credentials in the environment.
    """
    if isinstance(address, Path):
        return FolderStore(address)
    # Only a node with a bucket loads the library, which not every node has.
    from runtime.s3_files import open_bucket

    return open_bucket(address)


def content_name(content: bytes) -> str:
    """Give the name of a content."""
    return hashlib.sha256(content).hexdigest()


def checked_name(name: str) -> str:
    """Give the name back; raise `ValueError` for what is none."""
    if not _NAME.fullmatch(name):
        raise ValueError("a file is named by 64 hexadecimal digits")
    return name


def whole(name: str, content: bytes) -> bytes:
    """Give the content back; raise `FileDamaged` where it is not the one of this name."""
    if content_name(content) != name:
        raise FileDamaged(f"the content of {name} has changed")
    return content


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the final name, force it to the disk, then rename."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix="part-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    """Force a folder's list of names to the disk; without it a crash may lose the new name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
