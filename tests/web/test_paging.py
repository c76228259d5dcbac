"""Pages of long lists."""

from __future__ import annotations

import pytest
from werkzeug.exceptions import BadRequest

from web.paging import Asked, address_of_page, asked_page


@pytest.mark.parametrize("text, number", [("1", 1), ("2", 2), ("9999", 9999), ("10000", 10000)])
def test_numbers(text: str, number: int) -> None:
    assert asked_page({"page": text}).number == number


def test_the_first_page_needs_no_number() -> None:
    assert asked_page({}) == Asked(1)


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "", "x", "10001", "٣", "1e3", " 1", "99999999999999999999", "²"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        asked_page({"page": text})


@pytest.mark.parametrize(
    "rows, number, shown, previous, following",
    [
        (range(0), 1, 0, False, False),
        (range(3), 1, 3, False, False),
        (range(4), 1, 3, False, True),
        (range(2), 2, 2, True, False),
    ],
)
def test_one_row_more_tells_of_a_further_page(rows, number, shown, previous, following) -> None:
    asked = Asked(number, per_page=3)
    assert (asked.limit, asked.offset) == (4, (number - 1) * 3)
    page = asked.of(list(rows))
    assert (len(page.rows), page.has_previous, page.has_next) == (shown, previous, following)


def test_addresses_keep_the_search() -> None:
    assert address_of_page({"q": "米&", "page": "2"}, 3) == "?q=%E7%B1%B3%26&page=3"
