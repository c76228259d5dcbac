"""The rules of laboratory reports: who may test what, what a result says, what passes a limit.

Nouns. A *laboratory* is an organisation with *accreditations* (资质: CMA, CATL, CNAS), each with a
number, a term and a *scope*: lines of parameter, method and matrix (what the sample is made of).
A *report* is about one *sample* and has *results*: parameter, value and unit as the report words
them, method, detection limit. A *verdict* holds the reports of a case against the limits of a
scheme; what speaks against passing are its *findings*.

States of an accreditation on a day: not begun, in force, ended (by its term, or ended early; the
day it was ended on does not count any more). Nothing is taken back: an accreditation is ended by a
record of its end, and a report is corrected by recording it anew; of one sample in one file the
newest counts.

Invariants:

- a result counts only where the laboratory's scope held its parameter, method and matrix on the day
  of sampling; that is asked when it is recorded and again at every verdict
- sampled <= received <= reported <= recorded, in days of Beijing
- one report number of a laboratory belongs to one holder
- values and limits are compared as exact fractions in the unit of the limit; what is bounded
  (`<0.01`) or not detected passes only where the bound itself, or the detection limit, does
- a verdict passes when every limit that concerns the samples has a result, and all results pass

Sources: GB/T 27025 (ISO/IEC 17025) on reporting results, and the rules for CMA (资质认定) and CATL
(农产品质量安全检测机构考核). Their texts were not read, so what depends on them is data: scopes,
methods, limits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from certification.refusals import CertificationRefusal
from certification.schemes.model import Comparison, Limit
from identity.codes import is_id
from identity.names import text_reasons
from runtime.concentrations import Measured, MeasureError, convert, read_value, result_unit
from runtime.refusal import Reason

YEARS = (1990, 2150)
SCOPE_MAX, RESULTS_MAX = 5_000, 600
PARAMETER_MAX, METHOD_MAX = 60, 60

_NUMBER = re.compile(
    r"[0-9A-Za-z〔〕（）()\u4e00-\u9fff][0-9A-Za-z〔〕（）()\u4e00-\u9fff/._-]{1,39}"
)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_YES_OR_NO = ("not_detected", "negative", "positive")


class Authority(StrEnum):
    """By which rules a laboratory was accredited."""

    CMA = "cma"  # 检验检测机构资质认定
    CATL = "catl"  # 农产品质量安全检测机构考核合格
    CNAS = "cnas"  # 实验室认可


@dataclass(frozen=True, order=True)
class ScopeLine:
    """One thing that a laboratory may test: a parameter, by a method, in a matrix."""

    parameter: str
    method: str
    matrix: str


@dataclass(frozen=True)
class Laboratory:
    """A laboratory and the organisation that it is."""

    id: str
    party: str
    registered_at: datetime
    payload_id: str


@dataclass(frozen=True)
class Accreditation:
    """An accreditation from `from_date` to `until`, both in; `ended_on` is the first day out."""

    id: str
    lab: str
    authority: Authority
    number: str
    from_date: date
    until: date
    scope: tuple[ScopeLine, ...]
    ended_on: date | None
    payload_id: str

    def in_force(self, day: date) -> bool:
        """Whether it counts for a sample that was taken on this day."""
        ended = self.ended_on is not None and self.ended_on <= day
        return self.from_date <= day <= self.until and not ended

    def holds(self, result: Result, matrix: str) -> bool:
        """Whether a result is within the scope."""
        wanted = plain(result.parameter)
        return any(
            plain(line.parameter) == wanted
            and line.matrix == matrix
            and same_method(result.method, line.method)
            for line in self.scope
        )


@dataclass(frozen=True)
class Sample:
    """What was tested: the laboratory's code of it, its matrix, and the day it was taken.

    `category` and `grade` are those of the goods, where limits differ by them; `product` is the id
    of a registered product.
    """

    code: str
    matrix: str
    taken_on: date
    category: str | None = None
    grade: str | None = None
    product: str | None = None


@dataclass(frozen=True)
class Result:
    """One line of a report, as it is worded there; `detection_limit` is in the same unit."""

    parameter: str
    value: str
    unit: str
    method: str
    detection_limit: str | None = None


@dataclass(frozen=True)
class Report:
    """A report on one sample; the evidence is its file, `analyst` the person who recorded it."""

    id: str
    lab: str
    evidence_id: str
    holder: str
    number: str
    sample: Sample
    received_on: date
    issued_on: date
    results: tuple[Result, ...]
    recorded_at: datetime
    recorded_by: str
    analyst: str | None
    payload_id: str


@dataclass(frozen=True)
class LabVerdict:
    """Whether the reports of a case pass the limits, and everything that speaks against it."""

    passed: bool
    findings: tuple[Reason, ...] = field(default=())


def plain(text: str) -> str:
    """One spelling of a parameter or method: full-width letters, case and spaces aside."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def same_method(stated: str, allowed: str) -> bool:
    """Whether a method is the allowed one; one that names no year allows every edition."""
    said, wanted = plain(stated), plain(allowed)
    return said == wanted or said.startswith(f"{wanted}-")


