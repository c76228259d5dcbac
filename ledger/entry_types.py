"""What an entry type may say in public, declared once and checked at the door.

The log is public for ever. So each type names the facts that it publishes, each as a closed
vocabulary or a bounded form, the fields that it commits to, and why the public part may stay
public. Areas declare theirs in `<area>/entries.py` as `ENTRY_TYPES`; the log's own are at the
foot of this module. `docs/log-format.md` carries the same table, compared by a test.

Rules (log-format, "Entry types"): a type is lower-case `area.noun.verb`; words in capitals are
reserved for the log; facts hold no free text and no fractions; a fact or commitment that is not
declared is refused. Verifiers never look at these declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from ledger.entries.shape import INTEGER_MAX
from ledger.refusals import LedgerRefusal
from runtime import base64url
from runtime.clock import parse_instant
from runtime.json_pointer import pointer_text
from runtime.refusal import Reason

LIST_MAX: Final = 256
RESERVED: Final = frozenset(
    {
        "GENESIS",
        "KEY",
        "REVOKE",
        "MAP",
        "CONT",
        "ALT-ROOT",
        "SEAL",
        "ERASURE",
        "CLOSE",
        "ANSWERS",
    }
)
"""Types of the log itself. GENESIS, KEY and CONT are written now; the others are refused until the
part of the log that gives them meaning is there."""

Kind = Literal["int", "code", "instant", "date", "digest", "key", "bool", "number", "list"]

_TYPE = re.compile(r"[a-z]+(\.[a-z][a-z_]*){2}")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NUMBER: Final = r"[0-9A-Za-z][0-9A-Za-z./()_-]{0,39}"
_CODE_LENGTH_MAX = 80


@dataclass(frozen=True)
class Field:
    """The form of one public fact.

    Kinds: `int` from `low` to `high`; `code` a word of `vocabulary` or one that
    `pattern` matches whole; `number` a document or certificate number, a text that `pattern`
    (default: up to 40 Latin letters, digits and `. / ( ) _ -`) matches whole; `instant` and
    `date` in their one spelling; `digest` and `key` 32 bytes in base64url; `bool`; `list`
    of at most 256 `item`. An `optional` field may be absent; none may be null.
    """

    kind: Kind
    vocabulary: tuple[str, ...] = ()
    pattern: str | None = None
    low: int = 0
    high: int = INTEGER_MAX
    item: Field | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        if self.kind == "code" and not self.vocabulary and self.pattern is None:
            raise ValueError("a code needs a vocabulary or a pattern")
        if (self.kind == "list") != (self.item is not None):
            raise ValueError("a list, and only a list, says what its items are")
        if self.pattern is not None:
            re.compile(self.pattern)

    def allows(self, value: object) -> bool:
        """Whether `value` (parsed JSON) has this form."""
        if self.kind == "list":
            return self._allows_list(value)
        if self.kind == "bool":
            return isinstance(value, bool)
        if self.kind == "int":
            return type(value) is int and self.low <= value <= self.high
        return type(value) is str and self._allows_text(value)

    def _allows_list(self, value: object) -> bool:
        item = self.item
        if item is None or not isinstance(value, list | tuple) or len(value) > LIST_MAX:
            return False
        return all(item.allows(each) for each in value)

    def _allows_text(self, value: str) -> bool:
        match self.kind:
            case "code":
                return value in self.vocabulary or self._matches(value)
            case "number":
                return self._matches(value) if self.pattern else bool(re.fullmatch(_NUMBER, value))
            case "instant":
                return _is_instant(value)
            case "date":
                return _is_date(value)
            case _:
                return _is_32_bytes(value)

    def _matches(self, value: str) -> bool:
        if self.pattern is None or len(value) > _CODE_LENGTH_MAX:
            return False
        return re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True)
class EntryType:
    """One type of entry: its public facts, what it commits to, and why that may be public.

    `why` is the reason given in the table of `docs/log-format.md`.
    """

    type: str
    public: Mapping[str, Field]
    committed: tuple[str, ...]
    why: str

    def __post_init__(self) -> None:
        if self.type not in RESERVED and not _TYPE.fullmatch(self.type):
            raise ValueError(f"{self.type!r} is not written area.noun.verb")
        for name in (*self.public, *self.committed):
            if not _FIELD.fullmatch(name):
                raise ValueError(f"{self.type}: {name!r} is no field name")
        if set(self.public) & set(self.committed):
            raise ValueError(f"{self.type}: a field is either public or committed")
        if not self.why.strip():
            raise ValueError(f"{self.type}: why may its public fields stay public?")

    def problems(self, facts: Mapping[str, object], commit: Iterable[str]) -> list[Reason]:
        """Every reason to refuse these facts and commitments; an empty list lets them pass."""
        return [*self._facts_problems(facts), *self._commit_problems(commit)]

    def _facts_problems(self, facts: Mapping[str, object]) -> Iterator[Reason]:
        for name, value in facts.items():
            pointer = pointer_text(("facts", name))
            declared = self.public.get(name)
            if declared is None:
                numbers = {"type": self.type, "field": name}
                yield Reason(LedgerRefusal.UNDECLARED_FACT, pointer, numbers)
            elif not declared.allows(value):
                yield Reason(LedgerRefusal.MALFORMED_FACT, pointer, {"field": name})
        for name, declared in self.public.items():
            if name not in facts and not declared.optional:
                numbers = {"type": self.type, "field": name}
                yield Reason(LedgerRefusal.MISSING_FACT, "/facts", numbers)

    def _commit_problems(self, commit: Iterable[str]) -> Iterator[Reason]:
        for name in commit:
            if name not in self.committed:
                numbers = {"type": self.type, "field": name}
                pointer = pointer_text(("commit", name))
                yield Reason(LedgerRefusal.UNDECLARED_COMMITMENT, pointer, numbers)


def registry(*groups: Iterable[EntryType]) -> dict[str, EntryType]:
    """All declared types by name; `ValueError` where two areas declare the same."""
    types: dict[str, EntryType] = {}
    for each in (each for group in groups for each in group):
        if each.type in types:
            raise ValueError(f"entry type {each.type} is declared twice")
        types[each.type] = each
    return types


def table_rows(types: Iterable[EntryType]) -> list[str]:
    """The rows of the table in `docs/log-format.md` for these types, sorted by type."""
    rows = []
    for each in sorted(types, key=lambda declared: declared.type):
        public = ", ".join(_shown(name, each.public[name]) for name in sorted(each.public)) or "—"
        committed = ", ".join(f"`{name}`" for name in sorted(each.committed)) or "—"
        rows.append(f"| `{each.type}` | {public} | {committed} | {each.why} |")
    return rows


def _shown(name: str, field: Field) -> str:
    kind = field.kind if field.item is None else f"list of {field.item.kind}"
    return f"`{name}` {kind}{' (optional)' if field.optional else ''}"


def _is_instant(value: str) -> bool:
    try:
        parse_instant(value)
    except ValueError:
        return False
    return True


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_32_bytes(value: str) -> bool:
    try:
        return len(base64url.decode(value)) == 32
    except ValueError:
        return False


CUSTODIES: Final = ("own", "platform")
PURPOSES: Final = ("party", "system", "checkpoint")

GENESIS: Final = EntryType(
    "GENESIS",
    {
        "demo": Field("bool"),
        "format": Field("code", vocabulary=("ecotrace/entry/v1",)),
        "root_keys": Field("list", item=Field("key")),
        "system_key": Field("key"),
    },
    (),
    "It states the log's own keys and whether it is a demo; nobody is described.",
)
KEY: Final = EntryType(
    "KEY",
    {
        "custody": Field("code", vocabulary=CUSTODIES),
        "key": Field("key"),
        "purpose": Field("code", vocabulary=PURPOSES),
    },
    (),
    "Keys of the log and of organisations, without which nobody could check a signature; "
    "natural persons have none here.",
)
CONT: Final = EntryType(
    "CONT",
    {
        "of": Field("digest"),
        "part": Field("int", low=1),
        "parts": Field("int", low=1),
    },
    (),
    "It only continues the list of opaque stream ids of the entry before it.",
)

ENTRY_TYPES: Final = (GENESIS, KEY, CONT)
"""The log's own types; `record` and `accept` refuse them, `ledger.genesis` writes them."""
