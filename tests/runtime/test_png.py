"""A picture is taken as it is, by every decoder alike, or not at all."""

from __future__ import annotations

import json
import zlib
from io import BytesIO

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from runtime.png import PngError, measure
from tests.fixtures.pictures import chunks, header, joined, made, noise, png

SIDES = (16, 2000)
GOOD = png(40, 30)
PARTS = list(chunks(GOOD))
HEAD, DATA, END = PARTS
ROWS = zlib.decompress(DATA[1])
PALETTE = (b"PLTE", bytes(6))


def fault(picture: bytes, bytes_max: int = 1 << 19) -> str | None:
    """What is wrong with a picture, None for one that is taken."""
    try:
        measure(picture, bytes_max=bytes_max, sides=SIDES)
    except PngError as error:
        return error.fault
    return None


def written(mode: str, width: int = 40, height: int = 30, **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, "PNG", **options)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_whatever_a_common_encoder_writes_is_measured(mode: str):
    for width, height in ((16, 16), (40, 30), (17, 2000), (2000, 17)):
        picture = written(mode, width, height)
        found = measure(picture, bytes_max=len(picture), sides=SIDES)
        assert (found.width, found.height) == (width, height)


def test_a_picture_in_many_chunks_with_words_beside_it_is_taken():
    packed = DATA[1]
    pieces = [(b"IDAT", packed[at : at + 7]) for at in range(0, len(packed), 7)]
    words = [(b"tEXt", b"Title\x00mark"), (b"pHYs", bytes(9)), (b"prVt", b"of a program")]
    assert fault(joined([HEAD, *words, *pieces, (b"tIME", bytes(7)), END])) is None


def test_interlaced_pictures_are_counted_pass_by_pass():
    # Adam7 of 17 x 19 grey pixels: columns and rows of each pass, counted by hand.
    passes = [(3, 3), (2, 3), (5, 2), (4, 5), (9, 5), (8, 10), (17, 9)]
    rows = bytes(sum(height * (1 + width) for width, height in passes))
    picture = made(header(17, 19, 8, 0, 0, 0, 1), rows)
    assert Image.open(BytesIO(picture)).convert("L").getextrema() == (0, 0)
    assert fault(picture) is None
    assert fault(made(header(17, 19, 8, 0, 0, 0, 1), rows[:-1])) == "malformed"


OTHERS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "malformed"),
    "text": (b"not a picture", "malformed"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "malformed"),
    "jpeg": (b"\xff\xd8\xff\xe0" + bytes(100), "malformed"),
    "signature only": (GOOD[:8], "malformed"),
    "line ends of another system": (GOOD.replace(b"\r\n", b"\n"), "malformed"),
    "something behind it": (GOOD + b"\n", "malformed"),
    "another picture behind it": (GOOD + GOOD, "malformed"),
    "narrow": (png(15, 64), "wrong_sides"),
    "flat": (png(64, 15), "wrong_sides"),
    "wide": (png(2001, 64), "wrong_sides"),
    "high": (png(64, 2001), "wrong_sides"),
    "huge on paper": (made(header(1 << 31, 1 << 31), ROWS), "wrong_sides"),
    "no pixels": (made(header(0, 0), b""), "wrong_sides"),
    "two headers": (joined([HEAD, HEAD, DATA, END]), "malformed"),
    "no header": (joined([DATA, END]), "malformed"),
    "short header": (joined([(b"IHDR", HEAD[1][:12]), DATA, END]), "malformed"),
    "unknown depth": (made(header(40, 30, 3), ROWS), "malformed"),
    "unknown colours": (made(header(40, 30, 8, 5), ROWS), "malformed"),
    "unknown packing": (made(header(40, 30, 8, 2, 1, 0, 0), ROWS), "malformed"),
    "unknown filtering": (made(header(40, 30, 8, 2, 0, 1, 0), ROWS), "malformed"),
    "unknown interlacing": (made(header(40, 30, 8, 2, 0, 0, 2), ROWS), "malformed"),
    "no data": (joined([HEAD, END]), "malformed"),
    "data in two places": (joined([HEAD, DATA, (b"tEXt", b"a\x00b"), DATA, END]), "malformed"),
    "data that is not packed": (joined([HEAD, (b"IDAT", b"no"), END]), "malformed"),
    "data behind the data": (joined([HEAD, (b"IDAT", DATA[1] + b"x"), END]), "malformed"),
    "a row too little": (made(HEAD, ROWS[:-121]), "malformed"),
    "a byte too much": (made(HEAD, ROWS + b"\x00"), "malformed"),
    "an unknown filter": (made(HEAD, ROWS[:-121] + b"\x05" + ROWS[-120:]), "malformed"),
    "end with content": (joined([HEAD, DATA, (b"IEND", b"x")]), "malformed"),
    "no end": (joined([HEAD, DATA]), "malformed"),
    "a critical chunk of nobody": (joined([HEAD, (b"ABCD", b""), DATA, END]), "malformed"),
    "no palette": (made(header(40, 30, 8, 3), bytes(41 * 30)), "malformed"),
    "two palettes": (made(header(40, 30, 8, 3), bytes(41 * 30), PALETTE, PALETTE), "malformed"),
    "a palette too late": (joined([HEAD, DATA, PALETTE, END]), "malformed"),
    "a palette of grey": (made(header(40, 30, 8, 0), bytes(41 * 30), PALETTE), "malformed"),
    "half a colour": (made(HEAD, ROWS, (b"PLTE", bytes(7))), "malformed"),
    "no colour": (made(HEAD, ROWS, (b"PLTE", b"")), "malformed"),
    "more colours than bits": (
        made(header(40, 30, 1, 3), bytes(6 * 30), (b"PLTE", bytes(9))), "malformed",
    ),
    "moving": (joined([HEAD, (b"acTL", bytes(8)), DATA, END]), "malformed"),
    "a bomb": (made(HEAD, ROWS + bytes(1 << 24)), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_refused(name: str):
    picture, expected = OTHERS[name]
    assert fault(picture) == expected


def test_one_byte_too_many_is_too_many():
    picture = noise(60, 60)
    assert fault(picture, len(picture)) is None
    assert fault(picture, len(picture) - 1) == "too_large"


def test_every_cut_and_every_changed_byte_is_refused():
    for size in range(len(GOOD)):
        assert fault(GOOD[:size]) == "malformed", size
    for at in range(len(GOOD)):
        changed = GOOD[:at] + bytes([GOOD[at] ^ 1]) + GOOD[at + 1 :]
        assert fault(changed) in ("malformed", "wrong_sides"), at


KINDS = some.sampled_from(
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"iCCP", b"zTXt", b"ABCD", b"abCd"]
)


@given(
    parts=some.lists(
        some.one_of(some.sampled_from(PARTS), some.tuples(KINDS, some.binary(max_size=20))),
        max_size=6,
    )
)
def test_whatever_is_taken_can_be_printed(parts: list[tuple[bytes, bytes]]):
    """Our check, then the program that draws labels: it refuses nothing that we took."""
    picture = joined([HEAD, *parts, END])
    for each in (picture, joined([HEAD, *parts, DATA, END])):
        if fault(each) is None:
            drawn = typst.compile(SHEET, sys_inputs={"png": json.dumps(list(each))}, format="svg")
            assert b"<image" in drawn


SHEET = b"#image(bytes(json(bytes(sys.inputs.png))), width: 9mm)"