# --- What can be recorded ------------------------------------------------------------------------


def accreditation_reasons(
    authority: str, number: str, from_date: date, until: date, scope: Sequence[ScopeLine]
) -> list[Reason]:
    """Why an accreditation cannot be recorded; empty when it can."""
    reasons = []
    if authority not in set(Authority) or not _NUMBER.fullmatch(number):
        reasons.append(Reason(CertificationRefusal.ACCREDITATION_NUMBER_MALFORMED, "/number"))
    if until < from_date:
        reasons.append(Reason(CertificationRefusal.DATES_REVERSED, "/until"))
    reasons += _year_reasons({"/from_date": from_date, "/until": until})
    if not 1 <= len(scope) <= SCOPE_MAX:
        reasons.append(Reason(CertificationRefusal.SCOPE_EMPTY, "/scope", {"most": SCOPE_MAX}))
    seen: set[ScopeLine] = set()
    for place, line in enumerate(scope[:SCOPE_MAX]):
        spelled = ScopeLine(plain(line.parameter), plain(line.method), line.matrix)
        if spelled in seen or not _is_line(line.parameter, line.method, line.matrix):
            reasons.append(Reason(CertificationRefusal.SCOPE_MALFORMED, f"/scope/{place}"))
        seen.add(spelled)
    return reasons


def _is_line(parameter: str, method: str, matrix: str) -> bool:
    bounds = ((parameter, PARAMETER_MAX), (method, METHOD_MAX))
    readable = not any(text_reasons(text, "", most) for text, most in bounds)
    return readable and _WORD.fullmatch(matrix) is not None


def _year_reasons(days: Mapping[str, date]) -> list[Reason]:
    bounds = {"first": YEARS[0], "last": YEARS[1]}
    return [
        Reason(CertificationRefusal.DATE_OUT_OF_RANGE, place, bounds)
        for place, day in days.items()
        if not YEARS[0] <= day.year <= YEARS[1]
    ]


def report_reasons(
    number: str,
    sample: Sample,
    received_on: date,
    issued_on: date,
    results: Sequence[Result],
    today: date,
) -> list[Reason]:
    """Why a report cannot be recorded as far as it alone can tell; empty when it can."""
    reasons = []
    if not (_NUMBER.fullmatch(number) and _NUMBER.fullmatch(sample.code)):
        reasons.append(Reason(CertificationRefusal.REPORT_NUMBER_MALFORMED, "/number"))
    if not _is_kind(sample):
        reasons.append(Reason(CertificationRefusal.PARAMETER_MALFORMED, "/sample"))
    reasons += _day_reasons(sample.taken_on, received_on, issued_on, today)
    if not 1 <= len(results) <= RESULTS_MAX:
        most = {"most": RESULTS_MAX}
        reasons.append(Reason(CertificationRefusal.RESULTS_EMPTY, "/results", most))
    seen: set[str] = set()
    for place, each in enumerate(results[:RESULTS_MAX]):
        reasons += result_reasons(each, f"/results/{place}")
        if plain(each.parameter) in seen:
            reasons.append(Reason(CertificationRefusal.RESULT_REPEATED, f"/results/{place}"))
        seen.add(plain(each.parameter))
    return reasons


def _is_kind(sample: Sample) -> bool:
    words = (sample.matrix, sample.category or "any", (sample.grade or "any").lower())
    named = sample.product is None or (sample.product.startswith("prod:") and is_id(sample.product))
    return named and all(_WORD.fullmatch(each) for each in words)


