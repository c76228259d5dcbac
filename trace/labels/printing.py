"""From a print run to files on disk: what its labels show, and how the files are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from runtime.id_list import id_list
from runtime.regions import region_words
from runtime.typesetting import Format, find_font
from trace.bases.tables import ProductionBase
from trace.labels.lookup import PrintedLabel
from trace.labels.sheets import A4, SINGLE, Design, render
from trace.labels.tables import LabelBinding, LabelRun
from trace.lots.service import ancestors
from trace.lots.tables import Lot
from trace.products.tables import Product


def words_of(session: Session, run: LabelRun, *, demo: bool) -> Design:
    """Give what the labels of a run say: product and place, and that it is a demo.

    Mark and heading are not for this area to decide alone; see `workflows.draw_labels`.
    """
    product = session.get_one(Product, run.product_id)
    region = _region(session, run) or product.region
    return Design(
        product=product.name_zh,
        place=region_words(region) or region,
        demo=demo,
        at=run.printed_at,
    )


def first_lot(session: Session, run: LabelRun) -> str | None:
    """Give the lot to which the first bound labels of a run are bound, None while none is."""
    query = select(LabelBinding.lot_id).filter_by(run_id=run.id).order_by(LabelBinding.first)
    return session.scalar(query.limit(1))


def bases_behind(session: Session, lot_ids: Iterable[str]) -> frozenset[str]:
    """Give the bases, as far as they are known, from which the goods of these lots come."""
    reached = {each for lot_id in lot_ids for each in ancestors(session, lot_id)}
    query = select(Lot.base_id).where(Lot.id.in_(id_list(session, reached)))
    return frozenset(base for base in session.scalars(query) if base is not None)


def bound_to(session: Session, run: LabelRun) -> tuple[str, ...]:
    """Give the lots that labels of a run are bound to, by id."""
    query = select(LabelBinding.lot_id).filter_by(run_id=run.id).distinct()
    return tuple(sorted(session.scalars(query)))


def names_on(session: Session, product_id: str) -> tuple[str, ...]:
    """Give the names under which the goods of a product are sold, in both languages."""
    product = session.get_one(Product, product_id)
    return tuple(each for each in (product.name_zh, product.name_en) if each)


def _region(session: Session, run: LabelRun) -> str | None:
    """Give the region of the base from which the goods of the first lot come."""
    bound = first_lot(session, run)
    for lot_id in ancestors(session, bound) if bound is not None else ():
        lot = session.get_one(Lot, lot_id)
        if lot.base_id is not None:
            return session.get_one(ProductionBase, lot.base_id).region
    return None


def save(
    design: Design, labels: Sequence[PrintedLabel], format: str, out: Path
) -> tuple[list[str], tuple[str, ...]]:
    """Draw labels into `out`; gives the files written and the characters that the font lacks.

    A PDF is one file of A4 sheets. PNG and SVG are one file a label: `out` itself for one label,
    else numbered beside it, `name-0000001.png`.
    """
    kind: Format = "pdf" if format == "pdf" else "png" if format == "png" else "svg"
    layout = A4 if kind == "pdf" else SINGLE
    printed = render(design, labels, kind, layout, find_font())
    paths = [out] if len(printed.files) == 1 else _numbered(out, labels)
    for path, content in zip(paths, printed.files, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [str(path) for path in paths], printed.missing


def _numbered(out: Path, labels: Sequence[PrintedLabel]) -> list[Path]:
    return [out.with_name(f"{out.stem}-{label.position:07d}{out.suffix}") for label in labels]
