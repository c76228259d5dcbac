"""A rule pack: which fact gives or takes how many points, from when, and why.

Invariants, checked when a pack is read (`read_pack`), before anything can be published:

- hit policy UNIQUE (DMN): for one kind of fact, no two rules can match the same fact
- every rule has its reason in both languages and names the item of a plan or law behind it
- all examples in the file come out as they say, and every rule that gives points is shown counted,
  capped (where it has a cap) and refused
- amounts are milli-points in whole numbers; a fractional result is cut towards zero, once
- a pack whose numbers no authority has published says `illustrative = true` (示例)

The digest of a pack is the SHA-256 of the file's bytes; `points.pack.publish` puts it into the log.
The date of the *event* picks the pack, never today's date.

File format: see `points/packs/data/`. A rule's `when` maps names of the fact's attributes to cells
(`points.packs.cells`); `per` counts facts, or 亩, kilograms or pieces of the fact's quantity.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from hashlib import sha256
from itertools import combinations
from typing import Any, Literal

from points.accounts.model import AMOUNT_MAX, milli_from
from points.packs.cells import Cell, Value, overlap, parse_cell
from points.packs.errors import PackError
from points.refusals import PointsRefusal
from runtime.clock import beijing_date, parse_instant
from runtime.quantities import Quantity, QuantityError, parse
from runtime.refusal import Refusal, refuse

FORMAT = 1
Period = Literal["day", "month", "year"]
# How much of a quantity's base unit (m², mg, pieces) one counted thing is: 1 亩 = 2000/3 m².
_PER: Mapping[str, tuple[str | None, Fraction]] = {
    "fact": (None, Fraction(1)),
    "mu": ("area", Fraction(2000, 3)),
    "kg": ("mass", Fraction(1_000_000)),
    "piece": ("pieces", Fraction(1)),
}
_PERIOD_FORMATS: Mapping[str, str] = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """The text in `lang`; every language but `en` is answered in Chinese, the default."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Cap:
    """The most that a rule gives one account in one calendar period, Beijing time."""

    amount_milli: int
    period: Period


@dataclass(frozen=True)
class Rule:
    """One row of the decision table; `amount_milli` is negative where points are taken."""

    code: str
    fact: str
    when: Mapping[str, Cell]
    amount_milli: int
    per: str
    cap: Cap | None
    lasts_months: int | None
    reason: Words
    basis: str

    @property
    def takes(self) -> bool:
        """True for a deduction."""
        return self.amount_milli < 0


@dataclass(frozen=True)
class Fact:
    """What happened, as far as rules look at it."""

    kind: str
    at: datetime
    quantity: Quantity | None = None
    attributes: Mapping[str, Value] | None = None


@dataclass(frozen=True)
class Counted:
    """What a rule gives for a fact: `amount_milli` after the cap, `full_milli` before it.

    `cap_key` names the period in which the cap counts, "" where there is no cap.
    """

    rule: Rule
    full_milli: int
    amount_milli: int
    cap_key: str


@dataclass(frozen=True)
class Example:
    """One worked case of the file."""

    name: str
    rule: str
    fact: Fact
    used_milli: int
    gives_milli: int | None
    refused: str | None


@dataclass(frozen=True)
class Pack:
    """A whole pack as its file says; `digest` is the SHA-256 of the file's bytes."""

    code: str
    version: int
    regions: tuple[str, ...]
    subjects: tuple[str, ...]
    effective: date
    until: date | None
    illustrative: bool
    disclosure: str
    name: Words
    authority: Words
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    digest: bytes

    def covers(self, day: date) -> bool:
        """True when events of this day, Beijing time, are judged by this pack."""
        return self.effective <= day and (self.until is None or day <= self.until)

    def serves(self, region: str | None) -> bool:
        """True when parties of this region code belong to the pack."""
        return region is not None and region.startswith(self.regions)


def pack_for(packs: Iterable[Pack], region: str | None, at: datetime) -> Pack:
    """The pack that judges an event in a region: the newest version that covers its day."""
    day = beijing_date(at)
    fitting = [pack for pack in packs if pack.serves(region) and pack.covers(day)]
    if not fitting:
        refuse(PointsRefusal.NO_PACK, "/at")
    return max(fitting, key=lambda pack: (pack.effective, pack.version, pack.code))


def rule_for(pack: Pack, fact: Fact) -> Rule:
    """The one rule that matches a fact; refuses a fact that no rule knows."""
    attributes = fact.attributes or {}
    hits = [
        rule
        for rule in pack.rules
        if rule.fact == fact.kind
        and all(cell.matches(attributes.get(name)) for name, cell in rule.when.items())
    ]
    if not hits:
        refuse(PointsRefusal.NO_RULE, "/kind")
    return hits[0]


def cap_key(rule: Rule, at: datetime) -> str:
    """The name of the calendar period, Beijing time, in which the cap of a rule counts."""
    if rule.cap is None:
        return ""
    return beijing_date(at).strftime(_PERIOD_FORMATS[rule.cap.period])


