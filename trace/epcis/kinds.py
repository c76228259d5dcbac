"""What a field may hold: one function for each kind of value.

A kind looks at a value and notes its faults with the `Examination`; it never raises for bad input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias, TypeGuard

from runtime.strict_json import Numeral
from trace.epcis.findings import Examination, Path
from trace.epcis.namespaces import context_faults, expand_key, expand_value, is_uri
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.times import OFFSET, instant_of, read_time
from trace.epcis.vocabulary import ACTIONS, CBV, Vocabulary
from trace.text import text_fault

Kind: TypeAlias = Callable[[Examination, Any, Path], None]

TEXT_MAX = 8000
"""Characters of one text in an event; a whole lab report belongs into a file."""

_PLAIN_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_LD_KEYWORDS = frozenset({"@id", "@type", "@value", "@language"})
# The EPCIS context lets these stems only be written as bare words (EPCIS JSON Schema).
_FOREIGN_STEMS = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_WEB_STEMS = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")


def is_number(value: object) -> TypeGuard[int | Numeral]:
    """Say whether a value from the strict reader is a number."""
    return isinstance(value, Numeral) or (isinstance(value, int) and not isinstance(value, bool))


def spelling(value: int | Numeral) -> str:
    """Give a number as it was written."""
    return value.spelling if isinstance(value, Numeral) else str(value)


def string(check: Examination, value: Any, path: Path) -> None:
    """Any text."""
    if not isinstance(value, str):
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="string")


def boolean(check: Examination, value: Any, path: Path) -> None:
    """True or false."""
    if not isinstance(value, bool):
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="boolean")


def number(check: Examination, value: Any, path: Path) -> None:
    """Any number."""
    if not is_number(value):
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="number")


def anything(check: Examination, value: Any, path: Path) -> None:
    """Any value."""


def uri(check: Examination, value: Any, path: Path) -> None:
    """An identifier in the form of a URI."""
    if not isinstance(value, str):
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="string")
    elif not is_uri(value):
        check.fault(EpcisRefusal.URI_MALFORMED, path)


def matching(pattern: str, code: EpcisRefusal = EpcisRefusal.VALUE_MALFORMED) -> Kind:
    """A text of a given form."""
    compiled = re.compile(pattern)

    def kind(check: Examination, value: Any, path: Path) -> None:
        if not isinstance(value, str):
            check.fault(EpcisRefusal.WRONG_TYPE, path, expected="string")
        elif not compiled.fullmatch(value):
            check.fault(code, path)

    return kind


def one_of(words: Iterable[str]) -> Kind:
    """One of a few texts."""
    return matching("|".join(sorted(words)))


action = one_of(ACTIONS)
offset = matching(OFFSET.pattern, EpcisRefusal.OFFSET_MALFORMED)


def time(check: Examination, value: Any, path: Path) -> None:
    """A time with its offset; it may lie ahead (an expiry, a plan)."""
    if not isinstance(value, str):
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="string")
    elif read_time(value) is None:
        check.fault(EpcisRefusal.TIME_MALFORMED, path)


def past_time(check: Examination, value: Any, path: Path) -> None:
    """A time at which something has happened."""
    time(check, value, path)
    if check.latest and isinstance(value, str) and _is_after(value, check.latest):
        check.fault(EpcisRefusal.TIME_IN_FUTURE, path)


def _is_after(text: str, latest: datetime) -> bool:
    return read_time(text) is not None and instant_of(text) > latest


def word(vocabulary: Vocabulary) -> Kind:
    """A standard word, bare or by its full name, or an address of the partner's own."""

    def kind(check: Examination, value: Any, path: Path) -> None:
        if not isinstance(value, str):
            check.fault(EpcisRefusal.WRONG_TYPE, path, expected="string")
        elif not _is_word(vocabulary, value, expand_value(value, check.namespaces)):
            check.fault(EpcisRefusal.VOCABULARY_UNKNOWN, path, vocabulary=vocabulary.name)

    return kind


def _is_word(vocabulary: Vocabulary, text: str, full: str) -> bool:
    """Say whether a text, with `full` its prefix written out, is a word of the vocabulary."""
    if ":" not in text:
        return text in vocabulary.words or (not vocabulary.closed and bool(_WORD.match(text)))
    stems = _FOREIGN_STEMS if vocabulary.stem.startswith(CBV) else _WEB_STEMS
    if stems.match(text) or not is_uri(text):
        return False
    own = full.startswith(vocabulary.stem)
    return not (own and vocabulary.closed) or full[len(vocabulary.stem) :] in vocabulary.words


