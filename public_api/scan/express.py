"""Ordinary scans, which are nearly all scans: one SELECT, and a page that is already drawn.

A page that two people scan after each other differs in four places: the code, how many scans, and
when and where the first was. So the page is drawn once with marks in these places, cut at the
marks, and put together again for every scan. Whatever is out of the ordinary (a label that is
void, moved or not in use, a body that is not cached) goes the long way through
`ScanDesk`; this module only ever gives the answer that the long way would give.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Row, text

from identity.actor import SYSTEM
from public_api.scan.cache import BodyCache, BodyKey, CachedBody
from public_api.scan.formats import format_value
from public_api.scan.page import ScanPage, Scans, Verdict
from public_api.scan.rendering import draw_page, template_version
from runtime.clock import from_microseconds, instant_text
from trace.digital_link.link import Link
from trace.labels.human_code import human_code
from trace.labels.keys import LabelKeys
from trace.labels.lookup import item_of
from trace.labels.serials import check
from trace.scans.model import FirstScan, ScanRequest, SerialState, may_claim, verdicts
from trace.scans.service import ClaimFirst, ScanCounter, claim_first_scan
from web.language import Words
from web.node import Node

# One label with everything that is true of it, its lot's code and the epoch of its lot's page.
_LABEL = text(
    "SELECT r.id, r.number, r.first, r.count, l.id AS lot_id, l.code AS lot_code, "
    "v.reason, k.leaked_at, f.at, f.place, c.count AS scans, "
    "COALESCE((SELECT epoch FROM scan_epochs WHERE lot_id = l.id), 0) + "
    "COALESCE((SELECT SUM(g.epoch) FROM scan_groups g "
    "JOIN scan_memberships m ON m.group_id = g.id WHERE m.lot_id = l.id), 0) AS epoch "
    "FROM label_runs r "
    "JOIN label_bindings b ON b.run_id = r.id AND b.first <= :number - r.first + 1 "
    "AND b.last >= :number - r.first + 1 "
    "JOIN lots l ON l.id = b.lot_id "
    "LEFT JOIN first_scans f ON f.run_id = r.id AND f.number = :number "
    "LEFT JOIN scan_counts c ON c.run_id = r.id AND c.number = :number "
    "LEFT JOIN label_voids v ON v.run_id = r.id AND v.first <= :number - r.first + 1 "
    "AND v.last >= :number - r.first + 1 "
    "LEFT JOIN label_keys k ON k.letter = r.letter "
    "WHERE r.item = :item AND r.letter = :letter AND r.first <= :number "
    "ORDER BY r.first DESC LIMIT 1"
)

PageOf = Callable[[CachedBody, str], ScanPage]
"""Gives the page of a body and a code, before verdicts and scans are put in."""

_CODE, _PLACE = "CODE0MARK", "PLACE0MARK"
_COUNT = 777_777_777
SHELLS_MAX = 2048
CLAIM_SECONDS = 0.2
"""A page waits so long for its first scan to be durable, then it is served without a word of it."""

_FIRST = datetime(1999, 12, 31, 15, 59, tzinfo=UTC)


@dataclass(frozen=True)
class Shell:
    """A drawn page cut at its marks: text, mark, text, …; true until the body's own end."""

    pieces: tuple[bytes, ...]
    body: CachedBody

    def filled(self, values: dict[bytes, bytes]) -> bytes:
        """Put the page together with what belongs to one scan."""
        return b"".join([values.get(piece, piece) for piece in self.pieces])


class Variant(StrEnum):
    """What a page says of the first scan; each is drawn and cut once for a body."""

    FIRST = "first"
    AGAIN = "again"
    AGAIN_PLACED = "again_placed"
    UNSTATED = "unstated"


_STATED = {
    Variant.FIRST: FirstScan.CLAIMED,
    Variant.AGAIN: FirstScan.EARLIER,
    Variant.AGAIN_PLACED: FirstScan.EARLIER,
    Variant.UNSTATED: FirstScan.UNSTATED,
}


@dataclass(frozen=True)
class Asked:
    """Who asks, from where, and, inside the application, how a page is drawn."""

    request: ScanRequest
    place: str | None
    page_of: PageOf | None = None


