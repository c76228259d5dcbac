"""From a print run to files on disk: what its labels show, and how the files are named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from runtime.regions import region_words
from trace.bases.tables import ProductionBase
from trace.labels.lookup import PrintedLabel
from trace.labels.sheets import A4, SINGLE, Design, Format, find_font, render
from trace.labels.tables import LabelBinding, LabelRun
from trace.lots.service import ancestors
from trace.lots.tables import Lot
from trace.products.tables import Product


def design_of(session: Session, run: LabelRun, *, demo: bool) -> Design:
    """Give what the labels of a run show; the mark is our own sample artwork."""
    product = session.get_one(Product, run.product_id)
    return Design(
        product=product.name_zh,
        place=_place(session, run),
        demo=demo,
        at=run.printed_at,
        mark="sample" if run.with_mark else "",
    )


def _place(session: Session, run: LabelRun) -> str:
    """Give the place of the lot's base in words, or that of the product's region, or nothing."""
    bound = session.scalar(select(LabelBinding).filter_by(run_id=run.id).limit(1))
    if bound is not None:
        for lot_id in ancestors(session, bound.lot_id):
            lot = session.get_one(Lot, lot_id)
            if lot.base_id is not None:
                return region_words(session.get_one(ProductionBase, lot.base_id).region)
    return region_words(session.get_one(Product, run.product_id).region)


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
