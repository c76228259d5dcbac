"""Which 32 bytes are an Ed25519 public key that may be registered (RFC 8032 §5.1.3).

They encode a point of edwards25519 in its one spelling, and that point has not a small order: eight
times it is not the neutral element. Under a key of small order one signature fits many messages.
"""

from __future__ import annotations

from typing import Final

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)


def is_good_key(key: bytes) -> bool:
    """Whether these bytes are a canonical point that is not of small order."""
    point = _decoded(key)
    if point is None:
        return False
    for _ in range(3):
        point = _doubled(*point)
    return point != (0, 1)


def _decoded(key: bytes) -> tuple[int, int] | None:
    """The point that the bytes encode; steps 1 to 4 of RFC 8032 §5.1.3."""
    if len(key) != 32:
        return None
    number = int.from_bytes(key, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    return (_P - x if x & 1 != sign else x), y


def _doubled(x: int, y: int) -> tuple[int, int]:
    """Twice a point, by the addition law of the curve; its divisors are never zero."""
    product = _D * x * x * y * y % _P
    twice_x = 2 * x * y * pow(1 + product, -1, _P) % _P
    twice_y = (y * y + x * x) * pow(1 - product, -1, _P) % _P
    return twice_x, twice_y
