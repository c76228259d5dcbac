"""The write session of one business transaction, with what a use case needs to enter the log.

A `Work` is made by `workflows.unit` only, lives as long as one transaction, and is never
committed by a use case. What is cached on it is true for that transaction alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from ledger.entries.model import Seen
from ledger.entry_types import EntryType
from runtime.randomness import Randomness
from runtime.vault import Vault


@dataclass(frozen=True)
class Recorded:
    """What the door answers: the entry's name, and the number it holds in each of its streams."""

    payload_id: str
    streams: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class KnownKey:
    """A registered key: for what purpose, and in whose custody."""

    purpose: str
    custody: str


class Work(Session):
    """One business transaction.

    `recorded` lists what it entered into the log so far, in order; `vault` has the keys under
    which openings are sealed; `entry_types` is the registry of the whole application.
    """

    def __init__(
        self,
        bind: Engine | Connection,
        *,
        randomness: Randomness,
        vault: Vault,
        entry_types: Mapping[str, EntryType],
        origin: str,
        **session: Any,
    ) -> None:
        """`session` are further arguments of `sqlalchemy.orm.Session`."""
        super().__init__(bind, **session)
        self.randomness = randomness
        self.vault = vault
        self.entry_types = entry_types
        self.origin = origin
        self.recorded: list[Recorded] = []
        self.known_keys: dict[bytes, KnownKey] = {}
        self.newest: Seen | None = None
        self._subject_keys: dict[str, bytes] = {}

    def subject_key(self, subject: str) -> bytes:
        """`Vault.subject_key`, asked once in this transaction."""
        key = self._subject_keys.get(subject)
        if key is None:
            key = self._subject_keys[subject] = self.vault.subject_key(subject)
        return key
