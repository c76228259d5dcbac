"""The keys that a log has registered so far (`docs/log-format.md`, "Keys").

GENESIS brings the system key that signs it and three root keys; every other key comes by a KEY
entry. A key is registered once, for one purpose: `party` signs entries in lower case, `system` the
log's own, `checkpoint` tree heads only, and `root` (a root key) nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.checker.curve import is_good_key
from ledger.checker.encodings import from_base64url, to_base64url
from ledger.checker.report import CheckFault, Fault

FORMAT: Final = "ecotrace/entry/v1"
ROOTS: Final = 3
PURPOSES: Final = ("party", "system", "checkpoint")
CUSTODIES: Final = ("own", "platform")


@dataclass(frozen=True)
class Key:
    """A registered key; `name` is the payload_id that registered it, `stream` its party's."""

    public_key: bytes
    purpose: str
    custody: str
    stream: str | None
    name: bytes
    verifier: Ed25519PublicKey

    def signed(self, signature: str, message: bytes) -> bool:
        """Whether this is the key's signature, in base64url, of the message (RFC 8032)."""
        try:
            self.verifier.verify(from_base64url(signature), message)
        except (InvalidSignature, ValueError):
            return False
        return True


class KeyRing:
    """All keys; `known` has them by actor, in base64url."""

    def __init__(self) -> None:
        self.known: dict[str, Key] = {}

    def registered(self) -> dict[bytes, Key]:
        """All keys but root keys, by the 32 bytes of their actor."""
        keys = self.known.values()
        return {sha256(key.public_key).digest(): key for key in keys if key.purpose != "root"}

    def of_checkpoints(self) -> set[bytes]:
        """The public keys that sign tree heads."""
        return {key.public_key for key in self.known.values() if key.purpose == "checkpoint"}

    def begin(self, payload: Mapping[str, Any], name: bytes, at: str) -> None:
        """Register the keys of GENESIS; `CheckFault` for facts that are not as they must be."""
        facts = payload["facts"]
        if facts.keys() != {"demo", "format", "root_keys", "system_key"}:
            raise CheckFault(Fault.GENESIS_FACTS, at, found=", ".join(facts))
        if type(facts["demo"]) is not bool or facts["format"] != FORMAT:
            raise CheckFault(Fault.GENESIS_FACTS, at, expected=FORMAT, found=str(facts["format"]))
        roots = facts["root_keys"]
        if type(roots) is not list or len(roots) != ROOTS:
            raise CheckFault(Fault.GENESIS_FACTS, f"{at}/root_keys", expected=str(ROOTS))
        self._add(facts["system_key"], "system", "platform", None, name, f"{at}/system_key")
        for position, root in enumerate(roots):
            self._add(root, "root", "own", None, name, f"{at}/root_keys/{position}")

    def register(self, payload: Mapping[str, Any], name: bytes, at: str) -> None:
        """Register the key of a KEY entry; `CheckFault` for facts that are not as they must be."""
        facts, streams = payload["facts"], payload["streams"]
        if facts.keys() != {"custody", "key", "purpose"}:
            raise CheckFault(Fault.KEY_FACTS, at, found=", ".join(facts))
        purpose, custody = facts["purpose"], facts["custody"]
        if purpose not in PURPOSES or custody not in CUSTODIES:
            raise CheckFault(Fault.KEY_FACTS, at, found=f"{purpose}, {custody}")
        party = [stream for stream in streams if stream.startswith("org:")]
        if streams != party or len(party) != (purpose == "party"):
            raise CheckFault(Fault.KEY_FACTS, at, found=", ".join(streams))
        stream = party[0] if party else None
        self._add(facts["key"], purpose, custody, stream, name, f"{at}/key")

    def _add(
        self, text: object, purpose: str, custody: str, stream: str | None, name: bytes, at: str
    ) -> None:
        try:
            public_key = from_base64url(text) if isinstance(text, str) else b""
        except ValueError:
            public_key = b""
        if not is_good_key(public_key):
            raise CheckFault(Fault.KEY_WEAK, at, found=str(text))
        actor = to_base64url(sha256(public_key).digest())
        if actor in self.known:
            raise CheckFault(Fault.KEY_REPEATED, at, found=str(text))
        verifier = Ed25519PublicKey.from_public_bytes(public_key)
        self.known[actor] = Key(public_key, purpose, custody, stream, name, verifier)
