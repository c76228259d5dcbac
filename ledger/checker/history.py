"""The rules between entries: chain, time, streams, continuations, keys and signatures.

A `History` is shown every entry of a log, from index 0 on and in order, and says of each what does
not follow from those before (`docs/log-format.md`, "A whole log", steps 3 to 7). After a fault it
goes on from what it found, so that one altered entry is reported as one, and not as the end of
everything behind it.

What it remembers: per stream the last number and hash, per payload its id, the keys, and when `at`
changed. That grows with the log, by some 200 bytes for each entry.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from ledger.checker.encodings import ZERO_TEXT, to_base64url
from ledger.checker.entry import PAYLOAD_PREFIX, RESERVED, STREAMS_MAX, read_entry
from ledger.checker.keys import Key, KeyRing
from ledger.checker.report import CheckFault, Difference, Fault, shown

Sink = Callable[[Difference], None]
RootAt = Callable[[int], bytes]
"""The root of the first so many entries, all of which have been read."""

_SEEN_KEPT = 4096
_NO_TIP = (0, ZERO_TEXT)
_CONTINUED = ("actor", "effective_at", "seen")


Tell = Callable[[int, bytes, list[dict[str, Any]]], None]
"""Takes what an entry says about itself: its index, its payload_id, its places in streams."""


@dataclass(frozen=True)
class Operation:
    """An entry of 96 streams, whose continuations may follow, and the last of those that did."""

    payload: dict[str, Any]
    name: bytes
    at: str
    purpose: str
    streams: list[str]
    part: int = 0
    parts: int = 0


class History:
    """All entries so far."""

    def __init__(
        self, origin: str | None, root_at: RootAt, sink: Sink, *, signatures: bool = True
    ) -> None:
        """`origin` None: that of entry 0; `signatures` False leaves out the actors' signatures."""
        self.origin = origin
        self.keys = KeyRing()
        self._keys = self.keys.known
        self.tips: dict[str, tuple[int, str]] = {}
        self.names: set[bytes] = set()
        self.splits: set[int] = set()
        self.seen_sizes: set[int] = set()
        self._times: list[tuple[int, str]] = []
        self._prev: str | None = ZERO_TEXT
        self._at = ""
        self._operation: Operation | None = None
        self._seen: dict[int, str] = {}
        self._root_at = root_at
        self._sink = sink
        self._signatures = signatures
        self.tell: Tell | None = None

    def take(self, first: int, entries: Iterable[bytes], hashes: Iterable[str]) -> None:
        """Judge entries from index `first` on; `hashes` are theirs in base64url."""
        # This loop runs for every entry of the log. What is usual, an entry of a party that goes on
        # from the one before, is recognised here; anything else `_judge` looks at once more.
        names, tips, seen_roots, keys = self.names, self.tips, self._seen, self._keys
        for index, (entry, text) in enumerate(zip(entries, hashes, strict=True), first):
            try:
                value, payload_bytes = read_entry(entry)
            except CheckFault as fault:
                self._say(index, fault)
                self._prev = text
                continue
            payload, seq, signed = value["payload"], value["seq"], PAYLOAD_PREFIX + payload_bytes
            name, count = sha256(signed).digest(), len(names)
            names.add(name)
            key, seen = keys.get(payload["actor"]), payload.get("seen")
            if not (
                seq["prev"] == self._prev
                and seq["index"] == index
                and seq["at"] == self._at
                and payload["origin"] == self.origin
                and len(names) > count
                and (seen is None or seen_roots.get(seen["size"]) == seen["root"])
                and payload["type"][0] > "Z"
                and len(payload["streams"]) < STREAMS_MAX
                and self._operation is None
                and key is not None
                and key.purpose == "party"
            ):
                key = self._judge(index, payload, seq, name, repeated=len(names) == count)
            if self._signatures and key is not None and not key.signed(value["sig"], signed):
                self._differs(index, Fault.SIGNATURE, "/sig", "", value["sig"])
            for place in seq["streams"]:
                stream, n = place["id"], place["n"]
                last, tip = tips.get(stream, _NO_TIP)
                if n != last + 1 or place["prev"] != tip:
                    self._say_stream(index, place, last, tip)
                tips[stream] = (n, text)
            self._prev = text
            if self.tell is not None:
                self.tell(index, name, seq["streams"])

    def gap(self, text: str | None = None) -> None:
        """Entries are missing here; `text` is the hash of the last of them, where it is known."""
        self._prev = text

    def end(self, size: int) -> None:
        """There are no more entries; says whether continuations are."""
        self._close(size)

    def at(self, index: int) -> str:
        """The `at` of an entry, empty where none has been read."""
        found = bisect_right(self._times, index, key=lambda change: change[0])
        return self._times[found - 1][1] if found else ""

    # --- One entry -----------------------------------------------------------------------------

    def _judge(
        self,
        index: int,
        payload: dict[str, Any],
        seq: dict[str, Any],
        name: bytes,
        *,
        repeated: bool,
    ) -> Key | None:
        """Everything about one entry but its streams; gives the key that must have signed it."""
        self._check_sequence(index, payload, seq, repeated=repeated)
        if "seen" in payload:
            self._check_seen(index, payload["seen"])
        try:
            purpose = self._check_type(index, payload, name, seq["at"])
            return self.known_key(payload["actor"], purpose, "/payload/actor")
        except CheckFault as fault:
            self._say(index, fault)
            return None

    def _check_sequence(
        self, index: int, payload: dict[str, Any], seq: dict[str, Any], *, repeated: bool
    ) -> None:
        """Index, chain, time, origin, and that the payload has not been there."""
        at, origin = seq["at"], payload["origin"]
        if seq["index"] != index:
            self._differs(index, Fault.INDEX, "/seq/index", index, seq["index"])
        if seq["prev"] != self._prev and self._prev is not None:
            self._differs(index, Fault.PREV, "/seq/prev", self._prev, seq["prev"])
        if at != self._at:
            # Instants are ordered as their texts are.
            if at < self._at:
                self._differs(index, Fault.TIME, "/seq/at", f"≥ {self._at}", at)
            self._at = at
            self._times.append((index, at))
        if self.origin is None:
            self.origin = origin
        if origin != self.origin:
            self._differs(index, Fault.ORIGIN, "/payload/origin", self.origin, origin)
        if repeated:
            self._differs(index, Fault.REPEATED, "/payload", "", payload["id"])

    def _say_stream(self, index: int, place: dict[str, Any], last: int, tip: str) -> None:
        """A stream does not go on by one, or not from its last entry."""
        where = f"/seq/streams ({place['id']})"
        if place["n"] != last + 1:
            self._differs(index, Fault.STREAM_N, where, last + 1, place["n"])
        else:
            self._differs(index, Fault.STREAM_PREV, where, tip, place["prev"])

    def _check_type(self, index: int, payload: dict[str, Any], name: bytes, at: str) -> str:
        """What the type demands, and continuations; gives the purpose of the key that signs."""
        type_name, streams = payload["type"], payload["streams"]
        if type_name == "CONT":
            self.splits.add(index)
            return self._continue(payload, at)
        self._close(index)
        purpose = self.purpose_for(type_name)
        if len(streams) == STREAMS_MAX:
            self._operation = Operation(payload, name, at, purpose, streams)
        if purpose == "system" or index == 0:
            self._reserved(index, payload, name)
        return purpose

    def known_key(self, actor: str, purpose: str, where: str) -> Key:
        """The key of an actor for a purpose; `CheckFault` when there is none."""
        key = self._keys.get(actor)
        if key is None:
            raise CheckFault(Fault.KEY_UNKNOWN, where, found=actor)
        if key.purpose != purpose:
            raise CheckFault(Fault.KEY_PURPOSE, where, purpose, key.purpose)
        return key

    @staticmethod
    def purpose_for(type_name: str) -> str:
        """The purpose of the keys that sign a type; `CheckFault` for capitals not reserved."""
        if type_name[0] > "Z":
            return "party"
        if type_name not in RESERVED:
            raise CheckFault(Fault.UNKNOWN_TYPE, "/payload/type", found=type_name)
        return "system"

    def _check_seen(self, index: int, seen: dict[str, Any]) -> None:
        """The tree that the signer held is one that this log had before the entry."""
        size, root = seen["size"], seen["root"]
        known = self._seen.get(size)
        if known is None:
            if size > index:
                self._differs(index, Fault.SEEN, "/payload/seen/size", f"≤ {index}", size)
                return
            if len(self._seen) >= _SEEN_KEPT:
                self._seen.clear()
            known = self._seen[size] = to_base64url(self._root_at(size))
            self.seen_sizes.add(size)
        if root != known:
            self._differs(index, Fault.SEEN, "/payload/seen/root", known, root)

    def _reserved(self, index: int, payload: dict[str, Any], name: bytes) -> None:
        """The log's own entries: GENESIS begins it, KEY registers, the others say nothing yet."""
        if (payload["type"] == "GENESIS") != (index == 0):
            raise CheckFault(Fault.GENESIS, "/payload/type", found=payload["type"])
        if index == 0:
            self.keys.begin(payload, name, "/payload/facts")
        elif payload["type"] == "KEY":
            # A key does not speak for itself: who registers it is judged first.
            self.known_key(payload["actor"], "system", "/payload/actor")
            self.keys.register(payload, name, "/payload/facts")

    # --- Continuations -------------------------------------------------------------------------

    def _continue(self, payload: dict[str, Any], at: str) -> str:
        """A CONT entry continues the operation that is under way, by the same key."""
        operation = self._operation
        if operation is None:
            raise CheckFault(Fault.CONTINUATION, "/payload", found="CONT")
        parts = check_continuation(operation, payload, "/payload")
        if at != operation.at:
            raise CheckFault(Fault.CONTINUATION, "/seq/at", operation.at, at)
        part = operation.part + 1
        streams = payload["streams"]
        self._operation = replace(operation, streams=streams, part=part, parts=parts)
        return operation.purpose

    def _close(self, index: int) -> None:
        """Another operation begins at `index`, or the log ends: nothing may be outstanding."""
        operation, self._operation = self._operation, None
        if operation is not None and operation.part < operation.parts:
            wanted = f"{operation.part + 1}…{operation.parts}"
            self._differs(index, Fault.CONTINUATION_MISSING, "/payload", wanted, "")

    # --- Saying so -----------------------------------------------------------------------------

    def _say(self, index: int, fault: CheckFault) -> None:
        self._sink(replace(fault.difference, entry=index))

    def _differs(
        self, index: int, fault: Fault, pointer: str, expected: object, found: object
    ) -> None:
        self._sink(
            Difference(
                fault, entry=index, pointer=pointer, expected=shown(expected), found=shown(found)
            )
        )


