"""Random questions about certificates, answered by the tables and by the log's public facts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from certification.certificates.model import status_at
from certification.certificates.register import fields_at, find
from ledger.answers.proofs import LoggedEntry
from ledger.answers.rights import Right, right_at
from ledger.entries.model import parse_entry
from ledger.reader import LogReader
from tests.certification.conftest import Office


def public_entries(office: Office) -> dict[str, list[LoggedEntry]]:
    """What anybody reads in the log, by `cert:` stream."""
    found: dict[str, list[LoggedEntry]] = {}
    with office.read() as session:
        reader = LogReader(session)
        for content in reader.entry_range(0, reader.size):
            entry = parse_entry(content)
            if entry.payload.type.startswith("certification.certificate."):
                facts = entry.payload.facts
                logged = LoggedEntry(
                    entry.index, entry.at, entry.payload.type, entry.payload.streams,
                    entry.payload.effective_at, facts, {},
                )  # fmt: skip
                found.setdefault(entry.payload.streams[0], []).append(logged)
    return found


def moments(entries: list[LoggedEntry], now: datetime) -> list[datetime]:
    """The moments around which answers change: effects, records, first and last days, and now."""
    days = [
        datetime.fromisoformat(str(each.facts[name])).replace(tzinfo=UTC) - timedelta(hours=8)
        for each in entries
        for name in ("from", "to", "confirm_by")
        if name in each.facts and not str(each.facts[name]).startswith("org:")
    ]
    days += [day + timedelta(days=1) for day in days]
    return [*days, *(each.effective_at for each in entries), *(each.at for each in entries), now]


def ask(office: Office, certificates: list[Any], questions: int, random: Random) -> Counter[str]:
    """Compare random questions; gives how often each state was the answer."""
    told = public_entries(office)
    now = office.node.clock.now()
    known = {cert_id: moments(entries, now) for cert_id, entries in told.items()}
    seen: Counter[str] = Counter()
    with office.read() as session:
        held = {each.cert_id: find(session, each.cert_id, now, now) for each in certificates}
        for _ in range(questions):
            cert_id = random.choice(certificates).cert_id
            at, known_at = (random.choice(known[cert_id]) + random.choice(STEPS) for _ in range(2))
            right = right_at(told[cert_id], at, known_at)
            # Reading each from the database again would measure the database.
            if random.random() < 0.02:
                held[cert_id] = find(session, cert_id, at, known_at)
                assert held[cert_id].status.state == right.state
            assert answered(held[cert_id], at, known_at) == right, (cert_id, at, known_at)
            seen[right.state] += 1
    return seen


STEPS = [
    timedelta(0), timedelta(microseconds=-1), timedelta(microseconds=1), timedelta(days=-3),
    timedelta(hours=5), timedelta(days=90),
]  # fmt: skip


def answered(certificate: Any, at: datetime, known_at: datetime) -> Right:
    """What the tables say, in the words of the log."""
    fields = fields_at(certificate, at, known_at)
    term = fields.term
    return Right(
        state=status_at(certificate.history, at, known_at).state.value,
        from_=term.from_date.isoformat() if term else None,
        to=term.to_date.isoformat() if term and term.to_date else None,
        confirm_by=term.confirm_by.isoformat() if term and term.confirm_by else None,
        granted=fields.granted,
        unit=fields.unit,
    )
