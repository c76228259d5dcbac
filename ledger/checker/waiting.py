"""The outbox, and the two tables that count on it: `stream_counts` and `key_entries`.

What waits in the outbox has been acknowledged and has no place in the log yet, so nothing but its
actors' signatures protects it. It must be what could be sequenced now, in this order: canonical,
signed by keys that are registered by then, with the next numbers of all its streams, and with its
continuations complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection

from ledger.checker.encodings import to_base64url
from ledger.checker.entry import PAYLOAD_PREFIX, read_payload
from ledger.checker.history import History, Operation, check_continuation
from ledger.checker.keys import Key
from ledger.checker.merkle import Tree
from ledger.checker.report import CheckFault, Fault, Findings, shown
from ledger.checker.rows import Row, is_bytes, key_text, rows, same

_OUTBOX = (
    "SELECT id, head, part, parts, payload_id, payload, sig, streams, accepted_at"
    " FROM outbox ORDER BY id"
)
_COUNTS = "SELECT id, n FROM stream_counts"
_KEYS = "SELECT actor, public_key, purpose, custody, stream, payload_id FROM key_entries"
_LATEST = 253_402_300_800_000_000
"""The beginning of the year 10000, in microseconds since 1970."""


@dataclass
class _First:
    """A first payload in the outbox: its row, and what has followed it."""

    row: Row
    operation: Operation


class Waiting:
    """Goes through the outbox once; `counts` are the numbers that its rows end with."""

    def __init__(
        self, history: History, tree: Tree, findings: Findings, *, signatures: bool
    ) -> None:
        self.counts = {stream: n for stream, (n, _) in history.tips.items()}
        self._history = history
        self._tree = tree
        self._findings = findings
        self._signatures = signatures
        self._firsts: dict[bytes, _First] = {}

    def run(self, connection: Connection) -> None:
        """Check all rows."""
        for row in rows(connection, _OUTBOX):
            self._take(row)
        for first in self._firsts.values():
            done, promised = first.operation.part, first.operation.parts
            if done < promised or not same(first.row[3], done):
                self._differs(first.row, "parts", max(done, promised), first.row[3])

    def _take(self, row: Row) -> None:
        """One row: payload, then the columns that repeat it."""
        if not (type(row[8]) is int and 0 <= row[8] < _LATEST):
            self._differs(row, "accepted_at", f"0…{_LATEST}", row[8])
        if not is_bytes(row[5]):
            self._differs(row, "payload", "bytes", type(row[5]).__name__)
            return
        name = sha256(PAYLOAD_PREFIX + row[5]).digest()
        try:
            payload = read_payload(row[5])
            self._check_streams(row, payload)
            purpose = self._check_content(row, payload, name)
            key = self._history.known_key(payload["actor"], purpose, "/actor")
        except CheckFault as fault:
            self._say(row, "payload", fault)
        else:
            self._check_names(row, name, key)

    def _check_names(self, row: Row, name: bytes, key: Key) -> None:
        """Payload, name and signature speak for one another: the odd one out was altered."""
        named, signature = same(row[4], name), row[6]
        if not isinstance(signature, bytes) or len(signature) != 64:
            self._differs(row, "sig", "64 bytes", signature)
            signed = None
        elif self._signatures:
            signed = key.signed(to_base64url(signature), PAYLOAD_PREFIX + row[5])
        else:
            signed = None
        if not named and signed is not False:
            self._differs(row, "payload_id", name, row[4])
        if not named and signed is not True:
            self._say(row, "payload", CheckFault(Fault.HASH, None, shown(row[4]), name.hex()))
        if named and signed is False:
            self._say(row, "sig", CheckFault(Fault.SIGNATURE))

    def _check_streams(self, row: Row, payload: dict[str, Any]) -> None:
        """The next number in each stream, written as the sequencer will read it."""
        places = []
        for stream in payload["streams"]:
            self.counts[stream] = n = self.counts.get(stream, 0) + 1
            places.append((stream, n))
        wanted = orjson.dumps(places).decode("ascii")
        if not same(row[7], wanted):
            self._differs(row, "streams", wanted, row[7])

    def _check_content(self, row: Row, payload: dict[str, Any], name: bytes) -> str:
        """What `history` asks of an entry, as far as it can be asked of a payload."""
        history = self._history
        if payload["origin"] != history.origin:
            if history.origin is not None:
                found = payload["origin"]
                raise CheckFault(Fault.ORIGIN, "/origin", history.origin, found)
            history.origin = payload["origin"]
        if name in history.names:
            raise CheckFault(Fault.REPEATED, found=to_base64url(name))
        history.names.add(name)
        self._check_seen(payload.get("seen"))
        if payload["type"] == "CONT":
            return self._continue(row, payload)
        return self._begin(row, payload, name)

    def _check_seen(self, seen: dict[str, Any] | None) -> None:
        if seen is None:
            return
        size = self._tree.size
        if seen["size"] > size:
            raise CheckFault(Fault.SEEN, "/seen/size", f"≤ {size}", str(seen["size"]))
        known = to_base64url(self._tree.root(seen["size"]))
        if seen["root"] != known:
            raise CheckFault(Fault.SEEN, "/seen/root", known, seen["root"])

    def _begin(self, row: Row, payload: dict[str, Any], name: bytes) -> str:
        """A first payload; gives the purpose of its key."""
        history = self._history
        purpose = history.purpose_for(payload["type"])
        operation = Operation(payload, name, "", purpose, payload["streams"])
        begins = not self._tree.size and not self._firsts
        self._firsts[name] = _First(row, operation)
        for column, found, wanted in (("head", row[1], None), ("part", row[2], 0)):
            if not same(found, wanted):
                self._differs(row, column, wanted, found)
        if (payload["type"] == "GENESIS") != begins:
            raise CheckFault(Fault.GENESIS, "/type", found=payload["type"])
        if begins:
            history.keys.begin(payload, name, "/facts")
        elif payload["type"] == "KEY":
            history.known_key(payload["actor"], "system", "/actor")
            history.keys.register(payload, name, "/facts")
        return purpose

    def _continue(self, row: Row, payload: dict[str, Any]) -> str:
        """A continuation; gives the purpose of its key."""
        of = payload["facts"].get("of")
        known = [each for name, each in self._firsts.items() if to_base64url(name) == of]
        if not known:
            raise CheckFault(Fault.CONTINUATION, "/facts/of", found=str(of))
        first = known[0]
        parts = check_continuation(first.operation, payload, "")
        part, streams = first.operation.part + 1, payload["streams"]
        first.operation = replace(first.operation, part=part, parts=parts, streams=streams)
        wanted = (("head", row[1], first.row[0]), ("part", row[2], part), ("parts", row[3], 0))
        for column, found, value in wanted:
            if not same(found, value):
                self._differs(row, column, value, found)
        return first.operation.purpose

    def _say(self, row: Row, column: str, fault: CheckFault) -> None:
        name = key_text(id=row[0])
        place = replace(fault.difference, table="outbox", column=column, row=name)
        self._findings.add(place)

    def _differs(self, row: Row, column: str, expected: object, found: object) -> None:
        self._findings.differs("outbox", column, key_text(id=row[0]), expected, found)


def check_counts(connection: Connection, counts: dict[str, int], findings: Findings) -> None:
    """`stream_counts` has the last number of each stream, the outbox included."""
    missing = dict(counts)
    for stream, n in rows(connection, _COUNTS):
        name = key_text(id=stream)
        wanted = missing.pop(stream, None)
        if wanted is None:
            findings.say_row(Fault.ROW_UNEXPECTED, "stream_counts", "id", name, found=n)
        elif not same(n, wanted):
            findings.differs("stream_counts", "n", name, wanted, n)
    for stream in sorted(missing):
        name, n = key_text(id=stream), missing[stream]
        findings.say_row(Fault.ROW_MISSING, "stream_counts", "id", name, expected=n)


def check_keys(connection: Connection, history: History, findings: Findings) -> None:
    """`key_entries` repeats GENESIS and the KEY entries, those of the outbox included."""
    missing = history.keys.registered()
    for actor, *values in rows(connection, _KEYS):
        name = key_text(actor=actor)
        key = missing.pop(actor, None)
        if key is None:
            findings.say_row(Fault.ROW_UNEXPECTED, "key_entries", "actor", name)
            continue
        wanted = {
            "public_key": key.public_key,
            "purpose": key.purpose,
            "custody": key.custody,
            "stream": key.stream,
            "payload_id": key.name,
        }
        for (column, value), found in zip(wanted.items(), values, strict=True):
            if not same(found, value):
                findings.differs("key_entries", column, name, value, found)
    for actor in sorted(missing):
        name = key_text(actor=actor)
        findings.say_row(Fault.ROW_MISSING, "key_entries", "actor", name)
