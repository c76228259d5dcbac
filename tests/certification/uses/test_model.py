"""On which account labels are booked, and on which goods a mark may stand: tables of cases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from certification.certificates.model import Fields, ScopeItem, State
from certification.permits.model import PermitState
from certification.uses.model import Asked, Choice, Goods, choose, mark_reasons
from runtime.refusal import Refusal


def choice(account, cert="c1", permit=None, state=State.ACTIVE, own=PermitState.OPEN, **more):
    bounds = more.pop("bounds", True)
    number = f"N-{cert}"
    return Choice(account, cert, number, state, bounds, permit, own, **more)


ROOT, OTHER = choice("c1"), choice("c2", "c2")
FREE = choice("c3", "c3", bounds=False)
P1, P2 = choice("p1", permit="P-1"), choice("p2", permit="P-2")
FROZEN = choice("p3", permit="P-3", own=PermitState.FROZEN)
CLOSED = choice("p4", permit="P-4", own=PermitState.CLOSED)
STOPPED = choice("c1", state=State.SUSPENDED)
STOPPED_P = choice("p1", permit="P-1", state=State.SUSPENDED)
S26, S27 = choice("l1", season="2026"), choice("l2", season="2027")
CASES = [
    ("nothing", [], {}, None),
    ("the only root", [ROOT], {}, "c1"),
    ("what bounds comes first", [FREE, ROOT], {}, "c1"),
    ("what does not bound comes last", [FREE], {}, "c3"),
    ("a suspended one bounds nothing", [FREE, STOPPED], {}, "c3"),
    ("only a suspended one", [STOPPED], {}, None),
    ("two that bound", [ROOT, OTHER], {}, "certificate_ambiguous"),
    ("named", [ROOT, OTHER], {"certificate": "N-c2"}, "c2"),
    ("named and suspended", [STOPPED, OTHER], {"certificate": "N-c1"}, "certificate_suspended"),
    ("two of one number", [ROOT, choice("c9", "c9")], {"certificate": "N-c1"}, "c1"),
    ("the only permit", [P1], {}, "p1"),
    ("two permits", [P1, P2], {}, "permit_ambiguous"),
    ("a named permit", [P1, P2], {"permit": "P-2"}, "p2"),
    ("another's permit", [P1], {"permit": "P-9"}, "permit_not_yours"),
    ("a permit of another", [P1], {"permit": "P-1", "certificate": "N-c2"}, "permit_not_yours"),
    ("one open, one frozen", [P1, FROZEN], {}, "p1"),
    ("one frozen", [FROZEN], {}, None),
    ("one frozen, named", [FROZEN], {"permit": "P-3"}, "permit_frozen"),
    ("one frozen, certificate named", [FROZEN], {"certificate": "N-c1"}, "permit_frozen"),
    ("one closed, and the root again", [CLOSED, ROOT], {}, "c1"),
    ("one closed, certificate named", [CLOSED, ROOT], {"certificate": "N-c1"}, "c1"),
    ("one closed, named", [CLOSED, ROOT], {"permit": "P-4"}, "permit_closed"),
    ("stopped with its certificate", [STOPPED_P], {"permit": "P-1"}, "certificate_suspended"),
    ("two seasons", [S26, S27], {}, "season_ambiguous"),
    ("one of two seasons", [S26, S27], {"season": "2027"}, "l2"),
    ("no such season", [S26, S27], {"season": "2028"}, "line_unknown"),
    ("no seasons", [ROOT], {"season": "2026"}, "line_unknown"),
]


@pytest.mark.parametrize(
    "choices, asked, expected", [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_account(choices, asked, expected):
    try:
        chosen = choose(choices, Asked(**asked))
    except Refusal as refusal:
        assert refusal.first.code.code == expected
    else:
        assert (chosen.account_id if chosen else None) == expected


def test_one_number_of_two_schemes_is_not_enough():
    twins = [choice("a", "a"), choice("b", "b")]
    named = [Choice(each.account_id, each.cert_id, "N", State.ACTIVE, True) for each in twins]
    with pytest.raises(Refusal) as refused:
        choose(named, Asked("N"))
    assert refused.value.first.code.code == "number_ambiguous"


def fields(*scope):
    return Fields(tuple(ScopeItem(*item) for item in scope), None, None, None, None)


def of(*bases):
    return Goods("rice", ("有机米", "Organic rice"), frozenset(bases))


DAY = date(2027, 3, 1)
BEFORE, AFTER = datetime(2027, 2, 28, 15, 59, tzinfo=UTC), datetime(2027, 2, 28, 16, tzinfo=UTC)
PLAIN = fields(("product", "rice"))
BASED = fields(("product", "rice"), ("base", "A"))
CONVERTED = fields(("product", "rice"), ("base", "A"), ("base", "B", DAY))
BEYOND, CONVERSION = "mark_beyond_scope", "organic_mark_in_conversion"
MARKS = [
    ("any base", PLAIN, of("X"), True, AFTER, []),
    ("no base named yet", BASED, of(), True, AFTER, []),
    ("the base", BASED, of("A"), True, AFTER, []),
    ("another base", BASED, of("X"), True, AFTER, [BEYOND]),
    ("one of two", BASED, of("A", "X"), True, AFTER, [BEYOND]),
    ("another base without mark", BASED, of("X"), False, AFTER, []),
    ("another product", PLAIN, Goods("tea"), True, AFTER, [BEYOND]),
    ("a reduced scope", fields(), of(), True, AFTER, [BEYOND]),
    ("in conversion", CONVERTED, of("B"), True, BEFORE, [CONVERSION]),
    ("after it", CONVERTED, of("B"), True, AFTER, []),
    ("the other base", CONVERTED, of("A"), True, BEFORE, []),
    ("mixed", CONVERTED, of("A", "B"), True, BEFORE, [CONVERSION]),
    ("of a base not known yet", CONVERTED, of(), True, BEFORE, [CONVERSION]),
    ("the word alone", CONVERTED, of("B"), False, BEFORE, [CONVERSION]),
    ("in English", CONVERTED, Goods("rice", ("ORGANIC",)), False, BEFORE, [CONVERSION]),
    ("neither", CONVERTED, Goods("rice", ("大米",), frozenset("B")), False, BEFORE, []),
    ("both wrongs", CONVERTED, of("B", "X"), True, BEFORE, [BEYOND, CONVERSION]),
]  # fmt: skip


@pytest.mark.parametrize("case", MARKS, ids=[case[0] for case in MARKS])
def test_the_mark(case):
    _, scope, goods, with_mark, at, expected = case
    found = mark_reasons(scope, goods, at, with_mark=with_mark)
    assert [reason.code.code for reason in found] == expected