def list_of(kind: Kind, *, least: int = 0, unique: bool = False) -> Kind:
    """A list of at least so many values of a kind."""

    def list_kind(check: Examination, value: Any, path: Path) -> None:
        if not isinstance(value, list):
            check.fault(EpcisRefusal.WRONG_TYPE, path, expected="array")
            return
        if len(value) < least:
            check.fault(EpcisRefusal.LIST_EMPTY, path)
        texts = [item for item in value if isinstance(item, str)]
        if unique and len(set(texts)) < len(texts):
            check.fault(EpcisRefusal.LIST_REPEATS, path)
        for position, item in enumerate(value):
            kind(check, item, (*path, position))

    return list_kind


def one_or_list_of(kind: Kind) -> Kind:
    """One value of a kind, or a list of them."""
    several = list_of(kind)

    def either(check: Examination, value: Any, path: Path) -> None:
        (several if isinstance(value, list) else kind)(check, value, path)

    return either


def context(standard_terms: frozenset[str]) -> Kind:
    """A `@context`: see `namespaces`."""

    def kind(check: Examination, value: Any, path: Path) -> None:
        for fault in context_faults(value, standard_terms):
            check.fault(EpcisRefusal.CONTEXT_MALFORMED, (*path, *fault))

    return kind


def quantity(check: Examination, value: Any, path: Path) -> None:
    """A plain decimal, not below zero."""
    if not is_number(value):
        check.fault(EpcisRefusal.WRONG_TYPE, path, expected="number")
        return
    text = spelling(value)
    if not _PLAIN_DECIMAL.match(text):
        check.fault(EpcisRefusal.QUANTITY_NOT_DECIMAL, path)
    elif text.startswith("-"):
        check.fault(EpcisRefusal.QUANTITY_NEGATIVE, path)


def quantity_element(check: Examination, element: dict[str, Any], path: Path) -> None:
    """What holds between the fields of a quantity element (EPCIS 2.0, 7.3.3.3).

    A quantity without unit counts pieces; a unit without quantity says nothing.
    """
    amount = element.get("quantity")
    if "uom" not in element:
        if is_number(amount) and set(spelling(amount).partition(".")[2]) - {"0"}:
            check.fault(EpcisRefusal.QUANTITY_NOT_WHOLE, (*path, "quantity"))
    elif "quantity" not in element:
        check.fault(EpcisRefusal.UNIT_WITHOUT_QUANTITY, (*path, "uom"))


def extension(check: Examination, key: str, value: Any, path: Path) -> None:
    """An extension field: its key has a declared namespace; in its content only keys matter."""
    _extension_key(check, key, (*path, key))
    _extension_content(check, value, (*path, key))


def _extension_key(check: Examination, key: str, path: Path) -> None:
    if not key.isascii():
        check.fault(EpcisRefusal.KEY_NOT_ASCII, path)
    elif not is_uri(key):
        check.fault(EpcisRefusal.KEY_MALFORMED, path)
    elif expand_key(key, check.namespaces) is None:
        check.fault(EpcisRefusal.NAMESPACE_UNDECLARED, path)


def _extension_content(check: Examination, value: Any, path: Path) -> None:
    """Look at the keys inside an extension: bare, prefixed, or one of JSON-LD's own."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            _extension_content(check, item, (*path, position))
    elif isinstance(value, dict):
        for key, item in value.items():
            _nested_key(check, key, (*path, key))
            _extension_content(check, item, (*path, key))
        no_key_twice(check, value, path)


def _nested_key(check: Examination, key: str, path: Path) -> None:
    if key.startswith("@"):
        if key not in _LD_KEYWORDS:
            check.fault(EpcisRefusal.FIELD_UNKNOWN, path)
    elif ":" in key:
        _extension_key(check, key, path)
    elif not key.isascii():
        check.fault(EpcisRefusal.KEY_NOT_ASCII, path)


def no_key_twice(check: Examination, value: dict[str, Any], path: Path) -> None:
    """Refuse two keys of one object that mean the same once their prefixes are written out."""
    prefixed = [key for key in value if ":" in key]
    if len(prefixed) < 2:
        return
    seen: set[str] = set()
    for key in prefixed:
        name = expand_key(key, check.namespaces) or key
        if name in seen:
            check.fault(EpcisRefusal.DUPLICATE_KEY, (*path, key))
        seen.add(name)


def texts(check: Examination, value: Any, path: Path) -> None:
    """Refuse texts and keys, wherever they stand, that could show something else than they hold."""
    if isinstance(value, str):
        _text(check, value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _text(check, key, (*path, key))
            texts(check, item, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            texts(check, item, (*path, position))


def _text(check: Examination, text: str, path: Path) -> None:
    fault = text_fault(text, lines=True)
    if fault is not None:
        check.fault(EpcisRefusal[fault.name], path)
    if len(text) > TEXT_MAX:
        numbers: dict[str, int] = {"limit": TEXT_MAX, "length": len(text)}
        check.fault(EpcisRefusal.TEXT_TOO_LONG, path, **numbers)
