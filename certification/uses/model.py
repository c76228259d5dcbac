"""What may be printed, by whom, on which account: the rules that choose and those of the mark.

A *choice* is one account on which labels of a product may be booked by one party: a permit of
theirs, or a root of a certificate that is theirs. Whoever holds a permit under a root prints under
it, not beside it, so that a frozen permit cannot be walked around.

`choose`, in order: a permit that is named; else the certificate that is named, or the only one that
bounds the product and is in force, or the first that bounds nothing; in it the party's only permit,
else its root, where there are several seasons the one that is named.

Refused: PERMIT_NOT_YOURS, PERMIT_AMBIGUOUS, PERMIT_FROZEN, PERMIT_CLOSED, CERTIFICATE_AMBIGUOUS,
NUMBER_AMBIGUOUS, SEASON_AMBIGUOUS, LINE_UNKNOWN, the state of the certificate,
ORGANIC_MARK_IN_CONVERSION, MARK_BEYOND_SCOPE.

Source of the conversion rule: in conversion neither the organic mark nor the word 有机 may stand on
the goods (notes on the organic certificate rules, xjzxzl.com/article/view_78; the rule's own text
was not read). Which goods are in conversion is public in the grant (`mark_from`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from certification.certificates.model import USE_REFUSALS, Fields, State
from certification.permits.model import USE_REFUSALS as PERMIT_REFUSALS
from certification.permits.model import PermitState
from certification.quotas.model import Unit
from certification.refusals import CertificationRefusal
from runtime.clock import beijing_date
from runtime.refusal import Reason, refuse

CONVERSION_WORDS: Final = ("有机", "organic")
"""Words that goods in conversion may not bear, in any letters."""


@dataclass(frozen=True)
class Allowance:
    """The facts of one account that a print run asks for.

    `account_id` is the certificate's own id for a certificate without lines and permits; `permit`
    the number of the permit, None on a root. `unit` is `mg` or `piece`; `granted`, `printed`,
    `void` and `left` are whole units, and `granted` (what the account holds) and `left` are None
    where the scheme bounds no quantity. `state` is one of `certificates.model.State`,
    `statement_zh` and `statement_en` say it in the scheme's own verb, `ends_at` is the first
    instant without the right.
    """

    cert_id: str
    number: str
    scheme: str
    statement_zh: str
    statement_en: str
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    state: str
    begins_at: datetime
    ends_at: datetime | None
    unit: Unit | None
    granted: int | None
    printed: int
    void: int
    left: int | None
    account_id: str
    permit: str | None = None
    season: str = ""

    def pieces_left(self, content_mg: int) -> int | None:
        """How many labels for pieces of `content_mg` are left; None where nothing is bounded.

        A permit in pieces counts labels whatever they hold.
        """
        if self.left is None:
            return None
        return self.left // content_mg if self.unit == "mg" else self.left


@dataclass(frozen=True)
class Balance:
    """The public numbers of an account after printing or voiding, for the entry of the print run.

    After a void on a closed permit `taker` is the account that took back what it freed, and
    `taker_left` what that one leaves.
    """

    account_id: str
    cert_id: str
    number: str
    permit: str | None
    unit: Unit | None
    granted: int | None
    printed: int
    void: int
    left: int | None
    taker: str | None = None
    taker_left: int | None = None


@dataclass(frozen=True)
class Choice:
    """One account on which a party's labels of a product may be booked, and what stops it."""

    account_id: str
    cert_id: str
    number: str
    state: State
    bounds: bool
    permit: str | None = None
    permit_state: PermitState = PermitState.OPEN
    season: str = ""

    @property
    def refusal(self) -> CertificationRefusal | None:
        """Why nothing may be printed on it now; the certificate's state comes first."""
        return USE_REFUSALS.get(self.state) or PERMIT_REFUSALS.get(self.permit_state)


