"""Photos of a visit: what is taken, what the camera wrote into them, and that they come back."""

from __future__ import annotations

import io

import pytest
from PIL import ExifTags, Image
from sqlalchemy import func, select

from certification.inspections.exif import read_exif
from certification.inspections.model import Exif, Position
from certification.inspections.reading import photo_file, photos_of, read_inspection, told
from certification.inspections.service import KeepPhoto, PhotoFacts, keep_photo
from ledger.openings.tables import SealedFileRow
from tests.certification.books import codes, opened
from tests.certification.inspections.visits import PHOTO, on_sqlite
from tests.fixtures.hostile_files import pdf
from tests.fixtures.pictures import png

XIAOZHAN = ((38, 54, 4.32), "N", (117, 25, 55.56), "E")


def photograph(
    taken: str | None = "2026:10:01 09:30:00",
    offset: str | None = "+08:00",
    place: tuple[tuple[float, ...], str, tuple[float, ...], str] | None = XIAOZHAN,
    size: tuple[int, int] = (32, 24),
) -> bytes:
    """A JPEG with what a camera writes into it."""
    exif = Image.Exif()
    told = exif.get_ifd(ExifTags.IFD.Exif)
    if taken is not None:
        told[ExifTags.Base.DateTimeOriginal] = taken
    if offset is not None:
        told[ExifTags.Base.OffsetTimeOriginal] = offset
    if place is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        names = ("GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef")
        for name, value in zip(names, place, strict=True):
            gps[ExifTags.GPS[name]] = value
    out = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


SOUTH_WEST = ((33, 30, 0), "S", (70, 15, 36), "W")
READ = [
    (photograph(), Exif("2026-10-01T09:30:00+08:00", Position("38.901200", "117.432100"))),
    (photograph(offset=None, place=None), Exif("2026-10-01T09:30:00")),
    (photograph(offset="noon", place=None), Exif("2026-10-01T09:30:00")),
    (photograph(taken=None, place=SOUTH_WEST), Exif(None, Position("-33.500000", "-70.260000"))),
    (photograph(taken="yesterday", place=None), Exif()),
    (photograph(taken=None, place=((99, 0, 0), "N", (0, 0, 0), "E")), Exif()),
    (photograph(taken=None, place=((9, 0, 0), "X", (0, 0, 0), "E")), Exif()),
    (photograph(taken=None, place=((9, 0), "N", (0, 0, 0), "E")), Exif()),
    (png(), Exif()),
    (PHOTO, Exif()),
    (photograph()[:400], Exif()),
    (b"", Exif()),
]


@pytest.mark.parametrize("content, exif", READ)
def test_what_the_camera_wrote(content: bytes, exif: Exif) -> None:
    assert read_exif(content) == exif


def test_damaged_exif_is_no_exif() -> None:
    whole = photograph()
    for at in range(20, 180, 3):
        read_exif(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])


def test_a_photo_comes_back_and_is_sealed(visits) -> None:
    id, content = visits.plan().inspection, photograph()
    kept = visits.photo(id, content, name="现场.jpg")
    with visits.read() as session:
        inspection = read_inspection(session, id)
        steps = told(session, visits.node.vault, id)
        (photo,) = photos_of(steps).values()
        node = visits.node
        back = photo_file(session, node.vault, node.files, inspection, photo.digest)
        assert codes(photo_file, session, node.vault, node.files, inspection, "0" * 64) == [
            "photo_unknown"
        ]
    assert back == content
    assert (photo.width, photo.height, photo.exif) == (32, 24, READ[0][1])
    assert opened(visits.node, kept.payload_id)["exif"]["position"] == ["38.901200", "117.432100"]
    stored = [each.read_bytes() for each in visits.node.files.folder.rglob("*") if each.is_file()]
    assert all(b"JFIF" not in each for each in stored)


@on_sqlite
def test_what_is_no_photo_is_stored_nowhere(visits) -> None:
    id = visits.plan().inspection
    for content, name, expected in (
        (b"", "", "file_empty"),
        (b"GIF89a", "", "file_type_unknown"),
        (pdf(), "", "photo_not_picture"),
        (PHOTO, "photo.png", "file_misnamed"),
        (PHOTO[: len(PHOTO) // 2], "", "file_broken"),
        (png() + b"<script>", "", "file_broken"),
    ):
        assert codes(visits.photo, id, content, name=name) == [expected], name
    assert codes(visits.photo, "insp:x", PHOTO) == ["inspection_unknown"]
    assert codes(visits.photo, id, PHOTO, visits.grower) == ["not_allowed"]
    with visits.read() as session:
        assert session.scalar(select(func.count()).select_from(SealedFileRow)) == 0
    assert [each for each in visits.node.files.folder.rglob("*") if each.is_file()] == []


@on_sqlite
def test_the_command_names_the_file_that_was_sealed(visits) -> None:
    id = visits.plan().inspection
    facts = PhotoFacts("0" * 64, "image/png", 1, 1, 1, Exif())
    sealed = type("Sealed", (), {"sha256": "1" * 64, "subject": visits.firm})()

    def other(work, command, actor, now):
        return keep_photo(sealed, work, command, actor, now)

    with pytest.raises(ValueError, match="another file"):
        visits.run(other, KeepPhoto(id, facts), visits.inspectors[0])
