"""Finding a label: by its serial, by the code that people read, or by whatever was scanned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Row, Select, and_, literal, select
from sqlalchemy.orm import Session

from runtime.refusal import refuse
from trace.digital_link import link
from trace.digital_link.refusals import LinkRefused
from trace.labels.human_code import human_code, read_code
from trace.labels.model import Binding, RunFacts, Span
from trace.labels.serials import KeyRing, check, mint
from trace.labels.tables import LabelBinding, LabelKey, LabelRun, LabelVoid
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
    position = number - LabelRun.first + 1
    of_item = and_(LabelRun.item == item, LabelRun.letter == letter, LabelRun.first <= number)
    query = _label_at(position).where(of_item).order_by(LabelRun.first.desc()).limit(1)
    return _found(session.execute(query).one_or_none())


def find_position(session: Session, run_number: int, position: int) -> FoundLabel | None:
    """Give the label at a position (from 1) of a run, or None. One SELECT."""
    query = _label_at(literal(position)).where(LabelRun.number == run_number)
    return _found(session.execute(query).one_or_none())


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


def _label_at(
    position: ColumnElement[int],
) -> Select[LabelRun, int, str, str, datetime | None]:
    """Select a run with what is true of its label at a position; spans of one kind never meet."""
    bound = and_(
        LabelBinding.run_id == LabelRun.id,
        LabelBinding.first <= position,
        LabelBinding.last >= position,
    )
    void = and_(
        LabelVoid.run_id == LabelRun.id, LabelVoid.first <= position, LabelVoid.last >= position
    )
    columns = (
        LabelRun,
        position.label("position"),
        LabelBinding.lot_id,
        LabelVoid.reason,
        LabelKey.leaked_at,
    )
    joined = select(*columns).outerjoin(LabelBinding, bound).outerjoin(LabelVoid, void)
    return joined.outerjoin(LabelKey, LabelKey.letter == LabelRun.letter)


def _found(row: Row[LabelRun, int, str, str, datetime | None] | None) -> FoundLabel | None:
    if row is None or not 1 <= row.position <= row.LabelRun.count:
        return None
    run: LabelRun = row.LabelRun
    return FoundLabel(
        run_id=run.id,
        run_number=run.number,
        position=row.position,
        number=run.first + row.position - 1,
        letter=run.letter,
        product_id=run.product_id,
        lot_id=row.lot_id,
        void=row.reason is not None,
        weakened=row.leaked_at is not None,
    )
