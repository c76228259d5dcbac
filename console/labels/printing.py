"""Labels as a download: one file, or a ZIP where a drawing has several pages."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal, cast

from flask import Response, make_response, request

from console.refusals import FormRefusal
from runtime.refusal import refuse
from runtime.typesetting import Format, find_font
from trace.labels.lookup import PrintedLabel
from trace.labels.model import Span
from trace.labels.sheets import A4, ROLL, SINGLE, Design, Layout, render

PER_DOWNLOAD = 960
"""Labels of one file: forty A4 sheets, drawn in about two seconds."""

LAYOUTS: dict[str, Layout] = {"a4": A4, "roll": ROLL, "single": SINGLE}
FORMATS: dict[str, str] = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}
DPIS = (150, 203, 300)


@dataclass(frozen=True)
class Wanted:
    """Which file somebody wants: format, layout, and for PNG the dots per inch."""

    format: Format
    layout: Layout
    dpi: int

    @classmethod
    def asked(cls, layout: str = "a4") -> Wanted:
        """Read `?format=`, `?layout=`, `?dpi=`. Raises Refusal CHOICE_UNKNOWN."""
        format = request.args.get("format", "pdf")
        name = request.args.get("layout", layout)
        dpi = request.args.get("dpi", "300")
        if format not in FORMATS or name not in LAYOUTS or dpi not in {str(d) for d in DPIS}:
            refuse(FormRefusal.CHOICE_UNKNOWN, "/format")
        return cls(cast("Literal['pdf', 'png', 'svg']", format), LAYOUTS[name], int(dpi))


def check_span(span: Span) -> None:
    """Raise Refusal TOO_MANY_LABELS for more labels than one file may hold."""
    if span.count > PER_DOWNLOAD:
        refuse(FormRefusal.TOO_MANY_LABELS, "/last", most=PER_DOWNLOAD)


def download(design: Design, labels: Sequence[PrintedLabel], wanted: Wanted, name: str) -> Response:
    """Draw labels and answer with the file."""
    printout = render(design, labels, wanted.format, wanted.layout, find_font(), wanted.dpi)
    body, mimetype, ending = printout.files[0], FORMATS[wanted.format], str(wanted.format)
    if len(printout.files) > 1:
        body, mimetype, ending = _zipped(printout.files, name, ending), "application/zip", "zip"
    response = make_response(body)
    response.mimetype = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _zipped(files: Sequence[bytes], name: str, ending: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, file in enumerate(files, start=1):
            archive.writestr(f"{name}-{number:03d}.{ending}", file)
    return out.getvalue()
