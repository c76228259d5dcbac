"""The scheme files that ship: `data/<code>/<version>/scheme.toml`, limits and vocabulary beside.

Each version has a *content*: the canonical JSON of what its files say, with the entries of the
vocabulary that it asks. Its SHA-256 is the digest that a publication puts into the log, so that
comments and layout may change while meaning may not, and a new key in the vocabulary changes no
scheme that does not ask it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from certification.schemes.errors import SchemeError
from certification.schemes.model import Scheme, version_order
from certification.schemes.reader import read_scheme
from certification.schemes.vocabulary import Vocabulary, read_vocabulary
from runtime.canonical import CanonicalError, ledger_bytes

DATA = Path(__file__).parent / "data"
CONTENT_FORMAT = "ecotrace/scheme/v1"


@dataclass(frozen=True)
class Shipped:
    """One version of a scheme with the canonical bytes of its files."""

    scheme: Scheme
    content: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content, 32 bytes."""
        return hashlib.sha256(self.content).digest()


Catalogue = Mapping[str, Mapping[str, Shipped]]
"""Every version by code and version, the oldest version first."""


def read_folder(folder: Path) -> Catalogue:
    """Read all schemes of a folder with the vocabulary in it; raises SchemeError.

    The folders are named after code and version, so that neither can be defined twice.
    """
    vocabulary = read_vocabulary(read_file(folder / "fields.toml"))
    found: dict[str, dict[str, Shipped]] = {}
    for path in sorted(folder.glob("*/*/scheme.toml"), key=_by_version):
        shipped = read_version(path.parent, vocabulary)
        found.setdefault(shipped.scheme.code, {})[shipped.scheme.version] = shipped
    return found


def _by_version(path: Path) -> tuple[str, tuple[int, ...], str]:
    version = path.parent.name
    numbers = tuple(int(part) for part in version.split("-") if part.isdigit())
    return path.parent.parent.name, numbers, version


def read_version(folder: Path, vocabulary: Vocabulary) -> Shipped:
    """Read one folder `<code>/<version>`; raises SchemeError."""
    document = read_file(folder / "scheme.toml")
    limits = read_file(folder / "limits.toml") if (folder / "limits.toml").exists() else None
    scheme = read_scheme(document, vocabulary, limits)
    for name, told, named in (
        ("code", scheme.code, folder.parent.name),
        ("version", scheme.version, folder.name),
    ):
        if told != named:
            raise SchemeError(scheme.code, name, f"the name of the folder, {named}", told)
    return Shipped(scheme, _content(scheme, document, limits, vocabulary))


def read_file(path: Path) -> dict[str, Any]:
    """Parse one TOML file; raises SchemeError where it is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SchemeError(path.parent.name, path.name, "a file", None) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = path.parent.parent.name if path.name == "scheme.toml" else path.parent.name
        raise SchemeError(place, path.name, "a TOML file in UTF-8", str(error)) from error


def _content(
    scheme: Scheme,
    document: Mapping[str, Any],
    limits: Mapping[str, Any] | None,
    vocabulary: Vocabulary,
) -> bytes:
    asked = sorted((*scheme.fields, *scheme.documents))
    whole = {
        "format": CONTENT_FORMAT,
        "scheme": _plain(document),
        "limits": _plain(limits),
        "asked": {key: _plain(vocabulary.entries[key]) for key in asked},
    }
    try:
        return ledger_bytes(whole)
    except CanonicalError as error:
        place = (error.pointer or "/").removeprefix("/scheme/").replace("/", ".")
        raise SchemeError(scheme.code, place, "texts, whole numbers, dates", str(error)) from error


def _plain(value: object) -> Any:
    """A parsed TOML value as JSON; dates become texts."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def vocabulary() -> Vocabulary:
    """The fields and documents that ship, read once per process."""
    return read_vocabulary(read_file(DATA / "fields.toml"))


@cache
def catalogue() -> Catalogue:
    """The schemes that ship, read once per process."""
    found = read_folder(DATA)
    return MappingProxyType({code: MappingProxyType(dict(each)) for code, each in found.items()})


def newest(versions: Mapping[str, Shipped]) -> Shipped:
    """The newest of the versions of one scheme."""
    return versions[max(versions, key=version_order)]