class Express:
    """Answers scans of labels whose page is cached; gives None for everything else."""

    def __init__(self, node: Node, counter: ScanCounter, cache: BodyCache) -> None:
        """Share the desk's counter and cache."""
        self._node = node
        self._keys = LabelKeys(node.vault)
        self._counter = counter
        self._cache = cache
        self._shells: dict[tuple[BodyKey, Variant], Shell] = {}

    def answer(self, link: Link, lang: str, asked: Asked) -> bytes | None:
        """Give the whole page (UTF-8) of a scan, or None: go the long way.

        In front of the application, which alone can draw, only with a page that is drawn already.
        """
        item, serial = item_of(link), link.serial
        if item is None or serial is None:
            return None
        number = check(serial, self._keys, self._node.log_keys.origin, item)
        if not isinstance(number, int):
            return None
        row = self._label(item, serial[0], number)
        if row is None or row.lot_code != link.lot:
            return None
        key: BodyKey = (row.lot_id, row.epoch, lang, template_version())
        body = self._cache.get(key, self._node.clock.now())
        if body is None or not self._ready(key, body, row, asked):
            return None
        variant = self._variant(row, number, body, asked)
        if variant is None:
            return None
        shell = self._shell((key, variant), body, lang, asked)
        return None if shell is None else self._filled(shell, variant, row, number, lang)

    def _label(self, item: str, letter: str, number: int) -> Row[Any] | None:
        asked = {"item": item, "letter": letter, "number": number}
        with self._node.database.read_engine.connect() as connection:
            row = connection.execute(_LABEL, asked).first()
        if row is None or row.reason is not None or row.leaked_at is not None:
            return None
        return row if number - row.first < row.count else None

    def _ready(self, key: BodyKey, body: CachedBody, row: Row[Any], asked: Asked) -> bool:
        """Whether the page can be given, whatever the claim of a first scan comes to."""
        if asked.page_of is not None:
            return True
        # A claim that was won and cannot be told would be lost.
        needed = (Variant.FIRST, Variant.UNSTATED) if row.at is None else ()
        return all(self._drawn((key, each), body) is not None for each in needed)

    def _variant(
        self, row: Row[Any], number: int, body: CachedBody, asked: Asked
    ) -> Variant | None:
        """Tell what may be said of the first scan; claims it where this visitor may be the first.

        None where the long way has to decide: a label not in use, somebody who may not claim, or
        a claim that another visitor has just won.
        """
        now = self._node.clock.now()
        if body.facts.in_use_from is None or now < body.facts.in_use_from:
            return None
        if row.at is not None:
            return Variant.AGAIN if row.place is None else Variant.AGAIN_PLACED
        facts = replace(body.facts, serial=SerialState.PRINTED, label_lot=row.lot_id)
        if not may_claim(asked.request, facts, now):
            return None
        claimed = self._node.unit.run_within(
            CLAIM_SECONDS, claim_first_scan, ClaimFirst(row.id, number, asked.place), actor=SYSTEM
        )
        if claimed is None:
            return Variant.UNSTATED
        return Variant.FIRST if claimed.first else None

    def _drawn(self, where: tuple[BodyKey, Variant], body: CachedBody) -> Shell | None:
        shell = self._shells.get(where)
        return shell if shell is not None and shell.body is body else None

    def _shell(
        self, where: tuple[BodyKey, Variant], body: CachedBody, lang: str, asked: Asked
    ) -> Shell | None:
        shell = self._drawn(where, body)
        if shell is not None or asked.page_of is None:
            return shell
        if len(self._shells) > SHELLS_MAX:
            self._shells.clear()
        key, variant = where
        # Who may be told that this was the first scan may be told nothing of it instead.
        together = {variant, Variant.UNSTATED} if variant is Variant.FIRST else {variant}
        for each in together:
            self._shells[key, each] = self._cut(body, lang, each, asked.page_of)
        return self._shells[where]

    def _cut(self, body: CachedBody, lang: str, variant: Variant, page_of: PageOf) -> Shell:
        """Draw the page with marks and cut it."""
        again = _STATED[variant] is FirstScan.EARLIER
        facts = replace(
            body.facts,
            serial=SerialState.PRINTED,
            first=_STATED[variant],
            first_at=_FIRST if again else None,
        )
        place = Words(_PLACE, _PLACE) if variant is Variant.AGAIN_PLACED else None
        shown = verdicts(facts, self._node.clock.now())
        scans = Scans(_COUNT if again else 1, _FIRST, place)
        page = replace(
            page_of(body, _CODE),
            verdicts=tuple(Verdict(each.code.value, _COUNT, _FIRST, place) for each in shown),
            scans=None if variant is Variant.UNSTATED else scans,
        )
        pattern = b"(" + b"|".join(map(re.escape, _marks(lang))) + b")"
        return Shell(tuple(re.split(pattern, draw_page(page, body.html, lang).encode())), body)

    def _filled(
        self, shell: Shell, variant: Variant, row: Row[Any], number: int, lang: str
    ) -> bytes:
        """Put the page together with what belongs to this scan; repeats are counted."""
        count = 1
        if row.at is not None:
            count = (row.scans or 0) + self._counter.note(row.id, number) + 1
        values = (
            human_code(row.number, number - row.first + 1),
            f"{count:,}",
            str(count),
            _shown(from_microseconds(row.at), lang) if row.at is not None else "",
            row.place or "",
        )
        return shell.filled(dict(zip(_marks(lang), map(str.encode, values), strict=True)))


@lru_cache(4096)
def _shown(at: datetime, lang: str) -> str:
    return format_value(instant_text(at), "instant", lang)


@cache
def _marks(lang: str) -> tuple[bytes, ...]:
    """Give what stands for code, count (grouped and plain), first time and place."""
    marks = (_CODE, f"{_COUNT:,}", str(_COUNT), _shown(_FIRST, lang), _PLACE)
    return tuple(map(str.encode, marks))
