"""Compares evidence and its attachments with the log, the openings still held, and the files.

Nothing here is used by the writer. A row whose opening was erased is compared in its public part
only: that there is an entry, of which stream, and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.evidence.entries import ATTACH, KEEP
from certification.evidence.tables import AttachmentRow, EvidenceRow
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.errors import OpeningBroken
from ledger.openings.sealed_files import read_file
from ledger.openings.service import open_entries
from runtime.clock import instant_text
from runtime.files import FileDamaged, FileMissing, FileStore
from runtime.vault import Vault

Named = tuple[str, Payload]
Columns = Mapping[str, object]


def replay_evidence(session: Session, vault: Vault, payloads: Iterable[Named]) -> list[Difference]:
    """The differences of `certification_evidence` and `certification_attachments`.

    `payloads` are those of the log, by payload id. Raises `OpeningBroken`.
    """
    named = list(payloads)
    kept = {row.payload_id: _kept(row) for row in session.scalars(select(EvidenceRow))}
    given = {row.payload_id: _given(row) for row in session.scalars(select(AttachmentRow))}
    return [
        *compared(session, vault, named, KEEP, EvidenceRow.__tablename__, kept),
        *compared(session, vault, named, ATTACH, AttachmentRow.__tablename__, given),
    ]


def replay_files(session: Session, vault: Vault, files: FileStore) -> Iterator[Difference]:
    """Yield the evidence whose sealed file is missing, damaged, or opens to something else.

    Raises `OSError` where the store does not answer: that says nothing about any file.
    """
    table = EvidenceRow.__tablename__
    query = select(EvidenceRow).where(EvidenceRow.digest.is_not(None)).order_by(EvidenceRow.id)
    for row in session.scalars(query):
        try:
            read_file(session, vault, files, str(row.digest), row.holder)
        except FileMissing:
            yield Difference(table, row.id, "digest", row.payload_id, "no file", str(row.digest))
        except (FileDamaged, OpeningBroken, ValueError):
            found = "another file"
            yield Difference(table, row.id, "digest", row.payload_id, found, str(row.digest))


def compared(
    session: Session,
    vault: Vault,
    payloads: Sequence[Named],
    type_: str,
    table: str,
    rows: Mapping[str, Mapping[str, Columns]],
) -> Iterator[Difference]:
    """Yield where rows differ from the entries of a type, and from what these commit to.

    `rows` give by payload id the row's `name`, what it says of `stream` and `at` (`public`), and
    its `committed` columns, as members of the field `record`.
    """
    entries = {name: payload for name, payload in payloads if payload.type == type_}
    for name in sorted(rows.keys() - entries.keys()):
        yield Difference(table, _name(rows[name]), "payload_id", None, name, "no entry")
    for name in sorted(entries.keys() - rows.keys()):
        yield Difference(table, entries[name].streams[0], "payload_id", name, "no row", name)
    both = sorted(rows.keys() & entries.keys())
    opened = open_entries(session, vault, both)
    for name in both:
        row, payload = rows[name], entries[name]
        told = {"stream": payload.streams[0], "at": instant_text(payload.effective_at)}
        yield from _differing(table, _name(row), name, row["public"], told)
        opening = opened[name].get("record")
        if opening is not None and isinstance(opening.value, dict):
            yield from _differing(table, _name(row), name, row["committed"], opening.value)
        answers = opened[name].get("answers")
        if answers is not None and isinstance(answers.value, dict):
            keys = {"fields": sorted(answers.value)}
            yield from _differing(table, _name(row), name, row["answers"], keys)


def _differing(
    table: str, row: str, entry: str, stored: Columns, told: Mapping[str, Any]
) -> Iterator[Difference]:
    for column, value in stored.items():
        if value != told.get(column):
            yield Difference(table, row, column, entry, str(value), str(told.get(column)))


def _name(row: Mapping[str, Columns]) -> str:
    return str(row["name"]["row"])


def _kept(row: EvidenceRow) -> Mapping[str, Columns]:
    return {
        "name": {"row": row.id},
        "public": {"stream": row.id, "at": instant_text(row.kept_at)},
        "committed": {
            "holder": row.holder,
            "document": row.document,
            "digest": row.digest,
            "media": row.media,
            "size_bytes": row.size_bytes,
            "valid_from": None if row.valid_from is None else row.valid_from.isoformat(),
            "valid_until": None if row.valid_until is None else row.valid_until.isoformat(),
            "kept_by": row.kept_by,
        },
        "answers": {"fields": sorted(row.fields)},
    }


def _given(row: AttachmentRow) -> Mapping[str, Columns]:
    return {
        "name": {"row": f"{row.case_id}/{row.evidence_id}"},
        "public": {"stream": row.evidence_id, "at": instant_text(row.attached_at)},
        "committed": {
            "case": row.case_id,
            "evidence": row.evidence_id,
            "attached_by": row.attached_by,
        },
    }
