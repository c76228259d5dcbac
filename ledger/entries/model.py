"""Entry v1: what is written, what is signed, what is hashed.

The bytes of an entry are the RFC 8785 canonical JSON of::

    {"v": 1, "payload": {…}, "sig": "…", "seq": {…}}

- `payload` is the actor's statement: `type`, `id` (16 random bytes), `origin` (the log's
  name), `actor` (SHA-256 of the raw Ed25519 public key), `streams` (sorted, distinct, at most
  96), `effective_at`, `facts`, `commit` (name → commitment), and where the signer had one
  `seen` (size and root of the newest checkpoint that it held).
- `sig` is Ed25519 over `"ecotrace/payload/v1" ‖ 0x00 ‖ canonical payload`; the SHA-256 of those
  same bytes is the `payload_id`, the entry's name before it has a place.
- `seq` is the log's statement: `index`, `prev` (hash of the entry before, 32 zero bytes for
  entry 0), `at` (never goes back), and for each stream of the payload, in its order, `n`
  (1, 2, 3 …) and `prev` (hash of the entry with n - 1, zero bytes for n = 1).

`entry_hash = SHA-256(0x00 ‖ entry bytes)`, which is the RFC 6962 leaf. Binary is canonical
unpadded base64url, instants are `YYYY-MM-DDThh:mm:ss.ffffffZ`, integers lie below 2^53.

A commitment is `SHA-256("ecotrace/commit/v1" ‖ 0x00 ‖ 32-byte salt ‖ JCS([field, value]))`.

`parse_payload` and `parse_entry` are for door and verifier alike: strict, and the parsed value
must canonicalise to the very bytes. They do not judge vocabularies or Unicode forms; the door does
(`ledger.outbox`), because a verifier must not refuse tomorrow what was accepted today.
Refusals are `ledger.refusals`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.entries import shape
from ledger.refusals import LedgerRefusal
from runtime import base64url, strict_json
from runtime.canonical import CanonicalError, jcs, ledger_bytes
from runtime.clock import instant_text
from runtime.json_pointer import pointer_text
from runtime.refusal import refuse
from runtime.strict_json import Json, StrictJsonError

ENTRY_BYTES_MAX: Final = 16_384
STREAMS_MAX: Final = 96
STREAM_ID_LENGTH_MAX: Final = 26
ID_BYTES: Final = 16
SALT_BYTES: Final = 32
ZERO_HASH: Final = bytes(32)

PAYLOAD_PREFIX: Final = b"ecotrace/payload/v1\x00"
COMMIT_PREFIX: Final = b"ecotrace/commit/v1\x00"

_STREAM_ID = re.compile(r"[a-z]{2,6}:[A-Za-z0-9_-]{1,23}", re.ASCII)
_TYPE = re.compile(r"[A-Z][A-Z-]{1,31}|[a-z]+(?:\.[a-z][a-z_]*){2}", re.ASCII)
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/-]{0,127}", re.ASCII)
_PAYLOAD_MEMBERS = frozenset(
    {"type", "id", "origin", "actor", "streams", "effective_at", "facts", "commit"}
)
_LARGEST = shape.INTEGER_MAX
_ANY_HASH = "A" * 43
_ANY_SIGNATURE = "A" * 86
_ANY_INSTANT = "2000-01-01T00:00:00.000000Z"


@dataclass(frozen=True)
class Seen:
    """The newest checkpoint that a signer held: its size and root."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Payload:
    """The actor's statement."""

    type: str
    id: bytes
    origin: str
    actor: bytes
    streams: tuple[str, ...]
    effective_at: datetime
    facts: Mapping[str, Json]
    commit: Mapping[str, bytes]
    seen: Seen | None = None

    def value(self) -> dict[str, object]:
        """The JSON value that is signed."""
        written: dict[str, object] = {
            "type": self.type,
            "id": base64url.encode(self.id),
            "origin": self.origin,
            "actor": base64url.encode(self.actor),
            "streams": list(self.streams),
            "effective_at": instant_text(self.effective_at),
            "facts": dict(self.facts),
            "commit": {name: base64url.encode(each) for name, each in self.commit.items()},
        }
        if self.seen is not None:
            root = base64url.encode(self.seen.root)
            written["seen"] = {"size": self.seen.size, "root": root}
        return written

    def canonical(self) -> bytes:
        """The canonical bytes; refuses (`OUTSIDE_PROFILE`) what the log may not hold."""
        try:
            return ledger_bytes(self.value())
        except CanonicalError as error:
            refuse(LedgerRefusal.OUTSIDE_PROFILE, error.pointer)


