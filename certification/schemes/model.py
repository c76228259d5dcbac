"""What a scheme is: its legal nature, its verb, its parameters.

A scheme is data, never code; a further region brings further files. Invariants, checked when a
file is read (`read_scheme`):

- the word 认证 stands only in schemes whose nature is certification: a brand office authorises,
  a GI office approves the use of a mark, an award is given
- every parameter names its source, and whether an official text was read (`verified`)
- texts are given in Chinese and English
- `number_pattern` uses only ASCII capitals, digits and hyphens, since numbers are public for ever

File format, by example (TOML)::

    format = 1
    code = "jnjp"
    version = "2026-1"
    effective = 2024-01-01
    nature = "brand_authorisation"
    number_pattern = "JNJP-20[0-9]{2}-[0-9]{4}"
    units = ["piece"]
    name = { zh = "津农精品", en = "Jinnong Jingpin" }
    office = { zh = "…", en = "…" }
    verb = { zh = "授权使用", en = "authorised to use the mark" }
    document = { zh = "用标授权", en = "licence to use the mark" }

    [parameters.validity_years]
    value = 3                    # or "none": the right has no end date of its own
    verified = false
    source = "…"

Required parameters: `validity_years`, `quantity_bound` (see `Bound`), `renewal_months`,
`bar_years`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from certification.schemes.errors import SchemeError

FORMAT = 1
_CODE = re.compile(r"[a-z][a-z0-9]{1,15}")
_VERSION = re.compile(r"20[0-9]{2}-[0-9]{1,3}")
_PATTERN_ALPHABET = re.compile(r"[A-Z0-9\[\](){}|,?-]{1,80}")
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{3,31}")
_RESERVED_WORD = "认证"


class Nature(StrEnum):
    """Legal nature of a scheme; it decides whether 认证 may be said at all."""

    CERTIFICATION = "certification"  # 认证: an approved body, Certification and Accreditation rules
    VOLUNTARY_CERTIFICATION = "voluntary_certification"  # 自愿认证
    MARK_LICENCE = "mark_licence"  # 标志许可
    GEOGRAPHICAL_INDICATION = "geographical_indication"  # 登记、核准使用
    LISTING = "listing"  # 名录收集登录
    BRAND_AUTHORISATION = "brand_authorisation"  # 认定、授权使用
    AWARD = "award"  # 评选

    @property
    def may_say_certified(self) -> bool:
        """True where texts may contain 认证."""
        return self in (Nature.CERTIFICATION, Nature.VOLUNTARY_CERTIFICATION)


class Bound(StrEnum):
    """How a certificate bounds labels; public in each grant, so that strangers can recompute.

    - approved_output: goods are bounded; a voided label frees its quantity again,
      left = granted - printed + void
    - print_permit: prints are bounded; a voided label stays used, left = granted - printed
    - unbounded: the scheme bounds no quantity
    """

    APPROVED_OUTPUT = "approved_output"
    PRINT_PERMIT = "print_permit"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        """The text in `lang`; every language but `en` is answered in Chinese, the default."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Parameter:
    """One number or choice of a scheme with the place where it was found.

    `verified` is True only where the official text itself was read; `value` None means "none".
    """

    name: str
    value: int | str | None
    verified: bool
    source: str


@dataclass(frozen=True)
class Scheme:
    """A brand, label or mark under which certificates and licences are given."""

    code: str
    version: str
    effective: date
    nature: Nature
    name: Words
    office: Words
    verb: Words
    document: Words
    number_pattern: str
    units: tuple[str, ...]
    parameters: Mapping[str, Parameter]

    @property
    def validity_years(self) -> int | None:
        """Longest term of one certificate in years; None where the right has no end of its own."""
        return _whole(self.parameters["validity_years"])

    @property
    def renewal_months(self) -> int | None:
        """Months before the end in which renewal is asked for; None where there is no renewal."""
        return _whole(self.parameters["renewal_months"])

    @property
    def bar_years(self) -> int | None:
        """Years after a revocation in which the holder may not apply; None where none is known."""
        return _whole(self.parameters["bar_years"])

    @property
    def bound(self) -> Bound:
        """How certificates of this scheme bound labels."""
        return Bound(str(self.parameters["quantity_bound"].value))

    def accepts_number(self, number: str) -> bool:
        """True when `number` has the form of this scheme."""
        return bool(_NUMBER.fullmatch(number) and re.fullmatch(self.number_pattern, number))

    def statement(self, lang: str) -> str:
        """What the scheme does, in its own verb: `授权使用「津农精品」`."""
        if lang == "en":
            return f"{self.verb.en}: {self.name.en}"
        return f"{self.verb.zh}「{self.name.zh}」"

    def unverified(self) -> tuple[Parameter, ...]:
        """Parameters whose official text nobody has read yet, by name."""
        open_ones = [item for item in self.parameters.values() if not item.verified]
        return tuple(sorted(open_ones, key=lambda item: item.name))


def _whole(parameter: Parameter) -> int | None:
    assert parameter.value is None or isinstance(parameter.value, int)
    return parameter.value


