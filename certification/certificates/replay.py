"""Rebuilds certificates and their decisions from the log, and compares them with the tables.

A stranger can do the first half with the public files alone: `told_certificates` uses public facts
only. Nothing here is used by the writer. The steps, each its own function:
 1. every certificate has one grant entry and one row, which say the same
 2. the rows of decisions are the entries of its stream, in order, and say the same
 3. amendments and the days of marks are what their entries publish
 4. the state that each entry states is the one that the decisions up to it make
 5. what rows say beyond the public facts is what the openings still held say
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.certificates.entries import KIND_OF
from certification.certificates.model import (
    Change,
    ChangeKind,
    History,
    Term,
    decided_state,
)
from certification.certificates.register import Rows, rows_of
from certification.certificates.tables import AmendmentRow, CertificateRow, ChangeRow, ScopeRow
from certification.quotas.replay import compared, unmatched
from identity.replay import Difference
from ledger.entries.model import Payload
from ledger.openings.service import open_entries
from runtime.clock import parse_instant
from runtime.vault import Vault

Named = tuple[str, Payload]
_CERTIFICATES, _CHANGES = CertificateRow.__tablename__, ChangeRow.__tablename__
_AMENDMENTS, _SCOPES = AmendmentRow.__tablename__, ScopeRow.__tablename__


@dataclass(frozen=True)
class Decision:
    """One decision as its entry publishes it."""

    payload_id: str
    kind: ChangeKind
    effective_at: datetime
    facts: Mapping[str, object]

    @property
    def recorded_at(self) -> datetime | None:
        """When it was recorded; None in entries of the first format."""
        text = self.facts.get("recorded_at")
        return parse_instant(text) if isinstance(text, str) else None

    def day(self, name: str) -> date | None:
        """A fact that is a day."""
        text = self.facts.get(name)
        return date.fromisoformat(text) if isinstance(text, str) else None

    def whole(self, name: str) -> int | None:
        """A fact that is a whole number."""
        number = self.facts.get(name)
        return number if isinstance(number, int) else None


@dataclass
class ToldCertificate:
    """One certificate as its public entries tell it, decisions in the order of its stream."""

    cert_id: str
    decisions: list[Decision] = field(default_factory=list)

    @property
    def grant(self) -> Mapping[str, object]:
        """The facts of its grant; empty where the stream has none."""
        grants = (each.facts for each in self.decisions if each.kind is ChangeKind.GRANT)
        return next(grants, {})

    def history(self) -> History:
        """The history that the public facts make.

        Where an entry does not say when it was recorded, it counts from its effect.
        """
        numbered = list(enumerate(self.decisions, 1))
        terms = [_term(n, each) for n, each in numbered]
        changes = tuple(_change(n, each) for n, each in numbered)
        return History(tuple(term for term in terms if term is not None), changes)


def _term(n: int, decision: Decision) -> Term | None:
    from_date = decision.day("from")
    if from_date is None:
        return None
    return Term(n, from_date, decision.day("to"), decision.day("confirm_by"))


def _change(n: int, decision: Decision) -> Change:
    moved = decision.kind is ChangeKind.TRANSFER_BODY
    successor = decision.facts.get("successor")
    return Change(
        n=n,
        kind=decision.kind,
        effective_at=decision.effective_at,
        recorded_at=decision.recorded_at or decision.effective_at,
        annuls=decision.whole("annuls"),
        confirm_by=decision.day("confirm_by") if decision.kind is ChangeKind.CONFIRM else None,
        successor=None if successor is None else str(successor),
        to=str(decision.facts.get("to")) if moved else None,
    )


def told_certificates(payloads: Iterable[Named]) -> dict[str, ToldCertificate]:
    """Every certificate by id, from the public facts of payloads in the order of the log."""
    found: dict[str, ToldCertificate] = {}
    for name, payload in payloads:
        kind = KIND_OF.get(payload.type)
        if kind is not None:
            (cert_id,) = payload.streams
            told = found.setdefault(cert_id, ToldCertificate(cert_id))
            told.decisions.append(Decision(name, kind, payload.effective_at, payload.facts))
    return found


def replay_certificates(
    session: Session, vault: Vault, payloads: Iterable[Named]
) -> Iterator[Difference]:
    """Yield the differences between tables, log and openings; none on a healthy node.

    `payloads` are those of the log, by payload id, in its order.
    """
    told = told_certificates(payloads)
    certificates = list(session.scalars(select(CertificateRow).order_by(CertificateRow.cert_id)))
    stored = {each.certificate.cert_id: each for each in rows_of(session, certificates)}
    yield from unmatched(_CERTIFICATES, "cert_id", stored, told)
    for cert_id in sorted(stored.keys() & told.keys()):
        rows, each = stored[cert_id], told[cert_id]
        yield from _compare_grant(rows, each)
        yield from _compare_decisions(rows, each)
        yield from _compare_amendments(rows, each)
        yield from _compare_states(each)
    yield from _compare_openings(session, vault, stored.values(), told)


def _compare_grant(rows: Rows, told: ToldCertificate) -> Iterator[Difference]:
    """Step 1."""
    row, facts = rows.certificate, told.grant
    grants = [each for each in told.decisions if each.kind is ChangeKind.GRANT]
    entry = grants[0].payload_id if grants else ""
    pairs: dict[str, tuple[object, object]] = {
        column: (_plain(getattr(row, column)), _plain(facts.get(fact)))
        for column, fact in _GRANT_FACTS.items()
    }
    # Entries of the first format are records; they say nothing of a basis.
    pairs["basis"] = (row.basis, facts.get("basis", "recorded"))
    yield from compared(_CERTIFICATES, row.cert_id, entry, pairs)


_GRANT_FACTS = {
    "number": "number",
    "scheme": "scheme",
    "from_date": "from",
    "to_date": "to",
    "confirm_by": "confirm_by",
    "bound": "bound",
    "granted": "granted",
    "unit": "unit",
    "body": "body",
}


def _compare_decisions(rows: Rows, told: ToldCertificate) -> Iterator[Difference]:
    """Step 2."""
    cert_id = rows.certificate.cert_id
    if len(rows.changes) != len(told.decisions):
        counts = str(len(rows.changes)), str(len(told.decisions))
        yield Difference(_CHANGES, cert_id, "n", None, *counts)
    for row, decision in zip(rows.changes, told.decisions, strict=False):
        change = _change(row.n, decision)
        pairs: dict[str, tuple[object, object]] = {
            "payload_id": (row.payload_id, decision.payload_id),
            "kind": (row.kind, decision.kind.value),
            "effective_at": (row.effective_at, change.effective_at),
            "annuls": (row.annuls, change.annuls),
            "confirm_by": (row.confirm_by, change.confirm_by),
            "successor": (row.successor, change.successor),
            "successor_scheme": (row.successor_scheme, decision.facts.get("successor_scheme")),
            "to": (row.to, change.to),
        }
        if decision.recorded_at is not None:
            pairs["recorded_at"] = (row.recorded_at, decision.recorded_at)
        yield from compared(_CHANGES, f"{cert_id}/{row.n}", decision.payload_id, pairs)


def _compare_amendments(rows: Rows, told: ToldCertificate) -> Iterator[Difference]:
    """Step 3."""
    cert_id = rows.certificate.cert_id
    numbered = dict(enumerate(told.decisions, 1))
    entries = {n: each for n, each in numbered.items() if each.kind is ChangeKind.AMEND}
    stored = {row.n: row for row in rows.amendments}
    names = ([f"{cert_id}/{n}" for n in each] for each in (stored, entries))
    yield from unmatched(_AMENDMENTS, "n", *names)
    for n in sorted(stored.keys() & entries.keys()):
        row, decision = stored[n], entries[n]
        pairs: dict[str, tuple[object, object]] = {
            "from_date": (row.from_date, decision.day("from")),
            "to_date": (row.to_date, decision.day("to")),
            "confirm_by": (row.confirm_by, decision.day("confirm_by")),
            "granted": (row.granted, decision.whole("granted")),
            "unit": (row.unit, decision.facts.get("unit")),
        }
        yield from compared(_AMENDMENTS, f"{cert_id}/{n}", decision.payload_id, pairs)
    for n, decision in numbered.items():
        latest = max(
            (row.mark_from for row in rows.scopes if row.n == n and row.mark_from), default=None
        )
        pairs = {"mark_from": (latest, decision.day("mark_from"))}
        yield from compared(_SCOPES, f"{cert_id}/{n}", decision.payload_id, pairs)


def _compare_states(told: ToldCertificate) -> Iterator[Difference]:
    """Step 4, from public facts alone."""
    history = told.history()
    for number, decision in enumerate(told.decisions, 1):
        state = decided_state(History(history.terms, history.changes[:number])).value
        stated = str(decision.facts.get("state"))
        if state != stated:
            name = decision.payload_id
            yield Difference("entries", name, "state", name, stated, state)


def _compare_openings(
    session: Session, vault: Vault, stored: Iterable[Rows], told: Mapping[str, ToldCertificate]
) -> Iterator[Difference]:
    """Step 5."""
    changes = [(rows, row) for rows in stored for row in rows.changes]
    logged = {each.payload_id for one in told.values() for each in one.decisions}
    known = [row.payload_id for _, row in changes if row.payload_id in logged]
    opened = open_entries(session, vault, known)
    for rows, row in changes:
        opening = opened.get(row.payload_id, {}).get("record")
        if opening is None or not isinstance(opening.value, dict):
            continue
        pairs = {
            name: (_plain(value), _plain(opening.value.get(name)))
            for name, value in _private(rows, row).items()
            # Entries of the first format know no cases and no days of marks, and most decisions
            # set no scope.
            if name in opening.value or value
        }
        yield from compared(_CHANGES, f"{row.cert_id}/{row.n}", row.payload_id, pairs)


def _private(rows: Rows, row: ChangeRow) -> dict[str, object]:
    """What a decision commits to, as its rows have it."""
    found: dict[str, object] = {
        "office": row.office,
        "document": row.document,
        "reason": row.reason,
        "case": row.case_id,
    }
    scope = [each for each in rows.scopes if each.n == row.n]
    if row.kind == ChangeKind.GRANT.value:
        own = rows.certificate
        found |= {"holder": own.holder, "scheme_version": own.scheme_version}
        found |= {"typed_value": own.typed_value, "typed_unit": own.typed_unit}
    for amendment in rows.amendments:
        if amendment.n == row.n:
            found |= {"typed_value": amendment.typed_value, "typed_unit": amendment.typed_unit}
    return found | _private_scope(scope)


def _private_scope(scope: Sequence[ScopeRow]) -> dict[str, object]:
    return {
        "products": sorted(each.subject for each in scope if each.noun == "product"),
        "bases": sorted(each.subject for each in scope if each.noun == "base"),
        "marks": [
            [each.subject, each.mark_from.isoformat()]
            for each in sorted(scope, key=lambda each: each.subject)
            if each.mark_from is not None
        ],
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
