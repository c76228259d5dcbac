"""Laboratories and their reports on a node: who records what, and what a case reads of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from certification.labs.model import Result, Sample, ScopeLine
from certification.labs.replay import replay_labs
from certification.labs.service import (
    Accredit,
    EndAccreditation,
    RecordReport,
    RegisterLab,
    accredit,
    accreditations_of,
    end_accreditation,
    evaluators,
    find_lab,
    find_report,
    labs,
    record_report,
    register_lab,
    reports_on,
    sample_name,
    verdict,
)
from certification.labs.tables import ReportRow
from certification.schemes.model import Comparison, Limit, Scheme, Words
from identity.actor import SYSTEM, Actor
from tests.certification.books import codes, logged, opened, put_back, rows_of
from tests.certification.evidence.desk import CASE, OTHER_CASE, Desk, asking
from tests.certification.evidence.test_evidence import payloads
from tests.fixtures.pictures import png

SCOPE = (
    ScopeLine("cadmium", "GB 5009.15", "product"),
    ScopeLine("sugar", "NY/T 2637", "product"),
)
SAMPLE = Sample("S-1", "product", date(2026, 10, 1))
RESULTS = (
    Result("cadmium", "<0.01", "mg/kg", "GB 5009.15-2023"),
    Result("sugar", "12.4", "%", "NY/T 2637-2014"),
)
LIMITS = (
    Limit("cadmium", Words("镉", "Cadmium"), "product", Comparison.AT_MOST, Decimal("0.2"),
          "mg/kg", "GB 2762", False, "a test"),
    Limit("sugar", Words("可溶性固形物", "Soluble solids"), "product", Comparison.AT_LEAST,
          Decimal(12), "%", "a test", False, "a test"),
)  # fmt: skip
TABLES = [
    "certification_reports", "certification_accreditation_ends", "certification_accreditations",
    "certification_labs",
]  # fmt: skip


@dataclass
class Bench:
    """A laboratory that is accredited, its analyst, and the file of a report."""

    desk: Desk
    lab: str
    accreditation: str
    evidence: str
    analyst: Actor

    def run(self, use_case: Any, command: object, actor: Actor | None = None) -> Any:
        return self.desk.node.unit.run(use_case, command, actor=actor or self.desk.office)

    def order(self, **changes: Any) -> RecordReport:
        order = RecordReport(
            self.lab, self.evidence, "W2026-001", SAMPLE, "小站稻大米",
            date(2026, 10, 2), date(2026, 10, 20), RESULTS,
        )  # fmt: skip
        return replace(order, **changes)

    def record(self, actor: Actor | None = None, **changes: Any) -> Any:
        return self.run(record_report, self.order(**changes), actor or self.analyst)

    def report_file(self, side: int, **more: Any) -> str:
        kept = self.desk.keep(
            "report", content=png(side, side), valid_from=date(2026, 10, 20), **more
        )
        return str(kept.id)

    def judged(self, scheme: Scheme, case: str = CASE) -> Any:
        with self.desk.read() as session:
            return verdict(session, case, scheme)


@pytest.fixture
def bench(desk: Desk) -> Bench:
    run = desk.node.unit.run
    lab = run(register_lab, RegisterLab(desk.other), actor=desk.office)
    term = date(2024, 1, 1), date(2029, 12, 31)
    order = Accredit(lab.id, "cma", "CMA-2024-1", *term, SCOPE)
    accreditation = run(accredit, order, actor=desk.office)
    evidence = desk.keep("report", content=png(16, 16), valid_from=date(2026, 10, 20))
    analyst = desk.acting(desk.other, "lab_analyst", person="pers:AAAAAAAAAAAAAAAAAAA")
    return Bench(desk, lab.id, accreditation.id, evidence.id, analyst)


def rice() -> Scheme:
    return replace(asking("report"), limits=LIMITS)


def test_a_report_is_committed_and_its_results_can_be_judged(bench):
    assert bench.judged(rice()) is None
    made = bench.record()
    assert bench.judged(rice()) is None
    bench.desk.attach(bench.evidence)
    assert bench.judged(rice()).passed
    payload = logged(bench.desk.node, made.payload_id)
    assert (payload.type, payload.streams, payload.facts) == (
        "certification.report.record", (made.id,), {},
    )  # fmt: skip
    told = opened(bench.desk.node, made.payload_id)
    assert (told["holder"], told["sample_name"]) == (bench.desk.firm, "小站稻大米")
    assert told["results"][0]["value"] == "<0.01"
    with bench.desk.read() as session:
        assert find_report(session, made.id) == made
        assert sample_name(session, bench.desk.node.vault, made) == "小站稻大米"
        assert evaluators(session, CASE) == {bench.analyst.person}
        assert evaluators(session, OTHER_CASE) == frozenset()
        assert [each.party for each in labs(session)] == [bench.desk.other]
        (accreditation,) = accreditations_of(session, bench.lab)
        assert accreditation.scope == SCOPE
        assert find_lab(session, bench.lab).party == bench.desk.other


def test_one_report_serves_two_cases(bench):
    bench.record()
    for case in (CASE, OTHER_CASE):
        bench.desk.attach(bench.evidence, case)
        assert bench.judged(rice(), case).passed


def test_a_correction_is_recorded_beside_the_report_and_counts(bench):
    bench.desk.attach(bench.evidence)
    bench.record(results=(replace(RESULTS[0], value="0.35"), RESULTS[1]))
    found = bench.judged(rice())
    assert [each.code.code for each in found.findings] == ["result_beyond_limit"]
    bench.desk.node.clock.advance(timedelta(seconds=1))
    bench.record()
    assert bench.judged(rice()).passed
    bench.desk.node.clock.advance(timedelta(seconds=1))
    bench.record(sample=replace(SAMPLE, code="S-2"), results=RESULTS[:1])
    assert bench.judged(rice()).passed
    with bench.desk.read() as session:
        assert len(reports_on(session, [bench.evidence])) == 2


def test_an_accreditation_that_was_ended_takes_its_reports_with_it(bench):
    bench.record()
    bench.desk.attach(bench.evidence)
    end = EndAccreditation(bench.accreditation, date(2026, 9, 30), "撤销资质")
    bench.run(end_accreditation, end)
    found = bench.judged(rice())
    assert not found.passed
    assert [each.code.code for each in found.findings] == ["lab_accreditation_ended"] * 2
    assert codes(bench.record) == ["lab_accreditation_ended"]
    assert codes(bench.run, end_accreditation, end) == ["accreditation_ended"]


def test_a_sample_that_is_too_old_for_the_scheme(bench):
    old = replace(SAMPLE, taken_on=date(2025, 10, 1))
    bench.record(sample=old)
    bench.desk.attach(bench.evidence)
    found = bench.judged(rice())
    assert [each.code.code for each in found.findings] == ["report_expired"]
    assert not found.passed


REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"lab": "lab:AAAAAAAAAAAAAAAAAAAA"}, ["lab_unknown"]),
    ({"evidence_id": "evid:AAAAAAAAAAAAAAAAAAAA"}, ["evidence_unknown"]),
    ({"sample": replace(SAMPLE, taken_on=date(2023, 12, 31))}, ["lab_accreditation_ended"]),
    ({"sample": replace(SAMPLE, matrix="soil")}, ["lab_out_of_scope"] * 2),
    ({"results": (*RESULTS, Result("lead", "0.1", "mg/kg", "GB 5009.12"))}, ["lab_out_of_scope"]),
    (
        {"sample": replace(SAMPLE, taken_on=date(2026, 11, 2))},
        ["sampled_in_future", "report_days_reversed"],
    ),
    ({"issued_on": date(2026, 10, 1)}, ["report_days_reversed"]),
    (
        {"results": (replace(RESULTS[0], unit="ppm", value="约0.1"),), "sample_name": ""},
        ["result_unit_unknown", "text_empty", "value_malformed"],
    ),
]  # fmt: skip


def test_what_is_refused_is_not_recorded(bench):
    for changes, expected in REFUSED:
        assert sorted(codes(bench.record, **changes)) == sorted(expected), changes
    other = bench.desk.keep("map", content=png(9, 9)).id
    assert codes(bench.record, evidence_id=other) == ["evidence_not_a_report"]
    with bench.desk.read() as session:
        assert session.scalar(select(func.count()).select_from(ReportRow)) == 0


def test_a_report_of_somebody_else_is_not_used_again(bench):
    bench.record()
    theirs = bench.report_file(17, holder=bench.desk.household, actor=SYSTEM)
    assert codes(bench.record, evidence_id=theirs) == ["report_of_other"]
    assert bench.record(evidence_id=theirs, number="W2026-002").holder == bench.desk.household


def test_who_records(bench):
    desk = bench.desk
    assert bench.record(desk.office).analyst is None
    assert bench.record(SYSTEM).recorded_by == desk.office.party
    assert codes(bench.record, desk.acting(desk.firm, "lab_analyst")) == ["other_party"]
    for roles in ((), ("operator",), ("inspector", "reviewer")):
        assert codes(bench.record, desk.acting(desk.other, *roles)) == ["not_allowed"], roles
    assert codes(bench.record, replace(bench.analyst, client="c", scopes=frozenset())) == [
        "scope_missing"
    ]
    for actor in (bench.analyst, desk.acting(desk.other, "operator", "admin")):
        assert codes(bench.run, register_lab, RegisterLab(desk.firm), actor) == ["not_allowed"]


def test_what_laboratories_are_registered(bench):
    desk = bench.desk
    assert codes(bench.run, register_lab, RegisterLab(desk.other)) == ["lab_taken"]
    assert codes(bench.run, register_lab, RegisterLab(desk.household)) == ["lab_not_organisation"]
    assert codes(bench.run, register_lab, RegisterLab("org:x")) == ["party_unknown"]
    order = Accredit("lab:x", "cma", "CMA-1", date(2024, 1, 1), date(2023, 1, 1), ())
    assert codes(bench.run, accredit, order) == ["lab_unknown"]
    refused = codes(bench.run, accredit, replace(order, lab=bench.lab))
    assert sorted(refused) == ["dates_reversed", "scope_empty"]
    for id, day, reason, expected in (
        ("accr:x", date(2026, 1, 1), "撤销", "accreditation_unknown"),
        (bench.accreditation, date(2023, 12, 31), "撤销", "ended_outside_term"),
        (bench.accreditation, date(2030, 1, 1), "撤销", "ended_outside_term"),
        (bench.accreditation, date(2026, 1, 1), "", "text_empty"),
    ):
        command = EndAccreditation(id, day, reason)
        assert codes(bench.run, end_accreditation, command) == [expected]


# ---- the second reader --------------------------------------------------------------------------


def differences(bench: Bench) -> list[tuple[str, str]]:
    with bench.desk.read() as session:
        found = replay_labs(session, bench.desk.node.vault, payloads(session))
    return [(each.table, each.column) for each in found]


NOBODY = "'org:AAAAAAAAAAAAAAAAAAAA'"
ALTERED = {
    "certification_labs": {
        "party": NOBODY, "registered_by": NOBODY, "registered_at": "registered_at - 1",
    },
    "certification_accreditations": {
        "number": "'CMA-2024-2'", "authority": "'cnas'", "from_date": "'2023-01-01'",
        "until": "'2039-12-31'", "scope": "'[]'", "recorded_by": NOBODY,
        "recorded_at": "recorded_at - 1",
    },
    "certification_accreditation_ends": {
        "ended_on": "'2028-01-01'", "recorded_by": NOBODY, "recorded_at": "recorded_at - 1",
    },
    "certification_reports": {
        "holder": NOBODY, "number": "'W2026-009'", "results": "'[]'", "sample": "'{}'",
        "received_on": "'2026-10-03'", "issued_on": "'2026-10-21'", "analyst": "NULL",
        "evidence_id": "'evid:AAAAAAAAAAAAAAAAAAAA'", "recorded_by": NOBODY,
        "recorded_at": "recorded_at - 1",
    },
}  # fmt: skip


def test_every_altered_value_is_named(bench, tamper):
    bench.record()
    end = EndAccreditation(bench.accreditation, date(2027, 1, 1), "自行注销")
    bench.run(end_accreditation, end)
    assert differences(bench) == []
    rows = rows_of(bench.desk.node, TABLES)

    def altered(statements: list[str]) -> list[tuple[str, str]]:
        with tamper(bench.desk.node.database) as connection:
            for statement in statements:
                connection.execute(text(statement))
        found = differences(bench)
        put_back(bench.desk.node, tamper, rows)
        return found

    changes = {
        table: ", ".join(f"{column} = {value}" for column, value in columns.items())
        for table, columns in ALTERED.items()
    }
    found = altered([f"UPDATE {table} SET {change}" for table, change in changes.items()])
    named = {"registered_at": "at", "recorded_at": "at"}
    for table, columns in ALTERED.items():
        for column in columns:
            assert (table, named.get(column, column)) in found, column
    found = altered([f"UPDATE {table} SET payload_id = '{'A' * 43}'" for table in TABLES])
    assert sorted(found) == sorted([(table, "payload_id") for table in TABLES] * 2)
    found = altered([f"DELETE FROM {table}" for table in TABLES])
    assert sorted(found) == sorted((table, "payload_id") for table in TABLES)
    assert differences(bench) == []
