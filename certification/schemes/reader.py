"""Makes a `Scheme` of parsed files, and refuses what breaks a rule, naming the place.

Two formats are read. Format 1 has the head only: what certificates recorded under a scheme need.
Format 2 adds who may apply, tracks, documents, limits, checklist, fees; it is what a new scheme is
written in, and `docs/schemes.md` explains every member. Nothing of format 1 changed its meaning, so
certificates that name an old version stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from certification.schemes.model import (
    Bound,
    CheckItem,
    Comparison,
    Conversion,
    Fee,
    FieldRule,
    Gives,
    Grade,
    Ground,
    IssuedBy,
    Limit,
    Nature,
    Numbering,
    Parameter,
    Region,
    Scheme,
    Severity,
    StepState,
    Track,
    TrackKind,
    Words,
    entry_name,
)
from certification.schemes.table import KEY, Table
from certification.schemes.track_reader import read_tracks
from certification.schemes.vocabulary import Vocabulary
from identity.parties.model import PartyKind
from runtime.regions import is_region_code

FORMATS = (1, 2)
CATEGORIES = ("grain", "vegetable", "fruit", "tea", "livestock", "egg", "aquatic", "other")
"""Product categories; the same words as `trace.products.model.Category`, compared by a test."""
FORMS = (
    "pattern",
    "own",
    "green",
    "organic",
    "agi",
    "credit_code",
    "mtyx",
)
"""Forms of numbers; `certification.numbers.model.FORMS` has their rules, compared by a test."""

Choices = tuple[tuple[str, Words], ...]

_CODE = re.compile(r"[a-z][a-z0-9]{1,15}")
_VERSION = re.compile(r"20[0-9]{2}-[0-9]{1,3}")
_PATTERN_ALPHABET = re.compile(r"[A-Z0-9\[\](){}|,?-]{1,160}")
_TEMPLATE = re.compile(r"[A-Z][A-Z0-9]{0,7}-\{year\}-\{serial:0[3-6]d\}")
_STANDARD = re.compile(r"[A-Za-z0-9/ .\u2014-]{4,40}")
_UNIT = re.compile(r"[^\s]{1,16}")
_GRADE = re.compile(r"[A-Z]{1,4}")
_RESERVED_WORD = "认证"
_FEN_MAX = 10**9
_EMPTY = Vocabulary({}, {}, {})


def read_scheme(
    document: Mapping[str, Any],
    vocabulary: Vocabulary = _EMPTY,
    limits: Mapping[str, Any] | None = None,
) -> Scheme:
    """Build a scheme from parsed files; raises SchemeError naming the place.

    `limits` is the parsed `limits.toml` beside the scheme, None where there is none.
    """
    top = Table(str(document.get("code", "?")), document)
    form = top.take("format")
    top.require(form in FORMATS, "format", "1 | 2", form)
    scheme = _head(top)
    if form == 1:
        top.closed()
        return scheme
    scheme = _whole(top, scheme, vocabulary, limits)
    _check_words(top, scheme)
    _check_together(top, scheme)
    return scheme


# --- The head: format 1 --------------------------------------------------------------------------


def _head(top: Table) -> Scheme:
    nature = top.choice("nature", Nature)
    scheme = Scheme(
        code=top.match("code", _CODE),
        version=top.match("version", _VERSION),
        effective=top.day("effective"),
        nature=nature,
        name=top.words("name"),
        office=top.words("office"),
        verb=_said(top, "verb", nature),
        document=_said(top, "document", nature),
        number_pattern=_number_pattern(top),
        units=top.texts("units", ("mg", "piece")),
        parameters=_parameters(top.table("parameters")),
    )
    bounded = scheme.bound is not Bound.UNBOUNDED
    top.require(bounded == bool(scheme.units), "units", "units exactly where bounded", scheme.units)
    return scheme


def _said(top: Table, name: str, nature: Nature) -> Words:
    words = top.words(name)
    if not nature.may_say_certified:
        said = _RESERVED_WORD in words.zh or "certif" in words.en.lower()
        top.require(not said, name, f"no {_RESERVED_WORD} for {nature}", words)
    return words


def _number_pattern(top: Table) -> str:
    pattern = top.match("number_pattern", _PATTERN_ALPHABET)
    try:
        re.compile(pattern)
    except re.error:
        top.refuse("number_pattern", "a regular expression", pattern)
    return pattern


def _parameters(table: Table) -> dict[str, Parameter]:
    found = {key: _parameter(key, each) for key, each in _entries(table)}
    for name in _REQUIRED:
        table.require(name in found, name, "a member", None)
    return dict(sorted(found.items()))


def _entries(table: Table) -> Iterator[tuple[str, Table]]:
    for key in table.names():
        table.require(key in _PARAMETER_RULES, key, "no such member", key)
        yield key, table.table(key)


def _parameter(name: str, table: Table) -> Parameter:
    expected, accepts = _PARAMETER_RULES[name]
    value = table.take("value")
    table.require(accepts(value), "value", expected, value)
    parameter = Parameter(name, None if value == "none" else value, *table.sourced())
    table.closed()
    return parameter


def _count_or_none(value: object) -> bool:
    return value == "none" or (type(value) is int and 0 < value <= 100)


def _bound_name(value: object) -> bool:
    return value in [item.value for item in Bound]


def _flag(value: object) -> bool:
    return type(value) is bool


_COUNT = ('1..100 or "none"', _count_or_none)
_YES_NO = ("true | false", _flag)
_REQUIRED = ("validity_years", "renewal_months", "bar_years", "quantity_bound")
_PARAMETER_RULES: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "validity_years": _COUNT,
    "renewal_months": _COUNT,
    "bar_years": _COUNT,
    "quantity_bound": (" | ".join(Bound), _bound_name),
    "new_applications": _YES_NO,
    "confirm_yearly": _YES_NO,
    "longest_suspension_months": _COUNT,
    "surveillance_months": _COUNT,
    "retention_years": _COUNT,
    "appeal_working_days": _COUNT,
}
_REQUIRED_IN_2 = (
    "new_applications",
    "confirm_yearly",
    "longest_suspension_months",
    "surveillance_months",
    "retention_years",
    "appeal_working_days",
)


# --- The whole: format 2 -------------------------------------------------------------------------


def _whole(
    top: Table, head: Scheme, vocabulary: Vocabulary, limits: Mapping[str, Any] | None
) -> Scheme:
    for name in _REQUIRED_IN_2:
        top.require(name in head.parameters, f"parameters.{name}", "a member", None)
    tracks = read_tracks(top, vocabulary)
    asked = {key for track in tracks.values() for key in (*track.asks, *track.may_ask)}
    grades = tuple(_grade(row) for row in top.rows("grades"))
    conversions = tuple(_conversion(key, table) for key, table in top.tables("conversion"))
    narrowed: dict[str, Choices] = {
        "grade": tuple((each.code.lower(), each.words) for each in grades),
        "conversion_kind": tuple((each.kind, each.words) for each in conversions),
    }
    categories = top.texts("categories", CATEGORIES)
    scheme = replace(
        head,
        about=top.words("about"),
        gives=top.choice("gives", Gives),
        issued_by=top.choice("issued_by", IssuedBy),
        recorded_until=top.day("recorded_until") if top.has("recorded_until") else None,
        numbering=_numbering(top.table("numbering")),
        applicants=top.texts("applicants", [kind.value for kind in PartyKind]),
        categories=categories,
        grades=grades,
        standards=_standards(top),
        tracks=tracks,
        fields=_asked_fields(vocabulary, asked, narrowed),
        documents=_asked_documents(top, vocabulary, asked),
        limits=_limits(top, limits, categories),
        checklist=tuple(_check_item(row) for row in top.rows("checklist")),
        mark_rules=top.word_rows("mark_rules"),
        fees=tuple(_fee(key, table) for key, table in top.tables("fees")),
        grounds=tuple(_ground(key, table) for key, table in top.tables("grounds")),
        conversions=conversions,
        region=_region(top.table("region")) if top.has("region") else None,
    )
    top.closed()
    return scheme


def _numbering(table: Table) -> Numbering:
    form = table.text("form")
    table.require(form in FORMS, "form", " | ".join(FORMS), form)
    optional = {
        name: table.match(name, _TEMPLATE)
        for name in ("number_template", "permit_template")
        if table.has(name)
    }
    table.closed()
    return Numbering(form, **optional)


def _grade(row: Table) -> Grade:
    grade = Grade(row.match("code", _GRADE), row.words("words"))
    row.closed()
    return grade


def _standards(top: Table) -> tuple[str, ...]:
    found = top.texts("standards")
    for each in found:
        fits = _STANDARD.fullmatch(each) is not None
        top.require(fits, f"standards.{each}", _STANDARD.pattern, each)
    return found


def _asked_fields(
    vocabulary: Vocabulary, asked: set[str], narrowed: Mapping[str, Choices]
) -> dict[str, FieldRule]:
    """The rules of the keys asked; a scheme's own grades and conversions are what may be chosen."""
    found = {key: rule for key, rule in vocabulary.fields.items() if key in asked}
    for key, choices in narrowed.items():
        if key in found and choices:
            found[key] = replace(found[key], choices=choices)
    return found


