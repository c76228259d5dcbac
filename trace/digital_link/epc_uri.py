"""What partners write in events to name a thing, and the Digital Link that it stands for.

Two ways of writing one key meet here: EPC URNs (Tag Data Standard, "EPC URI"; classes and patterns
included) and Digital Link addresses of any host. Reading is lenient where `link` is strict: a
wrong check digit, a GTIN of 8, 12 or 13 digits, an old name such as /gtin/ and a path before the
key are read for what they mean, because an event has to name its goods as its partners do, and
whoever made the code has to answer for it.

    canonical_uri("urn:epc:class:lgtin:4012345.012345.998877")
    == "https://id.gs1.org/01/04012345123456/10/998877"

`canonical_uri` keeps all levels. `constrained_uri` keeps the finest only and drops variant and
query string: the form that CBV 2.0 hashes (8.9.2 "constrained canonical GS1 Digital Link URI").
Both give None for what is no GS1 key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

from biip.checksums import gs1_standard_check_digit

from trace.digital_link.identifiers import IDENTIFIERS
from trace.digital_link.link import CANONICAL_HOST, Link, canonical, path

_URI_MAX = 2000
_CACHED = 2048


@dataclass(frozen=True)
class _Scheme:
    """How the parts of an EPC URN make up the value of a key (TDS, sections on each scheme).

    `digits` is the length of company prefix and reference together; None for keys whose reference
    is text and which have no check digit. `indicator` says that the first digit of the reference
    moves before the prefix, as in a GTIN. `lead` is written before everything, `between` counts
    parts that are written after the check digit. `tail` is what the last part is: appended to the
    value (`join`), or the number of a qualifier.
    """

    ai: str
    digits: int | None
    indicator: bool = False
    lead: str = ""
    between: int = 0
    tail: str | None = None


_SCHEMES = {
    "id:sgtin": _Scheme("01", 13, indicator=True, tail="21"),
    "id:sscc": _Scheme("00", 17, indicator=True),
    "id:sgln": _Scheme("414", 12, tail="254"),
    "id:grai": _Scheme("8003", 12, lead="0", tail="join"),
    "id:giai": _Scheme("8004", None),
    "id:gsrn": _Scheme("8018", 17),
    "id:gsrnp": _Scheme("8017", 17),
    "id:gdti": _Scheme("253", 12, tail="join"),
    "id:cpi": _Scheme("8010", None, tail="8011"),
    "id:sgcn": _Scheme("255", 12, tail="join"),
    "id:ginc": _Scheme("401", None),
    "id:gsin": _Scheme("402", 16),
    "id:itip": _Scheme("8006", 13, indicator=True, between=2, tail="21"),
    "id:upui": _Scheme("01", 13, indicator=True, tail="235"),
    "id:pgln": _Scheme("417", 12),
    "class:lgtin": _Scheme("01", 13, indicator=True, tail="10"),
    "idpat:sgtin": _Scheme("01", 13, indicator=True, tail="21"),
    "idpat:grai": _Scheme("8003", 12, lead="0", tail="join"),
    "idpat:gdti": _Scheme("253", 12, tail="join"),
    "idpat:sgcn": _Scheme("255", 12, tail="join"),
    "idpat:cpi": _Scheme("8010", None, tail="8011"),
    "idpat:itip": _Scheme("8006", 13, indicator=True, between=2, tail="21"),
    "idpat:upui": _Scheme("01", 13, indicator=True, tail="235"),
}
"""Kind and scheme of an EPC URN; a pattern (idpat) is read as its class, the part before `*`."""

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)\Z")
_PREFIX = re.compile(r"[0-9]{6,12}\Z")
_DIGITS = re.compile(r"[0-9]*\Z")
_ESCAPED_TEXT = re.compile(r"(?:[!'()*+,.0-9:;=A-Za-z_-]|%[2-7][0-9A-Fa-f])+\Z")

_COMPANY = re.compile(r"[0-9]{4}")
"""How the value of a key begins that follows a company prefix; tells keys from other addresses."""

_ADDRESS = re.compile(r"https?://[^/?#]+(/[^?#]*)(?:\?([^#]*))?(?:#.*)?\Z", re.IGNORECASE)
_OLD_NAMES = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "party": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
}
"""Names of keys and qualifiers in addresses up to Digital Link URI Syntax 1.2."""

_HASHED = {
    "01": ("21", "10", "235"),
    "8006": ("21", "10"),
    "414": ("254",),
    "8010": ("8011",),
}
"""The qualifiers that the constrained form may end in, the finest first (CBV 2.0, 8.9.2)."""


def canonical_uri(uri: str) -> str | None:
    """Give the canonical GS1 Digital Link URI of an identifier, all levels and attributes kept."""
    return _canonical(uri) if _may_be_read(uri) else None


def constrained_uri(uri: str) -> str | None:
    """Give the constrained canonical GS1 Digital Link URI of an identifier."""
    return _constrained(uri) if _may_be_read(uri) else None


def _may_be_read(uri: str) -> bool:
    """Say at a glance whether a text can be an identifier, so that no cache keeps other texts."""
    return len(uri) <= _URI_MAX and uri[:4].lower() in ("http", "urn:")


@lru_cache(_CACHED)
def _canonical(uri: str) -> str | None:
    link = read_identifier(uri)
    return None if link is None else canonical(link)


@lru_cache(_CACHED)
def _constrained(uri: str) -> str | None:
    link = read_identifier(uri)
    if link is None:
        return None
    finest = (ai for ai in _HASHED.get(link.key, ()) if link.get(ai) is not None)
    qualifiers = tuple((ai, link.get(ai) or "") for ai in finest)[:1]
    return CANONICAL_HOST + path(Link(link.key, link.value, qualifiers))


def read_identifier(uri: str) -> Link | None:
    """Read an EPC URN or a Digital Link address; None when it is no GS1 key.

    The link is read leniently: its check digit and the pairing of attributes are not looked at.
    """
    if not _may_be_read(uri):
        return None
    return _read_urn(uri) if uri.startswith("urn:") else _read_address(uri)


def _read_urn(uri: str) -> Link | None:
    match = _URN.match(uri)
    if match is None:
        return None
    kind, name, body = match.groups()
    scheme = _SCHEMES.get(f"{kind}:{name}")
    if scheme is None:
        return None
    if kind == "idpat":
        # The last part of a pattern is the wildcard: what is before it names the class.
        class_body = body.removesuffix(".*")
        return None if class_body == body else _assembled(replace(scheme, tail=None), class_body)
    return _assembled(scheme, body)


def _assembled(scheme: _Scheme, body: str) -> Link | None:
    """Put the parts of a URN together; None when one of them has the wrong shape."""
    if scheme.digits is None:
        return _text_key(scheme, body)
    count = 2 + scheme.between + bool(scheme.tail)
    parts = body.split(".", count - 1)
    if len(parts) != count:
        return None
    prefix, reference, *rest = parts
    if not _PREFIX.match(prefix) or not _DIGITS.match(reference):
        return None
    if len(prefix) + len(reference) != scheme.digits:
        return None
    value = scheme.lead + _with_check_digit(prefix, reference, scheme)
    value += "".join(rest[: scheme.between])
    return _with_tail(scheme, value, rest[-1] if scheme.tail else "")


def _with_check_digit(prefix: str, reference: str, scheme: _Scheme) -> str:
    digits = prefix + reference
    if scheme.indicator:
        digits = reference[:1] + prefix + reference[1:]
    return digits + str(gs1_standard_check_digit(digits))


def _text_key(scheme: _Scheme, body: str) -> Link | None:
    """Read a key whose reference is text: GIAI, GINC and CPI."""
    tail = ""
    if scheme.tail:
        body, _, tail = body.rpartition(".")
    prefix, _, reference = body.partition(".")
    if not _PREFIX.match(prefix) or not _ESCAPED_TEXT.match(reference):
        return None
    return _with_tail(scheme, prefix + unquote(reference), tail)


def _with_tail(scheme: _Scheme, value: str, tail: str) -> Link | None:
    if not scheme.tail:
        return _fitting(Link(scheme.ai, value))
    if not _ESCAPED_TEXT.match(tail):
        return None
    text = unquote(tail)
    if scheme.tail == "join":
        return _fitting(Link(scheme.ai, value + text))
    if scheme.tail == "254" and text == "0":
        # TDS, SGLN: the extension 0 stands for the place itself, without extension.
        return _fitting(Link(scheme.ai, value))
    return _fitting(Link(scheme.ai, value, ((scheme.tail, text),)))


def _read_address(uri: str) -> Link | None:
    """Find key and qualifiers at the end of the path of an address."""
    match = _ADDRESS.match(uri)
    if match is None:
        return None
    segments = match[1].split("/")[1:]
    if segments[-1] == "":
        segments.pop()
    for start in range(len(segments) % 2, len(segments), 2):
        link = _read_segments(segments[start:], match[2] or "")
        if link is not None:
            return link
    return None


def _read_segments(segments: list[str], query: str) -> Link | None:
    """Read segments that have to be a key and its qualifiers and nothing else."""
    names = [_OLD_NAMES.get(name, name) for name in segments[::2]]
    identifier = IDENTIFIERS.get(names[0])
    if identifier is None or not identifier.is_key:
        return None
    value, *values = (unquote(text) for text in segments[1::2])
    if not _COMPANY.match(value):
        return None
    if names[0] == "01" and len(value) in (8, 12, 13):
        value = value.zfill(14)
    qualifiers = tuple(zip(names[1:], values, strict=True))
    return _fitting(Link(names[0], value, qualifiers, _attributes(query)))


def _attributes(query: str) -> tuple[tuple[str, str], ...]:
    """Give the attributes of the table that a query string holds well formed, the first of each."""
    found: dict[str, str] = {}
    for part in query.split("&"):
        ai, _, text = part.partition("=")
        identifier = IDENTIFIERS.get(ai)
        value = unquote(text)
        if identifier and identifier.is_attribute and identifier.pattern.match(value):
            found.setdefault(ai, value)
    return tuple(sorted(found.items()))


def _fitting(link: Link) -> Link | None:
    """Give the link back when lengths, characters and the order of qualifiers fit the table."""
    row = IDENTIFIERS[link.key]
    names = [ai for ai, _ in link.qualifiers]
    if names and not any(names == [ai for ai in order if ai in names] for order in row.qualifiers):
        return None
    pairs = ((link.key, link.value), *link.qualifiers)
    fits = all(IDENTIFIERS[ai].pattern.match(value) for ai, value in pairs)
    return link if fits else None
