"""10,000 certificates of a body that failed go to another one: how long, does a code change.

The certificates are granted through the use cases, a hundredth of them with a print run; a person
of the new body attests all of them at once, and the job moves them portion by portion, one log
entry each, signed by the new body, every portion durable. Before and after, the address of every
certificate's QR code and the addresses of all printed labels are compared.

    python -m benchmarks.move_certificates [--certificates N]
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from benchmarks.figure import Figure, report, seconds
from benchmarks.scratch import NOW, ORIGIN, ScratchLog, scratch_log
from certification.bodies.service import (
    AppointBody,
    GrantCompetence,
    appoint,
    grant_competence,
)
from certification.certificates import service as certificates
from certification.certificates.service import GrantCertificate
from certification.certificates.tables import CertificateRow
from certification.moves.service import DecideTickets, OpenMove, result_of
from ecotrace.assembly import make_unit
from ecotrace.demo.stage import invented_code
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from identity.people.model import CreatePerson
from identity.people.service import create_person
from ledger.work import Work
from runtime.clock import FixedClock
from trace.labels.keys import LabelKeys, MakeLabelKey, make_label_key
from trace.labels.lookup import printed_labels
from trace.labels.model import Span
from trace.labels.tables import LabelRun
from trace.products.service import RegisterProduct, register_product
from workflows.move_certificates import decide_tickets, open_move, run_jobs
from workflows.print_labels import PrintLabels, print_labels
from workflows.unit import Unit

BASE_URL = "https://trace.example"
LABELLED_EVERY = 100
_PER_YEAR = 9_000
_LONG = 3600.0


@dataclass(frozen=True)
class GrantMany:
    """So many certificates of a body; each is for the product at its place, or the last one."""

    first: int
    count: int
    holder: str
    products: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class Granted:
    """How many were granted."""

    count: int


def _year(place: int) -> int:
    return NOW.year - place // _PER_YEAR


def _number(place: int) -> str:
    """The number of a certificate; the serials of a year have four digits."""
    return f"JNJP-{_year(place)}-{place % _PER_YEAR + 1:04d}"


def _code(place: int) -> str:
    return f"BENCH-{place}"


def grant_many(work: Work, command: GrantMany, actor: Actor, now: datetime) -> Granted:
    """Grant them in one transaction; what is measured begins later."""
    for place in range(command.first, command.first + command.count):
        year = _year(place)
        own = place // LABELLED_EVERY if place % LABELLED_EVERY == 0 else -1
        order = GrantCertificate(
            _number(place), "jnjp", command.holder, (command.products[own],), date(year, 1, 1),
            date(year + 2, 12, 31), NOW - timedelta(days=300), "基准", (), "100", "件", "基准1号",
            body=command.body,
        )  # fmt: skip
        certificates.grant(work, order, actor, now)
    return Granted(command.count)


def main() -> int:
    """Measure; 1 where a code changed or a certificate stayed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--certificates", type=int, default=10_000)
    count = arguments.parse_args().certificates
    with scratch_log() as log:
        clock = FixedClock(NOW)
        unit = make_unit(log.database, log.vault, log.keys, clock, log.randomness)
        try:
            start = time.perf_counter()
            old, person = _prepared(log, unit, count)
            print(f"# prepared in {time.perf_counter() - start:.0f} s", file=sys.stderr)
            before = _codes(log)
            clock.advance(timedelta(seconds=1))
            move, attested = _opened(unit, old, person)
            taken = attested + seconds(lambda: run_jobs(unit, clock, _LONG))
            with log.database.read() as session:
                result = result_of(session, move)
            after = _codes(log)
        finally:
            unit.stop()
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    beside = {
        "certificates": count,
        "moved": result.moved,
        "codes_compared": len(before),
        "codes_changed": changed,
        "a_certificate_ms": 1000 * taken / count,
    }
    report(Figure("certificates moved to another body", taken, "s", 300, "less", beside))
    return 0 if result.moved == count and not changed else 1


def _prepared(log: ScratchLog, unit: Unit, count: int) -> tuple[str, Actor]:
    """Give the old body, and a person of the new one."""
    office = RegisterParty("public_office", "基准办公室", "Bench", invented_code(1), "120000")
    unit.run(register_operator, office, actor=SYSTEM)
    unit.run(make_label_key, MakeLabelKey(), actor=SYSTEM)
    old, new, holder = (
        unit.run(
            register_party,
            RegisterParty("enterprise", f"基准{n}", f"Bench {n}", invented_code(n), "120000"),
            actor=SYSTEM,
        ).id
        for n in (2, 3, 4)
    )
    # Each certificate with labels has a product of its own, as one of a small firm would.
    labelled = range(0, count, LABELLED_EVERY)
    products = tuple(
        unit.run(
            register_product,
            RegisterProduct(holder, code, "基准产品", "Bench", "grain", "pieces"),
            actor=SYSTEM,
        ).id
        for code in (*map(_code, labelled), "BENCH")
    )
    for first in range(0, count, 500):
        many = GrantMany(first, min(500, count - first), holder, products, old)
        unit.run(grant_many, many, actor=SYSTEM)
    for place in labelled:
        order = PrintLabels(holder, _code(place), 2, BASE_URL, True, None, _number(place))
        unit.run(print_labels, order, actor=SYSTEM)
    unit.run(appoint, AppointBody(new, "jnjp", "body"), actor=SYSTEM)
    decider = unit.run(create_person, CreatePerson("bench", "!"), actor=SYSTEM).id
    competence = GrantCompetence(decider, "jnjp", "decide", date(2028, 12, 31))
    unit.run(grant_competence, competence, actor=SYSTEM)
    return old, replace(SYSTEM, party=new, person=decider)


def _opened(unit: Unit, old: str, person: Actor) -> tuple[str, float]:
    """Open the move and attest everything; gives the move and how long both took."""
    command = OpenMove(
        "jnjp", old, person.party or "", "failed", date(2026, 12, 31), "机构终止服务"
    )
    start = time.perf_counter()
    move = unit.run(open_move, command, actor=SYSTEM).id
    unit.run(decide_tickets, DecideTickets(move, "attested"), actor=person)
    return move, time.perf_counter() - start


def _codes(log: ScratchLog) -> list[str]:
    """What QR codes hold: the page of every certificate, the address of every printed label."""
    keys = LabelKeys(log.vault)
    with log.database.read() as session:
        numbers = session.scalars(select(CertificateRow.number).order_by(CertificateRow.number))
        found = [f"{BASE_URL}/registry/certificates/{number}" for number in numbers]
        for run in session.scalars(select(LabelRun).order_by(LabelRun.number)):
            labels = printed_labels(run, keys, ORIGIN, Span(1, run.count))
            found += [label.address for label in labels]
    return found


if __name__ == "__main__":
    sys.exit(main())