def _asked_documents(top: Table, vocabulary: Vocabulary, asked: set[str]) -> dict[str, Any]:
    found = {key: rule for key, rule in vocabulary.documents.items() if key in asked}
    for key, table in top.tables("documents"):
        top.require(key in found, f"documents.{key}", "a document that a track asks", key)
        months = table.whole("max_age_months", 1, 600)
        found[key] = replace(found[key], max_age_months=months)
        table.closed()
    return found


def _limits(
    top: Table, document: Mapping[str, Any] | None, categories: tuple[str, ...]
) -> tuple[Limit, ...]:
    if document is None:
        return ()
    table = Table(str(top.take("code")), document)
    found = tuple(_limit(row, categories) for row in table.rows("limits"))
    keys = [each.key for each in found]
    for number, key in enumerate(keys, 1):
        table.require(key not in keys[: number - 1], f"limits.{number}.key", "each key once", key)
    table.closed()
    return found


def _limit(row: Table, categories: tuple[str, ...]) -> Limit:
    comparison = row.choice("comparison", Comparison)
    valued = comparison is not Comparison.NOT_DETECTED
    row.require(valued == row.has("value"), "value", "a value exactly where one is compared")
    limit = Limit(
        key=row.match("key", KEY),
        words=row.words("words"),
        matrix=row.match("matrix", KEY),
        comparison=comparison,
        value=row.decimal("value") if valued else None,
        unit=row.match("unit", _UNIT),
        standard=row.text("standard"),
        verified=row.flag("verified"),
        source=row.text("source", "where the value was found"),
        categories=row.texts("categories", categories or CATEGORIES),
        grades=row.texts("grades"),
        methods=row.texts("methods"),
    )
    row.closed()
    return limit


