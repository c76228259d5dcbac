"""A case in public notice: seen by everybody, objected to by anybody, without an account."""

from __future__ import annotations

from typing import Any, cast

import pytest

from certification.appeals import entries as appeals
from certification.bodies import entries as bodies
from certification.cases import entries as cases
from certification.evidence import entries as evidence
from certification.labs import service as labs
from certification.labs.model import LabVerdict
from certification.schemes import entries as schemes
from ecotrace import entry_types
from public_api.registry import certification_views
from public_api.registry.flow import Flow
from runtime.key_file import make_key_file
from tests.certification.cases.hall import Hall, open_hall
from tests.fixtures.nodes import Grow
from tests.public_api.market import Market, make_site


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests log is known to the log; the goods have passed their tests."""
    known = cast(dict[str, Any], entry_types.ENTRY_TYPES)
    for noun in (appeals, bodies, cases, evidence, schemes):
        for each in noun.ENTRY_TYPES:
            monkeypatch.setitem(known, each.type, each)
    monkeypatch.setattr(labs, "verdict", lambda *_: LabVerdict(True))
    monkeypatch.setattr(certification_views, "OBJECTIONS", Flow(4, 3600))


def open_noticed(node: Any) -> Hall:
    make_key_file(node.settings.secret_key_file, node.randomness)
    hall = open_hall(node)
    hall.case_id = hall.to(hall.submitted())
    return hall


@pytest.fixture
def noticed(grow: Grow[Hall]) -> tuple[Hall, Market]:
    hall = grow(open_noticed)
    return hall, Market(hall.node, make_site(hall.node))


def told(market: Market, path: str) -> Any:
    answer = market.ask("GET", path, by=None, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json


def object_to(market: Market, path: str, accept: str = "text/html", **form: str) -> Any:
    client = market.site.test_client(use_cookies=False)
    return client.post(path, data=form, headers={"Accept": accept, "Accept-Language": "zh"})


def test_anybody_sees_a_notice_and_objects_until_it_ends(noticed):
    hall, market = noticed
    path = f"/registry/notices/{hall.case_id}"
    (row,) = told(market, "/registry/notices")["rows"]
    assert row["case"] == hall.case_id
    assert (row["applicant_zh"], row["running"]) == ("演示米业", True)
    assert [each["name_zh"] for each in row["products"]] == ["演示大米"]
    assert row["from_date"] < row["until"]
    assert row["log"]["proof"] is not None
    for lang in ("zh", "en"):
        for shown in ("/registry/notices", path):
            assert market.page(shown, lang).status_code == 200
    refused = object_to(market, path, name="", contact="a@b.example", reasons="用了禁用农药")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "用了禁用农药" in page, "what was typed is not lost"
    taken = object_to(market, path, name="赵六", contact="zhao@b.example", reasons="用了禁用农药")
    assert taken.status_code == 200
    assert "编号 1" in taken.get_data(as_text=True)
    as_json = object_to(market, path, "application/json", name="钱七", contact="x", reasons="不实")
    assert as_json.json["objection"] == 2
    for shown in (path, "/registry/notices"):
        text = market.page(shown).get_data(as_text=True)
        assert "赵六" not in text
        assert "禁用农药" not in text
    assert len(hall.opened(hall.case_id).standing.unanswered) == 2
    hall.days(30)
    late = object_to(market, path, "application/json", name="孙八", contact="x", reasons="不实")
    assert late.json["code"] == "notice_ended"
    assert told(market, path)["notice"]["running"] is False
    flood = object_to(market, path, name="周九", contact="x", reasons="不实")
    assert flood.status_code in (200, 409)


def test_too_many_objections_in_an_hour_are_turned_away(noticed):
    hall, market = noticed
    path = f"/registry/notices/{hall.case_id}"
    seen = [
        object_to(
            market, path, "application/json", name="甲", contact="x", reasons="不实"
        ).status_code
        for _ in range(5)
    ]
    assert seen == [200, 200, 200, 200, 429]
    answer = market.site.test_client().post(path, json={"name": "甲"})
    assert answer.status_code == 415


def test_a_case_that_is_not_in_public_notice_does_not_exist_here(noticed):
    hall, market = noticed
    draft = hall.open("stranger")
    for path in (f"/registry/notices/{draft}", "/registry/notices/case:AAAAAAAAAAAAAAAAAAAA"):
        answer = market.ask("GET", path, by=None, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["code"]) == (404, "case_unknown")
    hall.node.vault.destroy(hall.firm)
    (row,) = told(market, "/registry/notices")["rows"]
    assert row["products"] == [], "what was erased is not listed"
