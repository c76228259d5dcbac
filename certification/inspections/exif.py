"""What a camera wrote into a photo: when it was taken, and where (Exif 2.3, 4.6.5 and 4.6.6).

Only these two are read. What cannot be read is absent: a photo without them is a photo all the
same, and the phone's own word for time and place stands in the record.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from PIL import ExifTags, Image

from certification.inspections.model import Exif, Position, is_position

_TAKEN = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")
_PLACES = Decimal("0.000001")
# Pillow warns of damaged tags, which raises where warnings are errors.
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error, UserWarning)


def read_exif(content: bytes) -> Exif:
    """Read place and time of a PNG or JPEG that was looked into before."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            exif = picture.getexif()
            told: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.Exif)
            place: Mapping[int, Any] = exif.get_ifd(ExifTags.IFD.GPSInfo)
            return Exif(_taken(told), _position(place))
    except _UNREADABLE:
        return Exif()


def _taken(told: Mapping[int, Any]) -> str | None:
    text = str(told.get(ExifTags.Base.DateTimeOriginal, ""))
    found = _TAKEN.match(text)
    if found is None:
        return None
    offset = str(told.get(ExifTags.Base.OffsetTimeOriginal, ""))
    year, month, day, time = found.groups()
    return f"{year}-{month}-{day}T{time}{offset if _OFFSET.fullmatch(offset) else ''}"


def _position(place: Mapping[int, Any]) -> Position | None:
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef))
    longitude = _degrees(
        place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef)
    )
    if latitude is None or longitude is None:
        return None
    found = Position(latitude, longitude)
    return found if is_position(found) else None


def _degrees(parts: Sequence[Any] | None, reference: Any) -> str | None:
    """Degrees, minutes and seconds as one decimal number, south and west negative."""
    if parts is None or len(parts) != 3 or str(reference) not in ("N", "S", "E", "W"):
        return None
    try:
        whole, minutes, seconds = (Decimal(str(float(part))) for part in parts)
        found = (whole + minutes / 60 + seconds / 3600).quantize(_PLACES)
    except (InvalidOperation, ZeroDivisionError, OverflowError):
        return None
    return str(-found if str(reference) in ("S", "W") else found)