def _check_item(row: Table) -> CheckItem:
    item = CheckItem(
        key=row.match("key", KEY),
        words=row.words("words"),
        clause=row.text("clause"),
        severity=row.choice("severity", Severity),
        photo=row.flag("photo") if row.has("photo") else False,
    )
    row.closed()
    return item


def _fee(key: str, table: Table) -> Fee:
    fee = Fee(
        key=key,
        words=table.words("words"),
        fen=table.whole_or_none("fen", 0, _FEN_MAX),
        per=table.text("per"),
        due_at=table.choice("due_at", StepState),
        verified=table.flag("verified"),
        source=table.text("source", "where the value was found"),
    )
    table.closed()
    return fee


def _ground(key: str, table: Table) -> Ground:
    ground = Ground(
        key, table.words("words"), table.whole_or_none("bar_years", 1, 100), *table.sourced()
    )
    table.closed()
    return ground


def _conversion(key: str, table: Table) -> Conversion:
    conversion = Conversion(
        key, table.words("words"), table.whole("months", 1, 120), *table.sourced()
    )
    table.closed()
    return conversion


def _region(table: Table) -> Region:
    codes = table.texts("codes")
    for code in codes:
        known = code.isdigit() and (len(code) in (2, 4) or is_region_code(code))
        table.require(known, f"codes.{code}", "a region code or its first 2 or 4 digits", code)
    region = Region(codes, _box(table), *table.sourced())
    table.closed()
    return region


