"""What one row of the trail says: who asked for what, when, and how it ended.

Invariants:
- Every attempt leaves a row: in the transaction of the change, or alone when it was refused.
- It names ids and codes only: never a name, phone, identity number, address or free text.
- An idempotency key is the client's own word and might say something, so only its digest is kept.
- Rows are never changed or removed; a SEAL entry of the log commits to their count and digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime

from identity.actor import Actor
from identity.codes import is_id

PAGE_MAX = 200
"""Rows of one answer to a search."""

_KEY_PREFIX = b"ecotrace/audit-key/v1\x00"


@dataclass(frozen=True)
class AuditRow:
    """One attempt, as the runner tells it.

    `use_case` is the dotted name; `outcome` is "ok" or the code of the refusal that answered; `key`
    the Idempotency-Key as sent; `targets` the ids that the change is about; `payload_ids` the log
    entries that it made.
    """

    at: datetime
    actor: Actor
    use_case: str
    outcome: str
    key: str | None = None
    targets: tuple[str, ...] = ()
    payload_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuditQuery:
    """Which rows to list, newest first; absent bounds are open.

    `party` is the party for which was acted, `until` is excluded, `before` continues a listing at
    the last `number` seen.
    """

    party: str | None = None
    person: str | None = None
    client: str | None = None
    use_case: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True)
class AuditLine:
    """One row as it is listed; `key_digest` is hexadecimal."""

    number: int
    at: datetime
    party: str | None
    person: str | None
    client: str | None
    channel: str
    use_case: str
    outcome: str
    key_digest: str | None
    targets: tuple[str, ...]
    payload_ids: tuple[str, ...]


def key_digest(key: str | None) -> str | None:
    """Return the SHA-256 by which one Idempotency-Key is recognised in the trail."""
    if key is None:
        return None
    return hashlib.sha256(_KEY_PREFIX + key.encode("utf-8", "surrogatepass")).hexdigest()


def targets_of(command: object) -> tuple[str, ...]:
    """Return the ids that a command names, in the order of its fields, each once."""
    return tuple(dict.fromkeys(_ids_in(command)))


def _ids_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if is_id(value):
            yield value
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _ids_in(part)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _ids_in(getattr(value, each.name))