def count(rule: Rule, fact: Fact, used_milli: int) -> Counted:
    """What a rule gives for a fact when `used_milli` of its cap is used up already.

    Refuses an exhausted cap, an absent or wrong quantity, and an amount too large to post.
    """
    full_milli = _amount(rule, fact)
    amount_milli = full_milli
    if rule.cap is not None:
        left = rule.cap.amount_milli - used_milli
        if left <= 0:
            refuse(PointsRefusal.CAP_REACHED, cap=rule.cap.amount_milli // 1000)
        amount_milli = min(full_milli, left)
    if amount_milli == 0:
        refuse(PointsRefusal.NOTHING_COUNTED, "/quantity")
    return Counted(rule, full_milli, amount_milli, cap_key(rule, fact.at))


def _amount(rule: Rule, fact: Fact) -> int:
    kind, one = _PER[rule.per]
    if kind is None:
        return rule.amount_milli
    if fact.quantity is None or fact.quantity.kind != kind:
        refuse(PointsRefusal.QUANTITY_MISSING, "/quantity")
    # int() cuts towards zero, for gains and losses alike.
    amount = int(fact.quantity.exact / one * rule.amount_milli)
    if abs(amount) > AMOUNT_MAX:
        refuse(PointsRefusal.AMOUNT_TOO_LARGE, "/quantity")
    return amount


def read_pack(data: bytes) -> Pack:
    """Parse a pack file and check it as the module says; raises PackError."""
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError("file", "TOML in UTF-8", str(error)) from error
    pack = _PackReader(document, sha256(data).digest()).pack()
    _check_unique(pack)
    _check_examples(pack)
    return pack


def _check_unique(pack: Pack) -> None:
    codes = [rule.code for rule in pack.rules]
    if len(set(codes)) != len(codes):
        raise PackError("rule", "codes that differ", codes)
    for one, other in combinations(pack.rules, 2):
        if one.fact == other.fact and _rules_overlap(one, other):
            raise PackError(f"rule.{other.code}", f"no overlap with {one.code}", other.fact)


def _rules_overlap(one: Rule, other: Rule) -> bool:
    names = {*one.when, *other.when}
    anything = Cell("-")
    return all(
        overlap(one.when.get(name, anything), other.when.get(name, anything)) for name in names
    )


def _check_examples(pack: Pack) -> None:
    for example in pack.examples:
        found = run_example(pack, example)
        if found != (example.gives_milli, example.refused):
            raise PackError(
                f"example.{example.name}", str((example.gives_milli, example.refused)), found
            )
    for rule in pack.rules:
        _check_shown(rule, [item for item in pack.examples if item.rule == rule.code])


def run_example(pack: Pack, example: Example) -> tuple[int | None, str | None]:
    """What a worked case comes out as: (milli-points, None) or (None, code of the refusal)."""
    try:
        rule = rule_for(pack, example.fact)
        if rule.code != example.rule:
            return None, f"another rule: {rule.code}"
        return count(rule, example.fact, example.used_milli).amount_milli, None
    except Refusal as refusal:
        return None, refusal.first.code.code


def _check_shown(rule: Rule, examples: list[Example]) -> None:
    given = [item.gives_milli for item in examples if item.gives_milli is not None]
    refused = [item for item in examples if item.refused is not None]
    if not given or not refused:
        raise PackError(f"rule.{rule.code}", "examples that are counted and refused", len(examples))
    if rule.cap is not None and rule.cap.amount_milli not in given:
        raise PackError(f"rule.{rule.code}", "an example that reaches the cap", given)


class _PackReader:
    """Reads one parsed file; unknown members are refused."""

    HEAD = frozenset(
        {"format", "code", "version", "regions", "subjects", "effective", "until", "illustrative"}
        | {"disclosure", "name", "authority", "rule", "example"}
    )
    RULE = frozenset(
        {"code", "fact", "when", "points", "per", "cap", "lasts_months", "reason", "basis"}
    )
    EXAMPLE = frozenset(
        {"name", "rule", "fact", "at", "quantity", "unit", "attributes", "used", "gives"}
        | {"refused"}
    )

    def __init__(self, document: Mapping[str, Any], digest: bytes) -> None:
        self._document = document
        self._digest = digest

    def pack(self) -> Pack:
        head = self._document
        self._members(head, self.HEAD, {"until", "example"}, "")
        self._require(head["format"] == FORMAT, "format", str(FORMAT), head["format"])
        return Pack(
            code=self._text(head, "code", ""),
            version=self._whole(head["version"], "version"),
            regions=self._texts(head["regions"], "regions"),
            subjects=self._texts(head["subjects"], "subjects"),
            effective=self._date(head["effective"], "effective"),
            until=None if "until" not in head else self._date(head["until"], "until"),
            illustrative=self._flag(head["illustrative"], "illustrative"),
            disclosure=self._disclosure(head["disclosure"]),
            name=self._words(head["name"], "name"),
            authority=self._words(head["authority"], "authority"),
            rules=tuple(self._rule(item) for item in head["rule"]),
            examples=tuple(self._example(item) for item in head.get("example", [])),
            digest=self._digest,
        )

    def _rule(self, row: Mapping[str, Any]) -> Rule:
        place = f"rule.{row.get('code', '?')}"
        self._members(row, self.RULE, {"when", "cap", "lasts_months"}, f"{place}.")
        when = row.get("when", {})
        self._require(row["per"] in _PER, f"{place}.per", " | ".join(_PER), row["per"])
        lasts = row.get("lasts_months")
        return Rule(
            code=self._text(row, "code", place),
            fact=self._text(row, "fact", place),
            when={name: parse_cell(str(when[name]), f"{place}.when.{name}") for name in when},
            amount_milli=self._points(row["points"], f"{place}.points"),
            per=str(row["per"]),
            cap=self._cap(row["cap"], f"{place}.cap") if "cap" in row else None,
            lasts_months=None if lasts is None else self._whole(lasts, f"{place}.lasts_months"),
            reason=self._words(row["reason"], f"{place}.reason"),
            basis=self._text(row, "basis", place),
        )

    def _cap(self, cap: Mapping[str, Any], place: str) -> Cap:
        self._members(cap, frozenset({"points", "per"}), set(), f"{place}.")
        self._require(cap["per"] in _PERIOD_FORMATS, f"{place}.per", "a period", cap["per"])
        amount = self._points(cap["points"], f"{place}.points")
        self._require(amount > 0, f"{place}.points", "more than 0", cap["points"])
        return Cap(amount, cap["per"])

    def _example(self, row: Mapping[str, Any]) -> Example:
        place = f"example.{row.get('name', '?')}"
        optional = set(self.EXAMPLE - {"name", "rule", "fact", "at"})
        self._members(row, self.EXAMPLE, optional, f"{place}.")
        one_outcome = ("gives" in row) is not ("refused" in row)
        self._require(one_outcome, place, "either gives or refused", sorted(row))
        return Example(
            name=self._text(row, "name", place),
            rule=self._text(row, "rule", place),
            fact=self._fact(row, place),
            used_milli=self._points(row.get("used", "0"), f"{place}.used"),
            gives_milli=self._points(row["gives"], f"{place}.gives") if "gives" in row else None,
            refused=row.get("refused"),
        )

    def _fact(self, row: Mapping[str, Any], place: str) -> Fact:
        try:
            quantity = parse(row["quantity"], row["unit"]) if "quantity" in row else None
            at = parse_instant(row["at"])
        except (QuantityError, ValueError, KeyError) as error:
            raise PackError(place, "at and quantity with unit", str(error)) from error
        return Fact(str(row["fact"]), at, quantity, attributes_from(row.get("attributes", {})))

    def _members(
        self, found: Mapping[str, Any], known: frozenset[str], optional: set[str], place: str
    ) -> None:
        for name in sorted((known - optional - set(found)) | (set(found) - known)):
            expected = "a member" if name in known else "no such member"
            raise PackError(f"{place}{name}", expected, found.get(name))

    def _require(self, holds: bool, place: str, expected: str, found: object) -> None:
        if not holds:
            raise PackError(place, expected, found)

    def _text(self, row: Mapping[str, Any], name: str, place: str) -> str:
        value = row[name]
        filled = isinstance(value, str) and value.strip() != ""
        self._require(filled, f"{place}.{name}", "a text", value)
        return str(value)

    def _texts(self, value: Any, place: str) -> tuple[str, ...]:
        texts = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
        self._require(bool(texts), place, "a list of texts", value)
        return tuple(value)

    def _whole(self, value: Any, place: str) -> int:
        self._require(type(value) is int and value > 0, place, "a positive whole number", value)
        return int(value)

    def _flag(self, value: Any, place: str) -> bool:
        self._require(type(value) is bool, place, "true | false", value)
        return bool(value)

    def _date(self, value: Any, place: str) -> date:
        self._require(type(value) is date, place, "a date", value)
        return date(value.year, value.month, value.day)

    def _words(self, value: Any, place: str) -> Words:
        self._require(isinstance(value, Mapping), place, "{ zh, en }", value)
        self._members(value, frozenset({"zh", "en"}), set(), f"{place}.")
        return Words(self._text(value, "zh", place), self._text(value, "en", place))

    def _disclosure(self, value: Any) -> str:
        self._require(value in ("public", "contract", "consent"), "disclosure", "a rule", value)
        return str(value)

    def _points(self, value: Any, place: str) -> int:
        self._require(isinstance(value, str), place, "a decimal in quotes", value)
        try:
            return milli_from(value)
        except ValueError as error:
            raise PackError(place, "points with at most three decimals", value) from error


def attributes_from(given: Mapping[str, str | int]) -> dict[str, Value]:
    """Attributes of a fact as rules compare them: texts stay, whole numbers become fractions."""
    return {
        name: Fraction(value) if isinstance(value, int) else value for name, value in given.items()
    }
