"""Rebuilds certificates, quotas and artworks from the log, and compares them with the tables.

A stranger can do the first half with the public files alone: `rebuild` uses public facts only
(granted, printed, void, left, states). The second half compares the tables with it, and with the
openings still held. Nothing here is used by the writer.

Payloads that are committed but not yet in the log are read from the outbox, so that a healthy node
shows no difference at any moment; a payload in both counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.artworks.replay import replay_artworks
from certification.certificates.model import ChangeKind, decided_state
from certification.certificates.register import change_from, history_of
from certification.certificates.tables import CertificateRow, ChangeRow, ScopeRow
from certification.quotas.tables import QuotaRow
from certification.schemes.model import Bound
from identity.replay import Difference
from ledger.entries.model import Payload, parse_entry, parse_payload, payload_id
from ledger.entries.tables import OutboxRow
from ledger.openings.service import open_entries
from ledger.reader import LogReader
from runtime import base64url
from runtime.vault import Vault

_PRINT, _VOID = "trace.run.print", "trace.run.void"
_KINDS = {f"certification.certificate.{kind.value}": kind for kind in ChangeKind}


@dataclass(frozen=True)
class Decision:
    """One decision as its entry says it."""

    payload_id: str
    kind: ChangeKind
    state: str
    effective_at: datetime
    annuls: int | None


@dataclass
class Rebuilt:
    """One certificate as its public entries tell it; `faults` names entries that contradict it."""

    cert_id: str
    grant: Mapping[str, object] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    printed: int = 0
    void: int = 0
    faults: list[Difference] = field(default_factory=list)

    @property
    def granted(self) -> int | None:
        """What was granted, in whole units; None where nothing is bounded."""
        granted = self.grant.get("granted")
        return granted if isinstance(granted, int) else None

    @property
    def left(self) -> int | None:
        """What is left, as `Bound` says; None where nothing is bounded."""
        if self.granted is None:
            return None
        freed = self.void if self.grant.get("bound") == Bound.APPROVED_OUTPUT.value else 0
        return self.granted - self.printed + freed


Named = tuple[str, Payload]


def rebuild(payloads: Iterable[Named]) -> dict[str, Rebuilt]:
    """Every certificate by id, from the public facts of all payloads in the order of the log."""
    found: dict[str, Rebuilt] = {}
    for name, payload in payloads:
        for stream in payload.streams:
            if stream.startswith("cert:"):
                _apply(found.setdefault(stream, Rebuilt(stream)), name, payload)
    return found


def _apply(certificate: Rebuilt, name: str, payload: Payload) -> None:
    kind = _KINDS.get(payload.type)
    if kind is not None:
        _decide(certificate, name, payload, kind)
    elif payload.type in (_PRINT, _VOID):
        _book(certificate, name, payload)


def _decide(certificate: Rebuilt, name: str, payload: Payload, kind: ChangeKind) -> None:
    annuls = payload.facts.get("annuls")
    if kind is ChangeKind.GRANT:
        certificate.grant = payload.facts
    certificate.decisions.append(
        Decision(
            payload_id=name,
            kind=kind,
            state=str(payload.facts.get("state")),
            effective_at=payload.effective_at,
            annuls=annuls if isinstance(annuls, int) else None,
        )
    )


def _book(certificate: Rebuilt, name: str, payload: Payload) -> None:
    column = "printed" if payload.type == _PRINT else "void"
    units, left = payload.facts.get(column), payload.facts.get("left")
    if not isinstance(units, int):
        return
    if column == "printed":
        certificate.printed += units
    else:
        certificate.void += units
    said = str(left)
    if said != str(certificate.left):
        fault = Difference("entries", name, "left", name, stored=said, logged=str(certificate.left))
        certificate.faults.append(fault)
    if (certificate.left or 0) < 0:
        fault = Difference(
            "entries", name, column, name, stored=str(certificate.left), logged="not below 0"
        )
        certificate.faults.append(fault)


def replay(session: Session, vault: Vault) -> list[Difference]:
    """Differences between the tables of this area and the log; empty on a healthy node."""
    payloads = list(_payloads(session))
    rebuilt = rebuild(payloads)
    differences = [fault for each in rebuilt.values() for fault in each.faults]
    differences += _compare_certificates(session, rebuilt)
    differences += _compare_changes(session, rebuilt)
    differences += _compare_quotas(session, rebuilt)
    differences += _compare_openings(session, vault)
    differences += replay_artworks(session, vault, payloads)
    return differences


def _payloads(session: Session) -> Iterator[Named]:
    """Payloads in `cert:` and `art:` streams, in the order of the log; then those that wait."""
    reader = LogReader(session)
    waiting = list(session.execute(select(OutboxRow.payload_id, OutboxRow.payload)))
    seen = set()
    for content in reader.entry_range(0, reader.size):
        # Most entries are about something else; the id of a stream cannot be spelled otherwise.
        if b'"cert:' in content or b'"art:' in content:
            entry = parse_entry(content)
            name = base64url.encode(payload_id(entry.payload_bytes))
            seen.add(name)
            yield name, entry.payload
    for raw_name, payload in waiting:
        name = base64url.encode(raw_name)
        if name not in seen:
            yield name, parse_payload(payload)


def _compare_certificates(session: Session, rebuilt: Mapping[str, Rebuilt]) -> Iterator[Difference]:
    rows = {row.cert_id: row for row in session.scalars(select(CertificateRow))}
    table = CertificateRow.__tablename__
    yield from _missing(table, rows.keys(), rebuilt.keys())
    for cert_id in sorted(rows.keys() & rebuilt.keys()):
        grant = rebuilt[cert_id].grant
        entry = rebuilt[cert_id].decisions[0].payload_id if rebuilt[cert_id].decisions else None
        for column, fact in _GRANT_FACTS.items():
            stored, logged = _plain(getattr(rows[cert_id], column)), _plain(grant.get(fact))
            if stored != logged:
                yield Difference(table, cert_id, column, entry, stored, logged)


_GRANT_FACTS = {
    "number": "number",
    "scheme": "scheme",
    "from_date": "from",
    "to_date": "to",
    "bound": "bound",
    "granted": "granted",
    "unit": "unit",
}


def _compare_changes(session: Session, rebuilt: Mapping[str, Rebuilt]) -> Iterator[Difference]:
    table = ChangeRow.__tablename__
    statement = select(ChangeRow).order_by(ChangeRow.cert_id, ChangeRow.n)
    stored: dict[str, list[ChangeRow]] = {cert_id: [] for cert_id in rebuilt}
    for row in session.scalars(statement):
        stored.setdefault(row.cert_id, []).append(row)
    for cert_id, rows in stored.items():
        decisions = rebuilt[cert_id].decisions if cert_id in rebuilt else []
        if len(rows) != len(decisions):
            counts = str(len(rows)), str(len(decisions))
            yield Difference(table, cert_id, "n", None, *counts)
        for row, decision in zip(rows, decisions, strict=False):
            yield from _compare_change(table, row, decision)
    yield from _compare_states(session, stored, rebuilt)


def _compare_change(table: str, row: ChangeRow, decision: Decision) -> Iterator[Difference]:
    pairs = {
        "payload_id": (row.payload_id, decision.payload_id),
        "kind": (row.kind, decision.kind.value),
        "effective_at": (row.effective_at, decision.effective_at),
        "annuls": (row.annuls, decision.annuls),
    }
    for column, (stored, logged) in pairs.items():
        if stored != logged:
            name = f"{row.cert_id}/{row.n}"
            yield Difference(
                table, name, column, decision.payload_id, _plain(stored), _plain(logged)
            )


def _compare_states(
    session: Session,
    stored: Mapping[str, Sequence[ChangeRow]],
    rebuilt: Mapping[str, Rebuilt],
) -> Iterator[Difference]:
    """The state that each entry states, against the one that the decisions up to it make."""
    certificates = {row.cert_id: row for row in session.scalars(select(CertificateRow))}
    for cert_id, each in rebuilt.items():
        changes = [change_from(row) for row in stored.get(cert_id, [])]
        row = certificates.get(cert_id)
        if row is None or len(changes) != len(each.decisions):
            continue
        for number, decision in enumerate(each.decisions, 1):
            state = decided_state(history_of(row, changes[:number])).value
            if state != decision.state:
                name = decision.payload_id
                yield Difference("entries", name, "state", name, decision.state, state)


def _compare_quotas(session: Session, rebuilt: Mapping[str, Rebuilt]) -> Iterator[Difference]:
    table = QuotaRow.__tablename__
    rows = {row.cert_id: row for row in session.scalars(select(QuotaRow))}
    yield from _missing(table, rows.keys(), rebuilt.keys())
    for cert_id in sorted(rows.keys() & rebuilt.keys()):
        row, logged = rows[cert_id], rebuilt[cert_id]
        pairs = {
            "bound": (row.bound, logged.grant.get("bound")),
            "unit": (row.unit, logged.grant.get("unit")),
            "granted": (row.granted, logged.granted),
            "printed": (row.printed, logged.printed),
            "void": (row.void, logged.void),
        }
        for column, (stored, told) in pairs.items():
            if stored != told:
                yield Difference(table, cert_id, column, None, _plain(stored), _plain(told))


def _compare_openings(session: Session, vault: Vault) -> Iterator[Difference]:
    """What rows say beyond the public facts, against the openings still held."""
    changes = list(session.scalars(select(ChangeRow)))
    opened = open_entries(session, vault, [row.payload_id for row in changes])
    certificates = {row.cert_id: row for row in session.scalars(select(CertificateRow))}
    scopes = _scopes(session)
    for row in changes:
        opening = opened[row.payload_id].get("record")
        if opening is None or not isinstance(opening.value, dict):
            continue
        stored: dict[str, object] = {
            "office": row.office,
            "document": row.document,
            "reason": row.reason,
        }
        if row.kind == ChangeKind.GRANT.value:
            stored |= _private(certificates[row.cert_id], scopes.get(row.cert_id, ()))
        for column, value in stored.items():
            if opening.value.get(column) != value:
                name = f"{row.cert_id}/{row.n}"
                committed = _plain(opening.value.get(column))
                yield Difference(
                    ChangeRow.__tablename__, name, column, row.payload_id, _plain(value), committed
                )


def _scopes(session: Session) -> dict[str, list[ScopeRow]]:
    found: dict[str, list[ScopeRow]] = {}
    for row in session.scalars(select(ScopeRow).order_by(ScopeRow.subject)):
        found.setdefault(row.cert_id, []).append(row)
    return found


def _private(row: CertificateRow, scope: Iterable[ScopeRow]) -> dict[str, object]:
    named = list(scope)
    return {
        "holder": row.holder,
        "scheme_version": row.scheme_version,
        "products": [item.subject for item in named if item.noun == "product"],
        "bases": [item.subject for item in named if item.noun == "base"],
        "typed_value": row.typed_value,
        "typed_unit": row.typed_unit,
    }


def _missing(table: str, stored: Iterable[str], logged: Iterable[str]) -> Iterator[Difference]:
    known, told = set(stored), set(logged)
    for cert_id in sorted(known - told):
        yield Difference(table, cert_id, "cert_id", None, cert_id, "no entry")
    for cert_id in sorted(told - known):
        yield Difference(table, cert_id, "cert_id", None, "no row", cert_id)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
