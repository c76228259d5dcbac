"""Opens, locks, takes from and voids in the guard rows.

Lock order of the whole application: certificate (these rows), permit, lot, account; within each by
id. Whoever needs several certificates calls `lock` with all their ids at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.quotas import model
from certification.quotas.model import Quota
from certification.quotas.tables import QuotaRow
from certification.refusals import CertificationRefusal
from certification.schemes.model import Bound
from ledger.work import Work
from runtime.refusal import refuse


def open_quota(work: Work, quota: Quota) -> None:
    """Insert the guard row of a certificate that is being granted."""
    work.add(_row_from(quota))
    work.flush()


def lock(work: Work, cert_ids: Iterable[str]) -> dict[str, Quota]:
    """Lock the guard rows until the transaction ends, in order of id; refuses an unknown one."""
    wanted = sorted(set(cert_ids))
    statement = select(QuotaRow).where(QuotaRow.cert_id.in_(wanted)).order_by(QuotaRow.cert_id)
    rows = work.scalars(statement.with_for_update().execution_options(populate_existing=True))
    locked = {row.cert_id: quota_from(row) for row in rows}
    if len(locked) != len(wanted):
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    return locked


def take(work: Work, cert_id: str, units: int) -> Quota:
    """Take `units` (mg or pieces) for labels under the row lock; returns the balance after it.

    Refuses the first unit over with the numbers. The state of the certificate is not looked at:
    `certification.uses.service.take` does both.
    """
    return _store(work, model.take(lock(work, [cert_id])[cert_id], units))


def make_void(work: Work, cert_id: str, units: int) -> Quota:
    """Record that labels for `units` are void, under the row lock; returns the balance after it."""
    return _store(work, model.make_void(lock(work, [cert_id])[cert_id], units))


def _store(work: Work, quota: Quota) -> Quota:
    row = work.get_one(QuotaRow, quota.cert_id)
    row.printed, row.void = quota.printed, quota.void
    work.flush()
    return quota


def quotas(session: Session, cert_ids: Sequence[str]) -> dict[str, Quota]:
    """The balances of some certificates, unlocked, by certificate id."""
    statement = select(QuotaRow).where(QuotaRow.cert_id.in_(cert_ids))
    return {row.cert_id: quota_from(row) for row in session.scalars(statement)}


def quota_from(row: QuotaRow) -> Quota:
    """The balance that a guard row holds."""
    return Quota(
        cert_id=row.cert_id,
        bound=Bound(row.bound),
        unit=row.unit,
        granted=row.granted,
        printed=row.printed,
        void=row.void,
    )


def _row_from(quota: Quota) -> QuotaRow:
    return QuotaRow(
        cert_id=quota.cert_id,
        bound=quota.bound.value,
        unit=quota.unit,
        granted=quota.granted,
        printed=quota.printed,
        void=quota.void,
    )
