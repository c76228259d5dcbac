"""Asking for, taking and giving up the use of a mark.

Numbered as the print workflow follows them, all in one transaction:

1. `locked_allowance` or `bounding_account` locks the certificate and gives the account's facts
2. `check_mark` refuses a mark beyond its scope, and a mark or word in conversion
3. the rule of the label area decides
4. `take` checks state and quantity once more under the lock and books the labels
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from certification.certificates.model import require_usable
from certification.certificates.register import (
    Certificate,
    fields_at,
    find,
    find_number,
    of_product,
)
from certification.permits.model import PermitState, require_in_use
from certification.permits.register import (
    Named,
    Permit,
    certificates_with_permits,
    find_permit,
    standing_of,
)
from certification.permits.register import of_holder as permits_of
from certification.quotas import service as quotas
from certification.quotas.model import Account
from certification.refusals import CertificationRefusal
from certification.uses.model import (
    Allowance,
    Asked,
    Balance,
    Choice,
    Goods,
    choose,
    mark_reasons,
)
from ledger.work import Work
from runtime.refusal import Refusal, refuse


def allowance(session: Session, cert_id: str, at: datetime) -> Allowance:
    """What the certificate's own account allows at `at`; refuses an unknown certificate.

    What was handed on to permits is not left there any more.
    """
    return _allowance(session, find(session, cert_id, at, at), cert_id, None, "")


def locked_allowance(work: Work, cert_id: str, at: datetime) -> Allowance:
    """As `allowance`, holding the certificate's row until the transaction ends.

    Without the lock a suspension could commit between the answer and the printing.
    """
    quotas.lock(work, [cert_id])
    return allowance(work, cert_id, at)


def bounding_account(
    work: Work,
    product: str,
    holder: str,
    at: datetime,
    certificate: str | None = None,
    permit: str | None = None,
    season: str | None = None,
) -> Allowance | None:
    """The account on which labels of a product are booked for a party, locked until the end.

    `certificate` and `permit` are numbers; what none of them names is chosen by
    `certification.uses.model.choose`. None where no mark may be used. Refuses CERTIFICATE_UNKNOWN,
    CERTIFICATE_NOT_FOR_PRODUCT and PERMIT_UNKNOWN of what is named, and what `choose` refuses.
    """
    granted_to = certificates_with_permits(work, holder)
    quotas.lock(work, _concerned(work, product, holder, granted_to, at))
    found = {
        each.cert_id: each
        for each in of_product(work, product, at, at)
        if each.holder == holder or each.cert_id in granted_to
    }
    named = {each.number for each in found.values()}
    if certificate is not None and certificate not in named:
        find_number(work, certificate, at, at)
        refuse(CertificationRefusal.CERTIFICATE_NOT_FOR_PRODUCT, "/certificate")
    if permit is not None:
        find_permit(work, permit, at)
    choices = _choices(work, found, product, holder, at)
    if certificate is not None and not any(each.number == certificate for each in choices):
        refuse(CertificationRefusal.CERTIFICATE_NOT_FOR_PRODUCT, "/certificate")
    chosen = choose(choices, Asked(certificate, permit, season))
    if chosen is None:
        return None
    owner = found[chosen.cert_id]
    return _allowance(work, owner, chosen.account_id, chosen.permit, chosen.season)


def allowances(session: Session, product: str, holder: str, at: datetime) -> tuple[Allowance, ...]:
    """Every account on which a party's labels of a product may be booked, usable now or not."""
    granted_to = certificates_with_permits(session, holder)
    found = {
        each.cert_id: each
        for each in of_product(session, product, at, at)
        if each.holder == holder or each.cert_id in granted_to
    }
    return tuple(
        _allowance(session, found[each.cert_id], each.account_id, each.permit, each.season)
        for each in _choices(session, found, product, holder, at)
    )


def take(work: Work, account_id: str, units: int, at: datetime) -> Balance:
    """Book labels for `units` (mg or pieces, as the certificate counts) printed at `at`.

    Refuses a mark that may not be used at `at`, a permit out of use, and the first unit over, with
    the numbers.
    """
    locked = quotas.lock_branches(work, account_id)
    certificate = find(work, locked[account_id].cert_id, at, at)
    require_usable(certificate.status)
    permit = _permit_of(work, locked[account_id])
    if permit is not None:
        require_in_use(permit.standing)
    taken = quotas.take(work, account_id, units, locked)
    return _balance(certificate, permit, quotas.Voided(taken))


def make_void(work: Work, account_id: str, units: int, at: datetime) -> Balance:
    """Book that labels for `units` are void; allowed in every state of certificate and permit.

    On a closed permit what is freed goes to the account above it.
    """
    locked = quotas.lock_branches(work, account_id)
    certificate = find(work, locked[account_id].cert_id, at, at)
    permit = _permit_of(work, locked[account_id])
    return _balance(certificate, permit, quotas.make_void(work, account_id, units, locked))


