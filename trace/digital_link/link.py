"""One GS1 Digital Link, read from an address and written into one.

    parse("/01/09521234543213/10/LOT1/21/7", "17=271130&lang=en")
    == Link("01", "09521234543213", (("10", "LOT1"), ("21", "7")),
            attributes=(("17", "271130"),), parameters=(("lang", "en"),))

Invariants of a `Link`, which `parse` and `link` hold and nothing else can make:
- key, qualifiers and attributes are rows of the table, each value fits its row, check digits hold
- qualifiers stand in an order that the table allows for the key
- a GTIN has 14 digits (URI Syntax 1.4 and later); names such as /gtin/ are gone (1.3)
- no path value is "." or "..": set 82 allows them, but every browser takes them out of a path
So `parse(path(link), query(link)) == link`, and two addresses that mean the same have one
`canonical`.

What is not in the table is refused as key or qualifier, and passed through in `parameters` as
part of the query string (linkType, lang, an attribute that we do not read).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, unquote_to_bytes

from runtime.refusal import Reason
from trace.digital_link.identifiers import (
    IDENTIFIERS,
    PRODUCT,
    PRODUCT_CODE,
    PRODUCT_QUALIFIERS,
    broken_rule,
)
from trace.digital_link.refusals import LinkRefusal, LinkRefused

ADDRESS_MAX = 2000
"""Characters of path and query together. The longest address of our table's keys, everything
escaped, has under 400; the rest is room for attributes and parameters."""

CANONICAL_HOST = "https://id.gs1.org"

# URI Syntax, "reserved characters": what must be escaped in a path. The rest of set 82 may stand.
_UNESCAPED = "'-.;=_~"
# RFC 3986 §3.3: what a path segment may hold besides escapes.
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+\Z")
_BROKEN_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*\Z")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Link:
    """What an address identifies; `key` is an application identifier or "p"."""

    key: str
    value: str
    qualifiers: tuple[Pair, ...] = ()
    attributes: tuple[Pair, ...] = ()
    parameters: tuple[Pair, ...] = ()

    def get(self, ai: str) -> str | None:
        """Give the value of a qualifier, or None."""
        return dict(self.qualifiers).get(ai)

    @property
    def gtin(self) -> str | None:
        """The GTIN-14, when the key is one."""
        return self.value if self.key == "01" else None

    @property
    def product(self) -> str | None:
        """Our product code, when the key is `p`."""
        return self.value if self.key == PRODUCT else None

    @property
    def lot(self) -> str | None:
        """Batch or lot, AI 10."""
        return self.get("10")

    @property
    def serial(self) -> str | None:
        """Serial number, AI 21."""
        return self.get("21")

    @property
    def variant(self) -> str | None:
        """Consumer product variant, AI 22."""
        return self.get("22")


def parse(path: str, query: str = "") -> Link:
    """Read an address: path and query string as sent, with their escapes.

    Raises `LinkRefused`. The steps:
    1. path and query are not too long and hold only what RFC 3986 allows
    2. the path is pairs of segments; one slash may end it
    3. the first pair is a key, its value fits
    4. the further pairs are qualifiers of that key, in order, their values fit
    5. the query string is pairs; attributes among them fit and stand once
    """
    length = len(path) + len(query)
    if length > ADDRESS_MAX:
        _refuse(LinkRefusal.ADDRESS_TOO_LONG, limit=ADDRESS_MAX, length=length)
    pairs = _path_pairs(path)
    attributes, parameters = _sorted_out(_query_pairs(query))
    (key, value), *qualifiers = pairs
    return make(key, value, qualifiers, attributes, parameters)


def make(
    key: str,
    value: str,
    qualifiers: Iterable[Pair] = (),
    attributes: Iterable[Pair] = (),
    parameters: Iterable[Pair] = (),
) -> Link:
    """Make a link from unescaped values; raises `LinkRefused` when it would break an invariant."""
    made = Link(key, value, tuple(qualifiers), tuple(attributes), tuple(parameters))
    _check_key(made)
    _check_qualifiers(made)
    _check_attributes(made)
    return made


def path(link: Link) -> str:
    """Give the path of a link, escaped: /01/…/10/…."""
    pairs = ((link.key, link.value), *link.qualifiers)
    return "".join(f"/{ai}/{_escaped(value)}" for ai, value in pairs)


def query(link: Link) -> str:
    """Give the query string of a link without question mark: attributes, then parameters."""
    pairs = (*link.attributes, *link.parameters)
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def address(link: Link, base_url: str) -> str:
    """Give the address of a link under a base such as `https://trace.example` (no slash at end)."""
    found = query(link)
    return f"{base_url}{path(link)}" + (f"?{found}" if found else "")


def canonical(link: Link) -> str:
    """Give the one spelling of what a link identifies.

    For GS1 keys the canonical URI: host id.gs1.org, attributes in ascending order, no other
    parameters. A product of ours has no host of its own: the path alone, with attributes.
    """
    attributes = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in sorted(link.attributes))
    host = "" if link.key == PRODUCT else CANONICAL_HOST
    return f"{host}{path(link)}" + (f"?{attributes}" if attributes else "")


def _refuse(code: LinkRefusal, **numbers: str | int) -> NoReturn:
    raise LinkRefused(Reason(code, None, numbers))


def _refuse_characters(text: str) -> NoReturn:
    """Refuse characters that RFC 3986 does not allow."""
    broken = _BROKEN_ESCAPE.search(text)
    _refuse(LinkRefusal.PERCENT_MALFORMED if broken else LinkRefusal.ADDRESS_MALFORMED)


def _escaped(value: str) -> str:
    return quote(value, safe=_UNESCAPED)


def _path_pairs(path: str) -> list[Pair]:
    """Split a path into pairs of unescaped segments."""
    head, *segments = path.split("/")
    if segments and segments[-1] == "":
        segments.pop()
    if head or not segments or len(segments) % 2:
        _refuse(LinkRefusal.ADDRESS_MALFORMED)
    if not all(_SEGMENT.match(segment) for segment in segments):
        _refuse_characters(path)
    texts = [_unescaped(segment) for segment in segments]
    return list(zip(texts[::2], texts[1::2], strict=True))


def _query_pairs(query: str) -> list[Pair]:
    """Split a query string into pairs of unescaped texts; a plus sign is a plus sign (RFC 3986)."""
    if not _QUERY.match(query):
        _refuse_characters(query)
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(_unescaped(name), _unescaped(value)) for name, _, value in parts]


def _unescaped(text: str) -> str:
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        _refuse(LinkRefusal.PERCENT_MALFORMED)


def _sorted_out(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Tell the pairs that name an identifier of the table from the others."""
    known = [pair for pair in pairs if pair[0] in IDENTIFIERS]
    return known, [pair for pair in pairs if pair[0] not in IDENTIFIERS]


