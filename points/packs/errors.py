"""Errors of rule packs.

PackError
    a pack file is wrong: the place in it, what was expected, what was found
    (also raised when an example in the file does not come out as it says)
"""

from __future__ import annotations


class PackError(ValueError):
    """A pack file breaks a rule of the format; `place` is a dotted path inside the file."""

    def __init__(self, place: str, expected: str, found: object) -> None:
        super().__init__(f"{place}: expected {expected}, found {found!r}")
        self.place = place
        self.expected = expected
