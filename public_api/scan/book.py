"""The entries behind one page: where each lies in the log, and what of it has been opened.

Everything is read at once for the page. A fact whose entry waits in the outbox is *pending*; one
whose opening has been erased is gone from the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy.orm import Session

from ledger.openings.service import open_entries
from ledger.reader import LogReader
from public_api.scan.page import (
    FactSource,
    Opening,
    ShownFact,
    ShownVoucher,
    entry_fact,
    opened_fact,
    opened_voucher,
    unlogged_fact,
    value_at,
)
from public_api.scan.proof import Proof, ProvedEntry
from runtime import base64url
from runtime.regions import region_words
from runtime.vault import Vault
from web.language import Words


class Book:
    """The entries of a page, by payload id."""

    def __init__(self, session: Session, vault: Vault, payload_ids: Iterable[str]) -> None:
        ids = list(dict.fromkeys(payload_ids))
        self.reader = LogReader(session)
        self._index = self.reader.indexes_of(ids)
        self._opened = open_entries(session, vault, ids)
        self._entries = {
            index: orjson.loads(entry)
            for index, entry in self.reader.entries(self._index.values()).items()
        }
        actors = {base64url.decode(each["payload"]["actor"]) for each in self._entries.values()}
        self._keys = self.reader.keys_of(actors)

    def index(self, payload_id: str) -> int | None:
        """Give the place of an entry, None while it waits."""
        return self._index.get(payload_id)

    def value(self, payload_id: str, field: str) -> Any:
        """Give an opened value, None where it is not held."""
        opened = self._opened[payload_id].get(field)
        return None if opened is None else opened.value

    def opening(self, payload_id: str, field: str) -> Opening | None:
        """Give an opening as a page hands it out, None where entry or opening is not there."""
        opened, index = self._opened[payload_id].get(field), self._index.get(payload_id)
        if opened is None or index is None:
            return None
        return Opening(index, field, base64url.encode(opened.salt), opened.value)

    def fact(
        self, id: str, label: Words, payload_id: str, field: str, pointer: str,
        format: str = "text",
    ) -> ShownFact | None:  # fmt: skip
        """Make a fact from a commitment; None where nothing is opened or the value is absent."""
        try:
            value = value_at(self.value(payload_id, field), pointer)
        except LookupError:
            return None
        if value is None or value == "":
            return None
        opening = self.opening(payload_id, field)
        if opening is None:
            return unlogged_fact(id, label, value, format, pending=True)
        return opened_fact(id, label, opening, pointer, format)

    def public_fact(
        self, id: str, label: Words, payload_id: str, pointer: str, format: str = "text"
    ) -> ShownFact | None:
        """Make a fact from the entry's own bytes; None while it waits or without such a member."""
        index = self._index.get(payload_id)
        if index is None:
            return None
        try:
            return entry_fact(id, label, index, self._entries[index], pointer, format)
        except LookupError:
            return None

    def recorded_at(self, id: str, payload_id: str) -> ShownFact | None:
        """Make the fact that says when the log took an entry."""
        return self.public_fact(id, Words("登记于", "Recorded"), payload_id, "/seq/at", "instant")

    def voucher(
        self, id: str, role: Words, payload_id: str, party_payload_id: str, name: str
    ) -> ShownVoucher:
        """Say who recorded an entry: the party whose registration is at `party_payload_id`."""
        index = self._index.get(payload_id)
        party = self.opening(party_payload_id, "shown")
        if index is None or party is None:
            return ShownVoucher(id, role, name)
        actor = base64url.decode(self._entries[index]["payload"]["actor"])
        custody = self._keys[actor].custody if actor in self._keys else "platform"
        return opened_voucher(id, role, index, "own" if custody == "own" else "platform", party)

    def proof(
        self, host: str, vkey: str, streams: Sequence[str], lot: str,
        items: Iterable[ShownFact | None], address_lot: ShownFact | None, regions: Iterable[str],
    ) -> Proof:  # fmt: skip
        """Gather what the phone needs: streams whole, keys of all signers, everything read from."""
        placed = self.reader.streams(streams)
        wanted = {index for indexes in placed.values() for index in indexes}
        wanted |= set(self._index.values())
        head = self.reader.head()
        wanted |= self._signers(wanted) | {0, head.size - 1}
        wanted |= self._signers(wanted)
        bundle = self.reader.proof_bundle({index for index in wanted if index < head.size})
        return Proof(
            origin=self.reader.origin() or "",
            host=host,
            vkey=vkey,
            checkpoint=bundle.checkpoint.decode("utf-8"),
            entries=tuple(ProvedEntry(e.index, e.entry, e.proof) for e in bundle.entries),
            streams={stream: len(indexes) for stream, indexes in placed.items()},
            lot=lot,
            regions={code: region_words(code) for code in regions if region_words(code)},
            address_items=_sources(items),
            address_lot=next(iter(_sources([address_lot])), None),
        )

    def _signers(self, indexes: Iterable[int]) -> set[int]:
        """Give the places of the KEY entries of everybody who signed these entries."""
        actors = {
            base64url.decode(orjson.loads(entry)["payload"]["actor"])
            for entry in self.reader.entries(indexes).values()
        }
        keys = self.reader.keys_of(actors).values()
        return {key.index for key in keys if key.index is not None}


def _sources(facts: Iterable[ShownFact | None]) -> tuple[FactSource, ...]:
    return tuple(fact.source for fact in facts if fact is not None and fact.source is not None)
