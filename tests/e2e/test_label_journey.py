"""A label from print to scan: the sheet is printed, looked at by two decoders, and opened."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
import zxingcpp

from tests.e2e.conftest import Opener
from tests.e2e.screens import PHONES
from tests.e2e.serving import Demo, ecotrace

pytestmark = pytest.mark.browser

DPI = 203
"""What a cheap label printer resolves."""

COUNT = 5


@pytest.fixture(scope="module")
def sheet(shop: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A4 sheet with labels of a lot that is on sale, printed beside the running server."""
    out = tmp_path_factory.mktemp("sheet") / "labels.pdf"
    words = ("labels", "print", "--lot", "YS1105", "--count", str(COUNT), "--format", "pdf")
    done = ecotrace(*words, "--out", str(out), DATA=str(shop.data))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "printed"
    return out


QR: Any = zxingcpp.BarcodeFormat.QRCode


def rasterised(sheet: Path) -> Any:
    """Give the first page in grey, as a printer would put it on paper."""
    document = pypdfium2.PdfDocument(sheet)
    try:
        return np.asarray(document[0].render(scale=DPI / 72, grayscale=True).to_numpy()).squeeze()
    finally:
        document.close()


def read_by_zxing(picture: Any) -> set[str]:
    found = zxingcpp.read_barcodes(picture, formats=QR)
    return {each.text for each in found}


def read_by_opencv(picture: Any, places: list[Any]) -> set[str]:
    """Read each code by itself: OpenCV's own search gives up on a sheet full of them."""
    detector, found = cv2.QRCodeDetector(), set()
    for place in places:
        xs = [point.x for point in place]
        ys = [point.y for point in place]
        edge = (max(xs) - min(xs)) // 4
        part = picture[
            max(min(ys) - edge, 0) : max(ys) + edge, max(min(xs) - edge, 0) : max(xs) + edge
        ]
        text, _, _ = detector.detectAndDecode(cv2.resize(part, None, fx=2, fy=2))
        found.add(text)
    return found


def corners(picture: Any) -> list[Any]:
    found = zxingcpp.read_barcodes(picture, formats=QR)
    return [
        (
            each.position.top_left,
            each.position.top_right,
            each.position.bottom_right,
            each.position.bottom_left,
        )
        for each in found
    ]


def test_from_the_printer_to_the_phone(shop: Demo, sheet: Path, visitor: Opener) -> None:
    picture = rasterised(sheet)
    addresses = read_by_zxing(picture)
    assert len(addresses) == COUNT
    assert read_by_opencv(picture, corners(picture)) == addresses
    page = visitor(PHONES[0])
    for address in sorted(addresses):
        assert address.startswith(f"{shop.base_url}/p/YS-RICE-5KG/10/YS1105/21/")
        page.goto(address)
        assert page.locator("main").get_attribute("data-verdict") == "mark_expired"
        assert page.get_by_role("heading", level=1).inner_text() == "包装时标志使用期已过"
    page.wait_for_selector("main[data-proof=good]")


def test_the_sheet_says_that_it_is_a_demo(sheet: Path) -> None:
    document = pypdfium2.PdfDocument(sheet)
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert "演示 DEMO" in re.sub(r"\s+", " ", text)
    assert len(re.findall(r"\d+-\d{7}-[A-Z0-9]", text)) == COUNT
