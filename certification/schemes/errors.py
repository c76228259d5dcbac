"""Errors of scheme files; both end the program at start, and are no refusals.

SchemeFileError
    SchemeError     one scheme file is wrong: the file, the place in it, what was expected and
                    what was found
    SchemeChanged   a published version no longer has the content that the log names
"""

from __future__ import annotations


class SchemeFileError(ValueError):
    """The scheme files of this installation cannot be used."""


class SchemeError(SchemeFileError):
    """A scheme file breaks a rule of the format; `place` is a dotted path inside the file."""

    def __init__(self, code: str, place: str, expected: str, found: object) -> None:
        super().__init__(f"scheme {code}: {place}: expected {expected}, found {found!r}")
        self.code = code
        self.place = place
        self.expected = expected
        self.found = found


class SchemeChanged(SchemeFileError):
    """The file of a published version was changed or removed; a new version was needed instead."""

    def __init__(self, code: str, version: str, published: str, found: str | None) -> None:
        was = found or "no file"
        super().__init__(f"scheme {code} {version}: published with digest {published}, found {was}")
        self.code = code
        self.version = version
