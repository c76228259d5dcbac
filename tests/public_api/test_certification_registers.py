"""The registers about certification: search, every change, bodies, schemes, notices, numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any, cast
from xml.etree import ElementTree

import pytest

from certification.appeals import entries as appeals
from certification.bars import entries as bars
from certification.bodies import entries as bodies
from certification.bodies.service import AppointBody, EndAppointment, appoint, end_appointment
from certification.cases import entries as cases
from certification.certificates.commands import AmendCertificate, GrantCertificate
from certification.certificates.service import amend
from certification.schemes import entries as schemes
from certification.schemes.service import PublishScheme, publish
from certification.search.model import Question
from certification.search.service import search
from ecotrace import entry_types
from identity.actor import SYSTEM
from public_api.registry import certification_views
from public_api.registry.charts import Amount, bar_chart, wrapped
from public_api.registry.flow import Flow
from runtime.clock import beijing_date
from tests.certification.two_officers import decided
from tests.fixtures.nodes import Grow
from tests.public_api.market import OCT_18, Market, make_site, open_market
from workflows.change_certificate import grant_certificate
from workflows.index_certificates import RebuildSearch, index_certificate, rebuild_search


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests log is known to the log, whether or not the application lists it."""
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for each in (
        each for one in (appeals, bars, bodies, cases, schemes) for each in one.ENTRY_TYPES
    ):
        monkeypatch.setitem(known, each.type, each)


def open_register(node) -> Market:
    """The market with its certificate in the index, a second one, and a villager's."""
    market = open_market(node)
    until = OCT_18.date().replace(year=2027, month=10, day=17)
    orders = (
        GrantCertificate(
            "GF120112261234", "green", market.rival, (market.product,), OCT_18.date(), until,
            OCT_18, "演示", (), "100", "公斤", "演示〔2026〕1号",
        ),
        GrantCertificate(
            "JNJP-2026-0002", "jnjp", market.villager, (market.product,), OCT_18.date(), until,
            OCT_18, "演示", (), "5", "件", "演示〔2026〕2号",
        ),
    )  # fmt: skip
    for order in orders:
        market.run(grant_certificate, order)
    after: str | None = ""
    while after is not None:
        after = market.run(rebuild_search, RebuildSearch(after, 2)).after
    return market


@pytest.fixture
def market(grow: Grow[Market]) -> Market:
    market = grow(open_register)
    market.site = make_site(market.node)
    return market


def machine(market: Market, path: str, **more: Any):
    return market.ask("GET", path, by=None, headers={"Accept": "application/json"}, **more)


def numbers(market: Market, path: str) -> list[str]:
    answer = machine(market, path)
    assert answer.status_code == 200, path
    return [row["number"] for row in answer.json["rows"]]


