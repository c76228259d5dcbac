"""The rules of a production base.

A base lies in a village, town or county of China (12, 9 or 6 digits: GB/T 2260 for counties, the
statistical codes below) and has an area, typed in 亩 to two decimals or in m². Its outline is
GeoJSON (RFC 7946) in WGS 84: longitude first, rings closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

AREA_POINTS_MAX = 500
# The log holds no floats: a coordinate is an integer or the text of a decimal.
_DECIMAL = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?\Z")


def outline_faults(outline: Any) -> Iterator[str]:
    """Yield a JSON pointer for each thing that makes this no GeoJSON area (RFC 7946 §3.1.6)."""
    if not isinstance(outline, dict) or set(outline) != {"type", "coordinates"}:
        yield ""
        return
    if outline["type"] not in ("Polygon", "MultiPolygon"):
        yield "/type"
        return
    polygons = outline["coordinates"]
    polygons = [polygons] if outline["type"] == "Polygon" else polygons
    if not isinstance(polygons, list) or not polygons:
        yield "/coordinates"
        return
    yield from _polygon_faults(polygons)


def _polygon_faults(polygons: list[Any]) -> Iterator[str]:
    points = 0
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            yield "/coordinates"
            return
        for ring in polygon:
            points += len(ring) if isinstance(ring, list) else 0
            if not _is_ring(ring):
                yield "/coordinates"
                return
    if points > AREA_POINTS_MAX:
        yield "/coordinates"


def _is_ring(ring: Any) -> bool:
    if not isinstance(ring, list) or len(ring) < 4 or ring[0] != ring[-1]:
        return False
    return all(_is_position(position) for position in ring)


def _is_position(position: Any) -> bool:
    if not isinstance(position, list) or len(position) != 2:
        return False
    if not all(_DECIMAL.match(str(each)) and not isinstance(each, float) for each in position):
        return False
    longitude, latitude = (Decimal(str(each)) for each in position)
    return -180 <= longitude <= 180 and -90 <= latitude <= 90
