"""What an opening is, and how several are written before they are sealed.

An opening is the salt and the value behind one commitment of one entry. The openings that belong
to one subject are sealed together as the canonical JSON `{field: [salt, value]}`, with the salt
in base64url, under a key of this (subject, entry) alone. Destroying the subject's key or deleting
the row ends them; the commitment in the log stays and says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from ledger.entries.model import SALT_BYTES, commitment
from ledger.errors import OpeningBroken
from runtime import base64url
from runtime.canonical import jcs
from runtime.strict_json import Json

OPENING_CONTEXT: Final = b"ecotrace/opening/v1\x00"
DOCUMENT_CONTEXT: Final = b"ecotrace/document/v1\x00"
FILE_CONTEXT: Final = b"ecotrace/file/v1\x00"


@dataclass(frozen=True)
class Opening:
    """The value behind a commitment, and whose it is."""

    field: str
    salt: bytes
    value: object
    subject: str

    def commitment(self) -> bytes:
        """The commitment that this opens."""
        return commitment(self.field, self.value, self.salt)


@dataclass(frozen=True)
class Opened:
    """An opening that was read back and matches its commitment."""

    salt: bytes
    value: Json


def by_subject(openings: Iterable[Opening]) -> dict[str, list[Opening]]:
    """The openings of an entry, gathered by subject."""
    gathered: dict[str, list[Opening]] = {}
    for each in openings:
        gathered.setdefault(each.subject, []).append(each)
    return gathered


def plaintext(openings: Iterable[Opening]) -> bytes:
    """The bytes that are sealed for one subject."""
    return jcs({each.field: [base64url.encode(each.salt), each.value] for each in openings})


def checked(plain: bytes, commit: Mapping[str, bytes]) -> dict[str, Opened]:
    """Read what was sealed and hold it against the commitments; raises `OpeningBroken`."""
    opened = {}
    for field, (salt_text, value) in orjson.loads(plain).items():
        salt = base64url.decode(salt_text)
        if len(salt) != SALT_BYTES or commit.get(field) != commitment(field, value, salt):
            raise OpeningBroken(f"the opening of {field!r} does not match its commitment")
        opened[field] = Opened(salt, value)
    return opened


def opening_context(payload_id: bytes, subject: str) -> bytes:
    """What a sealed opening is bound to, so that it opens in no other row."""
    return OPENING_CONTEXT + payload_id + subject.encode()


def document_context(sha256: str, subject: str) -> bytes:
    """What a sealed document is bound to."""
    return DOCUMENT_CONTEXT + sha256.encode() + b"\x00" + subject.encode()


def file_context(sha256: str, subject: str) -> bytes:
    """What a sealed file is bound to, so that it opens as no other file and for nobody else."""
    return FILE_CONTEXT + sha256.encode() + b"\x00" + subject.encode()