QUESTIONS = [
    ("q=小站", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
    ("q=津农精品", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
    ("q=合作社2", {"GF120112261234"}),
    ("q=合作社1", {"JNJP-2026-0001"}),
    ("q=co-op 1", {"JNJP-2026-0001"}),
    ("q=CO-OP 2 稻", {"GF120112261234"}),
    ("q=ＲＩＣＥ", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
    ("q=稻合", set()),
    ("q=王二小", set()),
    ("q=王", set()),
    ("q=jnjp-2026-0001", {"JNJP-2026-0001"}),
    ("q=津南", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
    ("number=jnjp-2026", {"JNJP-2026-0001", "JNJP-2026-0002"}),
    ("number=GF&scheme=jnjp", set()),
    ("number=GF&scheme=green", {"GF120112261234"}),
    ("place=120112102", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
    ("place=120000", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
    ("place=3705", set()),
    ("state=active&scheme=green", {"GF120112261234"}),
    ("state=suspended", set()),
    ("state=expired", set()),
    ("scheme=jnjp", {"JNJP-2026-0001", "JNJP-2026-0002"}),
    ("", {"JNJP-2026-0001", "JNJP-2026-0002", "GF120112261234"}),
]


def test_certificates_are_found_by_whatever_they_say(market):
    for question, expected in QUESTIONS:
        found = numbers(market, f"/registry/certificates?{question.replace(' ', '+')}")
        assert set(found) == expected, question
        assert len(found) == len(set(found)), question


MALFORMED = (
    "q=——", "q=…", "number=a_b", "number=%25", "place=0", "place=1201123", "place=x", "state=fine",
    "state=unknown", "q=稻&after=nX~y", "number=J&after=p3", "q=稻&after=%27", "scheme=A&q=x",
    "q=a b c d e f g",
)  # fmt: skip


def test_malformed_questions_are_refused_in_words(market):
    for question in MALFORMED:
        answer = machine(market, f"/registry/certificates?{question.replace(' ', '+')}")
        assert (answer.status_code, answer.json["code"]) == (422, "search_malformed"), question
    assert machine(market, "/registry/certificates?q=%00").status_code == 400
    assert market.page("/registry/certificates?q=——").status_code == 422


def test_pages_follow_one_another_without_a_gap(market, monkeypatch):
    monkeypatch.setattr(certification_views, "PER_PAGE", 1)
    for question in ("q=稻", "number=J", "", "place=12&state=active"):
        seen, path = [], f"/registry/certificates?{question}"
        while path:
            answer = machine(market, path).json
            assert len(answer["rows"]) <= 1
            seen += [row["number"] for row in answer["rows"]]
            path = answer["next"] and "/registry/certificates" + answer["next"]
        everything = 2 if question == "number=J" else 3
        assert len(seen) == len(set(seen)) == everything, question


def test_a_decision_shows_in_the_search_once_it_is_indexed(market):
    decided(market.run, "suspend", market.cert_id, OCT_18, "抽查")
    with market.node.database.read() as session:
        now = market.node.clock.now()
        assert search(session, Question(words="稻", state="suspended"), now)
    market.node.unit.run(_reindex(market.cert_id), RebuildSearch(), actor=SYSTEM)
    assert numbers(market, "/registry/certificates?state=suspended") == ["JNJP-2026-0001"]
    assert "JNJP-2026-0001" not in numbers(market, "/registry/certificates?state=active&q=稻")
    market.node.clock.advance(timedelta(days=3650))
    assert len(numbers(market, "/registry/certificates?state=expired&q=稻")) == 3


def _reindex(cert_id: str):
    def reindex(work, command, actor, now):
        return index_certificate(work, cert_id, now)

    return reindex


def test_a_certificate_shows_every_change_with_its_proof_and_what_it_changed(market):
    order = AmendCertificate(
        market.cert_id, OCT_18, "演示：增加数量", quantity="120", unit="件",
        from_date=OCT_18.date(), to_date=OCT_18.date().replace(year=2027),
    )  # fmt: skip
    market.run(amend, order)
    path = "/registry/certificates/JNJP-2026-0001?scheme=jnjp"
    found = machine(market, path).json["certificate"]
    assert [each["kind"] for each in found["history"]] == ["grant", "amend"]
    changed = {each["field"]: each for each in found["history"][1]["changed"]}
    assert changed["granted"]["before_zh"] == "100 件"
    assert changed["granted"]["after_en"] == "120 pieces"
    assert changed["to_date"]["after_zh"] == changed["to_date"]["after_en"] == "2027-10-18"
    for each in found["history"]:
        proof = market.ask("GET", each["log"]["proof"], by=None)
        assert proof.status_code == 200
    assert found["basis"] == "recorded"
    assert [base["code"] for base in found["bases"]] == [market.base]
    page = market.page(path).get_data(as_text=True)
    assert "增加数量" not in page, "the reason of a decision is not public"
    assert "→" in page
    assert machine(market, "/registry/certificates/JNJP-2026-0001?scheme=green").status_code == 404


def test_natural_persons_are_masked_and_not_searchable(market):
    for path in ("/registry/certificates?number=JNJP-2026-0002",
                 "/registry/certificates/JNJP-2026-0002", "/open-data/certificates.csv",
                 "/open-data/certificates.jsonl"):  # fmt: skip
        for answer in (machine(market, path), market.page(path)):
            assert "王二小" not in answer.get_data(as_text=True), path
    found = machine(market, "/registry/certificates/JNJP-2026-0002").json["certificate"]
    assert found["holder_zh"] == "村民 王**"


def test_a_number_of_two_schemes_lets_people_choose(market):
    code = machine(market, f"/registry/parties/{market.coop}").json["party"]["code"]
    for scheme in ("gip", "gim"):
        order = GrantCertificate(code, scheme, market.coop, (market.product,), OCT_18.date(), None,
                                 OCT_18, "演示", document="演示〔2026〕3号")  # fmt: skip
        market.run(grant_certificate, order)
    assert machine(market, f"/registry/certificates/{code}").json["code"] == "number_ambiguous"
    page = market.page(f"/registry/certificates/{code}").get_data(as_text=True)
    for scheme in ("gip", "gim"):
        assert f"/registry/certificates/{code}?scheme={scheme}" in page
        answer = machine(market, f"/registry/certificates/{code}?scheme={scheme}")
        assert answer.json["certificate"]["scheme"] == scheme
    rows = market.ask("GET", "/open-data/certificates.jsonl", by=None).data.splitlines()
    assert len([row for row in rows if json.loads(row)["number"] == code]) == 2


def test_bodies_say_who_serves_what_since_when(market):
    today = beijing_date(market.node.clock.now())
    made = market.run(appoint, AppointBody(market.office, "jnjp", "office"))
    gone = market.run(appoint, AppointBody(market.rival, "green", "body"))
    market.run(end_appointment, EndAppointment(gone.id, today - timedelta(days=1), "退出"))
    rows = machine(market, "/registry/bodies").json["rows"]
    assert [(row["party"], row["function"], row["holds"]) for row in rows] == [
        (market.office, "office", True), (market.rival, "body", False),
    ]  # fmt: skip
    assert rows[0]["log"]["payload_id"] == made.payload_id
    only = machine(market, "/registry/bodies?scheme=green").json["rows"]
    assert [row["party"] for row in only] == [market.rival]
    assert "演示办公室" in market.page("/registry/bodies").get_data(as_text=True)
    assert "退出" not in market.page("/registry/bodies").get_data(as_text=True)


def test_schemes_say_nature_sources_and_versions(market):
    rows = {row["code"]: row for row in machine(market, "/registry/schemes").json["rows"]}
    assert rows["organic"]["nature_zh"] == "认证"
    assert "认证" not in rows["jnjp"]["verb_zh"] + rows["jnjp"]["nature_zh"]
    assert not rows["jnjp"]["published"]
    market.run(publish, PublishScheme("jnjp", "2026-2"))
    scheme = machine(market, "/registry/schemes/jnjp").json["scheme"]
    assert [each["version"] for each in scheme["versions"]] == ["2026-2"]
    assert scheme["versions"][0]["log"]["proof"] is not None
    assert all(each["source"] for each in scheme["parameters"])
    page = market.page("/registry/schemes/jnjp").get_data(as_text=True)
    assert "未核对原文" in page
    assert machine(market, "/registry/schemes/none").json["code"] == "scheme_unknown"
    for code in rows:
        for lang in ("zh", "en"):
            page = market.page(f"/registry/schemes/{code}", lang)
            assert page.status_code == 200, code


def test_statistics_hold_the_register_against_the_targets(market):
    told = machine(market, "/registry/statistics").json["statistics"]
    targets = {each["key"]: each for each in told["targets"]}
    assert (targets["jnjp_brands"]["in_force"], targets["jnjp_brands"]["target"]) == (2, 200)
    assert (targets["certificates"]["in_force"], targets["certificates"]["target"]) == (1, 220)
    assert (targets["regional_brands"]["in_force"], targets["regional_brands"]["unsaid"]) == (0, 2)
    counts = {each["scheme"]: each for each in told["schemes"]}
    assert (counts["jnjp"]["in_force"], counts["jnjp"]["total"]) == (2, 2)
    assert sum(each["began"] for each in told["years"]) == 3
    for lang in ("zh", "en"):
        text = market.page("/registry/statistics", lang).get_data(as_text=True)
        drawings = re.findall(r"<svg role=\"img\".*?</svg>", text, re.DOTALL)
        assert len(drawings) == 3
        for drawing in drawings:
            svg = ElementTree.fromstring(drawing)
            ids = svg.attrib["aria-labelledby"].split()
            assert [each.attrib["id"] for each in svg[:2]] == ids
            assert all(each.text for each in svg[:2])
            assert "style=" not in drawing
        assert "<script" not in re.sub(r"<head>.*?</head>", "", text, flags=re.DOTALL)


def test_bulk_files_hold_one_row_on_a_line(market, monkeypatch):
    monkeypatch.setattr("public_api.open_data.views.PORTION", 2)
    for name, key in (("certificates", "number"), ("products", "code")):
        answer = market.ask("GET", f"/open-data/{name}.jsonl", by=None)
        assert answer.mimetype == "application/jsonl"
        rows = [json.loads(line) for line in answer.data.splitlines()]
        told = market.ask("GET", f"/open-data/{name}.json", by=None).json
        assert [row[key] for row in rows] == [row[key] for row in told]
        table = market.ask("GET", f"/open-data/{name}.csv", by=None).data.decode("utf-8-sig")
        assert len(list(csv.DictReader(io.StringIO(table)))) == len(rows) > 0


PAGES = (
    "/registry/certificates", "/registry/certificates?q=稻", "/registry/certificates?q=无此证书",
    "/registry/certificates/JNJP-2026-0001", "/registry/bodies", "/registry/schemes",
    "/registry/notices", "/registry/statistics", "/registry/",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_are_drawn_in_both_languages(market, lang):
    for path in PAGES:
        page = market.page(path, lang)
        text = page.get_data(as_text=True)
        assert page.status_code == 200, path
        assert len(re.findall("<h1", text)) == 1, path
        assert "{{" not in text
    absent = market.page("/registry/certificates?q=无此证书", lang).get_data(as_text=True)
    assert "MAP" in absent
    assert machine(market, "/registry/notices").json["rows"] == []
    missing = machine(market, "/registry/notices/case:AAAAAAAAAAAAAAAAAAAA")
    assert missing.json["code"] == "case_unknown"


# --- What draws them ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("2026", ["2026"]),
        ("", [""]),
        ("绿色食品、有机产品和地理标志", ["绿色食品、有机产品和地理标志"]),
        ("Green food, organic products and geographical indications",
         ["Green food, organic products and", "geographical indications"]),
        ("字" * 45, ["字" * 20, "字" * 20, "字" * 5]),
    ],
)  # fmt: skip
def test_labels_are_broken_where_a_line_may_end(label, expected):
    assert wrapped(label) == expected


def test_bars_are_to_one_scale_and_none_leaves_the_picture():
    chart = bar_chart([Amount("a", 50, 200), Amount("b", 0), Amount("c", 100)])
    assert [bar.width for bar in chart.bars] == [19.0, 0.0, 38.0]
    assert [bar.mark for bar in chart.bars] == [76.0, None, None]
    assert [bar.said for bar in chart.bars] == ["50 / 200", "0", "100"]
    tops = [bar.y for bar in chart.bars]
    assert tops == sorted(tops)
    assert tops[-1] < chart.height
    assert bar_chart([]).bars == ()
    assert bar_chart([Amount("a", 0)]).bars[0].width == 0


def test_a_flow_lets_so_many_through_in_its_time():
    flow = Flow(most=2, seconds=60)
    assert [flow.takes(OCT_18) for _ in range(3)] == [True, True, False]
    assert not flow.takes(OCT_18 + timedelta(seconds=59))
    assert flow.takes(OCT_18 + timedelta(seconds=60))
