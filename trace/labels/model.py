"""The rules of a print run: what may be printed, bound to a lot, and voided.

A run is `count` labels of one product under one key letter, with consecutive numbers; the label at
position p (from 1) has the number `first + p - 1`. It is one record, whatever its size; the serials
are computed when they are printed.

States of a label: printed -> bound to a lot -> (in use, which the lot's events decide); and void,
from any of them, for ever. A run may be bound when it is printed, or later, piece by piece, by
scanning the first and the last label of a roll (赋码).

Invariants:
- numbers of a letter and product are never used twice
- labels stand for goods: what a lot's labels stand for is never more than the lot has received
- where a certificate bounds the quantity, what is printed is never more than it leaves
- a label is bound to at most one lot, and voided at most once
- a void label frees the quantity that it stood for only if it never was on goods (`VoidReason`)
- a mark is printed only while it may be used; an address only if strangers can open it

Refused, with the numbers of the case: see `decide_print`, `bind_faults`, `void_faults`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from runtime.quantities import show
from runtime.refusal import Reason
from trace.labels.human_code import POSITION_MAX
from trace.refusals import TraceRefusal

RUN_SIZE_MAX = POSITION_MAX
"""Labels of one run; the code that people read has seven digits for the position."""

Unit = Literal["mg", "piece"]


@dataclass(frozen=True)
class Limit:
    """One bound on labels, in `unit`: what was allowed, what labels stand for, what is left.

    `left` is not always the difference: whether void labels free their quantity is decided by
    whoever gave the bound.
    """

    unit: Unit
    granted: int
    printed: int
    left: int


@dataclass(frozen=True)
class CertificateLimit:
    """The certificate (its `cert:` stream and public number) that bounds a product's labels.

    `account_id` is the account on which they are booked, None for the certificate's own; `permit`
    the number of the print permit whose account it is.
    """

    cert_id: str
    number: str
    limit: Limit
    account_id: str | None = None
    permit: str | None = None

    @property
    def account(self) -> str:
        """The stream of the account."""
        return self.account_id or self.cert_id


@dataclass(frozen=True)
class MarkRight:
    """The certificate under which a mark may be put on goods now, and the artwork of that mark.

    `artwork` is the SHA-256 (hexadecimal) of the picture that the office has registered, None
    where it has registered none.
    """

    cert_id: str
    artwork: str | None = None


@dataclass(frozen=True)
class PrintAllowance:
    """What other areas say about a print run; the workflow fills it.

    `certificate` is None where no certificate bounds the quantity; `mark` is None where no mark may
    be put on goods now; `lot` is filled in from the lot's own balance.
    """

    base_url: str | None
    demo: bool
    mark: MarkRight | None = None
    certificate: CertificateLimit | None = None
    lot: Limit | None = None


@dataclass(frozen=True)
class PrintOrder:
    """What is asked for: labels, the net content of a piece in mg (None: counted), the mark."""

    count: int
    net_mg: int | None
    with_mark: bool = False


def decide_print(allowance: PrintAllowance, asked: PrintOrder) -> tuple[Reason, ...]:
    """Give every reason against a print run; none lets it pass.

    The steps: 1. the count; 2. the address; 3. the mark; 4. the certificate's quantity; 5. the
    lot's.
    """
    reasons: list[Reason] = []
    if not 1 <= asked.count <= RUN_SIZE_MAX:
        # Without a count nothing below can be computed.
        numbers = {"most": RUN_SIZE_MAX}
        return (Reason(TraceRefusal.LABEL_COUNT_MALFORMED, "/count", numbers),)
    if not fit_for_print(allowance.base_url, demo=allowance.demo):
        reasons.append(Reason(TraceRefusal.BASE_URL_NOT_PUBLIC))
    if asked.with_mark:
        reasons += _mark_reasons(allowance)
    if allowance.certificate is not None:
        reasons += over_limit(allowance.certificate.limit, asked, OVER_CERTIFICATE)
    if allowance.lot is not None:
        reasons += over_limit(allowance.lot, asked, OVER_LOT)
    return tuple(reasons)


def _mark_reasons(allowance: PrintAllowance) -> Iterator[Reason]:
    """Yield the reason against printing the mark; a demo has a sample of its own."""
    if allowance.mark is None:
        yield Reason(TraceRefusal.MARK_NOT_ALLOWED)
    elif allowance.mark.artwork is None and not allowance.demo:
        yield Reason(TraceRefusal.ARTWORK_MISSING)


MarkShown = Literal["", "sample", "artwork"]
"""What stands on a label for the mark: nothing, our own sample, the artwork of the office."""


def mark_shown(artwork: str | None, *, allowed: bool, demo: bool) -> MarkShown:
    """Give what the labels of a run show for its mark, each time that they are drawn.

    `artwork` is the one that the run was printed with, `allowed` whether it has the mark at all and
    the mark may be put on goods now: a run is printed again without it once the licence is
    suspended or has ended.
    """
    if not allowed:
        return ""
    if demo:
        return "sample"
    return "artwork" if artwork is not None else ""


OverCodes = tuple[TraceRefusal, TraceRefusal]
OVER_CERTIFICATE: OverCodes = (TraceRefusal.OVER_CERTIFIED, TraceRefusal.OVER_CERTIFIED_MASS)
OVER_LOT: OverCodes = (TraceRefusal.OVER_LOT, TraceRefusal.OVER_LOT_MASS)


def units_of(unit: Unit, count: int, net_mg: int | None) -> int | None:
    """Give what `count` labels stand for, in `unit`; None: a piece has no net content."""
    if unit == "piece":
        return count
    return None if net_mg is None else count * net_mg


def over_limit(limit: Limit, asked: PrintOrder, codes: OverCodes) -> Iterator[Reason]:
    """Yield the reason against labels that would stand for more than is left.

    It counts in pieces where every number is a whole count of pieces, else in kilograms.
    """
    units = units_of(limit.unit, asked.count, asked.net_mg)
    if units is None:
        yield Reason(TraceRefusal.NOT_LABELLED_BY_PIECE)
        return
    over = units - limit.left
    if over <= 0:
        return
    numbers = {"granted": limit.granted, "printed": limit.printed, "asked": units, "over": over}
    each = 1 if limit.unit == "piece" else asked.net_mg or 1
    if all(number % each == 0 for number in numbers.values()):
        in_pieces = {name: number // each for name, number in numbers.items()}
        yield Reason(codes[0], "/count", in_pieces)
    else:
        in_kg = {name: _kilograms(number) for name, number in numbers.items()}
        yield Reason(codes[1], "/count", in_kg)


def _kilograms(mass_mg: int) -> str:
    return show("mass", mass_mg, "en").removesuffix(" kg")


# Names that lead nowhere outside one's own house (RFC 6761, RFC 6762).
_PRIVATE_NAMES = ("localhost", "local", "localdomain", "internal", "home.arpa")


# Scheme, host in ASCII (IDNA for others, which every scanner reads) and port; no path, no user.
_BASE_URL = re.compile(
    r"(https?)://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?/?", re.IGNORECASE
)


def fit_for_print(base_url: str | None, *, demo: bool) -> bool:
    """Whether addresses under this base may be printed on goods.

    A label outlives any repair of the settings, so outside the demo the base has to be https under
    a public host name. The demo prints what it serves, http and numbers included.
    """
    match = _BASE_URL.fullmatch(base_url or "")
    if match is None or not 0 < int(match[3] or 443) < 65536:
        return False
    return demo or (match[1].lower() == "https" and _is_public_name(match[2].lower()))


def _is_public_name(host: str) -> bool:
    name = host.removesuffix(".")
    labels = name.split(".")
    # A last label of digits (or hexadecimal, as in 0x7f.1) is an IPv4 address to every browser
    # (WHATWG URL, "ends in a number"); an IPv6 address stands in brackets.
    numeric = labels[-1].isdigit() or labels[-1].startswith("0x") or host.startswith("[")
    private = any(name == each or name.endswith("." + each) for each in _PRIVATE_NAMES)
    return len(labels) > 1 and all(labels) and not numeric and not private


@dataclass(frozen=True)
class Span:
    """Labels from one position of a run to another, both included; positions count from 1."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many labels."""
        return self.last - self.first + 1

    def meets(self, other: Span) -> bool:
        """Whether both have a label in common."""
        return self.first <= other.last and other.first <= self.last

    def within(self, other: Span) -> Span | None:
        """Give the labels that both have in common, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


@dataclass(frozen=True)
class Binding:
    """Labels that stand for goods of this lot."""

    span: Span
    lot_id: str


class VoidReason(StrEnum):
    """Why labels are void. Only labels that never were on goods free what they stood for."""

    MISPRINTED = "misprinted"
    DAMAGED = "damaged"
    LOST = "lost"
    WITHDRAWN = "withdrawn"

    @property
    def frees(self) -> bool:
        """Whether the quantity may be labelled again: a lost label may be on goods anywhere."""
        return self in (VoidReason.MISPRINTED, VoidReason.DAMAGED)


VOID_WORDS: dict[VoidReason, tuple[str, str]] = {
    VoidReason.MISPRINTED: ("印坏", "Misprinted"),
    VoidReason.DAMAGED: ("贴标前损坏", "Damaged before use"),
    VoidReason.LOST: ("遗失", "Lost"),
    VoidReason.WITHDRAWN: ("货品撤回", "Goods withdrawn"),
}


@dataclass(frozen=True)
class RunFacts:
    """A run as the rules see it."""

    product_id: str
    count: int
    bindings: tuple[Binding, ...]
    voids: tuple[Span, ...]

    @property
    def whole(self) -> Span:
        """All labels of the run."""
        return Span(1, self.count)

    def lot_at(self, position: int) -> str | None:
        """Give the lot that a label is bound to, or None."""
        at = Span(position, position)
        return next((each.lot_id for each in self.bindings if each.span.meets(at)), None)

    def is_void(self, position: int) -> bool:
        """Whether a label is void."""
        return any(each.meets(Span(position, position)) for each in self.voids)


def bind_faults(run: RunFacts, span: Span, lot_product_id: str) -> Iterator[Reason]:
    """Yield what forbids to bind these labels to a lot of this product."""
    if not _inside(run, span):
        yield _range_reason(run, span)
        return
    if run.product_id != lot_product_id:
        yield Reason(TraceRefusal.LABEL_OTHER_PRODUCT, "/lot")
    if any(each.span.meets(span) for each in run.bindings):
        yield Reason(TraceRefusal.LABEL_ALREADY_BOUND, None, _edges(span))
    if any(each.meets(span) for each in run.voids):
        yield Reason(TraceRefusal.LABEL_ALREADY_VOID, None, _edges(span))


def void_faults(run: RunFacts, span: Span, reason: str) -> Iterator[Reason]:
    """Yield what forbids to void these labels for this reason."""
    if reason not in set(VoidReason):
        yield Reason(TraceRefusal.VOID_REASON_UNKNOWN, "/reason")
    if not _inside(run, span):
        yield _range_reason(run, span)
    elif any(each.meets(span) for each in run.voids):
        yield Reason(TraceRefusal.LABEL_ALREADY_VOID, None, _edges(span))


def freed_by_lot(run: RunFacts, span: Span, reason: VoidReason) -> dict[str, int]:
    """Give for each lot how many of its labels stop standing for goods."""
    freed: dict[str, int] = {}
    if not reason.frees:
        return freed
    for binding in run.bindings:
        common = binding.span.within(span)
        if common is not None:
            freed[binding.lot_id] = freed.get(binding.lot_id, 0) + common.count
    return freed


def bound_lots(bindings: Iterable[Binding], span: Span) -> list[str]:
    """Give the lots that these labels are bound to, sorted."""
    return sorted({each.lot_id for each in bindings if each.span.meets(span)})


def _inside(run: RunFacts, span: Span) -> bool:
    return 1 <= span.first <= span.last <= run.count


def _edges(span: Span) -> dict[str, int]:
    return {"first": span.first, "last": span.last}


def _range_reason(run: RunFacts, span: Span) -> Reason:
    numbers = {**_edges(span), "count": run.count}
    return Reason(TraceRefusal.LABEL_RANGE_MALFORMED, None, numbers)
