"""Repeat scans, which are nearly all scans: one SELECT, and a page that is already drawn.

A page that two people scan after each other differs in four places: the code, how many scans, and
when and where the first was. So the page is drawn once with marks in these places, cut at the
marks, and put together again for every scan. Whatever is out of the ordinary (a label that is
void, moved, not yet scanned or not in use, a body that is not cached) goes the long way through
`ScanDesk`; this module only ever gives the answer that the long way would give.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache

from sqlalchemy import Row, text

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
from trace.scans.model import FirstScan, SerialState, verdicts
from trace.scans.service import ScanCounter
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
    "JOIN first_scans f ON f.run_id = r.id AND f.number = :number "
    "LEFT JOIN scan_counts c ON c.run_id = r.id AND c.number = :number "
    "LEFT JOIN label_voids v ON v.run_id = r.id AND v.first <= :number - r.first + 1 "
    "AND v.last >= :number - r.first + 1 "
    "LEFT JOIN label_keys k ON k.letter = r.letter "
    "WHERE r.item = :item AND r.letter = :letter AND r.first <= :number "
    "ORDER BY r.first DESC LIMIT 1"
)

_CODE, _PLACE = "CODE0MARK", "PLACE0MARK"
_COUNT = 777_777_777
_FIRST = datetime(1999, 12, 31, 15, 59, tzinfo=UTC)


@dataclass(frozen=True)
class Shell:
    """A drawn page cut at its marks: text, mark, text, …; true until the body's own end."""

    pieces: tuple[bytes, ...]
    body: CachedBody

    def filled(self, values: dict[bytes, bytes]) -> bytes:
        """Put the page together with what belongs to one scan."""
        return b"".join([values.get(piece, piece) for piece in self.pieces])


class Express:
    """Answers repeat scans of labels whose page is cached; gives None for everything else."""

    def __init__(self, node: Node, counter: ScanCounter, cache: BodyCache) -> None:
        """Share the desk's counter and cache."""
        self._node = node
        self._keys = LabelKeys(node.vault)
        self._counter = counter
        self._cache = cache
        self._shells: dict[tuple[BodyKey, bool], Shell] = {}

    def answer(
        self, link: Link, lang: str, page_of: Callable[[CachedBody, str], ScanPage]
    ) -> bytes | None:
        """Give the whole page (UTF-8) of a repeat scan, or None: go the long way."""
        item, serial = item_of(link), link.serial
        if item is None or serial is None:
            return None
        number = check(serial, self._keys, self._node.log_keys.origin, item)
        if not isinstance(number, int):
            return None
        row = self._label(item, serial[0], number)
        if row is None or row.lot_code != link.lot:
            return None
        shell = self._shell(row, lang, page_of)
        if shell is None:
            return None
        count = (row.scans or 0) + self._counter.note(row.id, number) + 1
        values = (
            human_code(row.number, number - row.first + 1),
            f"{count:,}",
            str(count),
            _shown(from_microseconds(row.at), lang),
            row.place or "",
        )
        filled = map(str.encode, values)
        return shell.filled(dict(zip(_marks(lang), filled, strict=True)))

    def _label(self, item: str, letter: str, number: int) -> Row[tuple[object, ...]] | None:
        asked = {"item": item, "letter": letter, "number": number}
        with self._node.database.read_engine.connect() as connection:
            row = connection.execute(_LABEL, asked).first()
        if row is None or row.reason is not None or row.leaked_at is not None:
            return None
        return row if number - row.first < row.count else None

    def _shell(
        self,
        row: Row[tuple[object, ...]],
        lang: str,
        page_of: Callable[[CachedBody, str], ScanPage],
    ) -> Shell | None:
        key: BodyKey = (row.lot_id, row.epoch, lang, template_version())
        body = self._cache.get(key, self._node.clock.now())
        if body is None:
            return None
        where = (key, row.place is not None)
        shell = self._shells.get(where)
        if shell is None or shell.body is not body:
            if len(self._shells) > 2048:
                self._shells.clear()
            shell = self._shells[where] = self._cut(body, lang, where[1], page_of)
        return shell if shell.pieces else None

    def _cut(
        self,
        body: CachedBody,
        lang: str,
        placed: bool,
        page_of: Callable[[CachedBody, str], ScanPage],
    ) -> Shell:
        """Draw the page with marks and cut it; a label that is not yet in use is left out."""
        now = self._node.clock.now()
        if body.facts.in_use_from is None or now < body.facts.in_use_from:
            return Shell((), body)
        facts = replace(
            body.facts, serial=SerialState.PRINTED, first=FirstScan.EARLIER, first_at=_FIRST
        )
        place = Words(_PLACE, _PLACE) if placed else None
        page = replace(
            page_of(body, _CODE),
            verdicts=tuple(
                Verdict(each.code.value, _COUNT, _FIRST, place) for each in verdicts(facts, now)
            ),
            scans=Scans(_COUNT, _FIRST, place),
        )
        pattern = b"(" + b"|".join(map(re.escape, _marks(lang))) + b")"
        return Shell(tuple(re.split(pattern, draw_page(page, body.html, lang).encode())), body)


@lru_cache(4096)
def _shown(at: datetime, lang: str) -> str:
    return format_value(instant_text(at), "instant", lang)


@cache
def _marks(lang: str) -> tuple[bytes, ...]:
    """Give what stands for code, count (grouped and plain), first time and place."""
    marks = (_CODE, f"{_COUNT:,}", str(_COUNT), _shown(_FIRST, lang), _PLACE)
    return tuple(map(str.encode, marks))
