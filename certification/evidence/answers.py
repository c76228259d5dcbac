"""Answers of an application, held against the fields of the vocabulary.

Each kind of field has one form, and one function here that says whether an answer has it. What is
stored is what was typed: an answer is refused, never mended. Products and bases are ids, separated
by spaces; whether they are registered, and whose they are, is not known here.

Refused: ANSWER_UNKNOWN, ANSWER_REPEATED, ANSWER_MALFORMED, ANSWER_OUT_OF_RANGE, and the codes of
`identity.names.text_reasons`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from certification.evidence.model import Answer
from certification.refusals import CertificationRefusal
from certification.schemes.model import AnswerKind, FieldRule
from identity.codes import CodeError, credit_code, phone_number, region_code
from identity.names import text_reasons
from runtime.ids import kind_of
from runtime.quantities import QuantityError, parse
from runtime.refusal import Reason

_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}")
_IDS_MAX = 200


def answer_reasons(rules: Mapping[str, FieldRule], answers: Iterable[Answer]) -> tuple[Reason, ...]:
    """Why answers cannot be kept, each at `/answers/{key}`; empty when they can."""
    reasons: list[Reason] = []
    seen: set[str] = set()
    for each in answers:
        place = f"/answers/{each.key}"
        rule = rules.get(each.key)
        if rule is None:
            reasons.append(Reason(CertificationRefusal.ANSWER_UNKNOWN, place))
        elif each.key in seen:
            reasons.append(Reason(CertificationRefusal.ANSWER_REPEATED, place))
        else:
            reasons.extend(_reasons(rule, each, place))
        seen.add(each.key)
    return tuple(reasons)


def _reasons(rule: FieldRule, answer: Answer, place: str) -> tuple[Reason, ...]:
    if rule.kind is AnswerKind.TEXT:
        return text_reasons(answer.value, place, rule.length_max)
    if (answer.unit is not None) != (rule.kind is AnswerKind.QUANTITY):
        return (Reason(CertificationRefusal.ANSWER_MALFORMED, place),)
    if rule.kind is AnswerKind.INTEGER:
        return _integer(rule, answer, place)
    if _FORMS[rule.kind](rule, answer):
        return ()
    return (Reason(CertificationRefusal.ANSWER_MALFORMED, place),)


def _integer(rule: FieldRule, answer: Answer, place: str) -> tuple[Reason, ...]:
    if not _INTEGER.fullmatch(answer.value):
        return (Reason(CertificationRefusal.ANSWER_MALFORMED, place),)
    low, high = rule.low or 0, 10**16 if rule.high is None else rule.high
    if low <= int(answer.value) <= high:
        return ()
    bounds = {"low": low, "high": high}
    return (Reason(CertificationRefusal.ANSWER_OUT_OF_RANGE, place, bounds),)


def _is_quantity(rule: FieldRule, answer: Answer) -> bool:
    if answer.unit not in rule.units:
        return False
    try:
        parse(answer.value, answer.unit).whole()
    except QuantityError:
        return False
    return True


def _is_date(_rule: FieldRule, answer: Answer) -> bool:
    try:
        return date.fromisoformat(answer.value).isoformat() == answer.value
    except ValueError:
        return False


def _is_yes_or_no(_rule: FieldRule, answer: Answer) -> bool:
    return answer.value in ("yes", "no")


def _is_choice(rule: FieldRule, answer: Answer) -> bool:
    return answer.value in [key for key, _ in rule.choices]


def _coded(read: Callable[[str], str]) -> Callable[[FieldRule, Answer], bool]:
    def is_coded(_rule: FieldRule, answer: Answer) -> bool:
        try:
            return read(answer.value) == answer.value
        except CodeError:
            return False

    return is_coded


def _ids(kind: str) -> Callable[[FieldRule, Answer], bool]:
    def are_ids(_rule: FieldRule, answer: Answer) -> bool:
        ids = answer.value.split(" ")
        try:
            kinds = {kind_of(each) for each in ids}
        except ValueError:
            return False
        return kinds == {kind} and len(ids) == len(set(ids)) <= _IDS_MAX

    return are_ids


_FORMS: Mapping[AnswerKind, Callable[[FieldRule, Answer], bool]] = {
    AnswerKind.QUANTITY: _is_quantity,
    AnswerKind.DATE: _is_date,
    AnswerKind.YES_NO: _is_yes_or_no,
    AnswerKind.CHOICE: _is_choice,
    AnswerKind.REGION: _coded(region_code),
    AnswerKind.CREDIT_CODE: _coded(credit_code),
    AnswerKind.PHONE: _coded(phone_number),
    AnswerKind.PRODUCTS: _ids("prod"),
    AnswerKind.BASES: _ids("base"),
}
