"""The code that people read and type: every single wrong digit and every swap is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trace.labels.human_code import (
    CHECK_LETTERS,
    POSITION_MAX,
    RUN_MAX,
    HumanCode,
    human_code,
    read_code,
)

runs = some.integers(1, RUN_MAX)
positions = some.integers(1, POSITION_MAX)

EXAMPLES = [(1, 1), (9, 9_999_999), (12, 345), (999_999_999, 1), (1_234_567, 7_654_321), (10, 10)]


def test_the_alphabet_has_a_letter_for_each_remainder():
    assert len(set(CHECK_LETTERS)) == 23


@pytest.mark.parametrize(
    "run, position, code",
    [
        # 1·2^7 + 1·2^0 = 129 = 5·23 + 14 -> Q
        (1, 1, "1-0000001-Q"),
        # 1·2^8 + 2·2^7 + 3·4 + 4·2 + 5 = 537 = 23·23 + 8 -> J
        (12, 345, "12-0000345-J"),
    ],
)
def test_codes_counted_by_hand(run, position, code):
    assert human_code(run, position) == code


@given(runs, positions)
def test_what_is_written_is_read_back(run, position):
    assert read_code(human_code(run, position)) == HumanCode(run, position)


def with_digits(code: str, digits: list[str]) -> str:
    """The code with its digits replaced, separators and check letter left as they are."""
    head, letter = code.rsplit("-", 1)
    found = iter(digits)
    return "".join(next(found) if each.isdigit() else each for each in head) + "-" + letter


def digits_of(code: str) -> list[str]:
    return [each for each in code.rsplit("-", 1)[0] if each.isdigit()]


@pytest.mark.parametrize("run, position", EXAMPLES)
def test_every_single_wrong_digit_is_refused(run, position):
    code = human_code(run, position)
    digits = digits_of(code)
    for i in range(len(digits)):
        for wrong in set("0123456789") - {digits[i]}:
            changed = with_digits(code, [*digits[:i], wrong, *digits[i + 1 :]])
            assert read_code(changed) is None, changed


@pytest.mark.parametrize("run, position", EXAMPLES)
def test_every_swap_of_neighbours_is_refused(run, position):
    code = human_code(run, position)
    digits = digits_of(code)
    for i in range(len(digits) - 1):
        if digits[i] != digits[i + 1]:
            swapped = [*digits[:i], digits[i + 1], digits[i], *digits[i + 2 :]]
            assert read_code(with_digits(code, swapped)) is None, (code, i)


@given(runs, positions, some.data())
def test_any_wrong_digit_or_swap_of_any_code_is_refused(run, position, data):
    code = human_code(run, position)
    digits = digits_of(code)
    i = data.draw(some.integers(0, len(digits) - 1))
    wrong = data.draw(some.sampled_from(sorted(set("0123456789") - {digits[i]})))
    assert read_code(with_digits(code, [*digits[:i], wrong, *digits[i + 1 :]])) is None
    j = data.draw(some.integers(0, len(digits) - 2))
    swapped = [*digits[:j], digits[j + 1], digits[j], *digits[j + 2 :]]
    expected = HumanCode(run, position) if digits == swapped else None
    assert read_code(with_digits(code, swapped)) == expected


@given(runs, positions)
def test_the_last_digit_swapped_with_the_letter_is_refused(run, position):
    code = human_code(run, position)
    swapped = code[:-3] + code[-1] + "-" + code[-3]
    if swapped != code:
        assert read_code(swapped) is None


@pytest.mark.parametrize("letter", sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")))
def test_only_one_letter_fits(letter):
    assert (read_code(f"12-0000345-{letter}") is not None) == (letter == "J")


@pytest.mark.parametrize(
    "typed",
    [
        "12-0000345-J",
        " 12-0000345-j ",
        "12 0000345 J",
        "120000345J",
        "１２－００００３４５－Ｊ",
        "12–0000345—J",
        "12−0000345−j",
    ],
)
def test_spellings_that_mean_the_same(typed):
    assert read_code(typed) == HumanCode(12, 345)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "J",
        "12-345-J",
        "12-0000345",
        "12-00000345-J",
        "012-0000345-J",
        "0-0000345-J",
        "-12-0000345-J",
        "12--0000345-J",
        "12-0000000-L",
        "1234567890-0000345-J",
        "12-0000345-JJ",
        "١٢-0000345-J",
        "12-0000345-J\x00",
        "12-0000345-J" + "J" * 100,
        "https://trace.example/t/12-0000345-J",
    ],
)
def test_what_is_no_code(typed):
    assert read_code(typed) is None


@given(some.text(max_size=60))
def test_no_text_is_a_fault(text):
    found = read_code(text)
    assert found is None or (1 <= found.run <= RUN_MAX and 1 <= found.position <= POSITION_MAX)


@pytest.mark.parametrize("run, position", [(0, 1), (RUN_MAX + 1, 1), (1, 0), (1, POSITION_MAX + 1)])
def test_no_code_is_written_beyond_its_digits(run, position):
    with pytest.raises(ValueError, match="range"):
        human_code(run, position)
