"""A log whose writer says whatever a test wants, hashed and signed as if it were right.

Nothing of `ledger` is used: a checker that trusted a mistake of the writer would trust it here too.
`Forged.add` makes the next entry as it should be; its arguments replace parts of it, and everything
that follows (payload id, signature, hash, tree, checkpoint) is made to fit.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAME = "log.example/forged"
AT = "2026-11-22T01:30:00.000000Z"
FIRM = "org:AAAAAAAAAAAAAAAAAAAA"
STEP = "trace.step.take"

Value = dict[str, Any]
Change = Callable[[Value], object]


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Signer:
    """An Ed25519 key from a letter."""

    def __init__(self, letter: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(letter.encode() * 32)
        self.public = self._key.public_key().public_bytes_raw()
        self.actor = b64u(sha256(self.public).digest())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


SYSTEM, CHECKPOINT, PARTY, STRANGER = (Signer(each) for each in "scpx")
ROOTS = [Signer(each).public for each in "123"]


def leaf(entry: bytes) -> bytes:
    return sha256(b"\0" + entry).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\1" + root_of(hashes[:k]) + root_of(hashes[k:])).digest()


def note(origin: str, size: int, root: bytes, signer: Signer = CHECKPOINT) -> bytes:
    """A signed checkpoint under the key's name `NAME`."""
    text = f"{origin}\n{size}\n{b64(root)}\n"
    key_id = sha256(NAME.encode() + b"\n\1" + signer.public).digest()[:4]
    return f"{text}\n— {NAME} {b64(key_id + signer.sign(text.encode()))}\n".encode()


def vkey(signer: Signer = CHECKPOINT) -> str:
    key_id = sha256(NAME.encode() + b"\n\1" + signer.public).digest()[:4]
    return f"{NAME}+{key_id.hex()}+{b64(bytes([1]) + signer.public)}"


def bundle(entries: list[bytes]) -> bytes:
    return b"".join(len(each).to_bytes(2, "big") + each for each in entries)


def address(level: int | str, number: int, width: int) -> str:
    partial = "" if width == 256 else f".p/{width}"
    return f"tile/{level}/{number:03}{partial}"


@dataclass
class Forged:
    """Entries, and what the next one has to fit to."""

    entries: list[bytes] = field(default_factory=list)
    tips: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def hashes(self) -> list[bytes]:
        return [leaf(each) for each in self.entries]

    def add(
        self,
        *streams: str,
        type_: str = STEP,
        facts: Value | None = None,
        signer: Signer = PARTY,
        at: str = AT,
        payload: Change = lambda payload: None,
        seq: Change = lambda seq: None,
        entry: Change = lambda entry: None,
        sig: bytes | None = None,
    ) -> bytes:
        """Append an entry; gives its payload_id. The changes see each part before it is hashed."""
        index = len(self.entries)
        said: Value = {
            "type": type_,
            "id": b64u(sha256(index.to_bytes(8, "big")).digest()[:16]),
            "origin": NAME,
            "actor": signer.actor,
            "streams": sorted(streams),
            "effective_at": AT,
            "facts": facts or {},
            "commit": {},
        }
        payload(said)
        signed = b"ecotrace/payload/v1\0" + rfc8785.dumps(said)
        value: Value = {
            "v": 1,
            "payload": said,
            "sig": b64u(signer.sign(signed) if sig is None else sig),
            "seq": self._seq(said, index, at),
        }
        seq(value["seq"])
        entry(value)
        written = rfc8785.dumps(value)
        self.entries.append(written)
        for place in value["seq"]["streams"]:
            self.tips[place["id"]] = (place["n"], leaf(written))
        return sha256(signed).digest()

    def _seq(self, said: Value, index: int, at: str) -> Value:
        tips = [(stream, *self.tips.get(stream, (0, bytes(32)))) for stream in said["streams"]]
        return {
            "index": index,
            "prev": b64u(leaf(self.entries[-1]) if self.entries else bytes(32)),
            "at": at,
            "streams": [{"id": name, "n": n + 1, "prev": b64u(tip)} for name, n, tip in tips],
        }

    def begin(self, **changes: Any) -> Forged:
        """GENESIS and the KEY entries of checkpoints and of the firm."""
        self.add(type_="GENESIS", facts=genesis_facts(), signer=SYSTEM, **changes)
        self.key(CHECKPOINT, "checkpoint")
        self.key(PARTY, "party", FIRM)
        return self

    def key(self, key: Signer, purpose: str, *streams: str, **changes: Any) -> None:
        facts = {"custody": "platform", "key": b64u(key.public), "purpose": purpose}
        self.add(*streams, **{"type_": "KEY", "facts": facts, "signer": SYSTEM, **changes})

    def operation(self, count: int, **changes: Any) -> None:
        """An entry of many streams with its continuations; changes go into the last of these."""
        names = [f"lot:{each:04}" for each in range(count)]
        of, portions = "", [names[at : at + 96] for at in range(0, count, 96)]
        for part, portion in enumerate(portions):
            facts = {"of": of, "part": part, "parts": len(portions) - 1} if part else {}
            last = changes if part == len(portions) - 1 else {}
            name = self.add(*portion, **{"type_": "CONT" if part else STEP, "facts": facts} | last)
            of = of or b64u(name)

    def seen(self, size: int) -> Value:
        return {"size": size, "root": b64u(root_of(self.hashes[:size]))}

    def files(self, origin: str = NAME) -> dict[str, bytes]:
        """The export, by address."""
        files: dict[str, bytes] = {"vkey": f"{vkey()}\n".encode()}
        for low in range(0, len(self.entries), 256):
            part = self.entries[low : low + 256]
            files[address("entries", low // 256, len(part))] = bundle(part)
        level, row = 0, self.hashes
        while row:
            for low in range(0, len(row), 256):
                part = row[low : low + 256]
                files[address(level, low // 256, len(part))] = b"".join(part)
            full = len(row) // 256
            row = [root_of(row[256 * each : 256 * each + 256]) for each in range(full)]
            level += 1
        files["checkpoint"] = note(origin, len(self.entries), root_of(self.hashes))
        return files


def genesis_facts() -> Value:
    return {
        "demo": True,
        "format": "ecotrace/entry/v1",
        "root_keys": [b64u(each) for each in ROOTS],
        "system_key": b64u(SYSTEM.public),
    }


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Put the files into a folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder
