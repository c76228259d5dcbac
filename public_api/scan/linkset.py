"""The linkset of an address (RFC 9264) and the description of this resolver.

Links of every level up the key are given: of the serial, its lot, and its product. There is one
default link, the scan page. Destinations are our own addresses only, so nothing is redirected to a
place that somebody else chose.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from runtime.refusal import refuse
from trace.digital_link.link import Link, address, make
from trace.products.service import find_product
from trace.refusals import TraceRefusal

_VOC = "https://ref.gs1.org/voc/"
_TITLES = {"defaultLink": ("核验登记信息", "Check the record"), "pip": ("产品登记", "Product")}


def linkset(session: Session, link: Link, base_url: str) -> dict[str, Any]:
    """Give the linkset of an address. Raises Refusal PRODUCT_UNKNOWN."""
    product = find_product(session, link.gtin or link.product or "")
    if product is None:
        refuse(TraceRefusal.PRODUCT_UNKNOWN)
    levels = [make(link.key, link.value, link.qualifiers[:count]) for count in _counts(link)]
    return {"linkset": [_context(each, product.id, base_url) for each in levels]}


def _counts(link: Link) -> range:
    return range(len(link.qualifiers), -1, -1)


def _context(link: Link, product_id: str, base_url: str) -> dict[str, Any]:
    anchor = address(link, base_url)
    page = f"{base_url}/registry/products/{product_id}"
    return {
        "anchor": anchor,
        f"{_VOC}defaultLink": [_target(anchor, "defaultLink", "zh")],
        f"{_VOC}pip": [_target(page, "pip", lang) for lang in ("zh", "en")],
        f"{_VOC}traceability": [_target(anchor, "defaultLink", lang) for lang in ("zh", "en")],
    }


def _target(href: str, title: str, lang: str) -> dict[str, Any]:
    words = _TITLES[title]
    return {
        "href": f"{href}?lang={lang}",
        "title": words[lang == "en"],
        "type": "text/html",
        "hreflang": [lang],
    }


def resolver_description(base_url: str) -> dict[str, Any]:
    """Describe this resolver."""
    return {
        "name": "ecotrace",
        "resolverRoot": base_url,
        "supportedPrimaryKeys": ["01"],
        "linkTypeDefaultCanBeLinkset": False,
        "supportedContextValuesEnumerated": ["zh", "en"],
    }
