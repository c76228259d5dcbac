"""Cells of a CSV that a spreadsheet will open.

A text that begins with `=`, `+`, `-`, `@`, TAB, CR or LF, or with the full-width form of one of
them, would be run as a formula by some spreadsheet (OWASP, "CSV Injection"). It gets a single quote
in front, also where such a letter follows blanks. Numbers are written as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

_DANGEROUS = "=+-@\t\r\n＝＋－＠"
_BLANKS = " \u3000\u00a0"


def cell(value: object) -> str:
    """Write a value so that no spreadsheet takes it for a formula."""
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, str) and text.lstrip(_BLANKS)[:1] in tuple(_DANGEROUS):
        return "'" + text
    return text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Write a table as RFC 4180 says, UTF-8 with the mark by which Excel recognises it."""
    yield "\ufeff".encode()
    yield _line(head)
    for cells in rows:
        yield _line(cells)


def _line(cells: Sequence[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([cell(each) for each in cells])
    return out.getvalue().encode()