def read_scheme(document: Mapping[str, Any]) -> Scheme:
    """Build a scheme from a parsed file; raises SchemeError naming the place."""
    return _SchemeReader(document).scheme()


class _SchemeReader:
    """Reads one parsed file; every member is taken once, and none may remain."""

    TEXTS = ("name", "office", "verb", "document")
    MEMBERS = frozenset(
        {"format", "code", "version", "effective", "nature", "number_pattern", "units"}
    ) | {*TEXTS, "parameters"}

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._code = str(document.get("code", "?"))

    def scheme(self) -> Scheme:
        self._closed(self._document, self.MEMBERS, "")
        self._require(self._document["format"] == FORMAT, "format", str(FORMAT))
        nature = Nature(self._choice("nature", [item.value for item in Nature]))
        scheme = Scheme(
            code=self._match("code", _CODE),
            version=self._match("version", _VERSION),
            effective=self._effective(),
            nature=nature,
            name=self._words("name"),
            office=self._words("office"),
            verb=self._words("verb", nature),
            document=self._words("document", nature),
            number_pattern=self._number_pattern(),
            units=self._units(),
            parameters=self._parameters(),
        )
        self._bound_has_unit(scheme)
        return scheme

    def _closed(self, found: Mapping[str, Any], members: frozenset[str], place: str) -> None:
        for name in sorted(members.symmetric_difference(found)):
            expected = "a member" if name in members else "no such member"
            raise SchemeError(self._code, f"{place}{name}", expected, found.get(name))

    def _require(self, holds: bool, place: str, expected: str, found: object = None) -> None:
        if not holds:
            raise SchemeError(self._code, place, expected, found or self._document.get(place))

    def _match(self, name: str, pattern: re.Pattern[str]) -> str:
        value = self._document[name]
        fits = isinstance(value, str) and bool(pattern.fullmatch(value))
        self._require(fits, name, pattern.pattern)
        return str(value)

    def _choice(self, name: str, choices: list[str]) -> str:
        value = self._document[name]
        self._require(value in choices, name, " | ".join(choices))
        return str(value)

    def _effective(self) -> date:
        value = self._document["effective"]
        self._require(type(value) is date, "effective", "a date")
        return date(value.year, value.month, value.day)

    def _words(self, name: str, nature: Nature | None = None) -> Words:
        value = self._document[name]
        self._require(isinstance(value, Mapping), name, "{ zh, en }")
        self._closed(value, frozenset({"zh", "en"}), f"{name}.")
        for lang in ("zh", "en"):
            filled = isinstance(value[lang], str) and value[lang].strip() != ""
            self._require(filled, f"{name}.{lang}", "a text", value[lang])
        if nature is not None and not nature.may_say_certified:
            said = _RESERVED_WORD in value["zh"] or "certif" in value["en"].lower()
            self._require(not said, name, f"no {_RESERVED_WORD} for {nature}", value)
        return Words(value["zh"], value["en"])

    def _number_pattern(self) -> str:
        pattern = self._match("number_pattern", _PATTERN_ALPHABET)
        try:
            re.compile(pattern)
        except re.error as error:
            raise SchemeError(
                self._code, "number_pattern", "a regular expression", pattern
            ) from error
        return pattern

    def _units(self) -> tuple[str, ...]:
        units = self._document["units"]
        known = isinstance(units, list) and set(units) <= {"mg", "piece"}
        self._require(known and len(set(units)) == len(units), "units", "a list of mg, piece")
        return tuple(units)

    def _parameters(self) -> dict[str, Parameter]:
        given = self._document["parameters"]
        self._require(isinstance(given, Mapping), "parameters", "a table")
        self._closed(given, frozenset(_PARAMETER_RULES), "parameters.")
        return {name: self._parameter(name, given[name]) for name in sorted(given)}

    def _parameter(self, name: str, given: Any) -> Parameter:
        place = f"parameters.{name}"
        self._require(isinstance(given, Mapping), place, "{ value, verified, source }", given)
        self._closed(given, frozenset({"value", "verified", "source"}), f"{place}.")
        expected, accepts = _PARAMETER_RULES[name]
        self._require(accepts(given["value"]), f"{place}.value", expected, given["value"])
        self._require(type(given["verified"]) is bool, f"{place}.verified", "true | false")
        sourced = isinstance(given["source"], str) and given["source"].strip() != ""
        self._require(sourced, f"{place}.source", "where the value was found")
        value = given["value"]
        absent = value == "none"
        return Parameter(name, None if absent else value, given["verified"], given["source"])

    def _bound_has_unit(self, scheme: Scheme) -> None:
        bounded = scheme.bound is not Bound.UNBOUNDED
        self._require(bounded == bool(scheme.units), "units", "units exactly where bounded")


def _count_or_none(value: object) -> bool:
    return value == "none" or (type(value) is int and 0 < value <= 100)


def _bound_name(value: object) -> bool:
    return value in [item.value for item in Bound]


_PARAMETER_RULES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "validity_years": ('1..100 or "none"', _count_or_none),
    "renewal_months": ('1..100 or "none"', _count_or_none),
    "bar_years": ('1..100 or "none"', _count_or_none),
    "quantity_bound": (" | ".join(Bound), _bound_name),
}
