"""The rules of a consequence, as tables: who may confirm what, when printing stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certification.consequences.model import (
    HOLD_MAX,
    KINDS,
    Confirmation,
    ConsequenceState,
    EarlierHold,
    Hold,
    Numbers,
    Radius,
    change_of,
    check_not_held,
    check_restored,
    confirm_reasons,
    numbers_of,
    propose_reasons,
    radius_from,
)
from runtime.refusal import Refusal

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
PROPOSED, CONFIRMED, DROPPED = ConsequenceState
SHOWN = radius_from({"lots": ["lot:a", "lot:b"], "runs": ["run:a"], "awards": ["trf:a"]}, 10)
GROWN = radius_from({**SHOWN.members(), "lots": ["lot:a", "lot:b", "lot:c"]}, 12)
SHRUNK = radius_from({**SHOWN.members(), "lots": ["lot:a"]}, 10)
OTHER = "0" * 64
IN_DEBT = radius_from({**SHOWN.members(), "credit_records": ["case:a"]}, 10)

CONFIRMATIONS = [
    ("another person, nothing new", PROPOSED, "a", "b", SHOWN, SHOWN.digest, SHOWN, []),
    ("another person, goods moved on", PROPOSED, "a", "b", SHOWN, SHOWN.digest, GROWN, []),
    ("what a machine proposed", PROPOSED, "", "b", SHOWN, SHOWN.digest, SHOWN, []),
    ("a credit record ended meanwhile", PROPOSED, "a", "b", IN_DEBT, IN_DEBT.digest, SHOWN, []),
    (
        "the same person",
        PROPOSED, "a", "a", SHOWN, SHOWN.digest, SHOWN, ["consequence_same_person"],
    ),
    ("nobody", PROPOSED, "a", None, SHOWN, SHOWN.digest, SHOWN, ["person_required"]),
    ("again", CONFIRMED, "a", "b", SHOWN, SHOWN.digest, SHOWN, ["consequence_not_open"]),
    ("what was dropped", DROPPED, "a", "b", SHOWN, SHOWN.digest, SHOWN, ["consequence_not_open"]),
    (
        "another radius than the one shown",
        PROPOSED, "a", "b", SHOWN, GROWN.digest, GROWN, ["consequence_radius_other"],
    ),
    (
        "less than was shown",
        PROPOSED, "a", "b", SHOWN, SHOWN.digest, SHRUNK, ["consequence_radius_shrunk"],
    ),
    (
        "everything at once",
        DROPPED, "a", "a", SHOWN, OTHER, SHRUNK,
        [
            "consequence_same_person", "consequence_not_open", "consequence_radius_other",
            "consequence_radius_shrunk",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "state, proposer, confirmer, shown, named, current, codes",
    [case[1:] for case in CONFIRMATIONS],
    ids=[case[0] for case in CONFIRMATIONS],
)
def test_who_may_confirm_what(state, proposer, confirmer, shown, named, current, codes) -> None:
    asked = Confirmation(state, proposer, confirmer, named, shown, current)
    assert [reason.code.code for reason in confirm_reasons(asked)] == codes


PROPOSALS = [
    ("nothing before", None, False, None, None, []),
    ("another one waits", "cons:x", False, "a", None, ["consequence_waiting"]),
    ("a hold", None, True, "a", None, []),
    ("a hold by a machine", None, True, None, None, ["person_required"]),
    ("a hold after mine fell", None, True, "a", EarlierHold("a", DROPPED), ["hold_repeated"]),
    ("a hold after mine was confirmed", None, True, "a", EarlierHold("a", CONFIRMED), []),
    ("a hold after somebody else's", None, True, "a", EarlierHold("b", DROPPED), []),
    ("no hold after mine", None, False, "a", EarlierHold("a", DROPPED), []),
    (
        "a second hold while mine waits",
        "cons:x", True, "a", EarlierHold("a", PROPOSED), ["consequence_waiting", "hold_repeated"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "waiting, hold, person, earlier, codes",
    [case[1:] for case in PROPOSALS],
    ids=[case[0] for case in PROPOSALS],
)
def test_what_may_be_proposed(waiting, hold, person, earlier, codes) -> None:
    reasons = propose_reasons(waiting=waiting, hold=hold, person=person, earlier=earlier)
    assert [reason.code.code for reason in reasons] == codes


def test_a_hold_ends_by_itself() -> None:
    hold = Hold("cons:x", NOV_1 + HOLD_MAX)
    assert timedelta(hours=72) == HOLD_MAX
    check_not_held(None, NOV_1)
    check_not_held(hold, hold.until)
    for at in (NOV_1, hold.until - timedelta(microseconds=1)):
        with pytest.raises(Refusal) as refused:
            check_not_held(hold, at)
        assert refused.value.first.code.code == "certificate_held"
        assert refused.value.first.numbers == {"until": "2026-11-04T00:00:00.000000Z"}


@pytest.mark.parametrize("document", [None, "", "  "])
def test_a_suspension_ends_after_an_evaluation_only(document) -> None:
    check_restored("演示评〔2026〕1号")
    with pytest.raises(Refusal) as refused:
        check_restored(document)
    assert refused.value.first.code.code == "evaluation_missing"


RADII = st.builds(
    radius_from,
    st.dictionaries(st.sampled_from(KINDS), st.lists(st.sampled_from("abcdef"), max_size=4)),
    st.integers(0, 9),
)


@given(RADII, RADII)
def test_a_radius_is_named_by_what_it_holds(one: Radius, other: Radius) -> None:
    assert (one.digest == other.digest) is (one.members() == other.members())
    assert radius_from(one.value(), one.labels) == one  # type: ignore[arg-type]
    assert numbers_of(one) == Numbers(
        **{kind: len(ids) for kind, ids in one.members().items()}, labels=one.labels
    )


@given(RADII, RADII)
def test_what_came_and_went_leads_from_one_to_the_other(one: Radius, other: Radius) -> None:
    change = change_of(one, other)
    for kind in KINDS:
        before, now = set(one.members()[kind]), set(other.members()[kind])
        added, gone = set(change.added.members()[kind]), set(change.gone.members()[kind])
        assert (before | added) - gone == now
        assert not added & gone
    assert change.shrunk is any(
        change.gone.members()[kind] for kind in KINDS if kind != "credit_records"
    )
