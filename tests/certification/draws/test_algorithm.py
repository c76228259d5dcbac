"""The algorithm of a draw against the document, and against an implementation of its own."""

from __future__ import annotations

import json
import re
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certification.draws.model import (
    choose,
    nonce_hash,
    population_of,
    read_32_bytes,
    seed_of,
)
from ecotrace import PROJECT
from runtime import base64url

PAGE = (PROJECT / "docs" / "random-draw.md").read_text("utf-8")
VECTORS = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])


def drawn_otherwise(nonces: list[bytes], members: list[str], count: int) -> list[str]:
    """The page's four steps, written from its words only: no code of ours is called."""
    joined = sha256()
    for nonce in nonces:
        joined.update(nonce)
    seed = joined.digest()
    weighed = {}
    for number, member in enumerate(sorted(members, key=lambda name: name.encode())):
        text = b"ecotrace/draw/v1" + bytes(1) + seed + bytes.fromhex(f"{number:016x}")
        weighed[int.from_bytes(sha256(text).digest(), "big")] = member
    return [weighed[key] for key in sorted(weighed)][:count]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_of_the_page(vector) -> None:
    nonces = [bytes.fromhex(each) for each in vector["nonces"]]
    assert [nonce_hash(each).hex() for each in nonces] == vector["hashes"]
    members = population_of(vector["members"])
    seed = seed_of(nonces)
    assert seed.hex() == vector["seed"]
    chosen = choose(seed, len(members), vector["drawn"])
    assert list(chosen) == vector["chosen"]
    assert [members[each] for each in chosen] == vector["ids"]
    assert drawn_otherwise(nonces, vector["members"], vector["drawn"]) == vector["ids"]


def test_the_example_of_the_page() -> None:
    row = r"^\| (\d+) \| `([^`]+)` \| `([0-9a-f]+)…` \| *(.*?) *\|$"
    rows = re.findall(row, PAGE, re.MULTILINE)
    first = VECTORS[0]
    assert [name for _, name, _, _ in rows] == sorted(first["members"])
    seed = bytes.fromhex(first["seed"])
    for number, _, weight, _ in rows:
        text = b"ecotrace/draw/v1\0" + seed + int(number).to_bytes(8, "big")
        assert sha256(text).hexdigest().startswith(weight)
    told = {int(number): word for number, _, _, word in rows if word}
    order = ["drawn, first", "drawn, second", "drawn, third"]
    assert [told[number] for number in first["chosen"]] == order


@settings(max_examples=60)
@given(
    st.lists(st.binary(min_size=32, max_size=32), min_size=3, max_size=5),
    st.integers(1, 300),
    st.data(),
)
def test_two_implementations_agree(nonces, size, data) -> None:
    members = [f"cert:{sha256(each.to_bytes(2)).hexdigest()[:20]}" for each in range(size)]
    count = data.draw(st.integers(1, size))
    numbered = population_of(members)
    chosen = choose(seed_of(nonces), size, count)
    assert [numbered[each] for each in chosen] == drawn_otherwise(nonces, members, count)
    assert len(set(chosen)) == count


def test_every_member_is_drawn_about_as_often() -> None:
    """2,000 seeds, 3 of 10: each is expected 600 times; six deviations either way is 120."""
    counts = Counter(
        number
        for each in range(2_000)
        for number in choose(sha256(each.to_bytes(4, "big")).digest(), 10, 3)
    )
    assert set(counts) == set(range(10))
    assert all(abs(count - 600) < 124 for count in counts.values()), counts


@pytest.mark.parametrize(
    "text, right",
    [
        ("ab" * 32, True), ("AB" * 32, True), (base64url.encode(b"x" * 32), True), ("", False),
        ("ab" * 31, False), ("zz" * 32, False), (base64url.encode(b"x" * 31), False),
        (base64url.encode(b"x" * 32) + "=", False),
    ],
)  # fmt: skip
def test_hashes_and_nonces_as_they_are_typed(text, right) -> None:
    assert (read_32_bytes(text) is not None) is right
