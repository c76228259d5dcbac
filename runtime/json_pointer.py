"""JSON pointers (RFC 6901): where in a document something stands, as text."""

from __future__ import annotations

from collections.abc import Iterable


def pointer_text(path: Iterable[str | int]) -> str:
    """Give the pointer of a path of member names and positions; the whole document is ""."""
    pointer = "".join(f"/{_escaped(str(step))}" for step in path)
    # A name may hold half a surrogate pair; the pointer goes into answers that must be UTF-8.
    return pointer.encode("utf-8", "backslashreplace").decode("utf-8")


def _escaped(step: str) -> str:
    """Escape the two letters that mean something in a pointer (RFC 6901 §3)."""
    return step.replace("~", "~0").replace("/", "~1")
