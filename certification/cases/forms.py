"""Forms made from scheme data: what a track asks for, what was answered, what is still missing.

Answers have the forms of `certification.evidence.answers`, so that what somebody typed for one
application is kept and reused as it is. An answer that was attached to the case as evidence counts
until the case itself answers; an empty one takes the case's own answer back.

Refused: ANSWER_UNKNOWN for a key that the track does not ask; the reasons of `answer_reasons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from certification.cases.model import Answers, FormField
from certification.evidence.answers import answer_reasons
from certification.evidence.model import Answer
from certification.process.standing import Amount, Process
from certification.schemes.model import AnswerKind, FieldRule
from runtime.quantities import Quantity, parse
from runtime.refusal import Refusal

PRODUCTS, BASES, OUTPUT, AREA = "products", "bases", "planned_output", "base_area"
PERMIT_QUANTITY, PERMIT_SEASON = "permit_quantity", "permit_season"
"""Keys of the vocabulary that rules look at; all others are for people to read."""

_UNITS: Mapping[str, str] = {"mass": "mg", "pieces": "piece", "area": "m2"}


def fields_of(process: Process) -> dict[str, FieldRule]:
    """The fields that a track asks or takes, by key, in the order of the scheme's file."""
    track, fields = process.track, process.scheme.fields
    return {key: fields[key] for key in (*track.asks, *track.may_ask) if key in fields}


def form_of(process: Process, answers: Answers) -> tuple[FormField, ...]:
    """The whole form of a track with the answers given so far, documents included."""
    track = process.track
    keys = (*track.asks, *track.may_ask)
    return tuple(_line(process, key, key in track.asks, answers.get(key)) for key in keys)


def _line(process: Process, key: str, asked: bool, answer: Answer | None) -> FormField:
    scheme = process.scheme
    if key in scheme.documents:
        document = scheme.documents[key]
        return FormField(key, "document", document.words, None, asked, document.personal, None)
    rule = scheme.fields[key]
    return FormField(
        key=key,
        kind=rule.kind,
        words=rule.words,
        hint=rule.hint,
        asked=asked,
        personal=rule.personal,
        answer=answer,
        units=rule.units,
        choices=rule.choices,
    )


def merged(process: Process, before: Answers, given: Iterable[Answer]) -> dict[str, Answer]:
    """The answers with those given now. Raises Refusal with every reason against one of them."""
    given = tuple(given)
    filled = [answer for answer in given if answer.value]
    reasons = answer_reasons(fields_of(process), filled)
    if reasons:
        raise Refusal(*reasons)
    answers = dict(before) | {answer.key: answer for answer in filled}
    for answer in given:
        if not answer.value:
            answers.pop(answer.key, None)
    return answers


def typed(rule: FieldRule, given: Iterable[str]) -> Answer:
    """The answer that a page's form means: a quantity has a unit, ids are joined by spaces."""
    texts = [text.strip() for text in given]
    if rule.kind in (AnswerKind.PRODUCTS, AnswerKind.BASES):
        return Answer(rule.key, " ".join(text for text in texts if text))
    if rule.kind is AnswerKind.QUANTITY:
        unit = texts[1] if len(texts) > 1 else None
        return Answer(rule.key, texts[0] if texts else "", unit)
    return Answer(rule.key, texts[0] if texts else "")


def named(answers: Answers, key: str) -> tuple[str, ...]:
    """The products or bases that an application names."""
    answer = answers.get(key)
    return () if answer is None else tuple(answer.value.split(" "))


def quantity(answers: Answers, key: str) -> Quantity | None:
    """The quantity of an answer, None where none was given."""
    answer = answers.get(key)
    return None if answer is None else parse(answer.value, answer.unit or "")


def amount(found: Quantity) -> Amount:
    """A quantity in whole units."""
    return Amount(found.whole(), _UNITS[found.kind])


def amounts_asked(answers: Answers) -> tuple[Amount, ...]:
    """What is applied for: the output, the quantity of a permit, the area of the bases."""
    found = (quantity(answers, key) for key in (OUTPUT, PERMIT_QUANTITY, AREA))
    return tuple(amount(each) for each in found if each is not None)
