"""Labels as pages: A4 sheets as vector PDF, single labels and rolls as PDF, PNG or SVG.

One layout for all formats, drawn by typst: the QR code (level M, quiet zone of four modules, GS1
General Specifications 5.5.2) with the label's address as it is, the code that people read, product
and place in words, the mark where it is allowed, 演示 DEMO where it is one. QR matrices come from
zxing-cpp and are drawn as paths, so that every printer's own resolution counts.

Invariants:
- the Chinese font is embedded in every PDF (see `runtime.typesetting`)
- no text is lost silently: a character that the font does not have (rare characters of villages
  and people) is printed as 〓, is named on the page, and is returned in `missing`
- texts are data, never markup
- the time in the file is that of the run, so that a run printed again gives the same bytes
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]  # it ships no types

from runtime.typesetting import (
    FONT_FAMILY,
    Format,
    Job,
    drawing,
    fitting_size,
    missing_characters,
    missing_note,
    qr_path,
    replaced,
    typeset,
)
from trace.labels.lookup import PrintedLabel
from trace.labels.model import MarkShown

# Memory grows with the pages of one typst job (about 0.1 MB a label), so a long run is several.
_LABELS_PER_JOB = 960
_TEMPLATE = Path(__file__).with_name("sheet.typ").read_bytes()
_POINTS_PER_MM = 2.834645669  # 72 / 25.4


@dataclass(frozen=True)
class Layout:
    """Where labels stand on a page; all lengths in mm. One label is 70 x 37.

    `rows` None: as many as there are labels (a roll), up to `rows_max` a page.
    """

    columns: int
    rows_max: int
    page_width: float
    page_height: float | None
    top: float

    @property
    def labels_per_page(self) -> int:
        """How many labels a full page holds."""
        return self.columns * self.rows_max


LABEL_WIDTH, LABEL_HEIGHT = 70.0, 37.0
_QR_LEFT, _QR_TOP, _QR_SIDE = 2.5, 2.5, 32.0

A4 = Layout(columns=3, rows_max=8, page_width=210.0, page_height=297.0, top=0.5)
"""24 labels of 70 x 37 mm, as common sheets of self-adhesive labels have them."""
SINGLE = Layout(columns=1, rows_max=1, page_width=LABEL_WIDTH, page_height=None, top=0.0)
ROLL = Layout(columns=1, rows_max=50, page_width=LABEL_WIDTH, page_height=None, top=0.0)
"""One label under the other, for thermal printers; 50 a page."""


@dataclass(frozen=True)
class Design:
    """What all labels of a run show.

    `mark` is "" (none), "sample" (our own artwork, which says so) or "artwork" (`artwork`, the PNG
    of an office, checked when it was registered); `mark_shown` decides which. `heading` stands
    above, as 承诺达标合格证 has to where a QR code stands for one.
    """

    product: str
    place: str
    demo: bool
    at: datetime
    mark: MarkShown = ""
    artwork: bytes | None = None
    heading: str = ""


@dataclass(frozen=True)
class Printout:
    """Files (a PDF is one, PNG and SVG are one a page) and the characters that the font lacks."""

    files: tuple[bytes, ...]
    missing: tuple[str, ...]


def render(
    design: Design,
    labels: Sequence[PrintedLabel],
    format: Format,
    layout: Layout,
    font: Path,
    dpi: int = 300,
) -> Printout:
    """Draw labels in order; `dpi` counts for PNG only.

    Raises ValueError where there are none, or the artwork of the mark is not given; FontMissing.
    """
    if not labels:
        raise ValueError("nothing to print")
    if design.mark == "artwork" and not design.artwork:
        raise ValueError("the mark to print has no artwork")
    missing = missing_characters(design.product + design.place + design.heading, font)
    pages: list[bytes] = []
    for portion in _portions(labels, layout):
        job = _job(design, portion, layout, missing)
        pages += _compiled(job, design, format, font, dpi)
    if format == "pdf":
        pages = [_joined(pages)]
    return Printout(tuple(pages), missing)


def _portions(labels: Sequence[PrintedLabel], layout: Layout) -> Iterator[Sequence[PrintedLabel]]:
    """Cut a run into jobs of whole pages."""
    size = max(1, _LABELS_PER_JOB // layout.labels_per_page) * layout.labels_per_page
    for start in range(0, len(labels), size):
        yield labels[start : start + size]


def _job(
    design: Design, labels: Sequence[PrintedLabel], layout: Layout, missing: tuple[str, ...]
) -> dict[str, Any]:
    """Give what the template reads."""
    size = layout.labels_per_page
    pages = [labels[start : start + size] for start in range(0, len(labels), size)]
    note = missing_note(missing)
    product = replaced(design.product, missing)
    place = replaced(design.place, missing)
    return {
        "font": FONT_FAMILY,
        "width": layout.page_width,
        "mark": design.mark,
        "demo": design.demo,
        "heading": replaced(design.heading, missing),
        "product": product,
        "product_pt": fitting_size(product, ((16, 10), (22, 8), (42, 6)), 5),
        "place": place,
        "place_pt": fitting_size(place, ((24, 7), (42, 5.5)), 4.5),
        "pages": [_page(page, layout, note) for page in pages],
    }


def _page(labels: Sequence[PrintedLabel], layout: Layout, note: str) -> dict[str, Any]:
    rows = -(-len(labels) // layout.columns)
    height = layout.page_height or rows * LABEL_HEIGHT
    paths, faces = [], []
    for index, label in enumerate(labels):
        x = index % layout.columns * LABEL_WIDTH
        y = index // layout.columns * LABEL_HEIGHT + layout.top
        paths.append(qr_path(label.address, x + _QR_LEFT, y + _QR_TOP, _QR_SIDE))
        faces.append({"x": x, "y": y, "code": label.code})
    codes = drawing(layout.page_width, height, paths)
    return {"height": height, "qr": codes, "labels": faces, "note": note}


def _compiled(
    job: dict[str, Any], design: Design, format: Format, font: Path, dpi: int
) -> list[bytes]:
    """Let typst draw one job; gives one PDF, or one file a page."""
    artwork = {"mark.png": design.artwork or b""} if design.mark == "artwork" else {}
    page = job | {"codes": format != "svg"}
    files = typeset(Job(_TEMPLATE, page, design.at, format, dpi, artwork), font)
    if format == "svg":
        pairs = zip(files, job["pages"], strict=True)
        return [_with_codes(file, drawn["qr"]) for file, drawn in pairs]
    return files


def _with_codes(svg: bytes, codes: str) -> bytes:
    """Put the QR codes into a page drawn as SVG, on top of what typst drew.

    typst would embed them as a picture in the picture, which not every program shows.
    """
    paths = codes[codes.index(">") + 1 : codes.rindex("<")]
    group = f'<g transform="scale({_POINTS_PER_MM})">{paths}</g></svg>'
    return svg.removesuffix(b"</svg>") + group.encode()


def _joined(pdfs: Sequence[bytes]) -> bytes:
    """Put PDFs one after the other."""
    if len(pdfs) == 1:
        return pdfs[0]
    whole = pypdfium2.PdfDocument.new()
    for pdf in pdfs:
        part = pypdfium2.PdfDocument(pdf)
        whole.import_pages(part)
        part.close()
    out = BytesIO()
    whole.save(out)
    whole.close()
    return out.getvalue()
