"""Labels as pages: A4 sheets as vector PDF, single labels and rolls as PDF, PNG or SVG.

One layout for all formats, drawn by typst: the QR code (level M, quiet zone of four modules, GS1
General Specifications 5.5.2) with the label's address as it is, the code that people read, product
and place in words, the mark where it is allowed, 演示 DEMO where it is one. QR matrices come from
zxing-cpp and are drawn as paths, so that every printer's own resolution counts.

Invariants:
- the Chinese font is embedded in every PDF; typst would keep silent about a missing one, so the
  font is looked for before and its name in the file afterwards
- no text is lost silently: a character that the font does not have (rare characters of villages
  and people) is printed as 〓, is named on the page, and is returned in `missing`
- texts are data, never markup
- the time in the file is that of the run, so that a run printed again gives the same bytes
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import typst
import zxingcpp
from PIL import ImageFont

from trace.labels.errors import FontMissing
from trace.labels.lookup import PrintedLabel
from trace.labels.model import MarkShown

FONT_FAMILY = "Noto Sans SC"
FONT_NAME_IN_PDF = b"NotoSansSC"
FONT_FILE = Path(
    "node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"
)
GETA = "〓"
"""What typesetters put where a character is missing."""

Format = Literal["pdf", "png", "svg"]

# Memory grows with the pages of one typst job (about 0.1 MB a label), so a long run is several.
_LABELS_PER_JOB = 960
_TEMPLATE = Path(__file__).with_name("sheet.typ").read_bytes()
_POINTS_PER_MM = 2.834645669  # 72 / 25.4
_PATH = re.compile(r'<path d="([^"]*)"')
_WIDTH = re.compile(r'<svg width="(\d+)"')


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


def find_font(project: Path | None = None) -> Path:
    """Give the font's file in the project's folder. Raises FontMissing."""
    file = (project or Path(__file__).parents[2]) / FONT_FILE
    if not file.is_file():
        raise FontMissing(
            f"没有中文字体 {FONT_FILE}，请运行 make setup / "
            f"The Chinese font {FONT_FILE} is missing; run make setup"
        )
    return file


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


def missing_characters(text: str, font: Path) -> tuple[str, ...]:
    """Give the characters of a text for which the font has no shape, each once, sorted."""
    return tuple(sorted(each for each in set(text) if not _has(font, each)))


@lru_cache(maxsize=4096)
def _has(font: Path, character: str) -> bool:
    """Compare a character's shape with the font's shape for "none" (U+FFFF is no character)."""
    if character.isspace():
        return True
    shapes = _shapes(font)
    none = shapes.getmask("\uffff")
    mask = shapes.getmask(character)
    return (mask.size, bytes(mask)) != (none.size, bytes(none))


@lru_cache(maxsize=2)
def _shapes(font: Path) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), 40)


@lru_cache(maxsize=2)
def _fonts(font: Path) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font.parent)]
    )


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
    note = "  ".join(f"{GETA} U+{ord(each):04X}" for each in missing)
    product = _replaced(design.product, missing)
    place = _replaced(design.place, missing)
    return {
        "font": FONT_FAMILY,
        "width": layout.page_width,
        "mark": design.mark,
        "demo": design.demo,
        "heading": _replaced(design.heading, missing),
        "product": product,
        "product_pt": _fitting_size(product, ((16, 10), (22, 8), (42, 6)), 5),
        "place": place,
        "place_pt": _fitting_size(place, ((24, 7), (42, 5.5)), 4.5),
        "pages": [_page(page, layout, note) for page in pages],
    }


def _replaced(text: str, missing: tuple[str, ...]) -> str:
    return text.translate({ord(each): GETA for each in missing})


def _fitting_size(text: str, sizes: Sequence[tuple[int, float]], least: float) -> float:
    """Give the type size in points at which a text of this width fits its place on the label."""
    width = sum(1.0 if ord(each) > 0x2E7F else 0.6 for each in text)
    return next((points for most, points in sizes if width <= most), least)


def _page(labels: Sequence[PrintedLabel], layout: Layout, note: str) -> dict[str, Any]:
    rows = -(-len(labels) // layout.columns)
    height = layout.page_height or rows * LABEL_HEIGHT
    paths, faces = [], []
    for index, label in enumerate(labels):
        x = index % layout.columns * LABEL_WIDTH
        y = index // layout.columns * LABEL_HEIGHT + layout.top
        paths.append(_qr_path(label.address, x + _QR_LEFT, y + _QR_TOP))
        faces.append({"x": x, "y": y, "code": label.code})
    width = layout.page_width
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">{"".join(paths)}</svg>'
    )
    return {"height": height, "qr": svg, "labels": faces, "note": note}


def qr_symbol(address: str) -> zxingcpp.Barcode:
    """Encode an address as a QR code of level M, in the smallest version that holds it."""
    return zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M")


def _qr_path(address: str, x: float, y: float) -> str:
    """Draw a QR code with its quiet zone into a square of `_QR_SIDE` mm at (x, y)."""
    svg = qr_symbol(address).to_svg(add_quiet_zones=True)
    path, width = _PATH.search(svg), _WIDTH.search(svg)
    if path is None or width is None:
        raise RuntimeError("zxing-cpp draws QR codes in another way than it did")
    scale = _QR_SIDE / int(width[1])
    return f'<path transform="translate({x} {y}) scale({scale:.6f})" d="{path[1]}"/>'


def _compiled(
    job: dict[str, Any], design: Design, format: Format, font: Path, dpi: int
) -> list[bytes]:
    """Let typst draw one job; gives one PDF, or one file a page."""
    with TemporaryDirectory(prefix="ecotrace-labels-") as folder:
        main = Path(folder, "sheet.typ")
        main.write_bytes(_TEMPLATE)
        if design.mark == "artwork":
            Path(folder, "mark.png").write_bytes(design.artwork or b"")
        # The overloads of typst-py do not know that PNG and SVG of several pages are lists.
        drawn: Any = typst.compile(
            main,
            root=Path(folder),
            font_paths=_fonts(font),
            ignore_system_fonts=True,
            format=format,
            ppi=float(dpi),
            sys_inputs={"page": json.dumps(job | {"codes": format != "svg"}, ensure_ascii=False)},
            timestamp=int(design.at.timestamp()),
            pdf_tags=False,
        )
    files: list[bytes] = drawn if isinstance(drawn, list) else [drawn]
    if format == "svg":
        pairs = zip(files, job["pages"], strict=True)
        return [_with_codes(file, page["qr"]) for file, page in pairs]
    if format == "pdf" and FONT_NAME_IN_PDF not in files[0]:
        raise RuntimeError("the PDF does not embed the Chinese font")
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
