"""Forms of cases: one made from the data of a scheme's track, one for each event.

A field of the vocabulary stands in a form as `answers-KEY`, its unit as `answers-KEY-unit`, a
document as `documents-KEY`, so that the refusals of `certification.evidence` (`/answers/KEY`,
`/documents/KEY`) find their places by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from certification.cases.forms import (
    AREA,
    BASES,
    OUTPUT,
    PERMIT_QUANTITY,
    PRODUCTS,
    fields_of,
    typed,
)
from certification.cases.model import Act, FormField, GrantTerms, Offer, SeasonLine
from certification.evidence.model import Answer
from certification.process.standing import Event, Outcome, Process
from certification.schemes.model import AnswerKind
from console.sheet import Choice, Day, Form, Many, Maybe, Typed, Upload, Whole
from runtime.refusal import Reason

TEXT_MAX = 2000
"""Characters in the longest answer, and in a text of reasons."""
LINES = 3
"""Lines of product and season that the form of a grant offers."""

_LISTS = (AnswerKind.PRODUCTS, AnswerKind.BASES)


class Prose(Typed):
    """A longer text: what the keyboard broke into lines becomes one, which is what is stored."""

    def __init__(self, needed: bool = True) -> None:
        super().__init__(needed, TEXT_MAX)

    def read(self, text: str) -> str:
        """Give the text without line breaks."""
        return " ".join(text.split())


# --- The form of an application -----------------------------------------------------------------


def application_form(lines: Sequence[FormField]) -> type[Form]:
    """Make the form of a track; documents have a place in it for what is refused of them."""
    made: dict[str, Any] = {}
    for line in lines:
        if line.kind == "document":
            made[f"documents-{line.key}"] = Maybe()
        elif line.kind in _LISTS:
            made[f"answers-{line.key}"] = Many(needed=False)
        else:
            made[f"answers-{line.key}"] = Prose(needed=False)
        if line.kind == AnswerKind.QUANTITY:
            made[f"answers-{line.key}-unit"] = Maybe()
    return type("ApplicationForm", (Form,), {**made, "places": _places(made)})


def _places(made: Mapping[str, fields.Field[Any]]) -> dict[str, str]:
    """Where refusals stand that name no field: about the quantity, about products and bases."""
    amounts = [f"answers-{key}" for key in (PERMIT_QUANTITY, OUTPUT, AREA)]
    places = {"/quantity": next((name for name in amounts if name in made), "")}
    subjects = [f"answers-{key}" for key in (PRODUCTS, BASES)]
    places["/answers"] = next((name for name in subjects if name in made), "")
    return {pointer: name for pointer, name in places.items() if name}


def answers_typed(process: Process, read: Mapping[str, Any]) -> tuple[Answer, ...]:
    """The answers that a sent form holds; an empty one takes the answer back."""
    found = []
    for key, rule in fields_of(process).items():
        value = read[f"answers-{key}"]
        if rule.kind in _LISTS:
            found.append(typed(rule, value))
        elif rule.kind is AnswerKind.QUANTITY:
            found.append(typed(rule, [value, read[f"answers-{key}-unit"] or rule.units[0]]))
        else:
            found.append(typed(rule, [value]))
    return tuple(found)


def values_of(lines: Iterable[FormField], known: Mapping[str, Answer]) -> dict[str, Any]:
    """What a fresh form holds: the answer of the case, else the one that is known of the holder."""
    values: dict[str, Any] = {}
    for line in lines:
        answer = line.answer or known.get(line.key)
        if answer is None or line.kind == "document":
            continue
        many = line.kind in _LISTS
        values[f"answers-{line.key}"] = answer.value.split(" ") if many else answer.value
        if answer.unit is not None:
            values[f"answers-{line.key}-unit"] = answer.unit
    return values


class DocumentForm(Form):
    """A document to be handed in, with the days that it bears."""

    file = Upload()
    valid_from = Day(needed=False)
    valid_until = Day(needed=False)


class PlainForm(Form):
    """A deed that needs nothing but the word for it."""


# --- One form for each event --------------------------------------------------------------------


class ReasonsForm(Form):
    """Why."""

    reasons = Prose()


class AssignForm(Form):
    """Who is to do which step: `task:person`."""

    assignee = Choice()


class InterestForm(Form):
    """What whoever asks is to the applicant."""

    interest = Choice()


class FindingForm(Form):
    """How a step turned out; a failed one says why."""

    outcome = Choice([Outcome.PASSED.value, Outcome.FAILED.value])
    reasons = Prose(needed=False)


class AgreementForm(Form):
    """The number of the agreement."""

    document = Maybe()


class FeeForm(Form):
    """Which fee was settled, and the number of its receipt."""

    fee = Choice()
    document = Maybe()


class AnswerForm(Form):
    """The answer to one objection."""

    objection = Whole()
    outcome = Choice([Outcome.DISMISSED.value, Outcome.UPHELD.value])
    reasons = Prose()


class GrantForm(Form):
    """What is granted; whatever stays blank is taken from the application and from the scheme."""

    number = Maybe()
    from_date = Day(needed=False)
    to_date = Day(needed=False)
    quantity = Maybe()
    unit = Maybe()
    mark_from = Day(needed=False)
    confirm_by = Day(needed=False)
    document = Maybe()
    permit_holder = Maybe()
    reasons = Prose(needed=False)


_LINE = ("product", "season", "quantity", "unit")
LinesForm = type(
    "LinesForm",
    (GrantForm,),
    {f"line-{n}-{name}": Maybe() for n in range(LINES) for name in _LINE}
    | {"__doc__": "A grant with quantities by product and season."},
)


DEEDS: Mapping[Event, type[Form]] = {
    Event.ACCEPT: PlainForm,
    Event.DECLINE: ReasonsForm,
    Event.RETURN: ReasonsForm,
    Event.ASSIGN: AssignForm,
    Event.DECLARE_INTEREST: InterestForm,
    Event.COMPLETE_STEP: FindingForm,
    Event.RECORD_AGREEMENT: AgreementForm,
    Event.RECORD_FEE: FeeForm,
    Event.PUBLISH_NOTICE: PlainForm,
    Event.ANSWER_OBJECTION: AnswerForm,
    Event.END_NOTICE: PlainForm,
    Event.GRANT: LinesForm,
    Event.REFUSE: ReasonsForm,
}
"""What offices do about a case, the first first as their page shows it."""


def act_of(case_id: str, event: Event, read: Mapping[str, Any]) -> Act:
    """The deed that a sent form means."""
    if event is Event.GRANT:
        return Act(case_id, event, reasons=read["reasons"], terms=_terms(read))
    if event is Event.ASSIGN:
        task, _, person = read["assignee"].partition(":")
        return Act(case_id, event, assignee=person, task=task)
    return Act(case_id, event, **read)


def _terms(read: Mapping[str, Any]) -> GrantTerms:
    names = ("number", "from_date", "to_date", "mark_from", "confirm_by", "document")
    quantity = read["quantity"]
    columns = [[read[f"line-{n}-{name}"] or "" for name in _LINE] for n in range(LINES)]
    return GrantTerms(
        **{name: read[name] for name in names},
        quantity=quantity,
        unit=read["unit"] if quantity else None,
        permit_holder=read["permit_holder"],
        lines=tuple(SeasonLine(*line) for line in columns if line[2]),
    )


# --- What may be done now -----------------------------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """Something that may be done now, with the outcomes that it may have.

    `reasons` say why not: all of them where nothing of it can be done, and those against the better
    outcome where only the other one can.
    """

    event: Event
    outcomes: tuple[Outcome, ...]
    reasons: tuple[Reason, ...]
    possible: bool


def deeds(offers: Iterable[Offer]) -> list[Deed]:
    """Bring offers together by event, in the order of `DEEDS`."""
    by_event: dict[Event, list[Offer]] = {}
    for offer in offers:
        by_event.setdefault(offer.event, []).append(offer)
    return [_deed(event, by_event[event]) for event in DEEDS if event in by_event]


def _deed(event: Event, offers: list[Offer]) -> Deed:
    open_ones = [each for each in offers if not each.reasons]
    against = [reason for each in offers for reason in each.reasons]
    return Deed(
        event=event,
        outcomes=tuple(each.outcome for each in open_ones if each.outcome is not None),
        reasons=tuple(dict.fromkeys(against)),
        possible=bool(open_ones),
    )
