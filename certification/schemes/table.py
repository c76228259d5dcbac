"""Reading one table of a parsed scheme file: every member is taken once, and none may remain.

A `Table` knows its place in the file (`tracks.initial.steps.2`), so that each refusal names where
it is. The methods that take a member raise SchemeError when it is absent or of another form;
`closed` raises for the members that nobody took.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from certification.schemes.errors import SchemeError
from certification.schemes.model import Words

Choice = TypeVar("Choice", bound=StrEnum)

_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
TEXT_MAX = 600


class Table:
    """One table of a file, at a dotted place inside it."""

    def __init__(self, code: str, members: object, place: str = "") -> None:
        self._code = code
        self.place = place
        if not isinstance(members, Mapping):
            self.refuse(place, "a table", members)
        self._members: Mapping[str, Any] = members
        self._taken: set[str] = set()

    def refuse(self, place: str, expected: str, found: object) -> NoReturn:
        """Raise SchemeError at a place of this file."""
        raise SchemeError(self._code, place, expected, found)

    def at(self, name: str | int) -> str:
        """The dotted place of a member."""
        return f"{self.place}.{name}" if self.place else str(name)

    def require(self, holds: bool, name: str, expected: str, found: object = None) -> None:
        """Raise SchemeError at a member unless something holds."""
        if not holds:
            self.refuse(self.at(name), expected, found)

    def closed(self) -> None:
        """Refuse members that nobody took."""
        for name in sorted(set(self._members) - self._taken):
            self.refuse(self.at(name), "no such member", self._members[name])

    def has(self, name: str) -> bool:
        """Whether an optional member is there."""
        return name in self._members

    def names(self) -> tuple[str, ...]:
        """The names of all members."""
        return tuple(self._members)

    def take(self, name: str) -> Any:
        """A member as it was parsed."""
        self._taken.add(name)
        if name not in self._members:
            self.refuse(self.at(name), "a member", None)
        return self._members[name]

    def table(self, name: str) -> Table:
        """A member that is a table itself."""
        return Table(self._code, self.take(name), self.at(name))

    def tables(self, name: str) -> Iterator[tuple[str, Table]]:
        """The tables of a table of tables, by key; nothing where the member is absent."""
        if not self.has(name):
            return
        for key, members in self.table(name)._members.items():
            place = f"{self.at(name)}.{key}"
            if not KEY.fullmatch(key):
                self.refuse(place, KEY.pattern, key)
            yield key, Table(self._code, members, place)

    def rows(self, name: str) -> list[Table]:
        """The tables of an array; empty where the member is absent."""
        found = self._array(name)
        return [Table(self._code, each, f"{self.at(name)}.{n}") for n, each in enumerate(found, 1)]

    def _array(self, name: str) -> list[Any]:
        if not self.has(name):
            return []
        found = self.take(name)
        if not isinstance(found, list):
            self.refuse(self.at(name), "a list", found)
        return found

    def texts(self, name: str, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """A list of different texts, each one of `among`; empty where the member is absent."""
        found = self._array(name)
        known = None if among is None else frozenset(among)
        for each in found:
            if not isinstance(each, str) or (known is not None and each not in known):
                expected = "a text" if known is None else " | ".join(sorted(known))
                self.refuse(f"{self.at(name)}.{each}", expected, each)
        if len(set(found)) != len(found):
            self.refuse(self.at(name), "each one once", found)
        return tuple(found)

    def match(self, name: str, pattern: re.Pattern[str]) -> str:
        """A text that a pattern matches whole."""
        value = self.take(name)
        if not (isinstance(value, str) and pattern.fullmatch(value)):
            self.refuse(self.at(name), pattern.pattern, value)
        return str(value)

    def text(self, name: str, expected: str = "a text") -> str:
        """A text that says something."""
        value = self.take(name)
        if not (isinstance(value, str) and value.strip() and len(value) <= TEXT_MAX):
            self.refuse(self.at(name), expected, value)
        return str(value)

    def words(self, name: str) -> Words:
        """A text in both languages."""
        pair = Table(self._code, self._pair(name), self.at(name))
        words = Words(pair.text("zh"), pair.text("en"))
        pair.closed()
        return words

    def _pair(self, name: str) -> object:
        found = self.take(name)
        if not isinstance(found, Mapping):
            self.refuse(self.at(name), "{ zh, en }", found)
        return found

    def word_rows(self, name: str) -> tuple[Words, ...]:
        """A list of texts in both languages."""
        rows = []
        for row in self.rows(name):
            rows.append(Words(row.text("zh"), row.text("en")))
            row.closed()
        return tuple(rows)

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        """One word of a closed list."""
        value = self.take(name)
        values = [item.value for item in choices]
        if value not in values:
            self.refuse(self.at(name), " | ".join(values), value)
        return choices(value)

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number between two bounds."""
        value = self.take(name)
        if type(value) is not int or not low <= value <= high:
            self.refuse(self.at(name), f"{low}..{high}", value)
        return int(value)

    def whole_or_none(self, name: str, low: int, high: int) -> int | None:
        """A whole number between two bounds, or the word "none"."""
        if self.take(name) == "none":
            return None
        return self.whole(name, low, high)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.take(name)
        if type(value) is not bool:
            self.refuse(self.at(name), "true | false", value)
        return bool(value)

    def day(self, name: str) -> date:
        """A date without a time."""
        value = self.take(name)
        if type(value) is not date:
            self.refuse(self.at(name), "a date", value)
        return date(value.year, value.month, value.day)

    def decimal(self, name: str) -> Decimal:
        """An exact decimal, written as a text: a TOML fraction would be a float."""
        return Decimal(self.match(name, _DECIMAL))

    def sourced(self) -> tuple[bool, str]:
        """Whether the official text was read, and where the rule was found."""
        return self.flag("verified"), self.text("source", "where the value was found")
