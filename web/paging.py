"""Pages of long lists: `?page=2`, from 1, a fixed number of rows each.

A list asks its query for one row more than it shows, so that nothing needs to be counted: a further
page exists when that row does. Where the number of rows is known anyway, `Page.total` says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from werkzeug.exceptions import BadRequest

Row = TypeVar("Row")

PER_PAGE = 20
PAGE_MAX = 10_000


@dataclass(frozen=True)
class Asked:
    """Which page was asked for; `offset` and `limit` go into the query (limit is one row more)."""

    number: int
    per_page: int = PER_PAGE

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.per_page

    @property
    def limit(self) -> int:
        """Rows to ask for: those of the page and one that tells whether there are more."""
        return self.per_page + 1

    def of(self, rows: Sequence[Row], total: int | None = None) -> Page[Row]:
        """Make the page from the rows that the query gave."""
        return Page(tuple(rows[: self.per_page]), self.number, len(rows) > self.per_page, total)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows; `number` counts from 1."""

    rows: tuple[Row, ...]
    number: int
    has_next: bool
    total: int | None = None

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.number > 1


def asked_page(args: Mapping[str, str], per_page: int = PER_PAGE) -> Asked:
    """Read `?page=`. Raises BadRequest for anything but a number from 1 to 10,000."""
    text = args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= PAGE_MAX and len(text) < 6):
        raise BadRequest
    return Asked(int(text), per_page)


def address_of_page(args: Mapping[str, str], number: int) -> str:
    """Give the relative address of another page, with the search words kept."""
    return "?" + urlencode({**args, "page": str(number)})
