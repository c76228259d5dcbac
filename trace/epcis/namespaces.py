"""Prefixes: how the short keys of extensions get their full names.

`@context` (JSON-LD) holds addresses of contexts and objects that declare prefixes. The prefixes of
the EPCIS context are known beforehand; further ones hold where they are declared, for the whole
document or for one event, the later and the inner one before the others. We read prefixes only:
contexts are never fetched, and a declaration that would give a field of the standard, or a prefix
of standard words, another meaning is refused, since two readers would then understand the event
differently. (Another meaning for `cbvmda` changes extension keys only; GS1's own examples do it.)

A key with its namespace is written `{namespace}local`, as the CBV event hash does. A key that is
itself an address (`https://example.com/ns#grade`) is cut after its last `/`, `#` or `:`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from trace.epcis.findings import Path

STANDARD: Mapping[str, str] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
"""The prefixes that the published EPCIS context declares."""

FIXED = frozenset({"epcis", "cbv", "gs1"})
"""Prefixes in which standard words may be written; these cannot be declared to mean another."""

DECLARATIONS_MAX = 200
"""Parts and declarations of one context. Every event may have one of its own, so that without a
limit a small document could ask for much memory."""

RDFS_COMMENT = "{http://www.w3.org/2000/01/rdf-schema#}comment"

_SCHEMES = frozenset({"http", "https", "urn"})
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*\Z")


def is_uri(text: str) -> bool:
    """Say whether a text is an absolute URI (RFC 3986 §4.3, a fragment allowed, ASCII only)."""
    return _URI.match(text) is not None and text.count("#") <= 1


def expand_key(key: str, namespaces: Mapping[str, str]) -> str | None:
    """Give the full name of an extension key; None: it has no namespace, or an unknown one."""
    prefix, colon, local = key.partition(":")
    if not colon or not local:
        return None
    namespace = namespaces.get(prefix)
    if namespace is not None:
        return f"{{{namespace}}}{local}"
    if prefix.lower() not in _SCHEMES:
        return None
    cut = max(key.rfind(mark) for mark in "/#:") + 1
    return f"{{{key[:cut]}}}{key[cut:]}" if cut < len(key) else None


def expand_value(text: str, namespaces: Mapping[str, str]) -> str:
    """Give a value with its declared prefix written out; any other text stays as it is."""
    prefix, colon, local = text.partition(":")
    namespace = namespaces.get(prefix) if colon else None
    return text if namespace is None else namespace + local


def prefixes(context: Any) -> dict[str, str]:
    """Give the prefixes that a `@context` declares; what is malformed in it is passed over.

    Keywords (`@vocab`, `@version`) and declarations that are objects (terms, not prefixes) are
    passed over too: a key that needs them has no namespace for us and is refused where it is used.
    """
    parts = context if isinstance(context, list) else [context]
    if _size(parts) > DECLARATIONS_MAX:
        return {}
    return {
        name: namespace
        for part in parts
        if isinstance(part, dict)
        for name, namespace in part.items()
        if _PREFIX.match(name) and _is_new(name, namespace, frozenset())
    }


def context_faults(context: Any, standard_terms: frozenset[str]) -> Iterator[Path]:
    """Give the path of everything that is wrong in a `@context`.

    A context with more than `DECLARATIONS_MAX` parts and declarations is wrong as a whole.
    """
    if not isinstance(context, list):
        yield from _part_faults(context, (), standard_terms)
    elif _size(context) > DECLARATIONS_MAX:
        yield ()
    else:
        for position, part in enumerate(context):
            if part in context[:position]:
                yield (position,)
            yield from _part_faults(part, (position,), standard_terms)


def _size(parts: list[Any]) -> int:
    return len(parts) + sum(len(part) for part in parts if isinstance(part, dict))


def _part_faults(part: Any, path: Path, standard_terms: frozenset[str]) -> Iterator[Path]:
    """Look at one part of a context: an address, or an object of declarations."""
    if isinstance(part, dict) and len(part) <= DECLARATIONS_MAX:
        for name, namespace in part.items():
            declares = isinstance(namespace, str) and not name.startswith("@")
            if declares and not _is_new(name, namespace, standard_terms):
                yield (*path, name)
    elif not isinstance(part, str) or not is_uri(part):
        yield path


def _is_new(name: str, namespace: Any, standard_terms: frozenset[str]) -> bool:
    """Say whether a declaration is well formed and takes no standard name for something else."""
    if name in standard_terms or name.lower() in _SCHEMES or not isinstance(namespace, str):
        return False
    return is_uri(namespace) and (name not in FIXED or namespace == STANDARD[name])
