"""The vocabulary that ships: which documents and answers evidence may be, read once per process."""

from __future__ import annotations

from functools import cache

from certification.schemes.catalogue import DATA, read_file
from certification.schemes.vocabulary import Vocabulary, read_vocabulary


@cache
def vocabulary() -> Vocabulary:
    """The fields and documents that all schemes ask by key."""
    return read_vocabulary(read_file(DATA / "fields.toml"))
