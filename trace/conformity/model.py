"""The rules of a certificate of conformity (承诺达标合格证, MARA Order 2025-4, from 2026-02-01).

Whoever sells listed farm products promises, for one lot, that nothing forbidden was used and that
residues are within limits, and says on what that promise rests. It has six fields: name, quantity,
origin, issue time, promising party, contact; a basis (one or more); and one of two statutory styles
with a fixed promise text, for producers and for buyers who mix or split what they bought.

Invariants:
- a certificate promises for one lot, and never for more than the lot has received
- a lot has one certificate that counts, the newest; a correction names the one that it replaces
- a buyer names the certificates that he collected: without one nothing may be bought
- grain is not among the listed classes and is never asked for a certificate; whoever wants to may
  issue one
- all of it is committed, none of it public: a promising party may be a natural person, whose name
  and phone stand on the certificate itself, where the Order wants them, and masked everywhere else

Refused: CONFORMITY_STYLE_UNKNOWN, CONFORMITY_BASIS_UNKNOWN, CONFORMITY_FIELD_MISSING,
CONFORMITY_SOURCES_MISSING, CONFORMITY_SOURCES_UNWANTED, CONFORMITY_SOURCES_MANY,
CONFORMITY_OVER_LOT, CONFORMITY_EXISTS, CONFORMITY_UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from identity.codes import masked_phone
from identity.parties.model import PartyKind, masked_name
from runtime.quantities import show
from runtime.refusal import Reason
from trace.products.model import Category, Measure
from trace.refusals import TraceRefusal


class Style(StrEnum):
    """The two statutory styles."""

    PRODUCER = "producer"
    BUYER = "buyer"


class Basis(StrEnum):
    """On what the promise rests; a test has to look for what was used."""

    CONTROL_MET = "control_met"
    OWN_TEST = "own_test"
    COMMISSIONED_TEST = "commissioned_test"


STYLE_WORDS: dict[Style, tuple[str, str]] = {
    Style.PRODUCER: ("生产者开具", "Issued by the producer"),
    Style.BUYER: ("收购者开具", "Issued by the buyer"),
}

BASIS_WORDS: dict[Basis, tuple[str, str]] = {
    Basis.CONTROL_MET: ("质量安全控制符合要求", "Quality and safety control met"),
    Basis.OWN_TEST: ("自行检测合格", "Own test passed"),
    Basis.COMMISSIONED_TEST: ("委托检测合格", "Commissioned test passed"),
}


@dataclass(frozen=True)
class Promise:
    """The fixed text of a style, line by line, and where it comes from."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    source: str


_SOURCE = "MARA Order 2025-4 (农业农村部令2025年第4号)"
PROMISES: Mapping[Style, Promise] = {
    Style.PRODUCER: Promise(
        zh=(
            "未使用禁用农药兽药、停用兽药和非法添加物",
            "使用的常规农药兽药残留不超标",
            "对承诺的真实性负责",
        ),
        en=(
            "No banned or withdrawn pesticide or veterinary drug and no illegal additive was used",
            "Residues of permitted pesticides and veterinary drugs are within limits",
            "I answer for the truth of this promise",
        ),
        source=_SOURCE,
    ),
    Style.BUYER: Promise(
        zh=(
            "已按规定收取并保存该批次产品的承诺达标合格证或者其他质量安全合格证明",
            "未违规使用保鲜剂、防腐剂、添加剂等",
            "对承诺的真实性负责",
        ),
        en=(
            "The certificates of conformity of this lot, or other proofs, were collected and kept",
            "No preservative or additive was used against the rules",
            "I answer for the truth of this promise",
        ),
        source=_SOURCE,
    ),
}
"""The promise texts, known from printed forms; a parameter, because an annex may be revised."""

TITLE = ("承诺达标合格证", "Certificate of conformity (承诺达标合格证)")
"""Has to be readable beside a QR code that stands for the certificate."""


class Due(StrEnum):
    """Whether a certificate is asked for."""

    DUE = "due"
    ENCOURAGED = "encouraged"
    NOT_ASKED = "not_asked"


LISTED = frozenset(
    {
        Category.VEGETABLE,
        Category.FRUIT,
        Category.TEA,
        Category.LIVESTOCK,
        Category.EGG,
        Category.AQUATIC,
    }
)
"""The classes of the Order (Article 3); grain is not among them."""

OBLIGED = frozenset({PartyKind.ENTERPRISE, PartyKind.COOPERATIVE})
"""Who has to issue one per production batch; all others who grow are encouraged to."""

SOURCES_MAX = 50
"""Certificates that one certificate of a buyer may rest on."""

KEPT_MONTHS = 6
"""How long issuers and buyers keep their records, at least."""


def is_due(product_class: str, party_kind: str, style: str = Style.PRODUCER) -> Due:
    """Say whether a certificate is asked for, of this kind of party, for this class of product.

    A buyer who mixes or splits lots of listed products has to issue one, whoever he is.
    """
    if product_class not in LISTED:
        return Due.NOT_ASKED
    if style == Style.BUYER or party_kind in OBLIGED:
        return Due.DUE
    return Due.ENCOURAGED


def keep_until(issued_on: date) -> date:
    """Give the last day on which the record of a certificate has to be kept, at least."""
    months = issued_on.month - 1 + KEPT_MONTHS
    year, month = issued_on.year + months // 12, months % 12 + 1
    for day in range(issued_on.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, issued_on.day)


@dataclass(frozen=True)
class Fields:
    """What is promised: the six fields but for the issue time, basis, style and sources.

    `quantity` is typed, for example ("120", "公斤"). `sources` name the certificates that a buyer
    collected: ids of ours, or numbers or makers of others.
    """

    product_name: str
    quantity: tuple[str, str]
    origin: str
    # A natural person's name and phone must not come into a message by way of a repr.
    party_name: str = field(repr=False)
    contact: str = field(repr=False)
    basis: tuple[str, ...]
    style: str = Style.PRODUCER.value
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class LotFacts:
    """What the rules ask of the lot: measure, what it has received, its newest certificate."""

    measure: Measure
    received: int
    newest: str | None


def faults(fields: Fields) -> Iterator[Reason]:
    """Yield what is wrong with the fields themselves."""
    if fields.style not in set(Style):
        yield Reason(TraceRefusal.CONFORMITY_STYLE_UNKNOWN, "/style")
    known = set(fields.basis) <= set(Basis) and len(set(fields.basis)) == len(fields.basis)
    if not fields.basis or not known:
        yield Reason(TraceRefusal.CONFORMITY_BASIS_UNKNOWN, "/basis")
    for name in ("product_name", "origin", "party_name", "contact"):
        if not getattr(fields, name).strip():
            yield Reason(TraceRefusal.CONFORMITY_FIELD_MISSING, f"/{name}")
    if fields.style == Style.BUYER and not fields.sources:
        yield Reason(TraceRefusal.CONFORMITY_SOURCES_MISSING, "/sources")
    if fields.style == Style.PRODUCER and fields.sources:
        yield Reason(TraceRefusal.CONFORMITY_SOURCES_UNWANTED, "/sources")
    if len(fields.sources) > SOURCES_MAX:
        numbers = {"most": SOURCES_MAX}
        yield Reason(TraceRefusal.CONFORMITY_SOURCES_MANY, "/sources", numbers)


def lot_faults(lot: LotFacts, quantity: int, supersedes: str | None) -> Iterator[Reason]:
    """Yield what the lot says against a certificate of this quantity (mg or pieces)."""
    if quantity > lot.received:
        numbers = {"asked": _shown(lot, quantity), "held": _shown(lot, lot.received)}
        yield Reason(TraceRefusal.CONFORMITY_OVER_LOT, "/quantity", numbers)
    if supersedes != lot.newest:
        known = lot.newest is not None
        code = TraceRefusal.CONFORMITY_EXISTS if known else TraceRefusal.CONFORMITY_UNKNOWN
        yield Reason(code, "/supersedes")


def mask_person(name: str, lang: str = "zh") -> str:
    """Give a villager's name as every page but the certificate shows it: 村民 王**."""
    return masked_name(PartyKind.HOUSEHOLD, name, name, lang)


def masked(fields: Mapping[str, str], kind: str, lang: str) -> tuple[str, str]:
    """Give party name and contact as pages other than the certificate show them.

    Only a natural person's are masked.
    """
    name, contact = fields["party_name"], fields["contact"]
    if kind not in (PartyKind.HOUSEHOLD, PartyKind.PERSON):
        return name, contact
    digits = "".join(each for each in contact if each.isdecimal())
    return masked_name(PartyKind(kind), name, name, lang), masked_phone(digits)


def _shown(lot: LotFacts, quantity: int) -> str:
    return show("mass", quantity, "en") if lot.measure == "mass" else str(quantity)