def check_continuation(operation: Operation, payload: dict[str, Any], where: str) -> int:
    """Hold a CONT payload against its operation; gives how many parts there are.

    `CheckFault` unless it says the same as the first payload, is its next part, and its streams go
    on where the full list of 96 before it ends.
    """
    facts, first = payload["facts"], operation.payload
    of, part = to_base64url(operation.name), operation.part + 1
    parts = facts.get("parts")
    if type(parts) is not int or not part <= parts or operation.parts not in (0, parts):
        raise CheckFault(Fault.CONTINUATION, f"{where}/facts/parts", found=shown(parts))
    wanted = {"of": of, "part": part, "parts": parts}
    if facts != wanted or type(facts["part"]) is not int:
        raise CheckFault(Fault.CONTINUATION, f"{where}/facts", shown(wanted), shown(facts))
    for name in _CONTINUED:
        if payload.get(name) != first.get(name):
            found = shown(payload.get(name))
            raise CheckFault(Fault.CONTINUATION, f"{where}/{name}", shown(first.get(name)), found)
    if payload["commit"]:
        raise CheckFault(Fault.CONTINUATION, f"{where}/commit", "{}")
    streams, before = payload["streams"], operation.streams
    if len(before) != STREAMS_MAX or not streams or streams[0] <= before[-1]:
        raise CheckFault(Fault.CONTINUATION, f"{where}/streams", f"> {before[-1:]}")
    return parts
