"""What is printed is read back: rasterised at printers' resolutions, by two independent readers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import cv2
import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
import qrcode  # type: ignore[import-untyped]  # it ships no types
import typst
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped]  # as above
from qrcode.util import MODE_8BIT_BYTE, QRData  # type: ignore[import-untyped]  # as above

from runtime.typesetting import (
    GETA,
    FontMissing,
    TypesettingError,
    find_font,
    missing_characters,
    qr_symbol,
)
from tests.fixtures.pictures import png
from trace.labels.human_code import human_code
from trace.labels.lookup import PrintedLabel
from trace.labels.serials import mint
from trace.labels.sheets import (
    A4,
    LABEL_HEIGHT,
    LABEL_WIDTH,
    ROLL,
    SINGLE,
    Design,
    Layout,
    render,
)

FONT = find_font()
AT = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
DESIGN = Design("小站稻 津原89 5公斤", "天津市津南区小站镇", demo=True, at=AT, mark="sample")

LONG_BASE = "https://traceability.agriculture.tianjin.example.org:8443"
ADDRESSES = [
    # a usual one, the shortest, and a long host with every part as long as it may be
    "https://trace.example.org/01/09521234543213/10/XZD-2026-01/21/{}",
    "https://t.example/p/R/21/{}",
    LONG_BASE + "/p/XIAOZHANDAO-JINYUAN8/10/XIAOZHAN-2026-10-26A/21/{}",
]


def printed(count: int, address: str = ADDRESSES[0]) -> list[PrintedLabel]:
    keys = {"A": b"k" * 32}
    serials = [mint(keys, "A", "log.example", "09521234543213", n) for n in range(count)]
    return [
        PrintedLabel(n, serial, address.format(serial), human_code(12, n))
        for n, serial in enumerate(serials, 1)
    ]


def pages_of(pdf: bytes, dpi: int) -> list[np.ndarray]:
    document = pypdfium2.PdfDocument(pdf)
    return [np.array(page.render(scale=dpi / 72, grayscale=True).to_pil()) for page in document]


def opencv_reads(picture: np.ndarray) -> str:
    """What OpenCV reads, as a phone that tries again: two detectors, two sizes."""
    twice = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    for attempt in (picture, twice):
        for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
            text = detector.detectAndDecode(attempt)[0]
            if text:
                return str(text)
    return ""


def zxing_reads(picture: np.ndarray) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(picture)]


def cells(page: np.ndarray, layout: Layout, dpi: int) -> list[np.ndarray]:
    """The left half of each label on a page: the QR code with its quiet zone."""

    def px(mm: float) -> int:
        return round(mm * dpi / 25.4)

    height = layout.page_height or page.shape[0] * 25.4 / dpi
    rows = round((height - layout.top) / LABEL_HEIGHT)
    corners = [
        (column * LABEL_WIDTH, layout.top + row * LABEL_HEIGHT)
        for row in range(rows)
        for column in range(layout.columns)
    ]
    return [page[px(y + 1) : px(y + 36), px(x + 1) : px(x + 36)] for x, y in corners]


@pytest.mark.parametrize("dpi", [150, 203, 300])
@pytest.mark.parametrize("address", ADDRESSES, ids=["usual", "short", "long"])
def test_every_code_of_a_sheet_is_read_by_two_decoders(dpi: int, address: str):
    labels = printed(24, address)
    (page,) = pages_of(render(DESIGN, labels, "pdf", A4, FONT).files[0], dpi)
    wanted = [label.address for label in labels]
    assert sorted(zxing_reads(page)) == sorted(wanted)
    assert [opencv_reads(cell) for cell in cells(page, A4, dpi)] == wanted


def test_a_long_run_is_one_pdf_with_every_label_once():
    labels = printed(1_000)
    pages = pages_of(render(DESIGN, labels, "pdf", A4, FONT).files[0], 150)
    assert len(pages) == 42
    read = [
        text for page in (pages[0], pages[39], pages[40], pages[41]) for text in zxing_reads(page)
    ]
    kept = [*labels[:24], *labels[936:]]
    assert sorted(read) == sorted(label.address for label in kept)


@pytest.mark.parametrize("layout, files", [(SINGLE, 3), (ROLL, 1)], ids=["single", "roll"])
@pytest.mark.parametrize("dpi", [203, 300])
def test_pictures_of_labels_and_rolls(layout: Layout, files: int, dpi: int):
    labels = printed(3)
    drawn = render(DESIGN, labels, "png", layout, FONT, dpi).files
    assert len(drawn) == files
    pictures = [np.array(Image.open(BytesIO(file)).convert("L")) for file in drawn]
    assert all(picture.shape[1] == pytest.approx(70 / 25.4 * dpi, abs=1) for picture in pictures)
    wanted = [label.address for label in labels]
    assert [text for picture in pictures for text in zxing_reads(picture)] == wanted
    assert [opencv_reads(cell) for p in pictures for cell in cells(p, layout, dpi)] == wanted


@pytest.mark.parametrize("layout", [SINGLE, ROLL], ids=["single", "roll"])
def test_drawings_of_labels_and_rolls(layout: Layout, tmp_path):
    labels = printed(2)
    read = []
    for number, file in enumerate(render(DESIGN, labels, "svg", layout, FONT).files):
        assert file.startswith(b"<svg")
        assert b"<image" not in file
        drawing = tmp_path / f"{number}.svg"
        drawing.write_bytes(file)
        source = tmp_path / f"{number}.typ"
        source.write_text(
            f'#set page(width: auto, height: auto, margin: 0mm)\n#image("{drawing.name}")'
        )
        picture = typst.compile(source, format="png", ppi=203.0)
        read += zxing_reads(np.array(Image.open(BytesIO(picture)).convert("L")))
    assert read == [label.address for label in labels]


def test_a_roll_goes_on_after_fifty_labels():
    drawn = render(DESIGN, printed(51), "png", ROLL, FONT, 100).files
    heights = [Image.open(BytesIO(file)).height for file in drawn]
    assert len(drawn) == 2
    assert heights[0] == pytest.approx(50 * heights[1], abs=50)


# ---- what else is on the page ------------------------------------------------------------------


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    return re.sub(r"\s", "", text)


def test_people_can_read_it_too():
    labels = printed(30)
    text = text_of(render(DESIGN, labels, "pdf", A4, FONT).files[0])
    assert all(label.code in text for label in labels)
    assert text.count("天津市津南区小站镇") == 30
    assert text.count("小站稻津原895公斤") == 30
    assert text.count("演示DEMO") == 30
    assert text.count("示例SAMPLE") == 30


def test_no_mark_and_no_demo_where_there_is_none():
    text = text_of(
        render(replace(DESIGN, mark="", demo=False), printed(3), "pdf", A4, FONT).files[0]
    )
    assert not re.search("演示|DEMO|示例|SAMPLE", text)


def test_words_beside_a_certificate_of_conformity():
    heading = replace(DESIGN, heading="承诺达标合格证")
    text = text_of(render(heading, printed(2), "pdf", SINGLE, FONT).files[0])
    assert text.count("承诺达标合格证") == 2


@pytest.mark.parametrize(
    "odd",
    ['#panic("x")', "*b* _i_ $x$", '"\\', "<b>x</b>", "#let x = 1", "= Heading", "// comment"],
)
def test_texts_are_never_markup(odd: str):
    design = replace(DESIGN, product=odd, place=odd, heading=odd)
    text = text_of(render(design, printed(1), "pdf", SINGLE, FONT).files[0])
    assert text.count(re.sub(r"\s", "", odd)) == 3


def test_the_sheet_is_vectors_with_an_embedded_chinese_font():
    pdf = render(DESIGN, printed(24), "pdf", A4, FONT).files[0]
    assert re.search(rb"/FontName ?/[A-Z]{6}\+NotoSansSC-Regular", pdf)
    assert b"/FontFile2" in pdf
    assert not re.search(rb"/Subtype ?/Image", pdf)


def test_a_run_printed_again_gives_the_same_bytes():
    labels = printed(5)
    assert render(DESIGN, labels, "pdf", A4, FONT) == render(DESIGN, labels, "pdf", A4, FONT)


def test_a_missing_font_says_how_to_get_it(tmp_path):
    with pytest.raises(FontMissing, match="make setup") as caught:
        find_font(tmp_path)
    assert isinstance(caught.value, TypesettingError)


@pytest.mark.parametrize(
    "text, missing",
    [
        ("小站稻 Xiaozhan 89 5公斤，（）：；", ()),
        ("𠮷家庄", ("𠮷",)),
        ("b\U0002a700a𠮷", ("𠮷", "\U0002a700")),
        ("", ()),
    ],
)
def test_characters_that_the_font_does_not_have(text, missing):
    assert missing_characters(text, FONT) == missing


def test_a_missing_character_is_replaced_and_named():
    printout = render(replace(DESIGN, place="𠮷家庄"), printed(1), "pdf", SINGLE, FONT)
    assert printout.missing == ("𠮷",)
    text = text_of(printout.files[0])
    assert f"{GETA}家庄" in text
    assert f"{GETA}U+20BB7" in text


def test_nothing_is_no_run():
    with pytest.raises(ValueError, match="nothing"):
        render(DESIGN, [], "pdf", A4, FONT)


# ---- artwork of an office ----------------------------------------------------------------------


def test_artwork_of_an_office_is_printed_beside_the_code():
    design = replace(DESIGN, mark="artwork", artwork=png(120, 80))
    drawn = render(design, printed(1), "png", SINGLE, FONT, 203).files[0]
    picture = np.array(Image.open(BytesIO(drawn)).convert("RGB")).astype(int)
    red = (picture[..., 0] > 150) & (picture[..., 1] < 80)
    assert red.sum() > 1_000
    assert zxing_reads(picture.astype(np.uint8)) == [printed(1)[0].address]


@pytest.mark.parametrize("nothing", [None, b""])
def test_a_mark_without_its_artwork_is_not_drawn(nothing: bytes | None):
    bare = replace(DESIGN, mark="artwork", artwork=nothing)
    with pytest.raises(ValueError, match="no artwork"):
        render(bare, printed(1), "png", SINGLE, FONT)


# ---- the symbol itself -------------------------------------------------------------------------


def reference(text: str, mask: int, version: int | None = None) -> np.ndarray:
    code = qrcode.QRCode(version, ERROR_CORRECT_M, mask_pattern=mask, border=0)
    code.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE))
    code.make(fit=version is None)
    return np.array(code.get_matrix())


def modules(symbol: zxingcpp.Barcode) -> np.ndarray:
    dark: np.ndarray = np.array(symbol.to_image(scale=1, add_quiet_zones=False)) == 0
    return dark


# Small letters have no shorter mode than bytes, so both writers must give the same modules.
TEXTS = [
    ("https://trace.example/p/rice/lot/" + "abcdefghij" * 20)[:size] for size in range(20, 214, 8)
]


@pytest.mark.parametrize("mask", range(8))
def test_with_a_fixed_mask_the_modules_are_those_of_the_reference(mask: int):
    for text in TEXTS:
        ours = zxingcpp.create_barcode(
            text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=mask
        )
        assert np.array_equal(modules(ours), reference(text, mask)), (len(text), mask)


def test_our_symbols_are_of_level_m_with_a_mask_of_their_own():
    masks = set()
    for text in TEXTS:
        ours = modules(qr_symbol(text))
        fitting = [mask for mask in range(8) if np.array_equal(ours, reference(text, mask))]
        assert len(fitting) == 1, text
        masks.update(fitting)
    assert len(masks) > 1


def test_a_symbol_has_its_quiet_zone():
    label = printed(1)[0]
    bare = modules(qr_symbol(label.address))
    drawn = np.array(qr_symbol(label.address).to_image(scale=1, add_quiet_zones=True)) == 0
    assert drawn.shape == (bare.shape[0] + 8, bare.shape[1] + 8)
    assert np.array_equal(drawn[4:-4, 4:-4], bare)
    assert drawn.sum() == bare.sum()
