"""The rules about terms, capacity and declarations, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from certification.bodies.model import (
    Appointment,
    Relation,
    Term,
    appointment_reasons,
    competence_reasons,
    declaration_reasons,
    end_reasons,
    least_capacity,
)
from certification.schemes.model import Function

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def codes(reasons):
    return [each.code.code for each in reasons]


@pytest.mark.parametrize(
    ("term", "day", "holds"),
    [
        (Term(MAY, JULY), date(2026, 4, 30), False),
        (Term(MAY, JULY), MAY, True),
        (Term(MAY, JULY), JULY, True),
        (Term(MAY, JULY), date(2026, 7, 2), False),
        (Term(MAY, None), date(2199, 1, 1), True),
    ],
)
def test_first_and_last_day_belong_to_a_term(term, day, holds):
    assert term.holds(day) is holds


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        (Term(MAY, JUNE), Term(JUNE, JULY), True),
        (Term(MAY, date(2026, 5, 31)), Term(JUNE, JULY), False),
        (Term(MAY, None), Term(JULY, None), True),
        (Term(JULY, None), Term(MAY, JUNE), False),
        (Term(MAY, JULY), Term(JUNE, JUNE), True),
    ],
)
def test_terms_meet_in_a_common_day(one, other, meets):
    assert one.meets(other) is meets
    assert other.meets(one) is meets


@pytest.mark.parametrize(
    ("function", "term", "capacity", "present", "expected"),
    [
        ("office", Term(MAY, None), None, [], []),
        ("body", Term(MAY, JULY), 1, [], []),
        ("king", Term(MAY, None), None, [], ["function_unknown"]),
        ("office", Term(JULY, MAY), None, [], ["dates_reversed"]),
        ("office", Term(date(1800, 1, 1), None), None, [], ["date_out_of_range"]),
        ("office", Term(MAY, None), 0, [], ["capacity_invalid"]),
        ("office", Term(MAY, None), 100_001, [], ["capacity_invalid"]),
        ("office", Term(MAY, None), None, [Term(JUNE, JULY)], ["appointed_already"]),
        ("office", Term(JULY, None), None, [Term(MAY, JUNE)], []),
        ("king", Term(JULY, MAY), -1, [],
         ["function_unknown", "dates_reversed", "capacity_invalid"]),
    ],
)  # fmt: skip
def test_appointments_that_are_refused(function, term, capacity, present, expected):
    assert codes(appointment_reasons(function, term, capacity, present)) == expected


@pytest.mark.parametrize(
    ("task", "term", "person", "expected"),
    [
        ("inspect", Term(MAY, JULY), "user:a", []),
        ("decide", Term(MAY, MAY), "user:a", []),
        ("inspect", Term(MAY, JULY), "user:me", ["own_competence"]),
        ("accept", Term(MAY, JULY), "user:a", ["task_unknown"]),
        ("publish", Term(MAY, JULY), "user:a", ["task_unknown"]),
        ("inspect", Term(MAY, None), "user:a", ["end_missing"]),
        ("inspect", Term(JULY, MAY), "user:a", ["dates_reversed"]),
    ],
)
def test_competences_that_are_refused(task, term, person, expected):
    assert codes(competence_reasons(task, term, person, "user:me")) == expected


@pytest.mark.parametrize(
    ("term", "to_date", "expected"),
    [
        (Term(MAY, None), date(2026, 5, 31), []),  # yesterday: it ends at once
        (Term(MAY, None), JULY, []),
        (Term(MAY, None), date(2026, 5, 30), ["end_not_brought_forward"]),
        (Term(MAY, JULY), date(2026, 7, 2), ["end_not_brought_forward"]),
        (Term(MAY, date(2026, 5, 31)), JUNE, ["ended_already"]),
        (Term(MAY, JUNE), JUNE, []),
    ],
)
def test_an_end_is_only_brought_forward(term, to_date, expected):
    assert codes(end_reasons(term, to_date, today=JUNE)) == expected


@pytest.mark.parametrize(
    ("person", "relation", "before", "expected"),
    [
        ("user:a", "none", None, []),
        ("user:a", "family", None, []),
        ("user:a", "none", Relation.NONE, []),
        ("user:a", "ownership", Relation.NONE, []),
        ("user:a", "none", Relation.FAMILY, ["relation_stands"]),
        ("user:a", "employment", Relation.FAMILY, []),
        ("user:a", "friend", None, ["relation_unknown"]),
        ("user:a", "", None, ["relation_unknown"]),
        (None, "none", None, ["person_required"]),
    ],
)
def test_declarations_that_are_refused(person, relation, before, expected):
    assert codes(declaration_reasons(person, relation, before)) == expected


def test_only_offices_and_bodies_are_bounded_by_the_least_number():
    one = Appointment("appt:a", "org:a", "jnjp", Function.OFFICE, Term(MAY, None), None, "")
    body = replace(one, function=Function.BODY, capacity=4)
    laboratory = replace(one, function=Function.LABORATORY, capacity=1)
    assert least_capacity([]) is None
    assert least_capacity([one, laboratory]) is None
    assert least_capacity([one, body, laboratory]) == 4
    assert least_capacity([replace(one, capacity=2), body]) == 2
