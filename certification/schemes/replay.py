"""Compares published scheme versions with their log entries; nothing here is used by the writer.

A stranger can do the same with the public facts: which digest was which version from which day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.schemes.entries import PUBLISH
from certification.schemes.tables import SchemeRow
from identity.replay import Difference
from ledger.entries.model import Payload
from runtime import base64url
from runtime.clock import instant_text
from runtime.vault import Vault

_TABLE = SchemeRow.__tablename__


def replay_schemes(
    session: Session, vault: Vault, payloads: Iterable[tuple[str, Payload]]
) -> list[Difference]:
    """Differences between rows and entries, by row; empty on a healthy node.

    `payloads` are those of the log, by payload id. The entry commits to nothing, so the vault is
    not asked; it stands here because every noun is replayed alike.
    """
    entries = {name: payload for name, payload in payloads if payload.type == PUBLISH}
    rows = {row.payload_id: row for row in session.scalars(select(SchemeRow))}
    found = [
        Difference(_TABLE, rows[name].scheme_id, "payload_id", None, name, "no entry")
        for name in sorted(rows.keys() - entries.keys())
    ]
    found += [
        Difference(_TABLE, entries[name].streams[0], "payload_id", name, "no row", name)
        for name in sorted(entries.keys() - rows.keys())
    ]
    for name in sorted(rows.keys() & entries.keys()):
        found += _compared(rows[name], entries[name])
    return found


def _compared(row: SchemeRow, payload: Payload) -> Iterator[Difference]:
    kept = base64url.encode(hashlib.sha256(row.content).digest())
    told = str(payload.facts["digest"])
    pairs = {
        "scheme_id": (row.scheme_id, payload.streams[0]),
        "code": (row.code, payload.facts["scheme"]),
        "version": (row.version, payload.facts["version"]),
        "effective": (row.effective.isoformat(), payload.facts["effective"]),
        "digest": (base64url.encode(row.digest), told),
        "content": (kept, told),
        "recorded_at": (instant_text(row.recorded_at), instant_text(payload.effective_at)),
    }
    for column, (stored, logged) in pairs.items():
        if stored != logged:
            yield Difference(_TABLE, row.scheme_id, column, row.payload_id, stored, str(logged))
