"""Errors of scheme files.

SchemeError
    one scheme file is wrong: the file, the place in it, what was expected and what was found
"""

from __future__ import annotations


class SchemeError(ValueError):
    """A scheme file breaks a rule of the format; `place` is a dotted path inside the file."""

    def __init__(self, code: str, place: str, expected: str, found: object) -> None:
        super().__init__(f"scheme {code}: {place}: expected {expected}, found {found!r}")
        self.code = code
        self.place = place
