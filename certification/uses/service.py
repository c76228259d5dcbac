"""Asking for, taking and giving up the use of a mark.

Numbered as the print workflow follows them, all in one transaction:

1. `locked_allowance` or `bounding_certificate` locks the certificate and gives its facts
2. the rule of the label area decides
3. `take` checks state and quantity once more under the lock and books the labels
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from certification.certificates.model import require_usable
from certification.certificates.register import Certificate, find, find_number, of_product
from certification.quotas import service as quotas
from certification.quotas.model import Quota
from certification.refusals import CertificationRefusal
from certification.uses.model import Allowance, Balance
from ledger.work import Work
from runtime.refusal import refuse


def allowance(session: Session, cert_id: str, at: datetime) -> Allowance:
    """What the certificate allows at `at`, as known at `at`; refuses an unknown certificate."""
    return _allowance(find(session, cert_id, at, at))


def locked_allowance(work: Work, cert_id: str, at: datetime) -> Allowance:
    """As `allowance`, holding the certificate's row until the transaction ends.

    Without the lock a suspension could commit between the answer and the printing.
    """
    quotas.lock(work, [cert_id])
    return allowance(work, cert_id, at)


def bounding_certificate(
    work: Work, product: str, holder: str, at: datetime, number: str | None = None
) -> Allowance | None:
    """The certificate under which labels of a product are printed, locked until the end.

    Without `number` it is the holder's only usable certificate for the product that bounds a
    quantity, else the first usable one that bounds none; None where no mark may be used. Refuses
    CERTIFICATE_AMBIGUOUS where several bound it, and a named one that is unknown, held by another,
    not for this product, or not usable at `at`.
    """
    held = {item.cert_id for item in of_product(work, product, at, at) if item.holder == holder}
    quotas.lock(work, held)
    found = [each for each in of_product(work, product, at, at) if each.cert_id in held]
    if number is not None:
        return _allowance(_named(work, found, number, at))
    usable = [each for each in found if each.status.may_use_mark]
    bounding = [each for each in usable if each.quota.granted is not None]
    if len(bounding) > 1:
        refuse(CertificationRefusal.CERTIFICATE_AMBIGUOUS, "/certificate")
    chosen = [*bounding, *usable]
    return _allowance(chosen[0]) if chosen else None


def _named(work: Work, found: list[Certificate], number: str, at: datetime) -> Certificate:
    named = [each for each in found if each.number == number]
    if not named:
        find_number(work, number, at, at)
        refuse(CertificationRefusal.CERTIFICATE_NOT_FOR_PRODUCT, "/certificate")
    require_usable(named[0].status)
    return named[0]


def take(work: Work, cert_id: str, units: int, at: datetime) -> Balance:
    """Book labels for `units` (mg or pieces, as the certificate counts) printed at `at`.

    Refuses a mark that may not be used at `at`, and the first unit over, with the numbers.
    """
    quotas.lock(work, [cert_id])
    certificate = find(work, cert_id, at, at)
    require_usable(certificate.status)
    return _balance(certificate.number, quotas.take(work, cert_id, units))


def make_void(work: Work, cert_id: str, units: int, at: datetime) -> Balance:
    """Book that labels for `units` are void; allowed in every state of the certificate."""
    quotas.lock(work, [cert_id])
    certificate = find(work, cert_id, at, at)
    return _balance(certificate.number, quotas.make_void(work, cert_id, units))


def _allowance(certificate: Certificate) -> Allowance:
    quota = certificate.quota
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
        unit=quota.unit,
        granted=quota.granted,
        printed=quota.printed,
        void=quota.void,
        left=quota.left,
    )


def _balance(number: str, quota: Quota) -> Balance:
    return Balance(
        cert_id=quota.cert_id,
        number=number,
        unit=quota.unit,
        granted=quota.granted,
        printed=quota.printed,
        void=quota.void,
        left=quota.left,
    )
