"""One Ed25519 key (RFC 8032) per organisation, and who holds its private half.

Invariants:
- *platform* custody: the private half is sealed in the vault, and a page says "recorded by the
  platform for X"; *own* custody: the platform never sees it, and a page says "signed by X".
- A key enters the register only with a KEY entry in the log; a public key is registered once.
- An own key is registered only with a signature that proves possession of the private half over a
  challenge that the platform drew for this party, within `CHALLENGE_VALID`.
- The newest key of a party is the one it signs with. An older key is not thereby revoked: entries
  that it signs elsewhere stay valid until the log has a REVOKE entry for it.
- Natural persons have no key. Their host, or where there is none the platform's operator, signs;
  so no stable identifier of a person stands in the log.

The bytes that prove possession: `"ecotrace/key-possession/v1" ‖ 0x00 ‖ JCS({"challenge", "origin",
"party", "public_key"})`, challenge and key in canonical unpadded base64url, for example
`{"challenge":"AAAA…","origin":"log.example","party":"org:…","public_key":"11qY…"}`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from runtime import base64url
from runtime.canonical import jcs

Custody = Literal["own", "platform"]

CHALLENGE_BYTES = 32
CHALLENGE_VALID = timedelta(minutes=30)
_POSSESSION_PREFIX = b"ecotrace/key-possession/v1\x00"


@dataclass(frozen=True)
class RotateKey:
    """Give a party a fresh key in the platform's custody."""

    party: str


@dataclass(frozen=True)
class AskChallenge:
    """Ask for a challenge with which to prove possession of an own key."""

    party: str


@dataclass(frozen=True)
class Challenge:
    """32 random bytes to be signed by `until`; `origin`, the log's name, is signed with them."""

    party: str
    challenge: bytes
    origin: str
    until: datetime


@dataclass(frozen=True)
class RegisterOwnKey:
    """Register the public half of a key that the party holds itself."""

    party: str
    public_key: bytes
    challenge: bytes
    signature: bytes = field(repr=False)


@dataclass(frozen=True)
class PartyKey:
    """A registered key of a party; `number` counts them from 1, `payload_id` is the KEY entry."""

    party: str
    number: int
    actor: bytes
    public_key: bytes
    custody: str
    since: datetime
    payload_id: str


def possession_message(challenge: bytes, origin: str, party: str, public_key: bytes) -> bytes:
    """Return the bytes that an own key signs to prove possession."""
    signed = {
        "challenge": base64url.encode(challenge),
        "origin": origin,
        "party": party,
        "public_key": base64url.encode(public_key),
    }
    return _POSSESSION_PREFIX + jcs(signed)


def proves_possession(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature was made over the message by the key's private half."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
