"""Refusals: named, ranked, in both languages."""

from __future__ import annotations

import pytest

from runtime.refusal import Reason, Refusal, RefusalCode, Sentence, refuse


class GateRefusal(RefusalCode):
    """A small area's refusals, first the one that answers first."""

    NOT_YOURS = Sentence(403, "不是您的批次", "the lot is not yours")
    TOO_MUCH = Sentence(
        409, "只有{held}公斤，不能出{asked}公斤", "{held} kg held, {asked} kg asked"
    )


def test_a_refusal_says_what_where_and_how_much() -> None:
    with pytest.raises(Refusal) as refusal:
        refuse(GateRefusal.TOO_MUCH, "/eventList/0", held=3, asked="4.5")
    first = refusal.value.first
    assert (first.code.code, first.pointer, refusal.value.status) == (
        "too_much",
        "/eventList/0",
        409,
    )
    assert first.text("zh") == "只有3公斤，不能出4.5公斤"
    assert first.text("en") == "3 kg held, 4.5 kg asked"


def test_the_lowest_rank_answers_and_all_are_listed() -> None:
    much = Reason(GateRefusal.TOO_MUCH, numbers={"held": 1, "asked": 2})
    refusal = Refusal(much, Reason(GateRefusal.NOT_YOURS))
    assert [reason.code.rank for reason in refusal.reasons] == [0, 1]
    assert refusal.status == 403
    assert str(refusal) == "not_yours, too_much"


def test_what_was_typed_is_never_read_as_a_template() -> None:
    reason = Reason(GateRefusal.TOO_MUCH, numbers={"held": "{asked.__class__}", "asked": 1})
    assert reason.text("en") == "{asked.__class__} kg held, 1 kg asked"


def test_equal_reasons_are_equal_and_hash_alike() -> None:
    one, other = (Reason(GateRefusal.TOO_MUCH, "/a", {"held": 1, "asked": 2}) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != Reason(GateRefusal.TOO_MUCH, "/a", {"held": 1, "asked": 3})


def test_two_members_cannot_share_a_sentence() -> None:
    with pytest.raises(TypeError, match="SECOND"):

        class Doubled(RefusalCode):
            FIRST = Sentence(400, "一", "one")
            SECOND = Sentence(400, "一", "one")


def test_a_refusal_needs_a_reason() -> None:
    with pytest.raises(TypeError):
        Refusal()