@dataclass(frozen=True)
class Place:
    """Where an entry stands in one stream: its number, and the hash of the one before."""

    stream: str
    n: int
    prev: bytes


@dataclass(frozen=True)
class Entry:
    """An entry taken apart; `payload_bytes` are the canonical bytes inside of it."""

    payload: Payload
    payload_bytes: bytes
    sig: bytes
    index: int
    prev: bytes
    at: datetime
    places: tuple[Place, ...]


# --- Hashing and signing -----------------------------------------------------------------------


def signed_bytes(payload: bytes) -> bytes:
    """What an actor signs: the prefix and the canonical payload."""
    return PAYLOAD_PREFIX + payload


def payload_id(payload: bytes) -> bytes:
    """SHA-256 of what is signed: the name of an entry before it has a place."""
    return sha256(PAYLOAD_PREFIX + payload).digest()


def actor_of(public_key: bytes) -> bytes:
    """The actor that a raw Ed25519 public key stands for."""
    return sha256(public_key).digest()


def commitment(field: str, value: object, salt: bytes) -> bytes:
    """The commitment to one field of one entry; `salt` is 32 fresh random bytes.

    `CanonicalError` for values that have no canonical JSON.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(COMMIT_PREFIX + salt + jcs([field, value])).digest()


def verify_signature(public_key: bytes, payload: bytes, sig: bytes) -> None:
    """Refuse (`BAD_SIGNATURE`) unless `sig` is this key's over the payload (RFC 8032).

    Whether the key is the payload's actor is another question (`actor_of`).
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(sig, PAYLOAD_PREFIX + payload)
    except (InvalidSignature, ValueError):
        refuse(LedgerRefusal.BAD_SIGNATURE, "/sig")


# --- Writing -----------------------------------------------------------------------------------


def assemble(
    payload: bytes,
    sig: str,
    index: int,
    prev: str,
    at: str,
    places: Iterable[tuple[str, int, str]],
) -> bytes:
    """The bytes of an entry around its canonical payload; hashes and signature in base64url.

    This is the hot path of sequencing: the members stand in JCS order and none of these texts
    needs an escape, so nothing is serialised again. A test holds it against the serialiser.
    """
    streams = ",".join([f'{{"id":"{name}","n":{n},"prev":"{tip}"}}' for name, n, tip in places])
    rest = (
        f',"seq":{{"at":"{at}","index":{index},"prev":"{prev}","streams":[{streams}]}}'
        f',"sig":"{sig}","v":1}}'
    )
    return b'{"payload":' + payload + rest.encode("ascii")


def largest_entry(payload: bytes, streams: Sequence[str]) -> int:
    """How many bytes the entry has at the largest index and the largest n."""
    places = [(name, _LARGEST, _ANY_HASH) for name in streams]
    return len(assemble(payload, _ANY_SIGNATURE, _LARGEST, _ANY_HASH, _ANY_INSTANT, places))


def refuse_oversize(payload: bytes, streams: Sequence[str]) -> None:
    """Refuse a payload whose entry could exceed 16,384 bytes wherever it may come to stand."""
    size = largest_entry(payload, streams)
    if size > ENTRY_BYTES_MAX:
        refuse(LedgerRefusal.ENTRY_TOO_LARGE, size=size, limit=ENTRY_BYTES_MAX)


# --- Reading -----------------------------------------------------------------------------------


def parse_payload(payload: bytes) -> Payload:
    """Read a payload from its canonical bytes; refuses any other spelling of the same value."""
    value = _read(payload)
    return _payload(value, "")


