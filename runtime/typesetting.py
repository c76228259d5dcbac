"""Setting pages in type: the Chinese font, QR codes, and one run of typst.

Invariants:
- the font is looked for before, and its name in a PDF afterwards: typst would keep silent about a
  missing one
- no text is lost silently: a character that the font does not have (rare characters of villages
  and people) is set as 〓, and whoever sets the page learns which ones
- texts are data, never markup; nothing outside of the job's own folder is read
- the time in a file is given, so that the same job gives the same bytes

QR codes are of level M with a quiet zone of four modules (GS1 General Specifications 5.5.2); the
matrices come from zxing-cpp and are drawn as paths, so that every printer's own resolution counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import typst
import zxingcpp
from PIL import ImageFont

FONT_FAMILY = "Noto Sans SC"
FONT_NAME_IN_PDF = b"NotoSansSC"
FONT_FILE = Path(
    "node_modules/@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf"
)
GETA = "〓"
"""What typesetters put where a character is missing."""

Format = Literal["pdf", "png", "svg"]
_PATH = re.compile(r'<path d="([^"]*)"')
_WIDTH = re.compile(r'<svg width="(\d+)"')


class TypesettingError(RuntimeError):
    """Something that setting pages needs is missing here; the message says how to get it."""


class FontMissing(TypesettingError):
    """The Chinese font is not where `make setup` puts it."""


@dataclass(frozen=True)
class Job:
    """One run of typst: its template, what `sys.inputs.page` holds (JSON), files beside it.

    `at` is the time in the file; `dpi` counts for PNG only.
    """

    template: bytes
    page: Mapping[str, Any]
    at: datetime
    format: Format = "pdf"
    dpi: int = 300
    files: Mapping[str, bytes] = field(default_factory=dict)


def find_font(project: Path | None = None) -> Path:
    """Give the font's file in the project's folder. Raises FontMissing."""
    file = (project or Path(__file__).parents[1]) / FONT_FILE
    if not file.is_file():
        raise FontMissing(
            f"没有中文字体 {FONT_FILE}，请运行 make setup / "
            f"The Chinese font {FONT_FILE} is missing; run make setup"
        )
    return file


def typeset(job: Job, font: Path) -> list[bytes]:
    """Let typst set one job; gives one PDF, or one file a page."""
    with TemporaryDirectory(prefix="ecotrace-pages-") as folder:
        main = Path(folder, "main.typ")
        main.write_bytes(job.template)
        for name, content in job.files.items():
            Path(folder, name).write_bytes(content)
        # The overloads of typst-py do not know that PNG and SVG of several pages are lists.
        drawn: Any = typst.compile(
            main,
            root=Path(folder),
            font_paths=_fonts(font),
            ignore_system_fonts=True,
            format=job.format,
            ppi=float(job.dpi),
            sys_inputs={"page": json.dumps(job.page, ensure_ascii=False)},
            timestamp=int(job.at.timestamp()),
            pdf_tags=False,
        )
    files: list[bytes] = drawn if isinstance(drawn, list) else [drawn]
    if job.format == "pdf" and FONT_NAME_IN_PDF not in files[0]:
        raise RuntimeError("the PDF does not embed the Chinese font")
    return files


@lru_cache(maxsize=2)
def _fonts(font: Path) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font.parent)]
    )


def missing_characters(text: str, font: Path) -> tuple[str, ...]:
    """Give the characters of a text for which the font has no shape, each once, sorted."""
    return tuple(sorted(each for each in set(text) if not _has(font, each)))


def replaced(text: str, missing: Iterable[str]) -> str:
    """Put 〓 where a character is missing."""
    return text.translate({ord(each): GETA for each in missing})


def missing_note(missing: Sequence[str]) -> str:
    """Name the missing characters for the page: `〓 U+20BB7`."""
    return "  ".join(f"{GETA} U+{ord(each):04X}" for each in missing)


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


def fitting_size(text: str, sizes: Sequence[tuple[int, float]], least: float) -> float:
    """Give the type size in points at which a text of this width fits its place.

    `sizes` are (widest, points), the widest counted in Chinese characters.
    """
    width = sum(1.0 if ord(each) > 0x2E7F else 0.6 for each in text)
    return next((points for most, points in sizes if width <= most), least)


def qr_symbol(address: str) -> zxingcpp.Barcode:
    """Encode an address as a QR code of level M, in the smallest version that holds it."""
    return zxingcpp.create_barcode(address, zxingcpp.BarcodeFormat.QRCode, ec_level="M")


def qr_path(address: str, x: float, y: float, side: float) -> str:
    """Draw a QR code with its quiet zone as an SVG path, into a square of `side` at (x, y)."""
    svg = qr_symbol(address).to_svg(add_quiet_zones=True)
    path, width = _PATH.search(svg), _WIDTH.search(svg)
    if path is None or width is None:
        raise RuntimeError("zxing-cpp draws QR codes in another way than it did")
    scale = side / int(width[1])
    return f'<path transform="translate({x} {y}) scale({scale:.6f})" d="{path[1]}"/>'


def drawing(width: float, height: float, paths: Iterable[str]) -> str:
    """Give an SVG of `width` x `height` mm with paths in mm."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">{"".join(paths)}</svg>'
    )
