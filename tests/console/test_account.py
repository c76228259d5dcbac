"""My account: standing, tokens, signing out."""

from __future__ import annotations

import html

from identity.people.model import GrantMembership
from identity.people.service import find_credentials, grant_membership
from tests.console.refusals import Case, differences
from tests.console.visitor import first, new_key, problem_of

RIGHT = {"label": "包装线", "scopes": ["capture", "labels"], "days": "30"}


def test_somebody_acts_for_one_party_at_a_time(signed_in, world) -> None:
    with world.node.database.read() as session:
        person = find_credentials(session, "nongmin").person
    grant = GrantMembership(person, world.stranger.id, "operator")
    world.stage.run(grant_membership, grant)
    grower = signed_in("nongmin")
    assert "演示合作社" in grower.get("/console/").text
    grower.follow(grower.post("/console/account/standing", standing="1"))
    assert "演示别家公司" in grower.get("/console/").text
    assert grower.get(f"/console/lots/{world.rice}").status_code == 403
    assert grower.get(f"/console/lots/{world.foreign}").status_code == 200
    for number in ("2", "-1", "", "x", "9" * 40):
        assert grower.post("/console/account/standing", standing=number).status_code == 400


def test_an_operator_makes_and_revokes_tokens(signed_in, stranger, world) -> None:
    operator, key = signed_in("hezuoshe"), new_key()
    page = operator.post("/console/account/tokens", key, **RIGHT)
    token = first(r'id="new-token">(ect_[A-Za-z0-9_-]{43})<', page)
    assert page.headers["Cache-Control"] == "private, no-store"
    twice = operator.post("/console/account/tokens", key, **RIGHT)
    assert (twice.status_code, problem_of(twice)) == (409, "form_repeated")
    account = operator.get("/console/account/")
    listed = account.text
    assert "包装线" in listed
    assert token not in listed
    revoke = html.unescape(first(r'action="(/console/account/tokens/[^"]+/revoke)"', account))
    assert "已撤销" in operator.follow(operator.post(revoke)).text
    assert operator.post("/console/account/tokens/client:none/revoke").status_code == 404


def test_what_is_wrong_with_a_token_is_refused(signed_in, world) -> None:
    operator = signed_in("hezuoshe")
    cases: tuple[Case, ...] = (
        ({"label": ""}, 422, "field_missing", "label"),
        ({"label": "<b>"}, 422, "text_markup", "label"),
        ({"label": "名" * 41}, 422, "text_too_long", "label"),
        ({"scopes": []}, 422, "choice_missing", "scopes"),
        ({"scopes": ["root"]}, 422, "scope_unknown", "scopes"),
        ({"days": "0"}, 422, "period_backwards", "days"),
        ({"days": "-9"}, 422, "period_backwards", "days"),
        ({"days": "367"}, 422, "period_too_long", "days"),
        ({"days": "999999999999999"}, 422, "period_too_long", "days"),
        ({"days": "x"}, 422, "number_malformed", "days"),
    )
    assert differences(operator, "/console/account/tokens", RIGHT, cases) == []
    grower = signed_in("nongmin")
    assert grower.post("/console/account/tokens", **RIGHT).status_code == 403
    assert "接口令牌" not in grower.get("/console/account/").text


def test_signing_out_ends_the_session(grower) -> None:
    answer = grower.client.post(
        "/console/sign-out", data={"csrf_token": grower.token}, base_url="https://trace.example"
    )
    assert answer.status_code in (302, 303)
    assert grower.get("/console/").status_code == 303