def parse_entry(entry: bytes) -> Entry:
    """Read an entry from its bytes. Neither signature nor chain nor tree is checked here."""
    value = _read(entry)
    top = shape.members(value, frozenset({"v", "payload", "sig", "seq"}), "")
    if top["v"] != 1 or top["v"] is True:
        shape.malformed("/v", "1")
    payload = _payload(top["payload"], "/payload")
    seq = shape.members(top["seq"], frozenset({"index", "prev", "at", "streams"}), "/seq")
    return Entry(
        payload=payload,
        payload_bytes=jcs(top["payload"]),
        sig=shape.binary(top["sig"], 64, "/sig"),
        index=shape.integer(seq["index"], 0, "/seq/index"),
        prev=shape.binary(seq["prev"], 32, "/seq/prev"),
        at=shape.instant(seq["at"], "/seq/at"),
        places=_places(seq["streams"], payload.streams),
    )


def _read(data: bytes) -> Json:
    if len(data) > ENTRY_BYTES_MAX:
        refuse(LedgerRefusal.ENTRY_TOO_LARGE, size=len(data), limit=ENTRY_BYTES_MAX)
    try:
        value = strict_json.read(data, max_bytes=ENTRY_BYTES_MAX)
    except StrictJsonError as error:
        refuse(LedgerRefusal.NOT_JSON, error.pointer, problem=error.code, offset=error.offset or 0)
    try:
        canonical = jcs(value)
    except CanonicalError as error:
        refuse(LedgerRefusal.NOT_CANONICAL, error.pointer)
    if canonical != data:
        refuse(LedgerRefusal.NOT_CANONICAL)
    return value


def _payload(value: Json, at: str) -> Payload:
    read = shape.members(value, _PAYLOAD_MEMBERS, at, frozenset({"seen"}))
    commit = shape.mapping(read["commit"], f"{at}/commit")
    return Payload(
        type=shape.text(read["type"], _TYPE, f"{at}/type"),
        id=shape.binary(read["id"], ID_BYTES, f"{at}/id"),
        origin=shape.text(read["origin"], _ORIGIN, f"{at}/origin"),
        actor=shape.binary(read["actor"], 32, f"{at}/actor"),
        streams=_streams(read["streams"], f"{at}/streams"),
        effective_at=shape.instant(read["effective_at"], f"{at}/effective_at"),
        facts=shape.mapping(read["facts"], f"{at}/facts"),
        commit={
            name: shape.binary(each, 32, f"{at}/commit{pointer_text((name,))}")
            for name, each in commit.items()
        },
        seen=_seen(read["seen"], f"{at}/seen") if "seen" in read else None,
    )


def _streams(value: Json, at: str) -> tuple[str, ...]:
    listed = shape.items(value, at)
    if len(listed) > STREAMS_MAX:
        refuse(LedgerRefusal.TOO_MANY_STREAMS, at, count=len(listed), limit=STREAMS_MAX)
    return check_streams([each if isinstance(each, str) else "" for each in listed], at)


def check_streams(streams: Sequence[str], at: str = "/streams") -> tuple[str, ...]:
    """Refuse stream ids that are malformed, unsorted or repeated; gives them back."""
    malformed = any(
        len(each) > STREAM_ID_LENGTH_MAX or not _STREAM_ID.fullmatch(each) for each in streams
    )
    if malformed or list(streams) != sorted(set(streams)):
        refuse(LedgerRefusal.MALFORMED_STREAM, at)
    return tuple(streams)


def check_origin(origin: str) -> str:
    """Refuse a log name that is not 1 to 128 of `A-Z a-z 0-9 . _ ~ : / -`."""
    return shape.text(origin, _ORIGIN, "/origin")


def _seen(value: Json, at: str) -> Seen:
    read = shape.members(value, frozenset({"size", "root"}), at)
    return Seen(
        size=shape.integer(read["size"], 1, f"{at}/size"),
        root=shape.binary(read["root"], 32, f"{at}/root"),
    )


def _places(value: Json, streams: tuple[str, ...]) -> tuple[Place, ...]:
    listed = shape.items(value, "/seq/streams")
    places = tuple(_place(each, f"/seq/streams/{at}") for at, each in enumerate(listed))
    if tuple(each.stream for each in places) != streams:
        refuse(LedgerRefusal.MALFORMED_STREAM, "/seq/streams")
    return places


def _place(value: Json, at: str) -> Place:
    read = shape.members(value, frozenset({"id", "n", "prev"}), at)
    return Place(
        stream=shape.text(read["id"], _STREAM_ID, f"{at}/id"),
        n=shape.integer(read["n"], 1, f"{at}/n"),
        prev=shape.binary(read["prev"], 32, f"{at}/prev"),
    )
