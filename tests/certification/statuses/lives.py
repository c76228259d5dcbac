"""Random lives of certificates on a node: every decision that the rules allow, recorded late too.

`live` does random deeds through the use cases, many in one transaction; what is refused is simply
not done, so that every history here is one that the rules made.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from certification.certificates.commands import (
    AmendCertificate,
    AnnulChange,
    ChangeCertificate,
    ConfirmCertificate,
    GrantCertificate,
    SucceedCertificate,
    TransferBody,
)
from certification.certificates.register import find
from certification.certificates.service import (
    amend,
    annul,
    cancel,
    confirm,
    grant,
    resume,
    revoke,
    supersede,
    suspend,
    transfer_body,
)
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.refusal import Refusal
from tests.certification.conftest import Office
from tests.fixtures.nodes import transaction

_CHANGES = (suspend, resume, suspend, resume, revoke, cancel)


def granted(office: Office, count: int, random: Random) -> list[Any]:
    """Certificates of two schemes: some end, some lapse unless they are confirmed."""
    now = office.node.clock.now()
    with transaction(office.node) as work:
        orders = (_order(office, number, random) for number in range(count))
        return [grant(work, order, office.actor, now) for order in orders]


def _order(office: Office, number: int, random: Random) -> GrantCertificate:
    first = beijing_date(office.node.clock.now()) + timedelta(days=random.randrange(-60, 30))
    if number % 3:
        last = first + timedelta(days=random.randrange(20, 400))
        return office.order(number=f"JNJP-{first.year}-{number:04}", from_date=first, to_date=last)
    return office.order(
        number=f"CAQS-MTYX-{first.year}{number:04}", scheme="mtyx", from_date=first, to_date=None,
        quantity=None, unit=None, confirm_by=first + timedelta(days=random.randrange(10, 300)),
    )  # fmt: skip


def live(office: Office, certificates: list[Any], deeds: int, random: Random) -> int:
    """Do random deeds; gives how many were done."""
    done = 0
    with transaction(office.node) as work:
        for _ in range(deeds):
            office.node.clock.advance(timedelta(minutes=random.randrange(1, 2_000)))
            decided, now = random.choice(certificates), office.node.clock.now()
            use_case, command = _deed(office, work, decided, certificates, random)
            try:
                with work.begin_nested():
                    use_case(work, command, office.actor, now)
            except Refusal:
                continue
            done += 1
    return done


def _deed(office: Office, work: Work, decided: Any, certificates: list[Any], random: Random) -> Any:
    now = office.node.clock.now()
    # Recorded some time after it took effect, as offices do.
    at = now - timedelta(minutes=random.choice((0, 0, 7, 900, 9_000)))
    kind = random.randrange(10)
    if kind < 4:
        return random.choice(_CHANGES), ChangeCertificate(decided.cert_id, at, "理由")
    if kind < 6:
        return amend, _amendment(work, decided, at, random)
    if kind == 6:
        held = find(work, decided.cert_id, now, now).confirm_by or date(2026, 1, 1)
        next_day = held + timedelta(days=random.randrange(1, 400))
        return confirm, ConfirmCertificate(decided.cert_id, at, next_day, "确认")
    if kind == 7:
        number = random.randrange(1, len(find(work, decided.cert_id, now, now).payload_ids) + 1)
        return annul, AnnulChange(decided.cert_id, number, "误录")
    if kind == 8:
        other = random.choice(certificates)
        scheme = "jnjp" if other.number.startswith("JNJP") else "mtyx"
        order = SucceedCertificate(
            decided.cert_id, at, other.number, "换发", successor_scheme=scheme
        )
        return supersede, order
    return transfer_body, TransferBody(decided.cert_id, at, str(office.actor.party), "接管")


def _amendment(work: Work, decided: Any, at: Any, random: Random) -> AmendCertificate:
    held = find(work, decided.cert_id, at, at)
    last = held.to_date or beijing_date(at)
    if random.random() < 0.3 and held.quota.unit is not None:
        return AmendCertificate(decided.cert_id, at, "变更", quantity=str(random.randrange(1, 99)),
                                unit="件")  # fmt: skip
    if random.random() < 0.5:
        return AmendCertificate(decided.cert_id, at, "缩短", to_date=last - timedelta(days=7))
    first = last + timedelta(days=random.choice((-9, 0, 1, 1, 1)))
    ends = None if held.to_date is None else first + timedelta(days=random.randrange(300))
    return AmendCertificate(decided.cert_id, at, "续展", from_date=first, to_date=ends)