def _day_reasons(taken: date, received: date, issued: date, today: date) -> list[Reason]:
    reasons = _year_reasons({"/sample/taken_on": taken, "/issued_on": issued})
    if taken > today:
        reasons.append(Reason(CertificationRefusal.SAMPLED_IN_FUTURE, "/sample/taken_on"))
    if not taken <= received <= issued:
        place = "/issued_on" if received <= issued or issued < taken else "/received_on"
        reasons.append(Reason(CertificationRefusal.REPORT_DAYS_REVERSED, place))
    if issued > today:
        reasons.append(Reason(CertificationRefusal.DOCUMENT_FROM_FUTURE, "/issued_on"))
    return reasons


_VALUE_CODES = {
    "not_a_value": CertificationRefusal.VALUE_MALFORMED,
    "negative": CertificationRefusal.VALUE_NEGATIVE,
}


def result_reasons(result: Result, place: str) -> list[Reason]:
    """Why one result cannot be recorded; empty when it can."""
    reasons = []
    if not _is_line(result.parameter, result.method, "any"):
        reasons.append(Reason(CertificationRefusal.PARAMETER_MALFORMED, place))
    for name, value in (("value", result.value), ("detection_limit", result.detection_limit)):
        try:
            measured = Measured("equal", Fraction(0)) if value is None else read_value(value)
        except MeasureError as error:
            reasons.append(Reason(_VALUE_CODES[error.code], f"{place}/{name}"))
            continue
        if name == "detection_limit" and measured.sense != "equal":
            reasons.append(Reason(CertificationRefusal.VALUE_MALFORMED, f"{place}/{name}"))
    try:
        result_unit(result.unit)
    except MeasureError:
        shown = {"unit": result.unit[:20]}
        reasons.append(Reason(CertificationRefusal.RESULT_UNIT_UNKNOWN, f"{place}/unit", shown))
    return reasons


def scope_reasons(
    sample: Sample, results: Sequence[Result], accreditations: Iterable[Accreditation]
) -> list[Reason]:
    """Why a laboratory's accreditations do not bear a report; empty when they do."""
    valid = [each for each in accreditations if each.in_force(sample.taken_on)]
    if not valid:
        day = {"day": sample.taken_on.isoformat()}
        return [Reason(CertificationRefusal.LAB_ACCREDITATION_ENDED, "/sample/taken_on", day)]
    return [
        Reason(
            CertificationRefusal.LAB_OUT_OF_SCOPE,
            f"/results/{place}",
            {"parameter": each.parameter, "method": each.method, "matrix": sample.matrix},
        )
        for place, each in enumerate(results)
        if not any(one.holds(each, sample.matrix) for one in valid)
    ]


# --- What passes ---------------------------------------------------------------------------------


def judge(
    limits: Iterable[Limit],
    reports: Sequence[Report],
    accreditations: Mapping[str, Sequence[Accreditation]],
    grade: str | None = None,
) -> LabVerdict:
    """Hold reports against limits; `accreditations` are those of each laboratory by its id.

    `grade` is the one applied for, where the case knows it; else the report has to say it.
    """
    findings = [each for limit in limits for each in _held(limit, reports, accreditations, grade)]
    ranked = sorted(findings, key=lambda reason: reason.code.rank)
    return LabVerdict(not ranked, tuple(ranked))


Kind = tuple[str | None, str | None, str | None]
"""Category, grade and product of a sample."""


def _held(
    limit: Limit,
    reports: Sequence[Report],
    accreditations: Mapping[str, Sequence[Accreditation]],
    grade: str | None,
) -> Iterator[Reason]:
    samples: dict[Kind, list[Report]] = {}
    for report in reports:
        if report.sample.matrix == limit.matrix:
            sample = report.sample
            kind = (sample.category, grade or sample.grade, sample.product)
            samples.setdefault(kind, []).append(report)
    if not samples:
        yield _finding(CertificationRefusal.RESULT_MISSING, limit)
    for (category, of_grade, _), of_kind in samples.items():
        concerned = _concerns(limit, category, of_grade)
        if concerned is None:
            yield _finding(CertificationRefusal.SAMPLE_UNSPECIFIED, limit)
        elif concerned:
            yield from _of_kind(limit, of_kind, accreditations)


def _concerns(limit: Limit, category: str | None, grade: str | None) -> bool | None:
    """Whether a limit is about goods of this category and grade; None when nobody can tell."""
    pairs = ((limit.categories, category), (limit.grades, grade))
    if any(named and said is not None and said not in named for named, said in pairs):
        return False
    return None if any(named and said is None for named, said in pairs) else True