def _check_key(made: Link) -> None:
    if made.key == PRODUCT:
        if not PRODUCT_CODE.match(made.value):
            _refuse(LinkRefusal.VALUE_MALFORMED, ai=PRODUCT)
        return
    identifier = IDENTIFIERS.get(made.key)
    if identifier is None or not identifier.is_key:
        _refuse(LinkRefusal.KEY_UNKNOWN)
    if made.key == "01" and made.value.isdecimal() and len(made.value) in (8, 12, 13):
        _refuse(LinkRefusal.GTIN_LENGTH, length=len(made.value))
    _check_segment(made.key, made.value)


def _check_value(ai: str, value: str) -> None:
    """Refuse a value that does not fit its row of the table."""
    broken = broken_rule(IDENTIFIERS[ai], value)
    if broken is not None:
        _refuse(LinkRefusal.CHECK_DIGIT if broken == "csum" else LinkRefusal.VALUE_MALFORMED, ai=ai)


def _check_segment(ai: str, value: str) -> None:
    """Refuse a value that does not fit, or that a browser would take out of the path."""
    if value in (".", ".."):
        _refuse(LinkRefusal.VALUE_MALFORMED, ai=ai)
    _check_value(ai, value)


def _check_qualifiers(made: Link) -> None:
    """Refuse qualifiers that are not a part, in order, of one of the key's sequences."""
    orders = PRODUCT_QUALIFIERS if made.key == PRODUCT else IDENTIFIERS[made.key].qualifiers
    names = [ai for ai, _ in made.qualifiers]
    allowed = {ai for order in orders for ai in order}
    for ai in names:
        if ai not in allowed:
            _refuse(LinkRefusal.QUALIFIER_NOT_ALLOWED, key=made.key)
    if names and not any(_is_part_of(names, order) for order in orders):
        _refuse(LinkRefusal.QUALIFIER_ORDER, ai=names[-1])
    for ai, value in made.qualifiers:
        _check_segment(ai, value)


def _is_part_of(names: Sequence[str], order: Sequence[str]) -> bool:
    """Say whether the names come from the order, each once, in its sequence."""
    return list(names) == [ai for ai in order if ai in names]


def _check_attributes(made: Link) -> None:
    """Refuse identifiers that may not stand in a query string, or that stand in it twice."""
    seen: set[str] = set()
    for ai, value in made.attributes:
        if ai not in IDENTIFIERS or not IDENTIFIERS[ai].is_attribute:
            _refuse(LinkRefusal.ATTRIBUTE_NOT_ALLOWED, ai=ai[:4])
        if ai in seen:
            _refuse(LinkRefusal.ATTRIBUTE_REPEATED, ai=ai)
        seen.add(ai)
        _check_value(ai, value)
    for name, _ in made.parameters:
        if name in IDENTIFIERS:
            _refuse(LinkRefusal.ATTRIBUTE_NOT_ALLOWED, ai=name)
