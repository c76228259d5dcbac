"""What files are taken: by content, whole, and without anything that acts."""

from __future__ import annotations

import hashlib

import pytest

from runtime import media, pdf
from runtime.media import JPEG, PDF, PNG, MediaError, examine
from tests.fixtures.hostile_files import (
    GOOD_PDFS,
    HOSTILE_FILES,
    HOSTILE_PDFS,
    archive_within,
    jpeg,
    unpacking_pdf,
)
from tests.fixtures.pictures import png


@pytest.mark.parametrize("which", GOOD_PDFS)
def test_good_documents_are_taken(which: str) -> None:
    assert pdf.inspect(GOOD_PDFS[which]).pages == 1


@pytest.mark.parametrize("which", HOSTILE_PDFS)
def test_documents_that_do_more_than_show_pages_are_not(which: str) -> None:
    content, fault = HOSTILE_PDFS[which]
    with pytest.raises(pdf.PdfError) as caught:
        pdf.inspect(content)
    assert caught.value.fault == fault


def test_a_document_is_looked_into_in_another_process() -> None:
    found = examine(GOOD_PDFS["plain"], "报告.PDF")
    assert (found.type, found.pages, found.width) == (PDF, 1, None)
    assert found.digest == hashlib.sha256(GOOD_PDFS["plain"]).hexdigest()
    assert found.size_bytes == len(GOOD_PDFS["plain"])


def test_a_document_that_unpacks_without_end_harms_nobody() -> None:
    with pytest.raises(pdf.PdfError):
        pdf.inspect_apart(unpacking_pdf())


def test_what_ends_the_other_process_is_a_broken_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "__file__", "/nonexistent.py")
    with pytest.raises(pdf.PdfError) as caught:
        pdf.inspect_apart(GOOD_PDFS["plain"])
    assert caught.value.fault == "broken"


@pytest.mark.parametrize("start", range(0, 400, 57))
def test_a_document_that_is_cut_anywhere_is_not_taken(start: int) -> None:
    whole = GOOD_PDFS["without object streams"]
    for content in (whole[:start] + whole[start + 20 :], whole[: len(whole) - 7 - start]):
        with pytest.raises(pdf.PdfError):
            pdf.inspect(content)


PICTURES = [
    ("a.png", png(30, 20), PNG, 30, 20),
    ("A.PNG", png(1, 1), PNG, 1, 1),
    ("无后缀", png(30, 20), PNG, 30, 20),
    ("", jpeg(), JPEG, 64, 48),
    ("IMG_1.jpeg", jpeg(16, 16), JPEG, 16, 16),
    ("a.jfif", jpeg(16, 16, progressive=True), JPEG, 16, 16),
    # What a phone puts behind the picture is nobody's page.
    ("a.jpg", jpeg(16, 16) + bytes(100), JPEG, 16, 16),
    # A dot in a name is no ending.
    ("第1.号报告", jpeg(16, 16), JPEG, 16, 16),
]


@pytest.mark.parametrize("name, content, kind, width, height", PICTURES)
def test_pictures(name: str, content: bytes, kind: str, width: int, height: int) -> None:
    found = examine(content, name)
    assert (found.type, found.width, found.height, found.pages) == (kind, width, height, None)


@pytest.mark.parametrize("which", HOSTILE_FILES)
def test_hostile_files(which: str) -> None:
    name, content, fault = HOSTILE_FILES[which]
    with pytest.raises(MediaError) as caught:
        examine(content, name)
    assert caught.value.fault == fault


def test_an_archive_whose_comment_is_the_end_of_the_file() -> None:
    picture = jpeg()
    with pytest.raises(MediaError) as caught:
        examine(archive_within(picture, b"\xff\xd9"), "a.jpg")
    assert caught.value.fault == "active"
    # The same four bytes somewhere in a picture are chance.
    assert examine(picture + b"PK\x05\x06" + bytes(30), "a.jpg").type == JPEG


def test_more_pixels_than_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "PIXELS_MAX", 1000)
    for name, content in (("a.jpg", jpeg(40, 40)), ("a.png", png(40, 40))):
        with pytest.raises(MediaError) as caught:
            examine(content, name)
        assert caught.value.fault == "too_many"


def test_size_counts_before_anything_else() -> None:
    content = jpeg()
    assert examine(content, bytes_max=len(content)).size_bytes == len(content)
    with pytest.raises(MediaError) as caught:
        examine(content, bytes_max=len(content) - 1)
    assert caught.value.fault == "too_large"
