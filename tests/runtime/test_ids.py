"""Ids: opaque, at most 26 characters, never the same twice."""

from __future__ import annotations

import pytest

from runtime.ids import ID_LENGTH_MAX, kind_of, new_id
from runtime.randomness import SeededRandomness, SystemRandomness

KINDS = ["org", "pers", "prod", "base", "lot", "run", "cert", "acct", "case", "recall"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_id_fits_a_stream_and_tells_its_kind(kind: str) -> None:
    for _ in range(50):
        name = new_id(kind, SystemRandomness())
        assert len(name) <= ID_LENGTH_MAX
        assert name.isascii()
        assert kind_of(name) == kind


@pytest.mark.parametrize("kind", ["", "x", "toolong", "Lot", "lot1", "lot:", "批次"])
def test_a_kind_is_a_short_word(kind: str) -> None:
    with pytest.raises(ValueError):
        new_id(kind, SystemRandomness())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "lot",
        "lot:",
        "lot:short",
        "lot:AAAAAAAAAAAAAAAAAAA",  # 19 letters belong to kinds of six
        "recall:AAAAAAAAAAAAAAAAAAAA",
        "recall:AAAAAAAAAAAAAAAAAAB",  # no canonical base64url
        "lot:AAAAAAAAAAAAAAAAAAA=",
        "lot:AAAAAAAAAAAAAAAAAAAA\n",
        "LOT:AAAAAAAAAAAAAAAAAAAA",
        "lot:AAAAAAAAAA AAAAAAAAA",
    ],
)
def test_what_was_never_drawn_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        kind_of(name)


def test_seeded_randomness_repeats_and_differs_by_seed() -> None:
    one, same, other = (SeededRandomness(seed) for seed in (b"a", b"a", b"b"))
    drawn = [one.token(15) for _ in range(100)]
    assert drawn == [same.token(15) for _ in range(100)]
    assert len(set(drawn)) == 100
    assert other.token(15) not in drawn


def test_system_randomness_gives_what_is_asked_for() -> None:
    assert [len(SystemRandomness().token(n)) for n in (0, 1, 32)] == [0, 1, 32]
