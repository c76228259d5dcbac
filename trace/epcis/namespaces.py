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

from runtime.json_pointer import pointer_text

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


def declared(context: Any, standard_terms: frozenset[str]) -> Iterator[tuple[str, str] | str]:
    """Read a `@context`: yield (prefix, namespace), or the JSON pointer of what is wrong in it.

    Keywords (`@vocab`, `@version`) and declarations that are objects (terms, not prefixes) are
    passed over: a key that needs them has no namespace for us and is refused where it is used.
    A context with more than `DECLARATIONS_MAX` parts or declarations is refused unread.
    """
    single = not isinstance(context, list)
    parts = [context] if single else context
    if len(parts) + sum(len(part) for part in parts if isinstance(part, dict)) > DECLARATIONS_MAX:
        yield ""
        return
    for position, part in enumerate(parts):
        pointer = "" if single else f"/{position}"
        if not single and part in context[:position]:
            yield pointer
        elif isinstance(part, str):
            if not is_uri(part):
                yield pointer
        elif isinstance(part, dict):
            yield from _declared_by(part, pointer, standard_terms)
        else:
            yield pointer


def _declared_by(
    part: dict[str, Any], pointer: str, standard_terms: frozenset[str]
) -> Iterator[tuple[str, str] | str]:
    for name, namespace in part.items():
        if name.startswith("@") or not isinstance(namespace, str):
            continue
        if not _is_new(name, namespace, standard_terms):
            yield pointer + pointer_text([name])
        elif _PREFIX.match(name):
            yield name, namespace


def _is_new(name: str, namespace: str, standard_terms: frozenset[str]) -> bool:
    """Say whether a declaration is well formed and takes no standard name for something else."""
    if name in standard_terms or name.lower() in _SCHEMES or not is_uri(namespace):
        return False
    return name not in FIXED or namespace == STANDARD[name]
