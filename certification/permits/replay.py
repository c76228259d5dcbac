"""Compares print permits and their deeds with the log; the sums are `certification.quotas.replay`.

The steps, each its own function:
 1. every deed has its entry, and every entry its deed
 2. what a deed says is what the entry's public facts and its opening say, at the entry's time
 3. a permit is what its opening deed says; no two deeds of a permit have one place
 4. the counters of numbers count the permits that were opened
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.tables import CertificateRow
from certification.permits.entries import CLOSE, FREEZE, MOVE, OPEN, THAW
from certification.permits.model import PermitDeed
from certification.permits.tables import PermitDeedRow, PermitNumbers, PermitRow
from certification.quotas.replay import Named, compared, unmatched
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime.clock import beijing_date, instant_text
from runtime.vault import Vault

_DEEDS = {
    OPEN: PermitDeed.OPEN,
    MOVE: PermitDeed.MOVE,
    FREEZE: PermitDeed.FREEZE,
    THAW: PermitDeed.THAW,
    CLOSE: PermitDeed.CLOSE,
}
_PERMITS, _DONE = PermitRow.__tablename__, PermitDeedRow.__tablename__
_NUMBERS = PermitNumbers.__tablename__
_COMMITTED = ("typed_value", "typed_unit", "office", "document", "reason")


def replay_permits(
    session: Session, vault: Vault, payloads: Iterable[Named]
) -> Iterator[Difference]:
    """Yield the differences between permits and the log; none on a healthy node."""
    entries = {name: payload for name, payload in payloads if payload.type in _DEEDS}
    permits = {row.permit_id: row for row in session.scalars(select(PermitRow))}
    order = select(PermitDeedRow).order_by(PermitDeedRow.permit_id, PermitDeedRow.n)
    deeds = {row.payload_id: row for row in session.scalars(order)}
    yield from unmatched(_DONE, "payload_id", deeds, entries)
    both = sorted(deeds.keys() & entries.keys())
    opened = open_entries(session, vault, both)
    for name in both:
        record = opened[name].get("record")
        committed = record.value if record is not None else None
        said = committed if isinstance(committed, dict) else None
        yield from _compare_deed(deeds[name], permits, entries[name], said)
    yield from _compare_permits(permits, deeds.values())
    yield from _compare_numbers(session, permits, deeds.values())


def _compare_deed(
    row: PermitDeedRow,
    permits: Mapping[str, PermitRow],
    entry: Payload,
    committed: Mapping[str, object] | None,
) -> Iterator[Difference]:
    """Step 2, and of step 3 what the entry that opened a permit says of it."""
    name, permit = f"{row.permit_id}/{row.n}", permits.get(row.permit_id)
    taker = permits.get(row.taker or "")
    pairs: dict[str, tuple[object, object]] = {
        "deed": (row.deed, _DEEDS[entry.type].value),
        "done_at": (instant_text(row.done_at), instant_text(entry.effective_at)),
        "units": (row.units, entry.facts.get("units")),
        "permit_id": (row.permit_id in entry.streams, True),
        "taker": (taker.number if taker else row.taker, entry.facts.get("to")),
    }
    if committed is not None:
        pairs |= {each: (getattr(row, each), committed.get(each)) for each in _COMMITTED}
    yield from compared(_DONE, name, row.payload_id, pairs)
    if permit is None:
        return
    told: dict[str, tuple[object, object]] = {"number": (permit.number, entry.facts.get("permit"))}
    told["cert_id"] = (permit.cert_id in entry.streams, True)
    if row.deed == PermitDeed.OPEN:
        told |= {
            "payload_id": (permit.payload_id, row.payload_id),
            "root": (permit.root in entry.streams, True),
        }
        if committed is not None:
            told["holder"] = (permit.holder, committed.get("holder"))
            told["case_id"] = (permit.case_id, committed.get("case"))
    yield from compared(_PERMITS, row.permit_id, row.payload_id, told)


def _compare_permits(
    permits: Mapping[str, PermitRow], deeds: Iterable[PermitDeedRow]
) -> Iterator[Difference]:
    """Step 3."""
    places: dict[str, list[int]] = defaultdict(list)
    for row in deeds:
        places[row.permit_id].append(row.n)
    yield from unmatched(_PERMITS, "permit_id", permits, places)
    for permit_id, found in places.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield Difference(_DONE, permit_id, "n", None, str(sorted(found)), "1, 2, 3 …")


def _compare_numbers(
    session: Session, permits: Mapping[str, PermitRow], deeds: Iterable[PermitDeedRow]
) -> Iterator[Difference]:
    """Step 4."""
    asked = select(CertificateRow.cert_id, CertificateRow.scheme)
    schemes = {row.cert_id: row.scheme for row in session.execute(asked)}
    counted: dict[str, int] = defaultdict(int)
    for row in deeds:
        permit = permits.get(row.permit_id)
        if row.deed == PermitDeed.OPEN and permit is not None:
            year = beijing_date(row.done_at).year
            counted[f"{schemes.get(permit.cert_id)}/{year}"] += 1
    rows = {
        f"{row.scheme}/{row.year}": row.newest for row in session.scalars(select(PermitNumbers))
    }
    for key in sorted(rows.keys() | counted.keys()):
        if rows.get(key, 0) != counted.get(key, 0):
            found, told = str(rows.get(key, 0)), str(counted.get(key, 0))
            yield Difference(_NUMBERS, key, "newest", None, found, told)
