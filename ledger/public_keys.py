"""Which Ed25519 public keys may be registered.

A key is 32 bytes that encode one point of edwards25519 in its one spelling (RFC 8032 §5.1.3: the
y-coordinate below p), and that point has not a small order: under such a key one signature fits
many messages, so a payload could be disowned. There are eight points of small order with five
y-coordinates between them.
"""

from __future__ import annotations

from typing import Final

from ledger.refusals import LedgerRefusal
from runtime.refusal import refuse

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P

SMALL_ORDER_Y: Final = frozenset(
    {
        1,  # the neutral element
        _P - 1,  # order 2
        0,  # order 4, both signs of x
        # Order 8, both signs of x: y and p - y with d·y⁴ + 2·y² = 1.
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)


def check_public_key(public_key: bytes, pointer: str | None = None) -> bytes:
    """Refuse keys that are malformed or of small order; gives the key back."""
    if len(public_key) != 32:
        refuse(LedgerRefusal.MALFORMED_KEY, pointer)
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    if y >= _P or not _on_curve(y):
        refuse(LedgerRefusal.MALFORMED_KEY, pointer)
    if y in SMALL_ORDER_Y:
        refuse(LedgerRefusal.SMALL_ORDER_KEY, pointer)
    return public_key


def _on_curve(y: int) -> bool:
    """Whether an x exists: x² = (y² - 1) / (d·y² + 1) is 0 or a square (RFC 8032 §5.1.3)."""
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return x_squared == 0 or pow(x_squared, (_P - 1) // 2, _P) == 1
