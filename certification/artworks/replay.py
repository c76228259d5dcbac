"""Compares registered artworks with their log entries, the openings still held, and the files.

Nothing here is used by the writer. A stranger can do the first half with the public facts: which
picture, by its digest, was the artwork of a scheme at which time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.artworks.entries import ARTWORK
from certification.artworks.tables import ArtworkRow
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime import base64url
from runtime.clock import instant_text
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.vault import Vault

_TABLE = ArtworkRow.__tablename__
_COMMITTED = ("office", "size_bytes", "width", "height")


def replay_artworks(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> Iterator[Difference]:
    """Yield the differences between rows, entries and openings; none on a healthy node.

    `payloads` are those of the log, by payload id.
    """
    entries = {name: payload for name, payload in payloads if payload.type == ARTWORK}
    rows = {row.payload_id: row for row in session.scalars(select(ArtworkRow))}
    for name in sorted(rows.keys() - entries.keys()):
        yield Difference(_TABLE, rows[name].id, "payload_id", None, name, "no entry")
    for name in sorted(entries.keys() - rows.keys()):
        yield Difference(_TABLE, entries[name].streams[0], "payload_id", name, "no row", name)
    both = sorted(rows.keys() & entries.keys())
    opened = open_entries(session, vault, both)
    for name in both:
        yield from _compared(rows[name], _public(rows[name]), _told(entries[name]))
        opening = opened[name].get("record")
        if opening is not None and isinstance(opening.value, dict):
            stored = {column: getattr(rows[name], column) for column in _COMMITTED}
            yield from _compared(rows[name], stored, opening.value)


def replay_files(session: Session, files: FileStore) -> Iterator[Difference]:
    """Yield the artworks whose file is missing or no longer has the hash that names it.

    Raises `OSError` where the store does not answer: that says nothing about any file.
    """
    for row in session.scalars(select(ArtworkRow).order_by(ArtworkRow.registered_at)):
        try:
            files.get(row.digest)
        except (FileMissing, FileDamaged, ValueError) as error:
            found = "no file" if isinstance(error, FileMissing) else "another file"
            yield Difference(_TABLE, row.id, "digest", row.payload_id, found, row.digest)


def _public(row: ArtworkRow) -> dict[str, object]:
    return {
        "id": row.id,
        "scheme": row.scheme,
        "digest": row.digest,
        "registered_at": instant_text(row.registered_at),
    }


def _told(payload: Payload) -> dict[str, object]:
    return {
        "id": payload.streams[0],
        "scheme": payload.facts["scheme"],
        "digest": base64url.decode(str(payload.facts["artwork"])).hex(),
        "registered_at": instant_text(payload.effective_at),
    }


def _compared(
    row: ArtworkRow, stored: Mapping[str, object], logged: Mapping[str, object]
) -> Iterator[Difference]:
    for column, value in stored.items():
        if value != logged.get(column):
            told = str(logged.get(column))
            yield Difference(_TABLE, row.id, column, row.payload_id, str(value), told)
