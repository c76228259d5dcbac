"""The place of a scan: a province or city from a local table of addresses; the address is dropped.

The table is a text file, one line each: a network (CIDR), a tab, the place in Chinese. Without a
table the place is unknown. No address is ever stored or logged.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from pathlib import Path


class PlaceTable:
    """Networks with their places; ranges must not overlap."""

    def __init__(self, ranges: list[tuple[int, int, int, str]]) -> None:
        """Take (IP version, first, last, place)."""
        self._ranges = sorted(ranges)
        self._starts = [(version, first) for version, first, _, _ in self._ranges]

    @classmethod
    def read(cls, path: Path | None) -> PlaceTable:
        """Read a table; none is an empty one. Raises ValueError for a line that is no network."""
        if path is None:
            return cls([])
        lines = path.read_text(encoding="utf-8").splitlines()
        return cls([_parsed(line) for line in lines if line.strip() and line[0] != "#"])

    def place(self, address: str | None) -> str | None:
        """Give the place of an address, or None: unknown."""
        try:
            parsed = ipaddress.ip_address(address or "")
        except ValueError:
            return None
        number = int(parsed)
        position = bisect_right(self._starts, (parsed.version, number)) - 1
        if position < 0:
            return None
        version, _, last, place = self._ranges[position]
        return place if version == parsed.version and number <= last else None


def _parsed(line: str) -> tuple[int, int, int, str]:
    network, tab, place = line.partition("\t")
    parsed = ipaddress.ip_network(network.strip())
    if not tab or not place.strip():
        raise ValueError(f"no place in {line!r}")
    return parsed.version, int(parsed.network_address), int(parsed.broadcast_address), place.strip()
