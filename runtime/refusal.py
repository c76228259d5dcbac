"""How a rule says no.

Each area has one enum of refusals; a member's value is its `Sentence` (HTTP status, Chinese,
English), its lower-case name is the code that API, documents and tests use, and the order of the
members is their rank. When several refusals apply, all are listed and the lowest rank answers:

    class LabelRefusal(RefusalCode):
        OVER = Sentence(409, "还剩{left}枚，要打印{count}枚", "{left} left, {count} asked for")

    refuse(LabelRefusal.OVER, "/count", left=3, count=10)

A refusal is an expected answer to bad input or to a state of affairs. A broken promise of the
program itself is another kind of exception and must not be caught as a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import NoReturn


@dataclass(frozen=True)
class Sentence:
    """HTTP status and the sentence in both languages; `{name}` stands for a number of the case."""

    status: int
    zh: str
    en: str


class RefusalCode(Enum):
    """Base of the areas' enums; see the module for how one is written."""

    _value_: Sentence

    def __init_subclass__(cls) -> None:
        """Refuse two members with one sentence: Python would make the second a mere alias."""
        super().__init_subclass__()
        aliases = [name for name, member in cls.__members__.items() if name != member.name]
        if aliases:
            raise TypeError(f"{cls.__name__}: {', '.join(aliases)} repeat another sentence")

    @property
    def code(self) -> str:
        """The name that machines read."""
        return self.name.lower()

    @property
    def rank(self) -> int:
        """The place in the enum, from 0; the lowest answers."""
        return _ranks(type(self))[self]

    @property
    def sentence(self) -> Sentence:
        """Status and text."""
        return self._value_


@cache
def _ranks(codes: type[RefusalCode]) -> dict[RefusalCode, int]:
    return {code: rank for rank, code in enumerate(codes)}


@dataclass(frozen=True)
class Reason:
    """One refusal in one case: what, where (JSON pointer into the input), with which numbers."""

    code: RefusalCode
    pointer: str | None = None
    numbers: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    def text(self, lang: str) -> str:
        """Give the sentence in `zh` or `en` with the numbers of the case."""
        sentence = self.code.sentence
        template = sentence.en if lang == "en" else sentence.zh
        return template.format_map(self.numbers)


class Refusal(Exception):
    """A request is refused for one or more reasons, kept in the order of their rank."""

    def __init__(self, *reasons: Reason) -> None:
        if not reasons:
            raise TypeError("a refusal needs a reason")
        self.reasons = tuple(sorted(reasons, key=lambda reason: reason.code.rank))
        super().__init__(", ".join(reason.code.code for reason in self.reasons))

    @property
    def first(self) -> Reason:
        """The reason of the lowest rank, which answers."""
        return self.reasons[0]

    @property
    def status(self) -> int:
        """The HTTP status of the reason that answers."""
        return self.first.code.sentence.status


def refuse(code: RefusalCode, pointer: str | None = None, **numbers: str | int) -> NoReturn:
    """Raise a `Refusal` with one reason."""
    raise Refusal(Reason(code, pointer, numbers))
