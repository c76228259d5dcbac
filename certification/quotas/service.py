"""Opens, locks and books the accounts of certificates.

Lock order of the whole application: guard of the certificate, other accounts, counters of numbers,
lot; within each by id. Every function here that books locks the guard first. Whoever needs several
certificates calls `lock` with all their ids at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.quotas import model
from certification.quotas.entries import LINE
from certification.quotas.model import Account, LineAsked, Quota
from certification.quotas.tables import LineRow, QuotaRow
from certification.refusals import CertificationRefusal
from certification.schemes.model import Bound
from ledger.outbox import Draft, Secret, record
from ledger.signer import Signer
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import Refusal, refuse
from runtime.strict_json import Json

_COLUMNS = tuple(each.name for each in fields(Account) if each.name != "bound")


@dataclass(frozen=True)
class Line:
    """A line that was opened: one product in one season ("" = the whole term), with its account."""

    line_id: str
    cert_id: str
    n: int
    product: str
    season: str


@dataclass(frozen=True)
class Voided:
    """What voiding labels did: the account they were printed on, and who took back what it freed.

    `taker` is None unless the account was closed and something was freed.
    """

    account: Account
    taker: Account | None = None


def open_quota(work: Work, quota: Quota) -> None:
    """Insert the guard of a certificate that is being granted.

    With lines (`open_lines`) its quantity is None: it is then locked, and counts nothing.
    """
    work.add(_row_from(model.guard_of(quota)))
    work.flush()


@dataclass(frozen=True)
class LineDecision:
    """Who added a line to a certificate later, on which paper, and why."""

    office: str | None
    document: str | None
    reason: str


def open_lines(
    work: Work,
    quota: Quota,
    number: str,
    holder: str,
    lines: Sequence[LineAsked],
    signer: Signer,
    now: datetime,
    decision: LineDecision | None = None,
) -> tuple[Line, ...]:
    """Open an account for each line of a certificate, and enter it in the log.

    `quota` is the guard's, which counts nothing and is locked or just opened; `number` the
    certificate's; `decision` None where the grant itself says it. Call it after the grant's own
    entry: the log tells the grant first. Refuses LINES_TOO_MANY, SEASON_MALFORMED,
    QUANTITY_INVALID.
    """
    assert quota.granted is None
    before = lines_of(work, quota.cert_id)
    reasons = tuple(model.line_reasons(lines, before=len(before)))
    if reasons:
        raise Refusal(*reasons)
    opened = []
    for n, asked in enumerate(lines, len(before) + 1):
        line = Line(new_id("line", work.randomness), quota.cert_id, n, asked.product, asked.season)
        account = Account(line.line_id, quota.cert_id, quota.bound, asked.unit, asked.granted)
        work.add(_row_from(account))
        work.flush()
        payload_id = _log_line(work, line, asked, number, holder, decision, signer, now)
        work.add(_line_row(line, asked, decision, payload_id))
        opened.append(line)
    work.flush()
    return tuple(opened)


def _log_line(
    work: Work,
    line: Line,
    asked: LineAsked,
    number: str,
    holder: str,
    decision: LineDecision | None,
    signer: Signer,
    now: datetime,
) -> str:
    facts: dict[str, Json] = {
        "number": number,
        "line": line.n,
        "unit": asked.unit,
        "granted": asked.granted,
    }
    if line.season:
        facts["season"] = line.season
    committed: dict[str, Json] = {"product": line.product}
    if decision is not None:
        committed |= asdict(decision)
    streams = (line.cert_id, line.line_id)
    draft = Draft(LINE, streams, now, facts, (Secret("record", committed, holder),))
    return record(work, draft, signer, now).payload_id


def _line_row(
    line: Line, asked: LineAsked, decision: LineDecision | None, payload_id: str
) -> LineRow:
    said = LineDecision(None, None, "") if decision is None else decision
    return LineRow(
        line_id=line.line_id,
        cert_id=line.cert_id,
        n=line.n,
        product=line.product,
        season=line.season,
        unit=asked.unit,
        granted=asked.granted,
        office=said.office,
        document=said.document,
        reason=said.reason or None,
        payload_id=payload_id,
    )


def lock(work: Work, cert_ids: Iterable[str]) -> dict[str, Account]:
    """Lock the guards until the transaction ends, in order of id; refuses an unknown one."""
    wanted = sorted(set(cert_ids))
    locked = _locked(work, wanted)
    if len(locked) != len(wanted) or any(each.cert_id != key for key, each in locked.items()):
        refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
    return locked


def lock_branches(work: Work, *account_ids: str) -> dict[str, Account]:
    """Lock the certificate of some accounts, then these and all above them, by id.

    Refuses an unknown account, and accounts of two certificates.
    """
    # Of which certificate an account is, and below which other, never changes, so both may be
    # read before the lock.
    wanted, above = set[str](), set(account_ids)
    cert_ids = set[str]()
    while above - wanted:
        wanted |= above
        statement = select(QuotaRow.cert_id, QuotaRow.parent).where(QuotaRow.account_id.in_(above))
        rows = list(work.execute(statement))
        if len(rows) != len(above):
            refuse(CertificationRefusal.CERTIFICATE_UNKNOWN)
        cert_ids |= {cert_id for cert_id, _ in rows}
        above = {parent for _, parent in rows if parent is not None}
    if len(cert_ids) != 1:
        refuse(CertificationRefusal.PERMITS_APART)
    lock(work, cert_ids)
    return _locked(work, sorted(wanted | cert_ids))


def _locked(work: Work, account_ids: Sequence[str]) -> dict[str, Account]:
    statement = (
        select(QuotaRow)
        .where(QuotaRow.account_id.in_(account_ids))
        .order_by(QuotaRow.account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.account_id: account_from(row) for row in work.scalars(statement)}


def take(
    work: Work, account_id: str, units: int, locked: Mapping[str, Account] | None = None
) -> Account:
    """Take `units` (mg or pieces) for labels under the locks; gives the account after it.

    `locked` is what `lock_branches` gave, where the caller has locked them. Refuses the first unit
    over with the numbers. The state of certificate and permit is not looked at:
    `certification.uses.service.take` does both.
    """
    tree = locked or lock_branches(work, account_id)
    (taken,) = _store(work, model.take(tree[account_id], units))
    return taken


def make_void(
    work: Work, account_id: str, units: int, locked: Mapping[str, Account] | None = None
) -> Voided:
    """Record that labels for `units` are void, under the locks; `locked` as for `take`.

    On a closed account what is freed goes to the nearest open account above it.
    """
    tree = locked or lock_branches(work, account_id)
    account = model.make_void(tree[account_id], units)
    if not account.closed or not account.left:
        return Voided(*_store(work, account))
    taker = model.open_above(account, tree)
    return Voided(*_store(work, *model.return_freed(account, taker)))


def open_below(work: Work, parent: str, account_id: str, units: int) -> tuple[Account, Account]:
    """Open an account below a root and hand `units` on to it; gives parent and new account."""
    giver, opened = model.open_below(lock_branches(work, parent)[parent], account_id, units)
    work.add(_row_from(opened))
    _store(work, giver)
    return giver, opened


def move(work: Work, giver: str, taker: str, units: int) -> tuple[Account, Account]:
    """Hand `units` on from one account to another of the same certificate, under the locks."""
    tree = lock_branches(work, giver, taker)
    first, second = _store(work, *model.move(tree[giver], tree[taker], units))
    return first, second


def close(work: Work, account_id: str) -> tuple[Account, Account]:
    """Close an account; what it had left goes back to the account above it. Gives both."""
    tree = lock_branches(work, account_id)
    account = tree[account_id]
    first, second = _store(work, *model.close(account, model.open_above(account, tree)))
    return first, second


def sell(work: Work, account_id: str, units: int) -> Account:
    """Book a transaction certificate for `units` on a root, under the locks."""
    (sold,) = _store(work, model.sell(lock_branches(work, account_id)[account_id], units))
    return sold


def unsell(work: Work, account_id: str, units: int) -> Account:
    """Book that a transaction certificate for `units` is void, under the locks."""
    (sold,) = _store(work, model.unsell(lock_branches(work, account_id)[account_id], units))
    return sold


def grant_anew(work: Work, account_id: str, granted: int) -> Account:
    """Set what a certificate without lines, or a line, grants, under the locks.

    Refuses GRANTED_BELOW_USED_*, with what is printed, handed on or sold already.
    """
    (changed,) = _store(
        work, model.grant_anew(lock_branches(work, account_id)[account_id], granted)
    )
    return changed


def _store(work: Work, *accounts: Account) -> tuple[Account, ...]:
    for account in accounts:
        row = work.get_one(QuotaRow, account.account_id)
        for column in _COLUMNS:
            setattr(row, column, getattr(account, column))
    work.flush()
    return accounts


def quotas(session: Session, cert_ids: Sequence[str]) -> dict[str, Quota]:
    """The balances of some certificates over all their accounts, unlocked, by certificate id."""
    trees = accounts(session, cert_ids)
    return {cert_id: model.total(cert_id, tree) for cert_id, tree in trees.items()}


def accounts(session: Session, cert_ids: Iterable[str]) -> dict[str, tuple[Account, ...]]:
    """All accounts of some certificates, unlocked, by certificate id; the guard comes first."""
    statement = select(QuotaRow).where(QuotaRow.cert_id.in_(set(cert_ids)))
    # Whoever asks after locking wants what is there now, not what was read before.
    fresh = statement.order_by(QuotaRow.account_id).execution_options(populate_existing=True)
    found: dict[str, list[Account]] = {}
    for row in session.scalars(fresh):
        found.setdefault(row.cert_id, []).append(account_from(row))
    return {
        cert_id: tuple(sorted(tree, key=lambda each: each.account_id != cert_id))
        for cert_id, tree in found.items()
    }


def lines(session: Session, cert_ids: Iterable[str]) -> dict[str, tuple[Line, ...]]:
    """The lines of some certificates, in the order of their grants; none where there are none."""
    wanted = set(cert_ids)
    found: dict[str, list[Line]] = {cert_id: [] for cert_id in wanted}
    statement = select(LineRow).where(LineRow.cert_id.in_(wanted)).order_by(LineRow.n)
    for row in session.scalars(statement):
        line = Line(row.line_id, row.cert_id, row.n, row.product, row.season)
        found[row.cert_id].append(line)
    return {cert_id: tuple(each) for cert_id, each in found.items()}


def lines_of(session: Session, cert_id: str) -> tuple[Line, ...]:
    """The lines of one certificate, in the order in which they were opened."""
    return lines(session, [cert_id])[cert_id]


def account_from(row: QuotaRow) -> Account:
    """The account that a row holds."""
    return Account(bound=Bound(row.bound), **{name: getattr(row, name) for name in _COLUMNS})


def _row_from(account: Account) -> QuotaRow:
    columns = {name: getattr(account, name) for name in _COLUMNS}
    return QuotaRow(bound=account.bound.value, **columns)