def _box(table: Table) -> tuple[Decimal, Decimal, Decimal, Decimal] | None:
    if not table.has("box"):
        return None
    box = table.table("box")
    west, south = box.decimal("west"), box.decimal("south")
    east, north = box.decimal("east"), box.decimal("north")
    box.closed()
    box.require(-180 <= west < east <= 180, "east", "a degree east of west", str(east))
    box.require(-90 <= south < north <= 90, "north", "a degree north of south", str(north))
    return west, south, east, north


# --- Rules that concern several members -----------------------------------------------------------


def _check_words(top: Table, scheme: Scheme) -> None:
    """No text of ours says 认证 where the law does not allow it; names of offices are their own."""
    if scheme.nature.may_say_certified:
        return
    for place, words in _texts(replace(scheme, office=scheme.name, fields={}, documents={}), ""):
        said = _RESERVED_WORD in words.zh
        top.require(not said, place, f"no {_RESERVED_WORD} for {scheme.nature}", words)


def _texts(value: object, place: str) -> Iterator[tuple[str, Words]]:
    """Every text in a value with its dotted place."""
    if isinstance(value, Words):
        yield place, value
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts(getattr(value, each.name), f"{place}.{each.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, f"{place}.{key}")
    elif isinstance(value, tuple):
        for number, each in enumerate(value, 1):
            yield from _texts(each, f"{place}.{entry_name(each) or number}")


def _check_together(top: Table, scheme: Scheme) -> None:
    top.require(bool(scheme.applicants), "applicants", "at least one kind of party")
    top.require(bool(scheme.mark_rules), "mark_rules", "at least one rule of use")
    _check_numbering(top, scheme)
    _check_tracks(top, scheme)
    states = {step.state for track in scheme.tracks.values() for step in track.steps}
    for fee in scheme.fees:
        top.require(fee.due_at in states, f"fees.{fee.key}.due_at", "a step of a track", fee.due_at)
    known = {grade.code for grade in scheme.grades}
    for number, limit in enumerate(scheme.limits, 1):
        for code in limit.grades:
            top.require(code in known, f"limits.{number}.grades.{code}", "a grade", code)


def _check_numbering(top: Table, scheme: Scheme) -> None:
    here = scheme.issued_by is IssuedBy.HERE
    template = scheme.number_template
    top.require(
        here == (template is not None), "numbering.number_template", "exactly where issued here"
    )
    top.require(here or scheme.recorded_until is None, "recorded_until", "only where issued here")
    if template is not None:
        made = template.format(year=2026, serial=1)
        fits = scheme.accepts_number(made)
        top.require(fits, "numbering.number_template", scheme.number_pattern, made)
    bounded = scheme.bound is not Bound.UNBOUNDED
    permits = scheme.permit_template is not None
    top.require(permits == bounded, "numbering.permit_template", "exactly where bounded")


def _check_tracks(top: Table, scheme: Scheme) -> None:
    top.require(
        TrackKind.INITIAL in scheme.tracks or not scheme.takes_new,
        "tracks.initial",
        "a track for first applications, or new_applications false",
    )
    wanted = {
        TrackKind.RENEWAL: scheme.renewal_months is not None,
        TrackKind.PRINT_PERMIT: scheme.bound is not Bound.UNBOUNDED,
        TrackKind.ANNUAL_CHECK: scheme.confirm_yearly or TrackKind.ANNUAL_CHECK in scheme.tracks,
    }
    for kind, needed in wanted.items():
        there = kind in scheme.tracks
        expected = "a track" if needed else "no such track"
        top.require(there == needed, f"tracks.{kind.value}", expected, there)
    for track in scheme.tracks.values():
        _check_track(top, scheme, track)


def _check_track(top: Table, scheme: Scheme, track: Track) -> None:
    place = f"tracks.{track.kind.value}"
    if StepState.SITE_CHECK in track.states:
        top.require(bool(scheme.checklist), "checklist", f"lines for the visits of {place}")
    if StepState.LAB_TEST in track.states:
        reports = [key for key in track.asks if key in scheme.documents]
        asked = any(scheme.documents[key].lab_report for key in reports)
        top.require(asked, f"{place}.asks", "a document with laboratory results", reports)
        top.require(bool(scheme.limits), "limits", f"limits for the tests of {place}")
    if "grade" in track.asks:
        top.require(bool(scheme.grades), "grades", f"grades for {place}")
