"""A season of goods on their way: lots, events and kinship, drawn so as chains in the field look.

A hundred events are one week of one collecting point:

| events | what | kinship |
|---|---|---|
| 20 | harvest | 20 new lots |
| 30 | input, storage, transport, inspection | none |
| 2 | merge into silos | ten harvests into one, and now and then what an older silo still held |
| 4 | processing | a silo into two milled lots |
| 12 | packing | a milled lot into three packed ones; these are labelled |
| 6 | mixing by wholesalers | three packed lots of the last fifty weeks; of ten one came back |
| 6 | split for shops | a mixed lot into five |
| 20 | sale | none |

So a packed lot spreads over wholesalers and shops, goods return, and ways meet again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

PER_WEEK = 100
_RECENT = 50 * 12


@dataclass(frozen=True)
class Happened:
    """One event: what it took from, what it made or touched."""

    step: str
    parents: tuple[str, ...]
    children: tuple[str, ...]


@dataclass
class Season:
    """What was there so far, and who labels: the packed lots of each week."""

    random: Random
    lots: int = 0
    silos: list[str] = field(default_factory=list)
    packed: list[str] = field(default_factory=list)
    shops: list[str] = field(default_factory=list)

    def _new(self) -> str:
        self.lots += 1
        return f"lot:{self.lots:020d}"

    def week(self) -> Iterator[Happened]:
        """The events of a week, in order."""
        harvests = [self._new() for _ in range(20)]
        yield from (Happened("harvest", (), (lot,)) for lot in harvests)
        yield from (Happened("storage", (), (self.random.choice(harvests),)) for _ in range(30))
        silos = [self._new(), self._new()]
        for silo, into in zip(silos, (harvests[:10], harvests[10:]), strict=True):
            older = self.random.sample(self.silos[-20:], 1) if self._now_and_then(5) else []
            yield Happened("merge", (*into, *older), (silo,))
        milled = [self._new() for _ in range(4)]
        for lot, silo in zip(milled, (silos[0], silos[0], silos[1], silos[1]), strict=True):
            yield Happened("processing", (silo,), (lot,))
        packed = [self._new() for _ in range(12)]
        yield from (Happened("packing", (milled[n // 3],), (lot,)) for n, lot in enumerate(packed))
        self.silos += silos
        self.packed += packed
        yield from self._trade()
        sold = self.random.sample(packed, 10) * 2
        yield from (Happened("sale", (), (lot,)) for lot in sold)

    def _trade(self) -> Iterator[Happened]:
        for _ in range(6):
            mixed = self._new()
            taken = {self._bought() for _ in range(3)}
            yield Happened("merge", tuple(sorted(taken)), (mixed,))
            shops = tuple(self._new() for _ in range(5))
            self.shops += shops
            yield Happened("split", (mixed,), shops)

    def _bought(self) -> str:
        came_back = bool(self.shops) and self._now_and_then(10)
        return self.random.choice((self.shops if came_back else self.packed)[-_RECENT:])

    def _now_and_then(self, of: int) -> bool:
        return bool(self.silos) and self.random.randrange(of) == 0
