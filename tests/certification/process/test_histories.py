"""Random histories keep the invariants, which a second account knows in its own words."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from certification.process.model import CaseState, Event, fold
from tests.certification.process.walks import Walk, processes


def walked(count: int, seed: int) -> Counter:
    """Walk so many histories; gives how they ended and what was done on the way."""
    random = Random(seed)
    seen: Counter = Counter()
    all_processes = processes()
    for n in range(count):
        walk = Walk(Random(random.getrandbits(64)), all_processes[n % len(all_processes)])
        chronicle = walk.run()
        seen[walk.standing.state] += 1
        seen.update(step.event for step in walk.taken)
        seen["refused"] += walk.refused
        assert fold(tuple(walk.taken)) == walk.standing
        assert chronicle.grants == (walk.standing.state is CaseState.GRANTED)
    return seen


def test_two_thousand_histories_break_nothing_and_see_everything():
    seen = walked(2000, seed=7)
    assert seen["refused"] > 2000
    assert seen[CaseState.GRANTED] > 100
    unseen = [each for each in (*CaseState, *Event) if not seen[each]]
    # Nobody ends where every case begins, and a saved draft is no step.
    assert set(unseen) <= {CaseState.NONE, Event.SAVE}


@pytest.mark.deep
def test_a_hundred_thousand_histories_break_nothing():
    assert walked(100_000, seed=11)[CaseState.GRANTED] > 1000
