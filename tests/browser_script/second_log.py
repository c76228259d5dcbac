"""A second writer of the log, for tests only: small, slow, straight from the log format.

It shares no code with `ledger`: canonical JSON comes from the package rfc8785, the tree is the
recursion of RFC 6962 section 2.1, the note is put together by hand.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ZERO = bytes(32)


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, on leaf hashes."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01", root_of(leaves[:split]), root_of(leaves[split:]))


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*path_of(index, leaves[:split]), root_of(leaves[split:])]
    return [*path_of(index - split, leaves[split:]), root_of(leaves[:split])]


def raw_public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


class SecondLog:
    """Entries in a list; every append is signed, chained and given its place at once."""

    def __init__(self, origin: str = "log.example.org/demo", seed: str = "second log") -> None:
        self.origin = origin
        self.seed = seed
        self.entries: list[bytes] = []
        self.openings: dict[tuple[int, str], tuple[bytes, Any]] = {}
        self._streams: dict[str, list[int]] = {}
        self._hashes: list[bytes] = []
        self._now = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)
        self._count = 0
        self.system = self.key("system")
        roots = [b64url(raw_public(self.key(f"root {n}"))) for n in range(3)]
        facts = {
            "demo": True,
            "format": "ecotrace/entry/v1",
            "root_keys": roots,
            "system_key": b64url(raw_public(self.system)),
        }
        self.append("GENESIS", [], facts, {}, self.system)

    def key(self, name: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(f"{self.seed}/{name}".encode()))

    def random(self, size: int) -> bytes:
        self._count += 1
        return sha256(f"{self.seed}#{self._count}".encode())[:size]

    def stream(self, kind: str, name: str) -> str:
        return f"{kind}:{b64url(sha256(f'{self.seed}/{kind}/{name}'.encode())[:15])}"

    def introduce(self, name: str, party: str, custody: str = "platform") -> Ed25519PrivateKey:
        key = self.key(name)
        facts = {"custody": custody, "key": b64url(raw_public(key)), "purpose": "party"}
        self.append("KEY", [party], facts, {}, self.system)
        return key

    def append(
        self,
        type: str,
        streams: Sequence[str],
        facts: Mapping[str, Any],
        secrets: Mapping[str, Any],
        signer: Ed25519PrivateKey,
        effective_at: datetime | None = None,
    ) -> int:
        index = len(self.entries)
        self._now += timedelta(seconds=1)
        commit = {}
        for field, value in secrets.items():
            salt = self.random(32)
            self.openings[index, field] = (salt, value)
            opened = rfc8785.dumps([field, value])
            commit[field] = b64url(sha256(b"ecotrace/commit/v1\x00", salt, opened))
        payload: dict[str, Any] = {
            "type": type,
            "id": b64url(self.random(16)),
            "origin": self.origin,
            "actor": b64url(sha256(raw_public(signer))),
            "streams": sorted(streams),
            "effective_at": instant(effective_at or self._now),
            "facts": dict(facts),
            "commit": commit,
        }
        if index:
            payload["seen"] = {"size": index, "root": b64url(root_of(self._hashes))}
        signed = b"ecotrace/payload/v1\x00" + rfc8785.dumps(payload)
        entry: dict[str, Any] = {
            "v": 1,
            "payload": payload,
            "sig": b64url(signer.sign(signed)),
            "seq": {
                "index": index,
                "prev": b64url(self._hashes[-1] if self._hashes else ZERO),
                "at": instant(self._now),
                "streams": [self._place(id) for id in sorted(streams)],
            },
        }
        data = rfc8785.dumps(entry)
        self.entries.append(data)
        self._hashes.append(sha256(b"\x00", data))
        for id in streams:
            self._streams.setdefault(id, []).append(index)
        return index

    def _place(self, id: str) -> dict[str, Any]:
        before = self._streams.get(id, [])
        prev = self._hashes[before[-1]] if before else ZERO
        return {"id": id, "n": len(before) + 1, "prev": b64url(prev)}

    def count(self, stream: str) -> int:
        return len(self._streams[stream])

    def of(self, stream: str) -> list[int]:
        return list(self._streams[stream])

    def proof(self, index: int) -> list[bytes]:
        return path_of(index, self._hashes)

    @property
    def vkey(self) -> str:
        typed = b"\x01" + raw_public(self.key("checkpoint"))
        return f"{self.origin}+{self._key_id().hex()}+{base64.b64encode(typed).decode()}"

    def _key_id(self) -> bytes:
        typed = b"\x01" + raw_public(self.key("checkpoint"))
        return sha256(f"{self.origin}\n".encode(), typed)[:4]

    def checkpoint(self) -> str:
        root = base64.b64encode(root_of(self._hashes)).decode()
        text = f"{self.origin}\n{len(self.entries)}\n{root}\n"
        signature = self._key_id() + self.key("checkpoint").sign(text.encode())
        return f"{text}\n— {self.origin} {base64.b64encode(signature).decode()}\n"

    def proof_file(self, index: int) -> str:
        """C2SP tlog-proof, with the entry in the extra line."""
        entry = base64.b64encode(self.entries[index]).decode()
        lines = ["c2sp.org/tlog-proof@v1", f"extra {entry}", f"index {index}"]
        lines += [base64.b64encode(hash).decode() for hash in self.proof(index)]
        return "\n".join(lines) + "\n\n" + self.checkpoint()
