"""Finding a label: by its serial, by the code that people read, or by whatever was scanned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from runtime.refusal import refuse
from trace.digital_link import link
from trace.digital_link.refusals import LinkRefused
from trace.labels.human_code import human_code, read_code
from trace.labels.model import Binding, RunFacts, Span
from trace.labels.serials import KeyRing, check, mint
from trace.labels.tables import LabelBinding, LabelRun, LabelVoid
from trace.refusals import TraceRefusal


@dataclass(frozen=True)
class FoundLabel:
    """One label that was printed: its run, its place in it, and what became of it.

    `lot_id` is the lot that it is bound to, or None; `weakened` says that the key of its letter
    has leaked, so that its tag proves less.
    """

    run_id: str
    run_number: int
    position: int
    number: int
    letter: str
    product_id: str
    lot_id: str | None
    void: bool
    weakened: bool

    @property
    def code(self) -> str:
        """The code that people read on it."""
        return human_code(self.run_number, self.position)


@dataclass(frozen=True)
class PrintedLabel:
    """What is printed on one label; `address` is what its QR code holds."""

    position: int
    serial: str
    address: str
    code: str


def item_of(found: link.Link) -> str | None:
    """Give the item of a label's MAC that an address names, or None: no product of ours."""
    if found.gtin is not None:
        return found.gtin
    return f"p/{found.product}" if found.product is not None else None


def find_label(session: Session, item: str, letter: str, number: int) -> FoundLabel | None:
    """Give the label of this number (its tag was right), or None: outside every run. One SELECT."""
    asked = {"item": item, "letter": letter, "number": number}
    return _found(session.execute(_BY_NUMBER, asked).one_or_none())


def find_position(session: Session, run_number: int, position: int) -> FoundLabel | None:
    """Give the label at a position (from 1) of a run, or None. One SELECT."""
    asked = {"run_number": run_number, "position": position}
    return _found(session.execute(_BY_POSITION, asked).one_or_none())


def scanned_label(session: Session, keys: KeyRing, origin: str, scanned: str) -> FoundLabel:
    """Give the label that was scanned (its address) or typed (its code).

    Raises Refusal: LABEL_CODE_MALFORMED, LABEL_UNKNOWN.
    """
    code = read_code(scanned)
    if code is not None:
        found = find_position(session, code.run, code.position)
    else:
        found = _by_address(session, keys, origin, scanned.strip())
    if found is None:
        refuse(TraceRefusal.LABEL_UNKNOWN)
    return found


def run_facts(session: Session, run: LabelRun) -> RunFacts:
    """Give a run with its bindings and voids, as the rules see it."""
    of_run = select(LabelBinding).filter_by(run_id=run.id).order_by(LabelBinding.first)
    bindings = tuple(
        Binding(Span(row.first, row.last), row.lot_id) for row in session.scalars(of_run)
    )
    voids = select(LabelVoid).filter_by(run_id=run.id).order_by(LabelVoid.first)
    void_spans = tuple(Span(row.first, row.last) for row in session.scalars(voids))
    return RunFacts(run.product_id, run.count, bindings, void_spans)


def require_run(session: Session, id: str) -> LabelRun:
    """Give the run of this id. Raises Refusal RUN_UNKNOWN."""
    run = session.get(LabelRun, id)
    if run is None:
        refuse(TraceRefusal.RUN_UNKNOWN, "/run")
    return run


def runs_of(session: Session, owner: str, limit: int = 50) -> list[LabelRun]:
    """Give a party's print runs, the newest first."""
    query = select(LabelRun).filter_by(owner_id=owner).order_by(LabelRun.number.desc())
    return list(session.scalars(query.limit(limit)))


def printed_labels(run: LabelRun, keys: KeyRing, origin: str, span: Span) -> Iterator[PrintedLabel]:
    """Compute what is printed on some labels of a run, in order."""
    key, _, product = run.item.rpartition("/")
    lot = () if run.lot_code is None else (("10", run.lot_code),)
    for position in range(span.first, span.last + 1):
        serial = mint(keys, run.letter, origin, run.item, run.first + position - 1)
        made = link.make(key or "01", product, (*lot, ("21", serial)))
        address = link.address(made, run.base_url)
        yield PrintedLabel(position, serial, address, human_code(run.number, position))


def _by_address(session: Session, keys: KeyRing, origin: str, scanned: str) -> FoundLabel | None:
    try:
        parts = urlsplit(scanned)
        found = link.parse(parts.path, parts.query)
    except (ValueError, LinkRefused):
        refuse(TraceRefusal.LABEL_CODE_MALFORMED)
    item, serial = item_of(found), found.serial
    if item is None or serial is None:
        refuse(TraceRefusal.LABEL_CODE_MALFORMED)
    number = check(serial, keys, origin, item)
    if not isinstance(number, int):
        refuse(TraceRefusal.LABEL_CODE_MALFORMED)
    return find_label(session, item, serial[0], number)


# Plain SQL that both databases read: this runs once per scan, and building it anew each time costs
# ten times what it asks. Spans of one kind never meet, so that each join finds at most one row.
_LABEL_AT = """
SELECT r.id, r.number AS run_number, r.letter, r.product_id, r.first AS run_first, r.size,
       r.position, b.lot_id, v.reason, k.leaked_at
FROM (SELECT id, number, letter, product_id, first, count AS size, {position} AS position
      FROM label_runs WHERE {where} ORDER BY first DESC LIMIT 1) r
LEFT JOIN label_bindings b
       ON b.run_id = r.id AND b.first <= r.position AND b.last >= r.position
LEFT JOIN label_voids v
       ON v.run_id = r.id AND v.first <= r.position AND v.last >= r.position
LEFT JOIN label_keys k ON k.letter = r.letter
"""
_BY_NUMBER = text(
    _LABEL_AT.format(
        position=":number - first + 1",
        where="item = :item AND letter = :letter AND first <= :number",
    )
)
_BY_POSITION = text(
    _LABEL_AT.format(position="CAST(:position AS BIGINT)", where="number = :run_number")
)


def _found(row: Row[Any] | None) -> FoundLabel | None:
    if row is None or not 1 <= row.position <= row.size:
        return None
    return FoundLabel(
        run_id=row.id,
        run_number=row.run_number,
        position=row.position,
        number=row.run_first + row.position - 1,
        letter=row.letter,
        product_id=row.product_id,
        lot_id=row.lot_id,
        void=row.reason is not None,
        weakened=row.leaked_at is not None,
    )