@dataclass(frozen=True)
class Asked:
    """What a printer names: numbers of certificate and permit, and the season; each or none."""

    certificate: str | None = None
    permit: str | None = None
    season: str | None = None


def choose(choices: Iterable[Choice], asked: Asked) -> Choice | None:
    """The account to print on; None where no mark may be used and none was named.

    A certificate that is named is among the choices: the caller has refused others.
    """
    found = list(choices)
    if asked.permit is not None:
        return _usable(_named_permit(found, asked))
    if asked.certificate is not None:
        named = [each for each in found if each.number == asked.certificate]
        if len({each.cert_id for each in named}) > 1:
            refuse(CertificationRefusal.NUMBER_AMBIGUOUS, "/certificate")
        return _usable(_one_of(named, asked))
    usable = [each for each in found if each.refusal is None]
    bounding = [each for each in usable if each.bounds]
    if len({each.cert_id for each in bounding}) > 1:
        refuse(CertificationRefusal.CERTIFICATE_AMBIGUOUS, "/certificate")
    if bounding:
        return _one_of(bounding, asked)
    return usable[0] if usable else None


def _named_permit(choices: Sequence[Choice], asked: Asked) -> Choice:
    for each in choices:
        if each.permit == asked.permit and asked.certificate in (None, each.number):
            return each
    return refuse(CertificationRefusal.PERMIT_NOT_YOURS, "/permit")


def _one_of(choices: Sequence[Choice], asked: Asked) -> Choice:
    """The one account among those of a certificate. Permits that are closed count no more."""
    seasonal = [each for each in choices if asked.season in (None, each.season)]
    if not seasonal:
        refuse(CertificationRefusal.LINE_UNKNOWN, "/season")
    living = [each for each in seasonal if each.permit_state is not PermitState.CLOSED]
    open_ones = [each for each in living if each.refusal is None] or living or seasonal
    if len(open_ones) == 1 or not open_ones[0].bounds:
        return open_ones[0]
    if len({each.season for each in open_ones}) > 1:
        refuse(CertificationRefusal.SEASON_AMBIGUOUS, "/season")
    return refuse(CertificationRefusal.PERMIT_AMBIGUOUS, "/permit")


def _usable(choice: Choice) -> Choice:
    if choice.refusal is not None:
        refuse(choice.refusal)
    return choice


# --- The mark ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goods:
    """What a label would stand on: product, its names, the bases that it is known to come from."""

    product: str
    names: tuple[str, ...] = ()
    bases: frozenset[str] = frozenset()


def mark_reasons(
    fields: Fields, goods: Goods, at: datetime, *, with_mark: bool
) -> Iterator[Reason]:
    """Yield what forbids the mark of a certificate, or its word, on these goods at `at`.

    `fields` is what the certificate says then. Goods of several bases need every one of them.
    """
    sources: list[str | None] = [*sorted(goods.bases)] or [None]
    if with_mark and not all(fields.names(goods.product, base) for base in sources):
        yield Reason(CertificationRefusal.MARK_BEYOND_SCOPE, "/with_mark")
    first = first_day_of_mark(fields, goods)
    if first is None or beijing_date(at) >= first:
        return
    if with_mark or says_conversion_word(goods.names):
        pointer = "/with_mark" if with_mark else "/product"
        numbers = {"first": first.isoformat()}
        yield Reason(CertificationRefusal.ORGANIC_MARK_IN_CONVERSION, pointer, numbers)


def first_day_of_mark(fields: Fields, goods: Goods) -> date | None:
    """The first day on which the mark may stand on these goods; None: from the beginning.

    Where the base is not known yet, it is the latest day of any base of the certificate.
    """
    sources = goods.bases or fields.bases or (None,)
    days = [fields.mark_from(goods.product, base) for base in sources]
    return max((day for day in days if day is not None), default=None)


def says_conversion_word(names: Iterable[str]) -> bool:
    """Whether a name on the goods says what goods in conversion are not."""
    return any(word in name.lower() for name in names for word in CONVERSION_WORDS)