def _of_kind(
    limit: Limit,
    reports: Sequence[Report],
    accreditations: Mapping[str, Sequence[Accreditation]],
) -> Iterator[Reason]:
    found = [
        (report, result)
        for report in reports
        for result in report.results
        if plain(result.parameter) in _names(limit)
    ]
    if not found:
        yield _finding(CertificationRefusal.RESULT_MISSING, limit)
    for report, result in found:
        borne = scope_reasons(report.sample, [result], accreditations.get(report.lab, ()))
        fault = borne[0] if borne else result_finding(limit, result)
        if fault is not None:
            yield Reason(fault.code, f"/limits/{limit.key}", fault.numbers)


def _names(limit: Limit) -> frozenset[str]:
    return frozenset({plain(limit.key), plain(limit.words.zh), plain(limit.words.en)})


def result_finding(limit: Limit, result: Result) -> Reason | None:
    """What speaks against one result, None when it passes the limit."""
    if limit.methods and not any(same_method(result.method, each) for each in limit.methods):
        methods = {"methods": "、".join(limit.methods)}
        return _finding(CertificationRefusal.METHOD_NOT_OF_LIMIT, limit, methods)
    measured = read_value(result.value)
    try:
        outcome = _OUTCOMES[limit.comparison](limit, result, measured)
    except MeasureError:
        units = {"unit": result.unit, "wanted": limit.unit}
        return _finding(CertificationRefusal.UNIT_NOT_OF_LIMIT, limit, units)
    if outcome is None:
        return _finding(CertificationRefusal.RESULT_UNCERTAIN, limit)
    if outcome:
        return None
    numbers = {"found": f"{result.value} {result.unit}".strip(), "limit": _limit_text(limit)}
    return _finding(CertificationRefusal.RESULT_BEYOND_LIMIT, limit, numbers)


def _in_unit(limit: Limit, result: Result, number: Fraction | None) -> Fraction:
    assert number is not None
    return convert(number, result.unit, limit.unit)


def _bound(limit: Limit) -> Fraction:
    assert limit.value is not None
    return Fraction(limit.value)


def _at_most(limit: Limit, result: Result, measured: Measured) -> bool | None:
    """True passes, False is beyond, None cannot be told."""
    if measured.sense in _YES_OR_NO:
        return _undetected(limit, result, measured)
    number, most = _in_unit(limit, result, measured.number), _bound(limit)
    if measured.sense == "equal":
        return number <= most
    if measured.sense == "below":
        return True if number <= most else None
    return False if number >= most else None


def _undetected(limit: Limit, result: Result, measured: Measured) -> bool | None:
    """A word instead of a number: the detection limit has to be as strict as the limit."""
    if measured.sense == "positive":
        return False
    if measured.sense == "negative" or result.detection_limit is None:
        return None
    detectable = read_value(result.detection_limit).number
    return True if _in_unit(limit, result, detectable) <= _bound(limit) else None


def _at_least(limit: Limit, result: Result, measured: Measured) -> bool | None:
    if measured.sense in _YES_OR_NO:
        return False if measured.sense == "not_detected" else None
    number, least = _in_unit(limit, result, measured.number), _bound(limit)
    if measured.sense == "equal":
        return number >= least
    if measured.sense == "above":
        return True if number >= least else None
    return False if number <= least else None


def _not_detected(limit: Limit, result: Result, measured: Measured) -> bool | None:
    if measured.sense in _YES_OR_NO:
        return measured.sense != "positive"
    number = _in_unit(limit, result, measured.number)
    return measured.sense == "below" or (measured.sense == "equal" and number == 0)


_OUTCOMES = {
    Comparison.AT_MOST: _at_most,
    Comparison.AT_LEAST: _at_least,
    Comparison.NOT_DETECTED: _not_detected,
}
_SIGNS = {Comparison.AT_MOST: "≤", Comparison.AT_LEAST: "≥"}


def _limit_text(limit: Limit) -> str:
    """The limit as people write it: `≤ 0.2 mg/kg`."""
    if limit.comparison is Comparison.NOT_DETECTED:
        return f"ND {limit.unit}".strip()
    return f"{_SIGNS[limit.comparison]} {limit.value} {limit.unit}".strip()


def _finding(
    code: CertificationRefusal, limit: Limit, numbers: Mapping[str, str | int] | None = None
) -> Reason:
    words = {"name_zh": limit.words.zh, "name_en": limit.words.en}
    return Reason(code, f"/limits/{limit.key}", {**words, **(numbers or {})})