def check_mark(
    session: Session, cert_id: str, goods: Goods, at: datetime, *, with_mark: bool
) -> None:
    """Refuse the certificate's mark, or its word in conversion, on these goods.

    Raises Refusal: MARK_BEYOND_SCOPE, ORGANIC_MARK_IN_CONVERSION.
    """
    fields = fields_at(find(session, cert_id, at, at), at)
    reasons = tuple(mark_reasons(fields, goods, at, with_mark=with_mark))
    if reasons:
        raise Refusal(*reasons)


def may_bear_mark(session: Session, cert_id: str, goods: Goods, at: datetime) -> bool:
    """Whether the mark may be put on these goods now: state, scope and conversion."""
    certificate = find(session, cert_id, at, at)
    if not certificate.status.may_use_mark:
        return False
    return not any(mark_reasons(fields_at(certificate, at), goods, at, with_mark=True))


# --- Choosing ----------------------------------------------------------------------------------


def _concerned(
    work: Work, product: str, holder: str, granted_to: Iterable[str], at: datetime
) -> set[str]:
    """The certificates that have to be locked before anything is chosen."""
    held = {item.cert_id for item in of_product(work, product, at, at) if item.holder == holder}
    return held | set(granted_to)


def _choices(
    session: Session,
    certificates: Mapping[str, Certificate],
    product: str,
    holder: str,
    at: datetime,
) -> list[Choice]:
    """By certificate number; in each the permits of the party, then the roots beside them."""
    trees = quotas.accounts(session, certificates)
    lines = quotas.lines(session, certificates)
    held = [each for each in permits_of(session, holder, at) if each.cert_id in certificates]
    found: list[Choice] = []
    for each in certificates.values():
        own = [permit for permit in held if permit.cert_id == each.cert_id]
        fitting = [permit for permit in own if permit.product in (None, product)]
        found += (_permit_choice(each, permit) for permit in fitting)
        if each.holder == holder:
            living = {permit.root for permit in fitting if permit.state is not PermitState.CLOSED}
            roots = _root_choices(each, lines[each.cert_id], trees[each.cert_id], product)
            found += (root for root in roots if root.account_id not in living)
    return found


def _permit_choice(certificate: Certificate, permit: Permit) -> Choice:
    return Choice(
        permit.permit_id, certificate.cert_id, certificate.number, certificate.status.state,
        bounds=True, permit=permit.number, permit_state=permit.state, season=permit.season,
    )  # fmt: skip


def _root_choices(
    certificate: Certificate,
    lines: Iterable[quotas.Line],
    tree: Iterable[Account],
    product: str,
) -> list[Choice]:
    cert_id, number, state = certificate.cert_id, certificate.number, certificate.status.state
    of_certificate = list(lines)
    if of_certificate:
        return [
            Choice(line.line_id, cert_id, number, state, bounds=True, season=line.season)
            for line in of_certificate
            if line.product == product
        ]
    counts = any(each.counts for each in tree if each.account_id == cert_id)
    return [Choice(cert_id, cert_id, number, state, bounds=counts)]


def _permit_of(session: Session, account: Account) -> Named | None:
    return None if account.parent is None else standing_of(session, account.account_id)


def _allowance(
    session: Session, certificate: Certificate, account_id: str, permit: str | None, season: str
) -> Allowance:
    tree = quotas.accounts(session, [certificate.cert_id])[certificate.cert_id]
    account = next(each for each in tree if each.account_id == account_id)
    return Allowance(
        cert_id=certificate.cert_id,
        number=certificate.number,
        scheme=certificate.scheme.code,
        statement_zh=certificate.scheme.statement("zh"),
        statement_en=certificate.scheme.statement("en"),
        holder=certificate.holder,
        products=certificate.products,
        bases=certificate.bases,
        state=certificate.status.state.value,
        begins_at=certificate.history.begins_at,
        ends_at=certificate.history.ends_at,
        unit=account.unit,
        granted=account.held if account.counts else None,
        printed=account.printed,
        void=account.void,
        left=account.left if account.counts else None,
        account_id=account.account_id,
        permit=permit,
        season=season,
    )


def _balance(certificate: Certificate, permit: Named | None, voided: quotas.Voided) -> Balance:
    account, taker = voided.account, voided.taker
    return Balance(
        account_id=account.account_id,
        cert_id=account.cert_id,
        number=certificate.number,
        permit=None if permit is None else permit.number,
        unit=account.unit,
        granted=account.held if account.counts else None,
        printed=account.printed,
        void=account.void,
        left=account.left if account.counts else None,
        taker=None if taker is None else taker.account_id,
        taker_left=None if taker is None else taker.left,
    )
