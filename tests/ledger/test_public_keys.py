"""Which keys may be registered, held against the curve's own arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.public_keys import SMALL_ORDER_Y, check_public_key
from ledger.refusals import LedgerRefusal
from ledger.signer import Ed25519Signer
from runtime.refusal import Refusal

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def add(a: Point, b: Point) -> Point:
    """The addition of RFC 8032 §5.1.4 in affine coordinates."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x, y


def recover_x(y: int) -> int:
    """A square root of x² (RFC 8032 §5.1.3)."""
    squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(squared, (P + 3) // 8, P)
    if x * x % P != squared:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == squared
    return x


def times_eight(point: Point) -> Point:
    for _ in range(3):
        point = add(point, point)
    return point


def code_of(public_key: bytes) -> LedgerRefusal | None:
    try:
        check_public_key(public_key)
    except Refusal as refused:
        assert isinstance(refused.first.code, LedgerRefusal)
        return refused.first.code
    return None


def test_the_listed_points_are_those_of_small_order() -> None:
    points = set()
    for y in SMALL_ORDER_Y:
        x = recover_x(y)
        assert times_eight((x, y)) == (0, 1)
        points |= {(x, y), (-x % P, y)}
    assert len(points) == 8  # the cofactor of edwards25519: there are no others


def test_small_order_keys_are_refused_with_either_sign() -> None:
    for y in SMALL_ORDER_Y:
        for sign in (0, 1 << 255):
            assert code_of((y | sign).to_bytes(32, "little")) is LedgerRefusal.SMALL_ORDER_KEY


@pytest.mark.parametrize("y", [P, P + 1, P + 18, 2**255 - 1])
def test_second_spellings_are_refused(y: int) -> None:
    assert code_of(y.to_bytes(32, "little")) is LedgerRefusal.MALFORMED_KEY


def test_points_off_the_curve_are_refused() -> None:
    assert code_of((2).to_bytes(32, "little")) is LedgerRefusal.MALFORMED_KEY
    assert code_of(b"") is LedgerRefusal.MALFORMED_KEY
    assert code_of(bytes(31)) is LedgerRefusal.MALFORMED_KEY
    assert code_of(bytes(33)) is LedgerRefusal.MALFORMED_KEY


@given(st.binary(min_size=32, max_size=32))
def test_keys_of_signers_pass(seed: bytes) -> None:
    assert code_of(Ed25519Signer(seed).public_key) is None
