"""Files by their content: pictures, scans and large documents under their SHA-256.

A file is written whole, forced to the disk, and only then given its name, so that a name never
stands for half a file; the same content is stored once. What is read is hashed again: a file that
no longer matches its name raises `FileDamaged` rather than being handed on.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}")


class FileMissing(LookupError):
    """No file has this hash."""


class FileDamaged(RuntimeError):
    """A file's content no longer has the hash that names it."""


class FileStore:
    """A folder of files, each at `ab/ab12…` by the hexadecimal SHA-256 of its content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Store the content and give its name; it is on the disk when this returns.

        A file of this name that was damaged is replaced.
        """
        name = hashlib.sha256(content).hexdigest()
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
        if hashlib.sha256(content).hexdigest() != name:
            raise FileDamaged(f"the content of {name} has changed")
        return content

    def exists(self, name: str) -> bool:
        """Tell whether there is a file of this name; raise `ValueError` for no name."""
        return self._path(name).exists()

    def _path(self, name: str) -> Path:
        """Give the place of a name; whatever is no hash could lead out of the folder."""
        if not _NAME.fullmatch(name):
            raise ValueError("a file is named by 64 hexadecimal digits")
        return self.folder / name[:2] / name


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
