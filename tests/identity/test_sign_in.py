"""Signing in at a browser, acting with a token, and what a stranger cannot do."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher
from flask import Flask, jsonify, request, session
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]
from jinja2 import DictLoader

from identity.actor import SYSTEM
from identity.audit.model import AuditQuery
from identity.audit.service import search_audit
from identity.clients.model import CreateClient, RevokeClient, new_token
from identity.clients.service import create_client, revoke_client
from identity.parties.service import register_party
from identity.people.model import (
    CreatePerson,
    EndMembership,
    GrantMembership,
    SetActive,
    SetPassword,
)
from identity.people.passwords import hash_password
from identity.people.service import (
    create_person,
    end_membership,
    find_credentials,
    grant_membership,
    memberships_of,
    set_active,
    set_password,
)
from identity.roles import SCOPES, require_scope
from runtime.files import FolderStore
from runtime.key_file import make_key_file
from runtime.settings import load
from tests.identity.conftest import cooperative
from web import headers, language, node, problems, sign_in, tokens

PASSWORD = "田野里的第一百二十亩稻子"
HASHED = hash_password(PASSWORD)
FORM = "application/x-www-form-urlencoded"
LOGIN_PAGE = """
<form>{{ login_user_form.hidden_tag() }}
{% for error in login_user_form.form_errors %}<p class="error">{{ error }}</p>{% endfor %}
<input name="username"><input name="password" type="password"></form>
"""
TEMPLATES = {
    "security/login_user.html": LOGIN_PAGE,
    "security/logout_user.html": "<form>{{ logout_form.hidden_tag() }}</form>",
    "error.html": "{{ problem.code }}",
}


def make_app(platform, tmp_path, base_url: str = "http://localhost:8000") -> Flask:
    settings = load({"ECOTRACE_DATA": str(tmp_path), "ECOTRACE_BASE_URL": base_url})
    if not settings.secret_key_file.exists():
        make_key_file(settings.secret_key_file, platform.randomness)
    app = Flask("tests")
    app.jinja_loader = DictLoader(TEMPLATES)
    running = node.Node(
        settings=settings,
        database=platform.database,
        vault=platform.vault,
        unit=platform.unit,
        clock=platform.clock,
        randomness=platform.randomness,
        files=FolderStore(tmp_path / "files"),
        log_keys=platform.keys,
    )
    node.install(app, running)
    language.install(app, "zh")
    headers.install(app, https=False)
    problems.install(app)
    sign_in.install(app)
    tokens.install(app)
    app.add_url_rule("/api/v1/who", "who", who, methods=["GET", "POST"])
    app.add_url_rule("/api/v1/maybe", "maybe", maybe)
    app.add_url_rule("/console/act", "act", act, methods=["POST"])
    app.add_url_rule("/console/", "console", lambda: "console")
    app.add_url_rule("/open", "open", lambda: "open", methods=["POST"])
    app.add_url_rule("/api/v1/print", "print", needs_labels)
    return app


def who():
    actor = sign_in.current_actor()
    return jsonify(
        party=actor.party,
        person=actor.person,
        roles=sorted(actor.roles),
        scopes=sorted(actor.scopes),
        channel=actor.channel,
        client=actor.client,
        region=actor.region,
    )


def maybe():
    return jsonify(stranger=sign_in.visitor() is None)


def act():
    sign_in.choose_standing(request.form["party"], request.form.get("region"))
    return who()


def needs_labels():
    require_scope(sign_in.current_actor(), "labels")
    return "printed"


@pytest.fixture
def site(sqlite_platform, tmp_path):
    """The application. Not called `app`: pytest-flask would share one context among requests."""
    return make_app(sqlite_platform, tmp_path)


@pytest.fixture
def account(sqlite_platform):
    """Somebody who acts for a co-operative, and as an inspector in one county."""
    party = sqlite_platform.run(register_party, cooperative())
    zhang = CreatePerson("zhang.san", HASHED, "zhang@example.com")
    made = sqlite_platform.run(create_person, zhang)
    sqlite_platform.run(grant_membership, GrantMembership(made.id, party.id, "operator"))
    sqlite_platform.clock.advance(timedelta(seconds=1))
    office = GrantMembership(made.id, sqlite_platform.operator.id, "inspector", "120112")
    sqlite_platform.run(grant_membership, office)
    return made, party


def csrf_of(page) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found, page.get_data(as_text=True)
    return found[1]


def enter(client, username="zhang.san", password=PASSWORD, query="", **changes):
    page = client.get(f"/console/sign-in{query}")
    form = {"csrf_token": csrf_of(page), "username": username, "password": password, **changes}
    return client.post(f"/console/sign-in{query}", data=form)


# --- in and out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["zhang.san", " ZHANG.SAN", "zhang@example.com"])
def test_somebody_signs_in_and_acts_in_the_oldest_standing(site, account, username):
    client = site.test_client()
    answer = enter(client, username)
    assert (answer.status_code, answer.location) == (302, "/console/")
    made, party = account
    assert client.get("/api/v1/who").json == {
        "party": party.id,
        "person": made.id,
        "roles": ["operator"],
        "scopes": sorted(SCOPES),
        "channel": "console",
        "client": None,
        "region": None,
    }


def test_another_width_of_letters_is_the_same_password(site, sqlite_platform):
    hashed = hash_password("Field of rice 120")
    sqlite_platform.run(create_person, CreatePerson("li.si", hashed))
    assert enter(site.test_client(), "li.si", "Ｆield of rice １２０").status_code == 302


def test_signing_out_ends_the_session_and_needs_a_csrf_token(site, account):
    client = site.test_client()
    enter(client)
    forged = client.post("/console/sign-out")
    assert forged.status_code == 400
    assert client.get("/api/v1/who").status_code == 200
    assert client.get("/console/sign-out").status_code == 405
    with client.session_transaction() as kept:
        raw = dict(kept)
    token = _csrf_header(site, raw)
    left = client.post("/console/sign-out", headers={"X-CSRFToken": token})
    assert (left.status_code, left.location) == (302, "/console/sign-in")
    assert client.get("/api/v1/who").status_code == 401


def _csrf_header(app, kept) -> str:
    """Make the signed token that pages show for the session's secret."""
    with app.test_request_context("/"):
        session.update(kept)
        return str(generate_csrf())


def test_a_stranger_is_told_to_sign_in(site):
    client = site.test_client()
    answer = client.get("/api/v1/who")
    assert answer.status_code == 401
    assert answer.json["code"] == "not_signed_in"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ecotrace"'
    assert client.get("/api/v1/maybe").json == {"stranger": True}


def test_the_page_is_asked_for_in_english(site, account):
    answer = enter(site.test_client(), password="wrong", query="?lang=en")
    assert "Login name or password is wrong" in answer.get_data(as_text=True)


WRONG_PAIRS = [
    ("zhang.san", "wrong"),
    ("nobody", PASSWORD),
    ("", PASSWORD),
    ("zhang.san", ""),
    ("zhang.san\x00", PASSWORD),
    ("%", PASSWORD),
    ("' OR 1=1 --", PASSWORD),
    ("zhang@example.com' --", PASSWORD),
    ("\ud800", PASSWORD),
    ("a" * 300, PASSWORD),
    ("blocked", PASSWORD),
]


def test_every_wrong_pair_gets_the_same_answer(site, account, sqlite_platform):
    blocked = sqlite_platform.run(create_person, CreatePerson("blocked", HASHED))
    sqlite_platform.run(set_active, SetActive(blocked.id, active=False))
    for username, password in WRONG_PAIRS:
        client = site.test_client()
        token = csrf_of(client.get("/console/sign-in"))
        # `%ED%A0%80` is half a surrogate pair, which no text can hold.
        typed = quote(username.encode("utf-8", "surrogatepass"))
        body = f"csrf_token={token}&username={typed}&password={quote(password)}"
        answer = client.post("/console/sign-in", data=body, content_type=FORM)
        assert answer.status_code == 401, username
        shown = re.findall('class="error">([^<]*)', answer.get_data(as_text=True))
        assert shown == ["用户名或密码不正确"], username
        assert client.get("/api/v1/who").status_code == 401, username


def test_ten_failures_lock_a_name_also_for_the_right_password(site, account, sqlite_platform):
    client = site.test_client()
    for _ in range(10):
        assert enter(client, "ZHANG.san", "wrong").status_code == 401
    locked = enter(client)
    assert locked.status_code == 429
    assert "15 分钟" in locked.get_data(as_text=True)
    assert enter(site.test_client(), "li.si", "wrong").status_code == 401
    sqlite_platform.clock.advance(timedelta(minutes=14))
    assert enter(client).status_code == 429
    sqlite_platform.clock.advance(timedelta(minutes=1))
    assert enter(client).status_code == 302


def test_an_unknown_name_is_locked_like_a_known_one(site):
    client = site.test_client()
    assert [enter(client, "nobody", "wrong").status_code for _ in range(11)] == [401] * 10 + [429]


def test_the_trail_tells_of_both_and_names_nobody(site, account, sqlite_platform):
    client = site.test_client()
    enter(client, password="wrong")
    enter(client)
    with sqlite_platform.read() as database:
        done, failed = search_audit(database, AuditQuery(limit=2), SYSTEM)
    assert done.use_case == "identity.people.service.note_sign_in"
    assert done.person == account[0].id
    assert failed.use_case == "identity.people.service.note_failed_sign_in"
    assert (failed.person, failed.targets) == (None, (account[0].id,))
    assert "zhang" not in repr((done, failed))


# --- csrf, forms, redirects ---------------------------------------------------------------------


def test_signing_in_needs_a_csrf_token(site, account):
    client = site.test_client()
    form = {"username": "zhang.san", "password": PASSWORD}
    assert client.post("/console/sign-in", data=form).status_code == 400
    assert client.post("/console/sign-in", data={**form, "csrf_token": "x"}).status_code == 400


def test_a_cookie_alone_does_not_vouch_for_an_unsafe_request(site, account):
    client = site.test_client()
    enter(client)
    assert client.post("/api/v1/who").status_code == 400
    with client.session_transaction() as kept:
        token = _csrf_header(site, dict(kept))
    assert client.post("/api/v1/who", headers={"X-CSRFToken": token}).status_code == 200
    assert client.post("/open").status_code == 400
    assert site.test_client().post("/open").status_code == 200


def test_only_forms_sign_in(site, account):
    client = site.test_client()
    pair = {"username": "zhang.san", "password": PASSWORD}
    assert client.post("/console/sign-in", json=pair).status_code == 415
    answer = client.get("/console/sign-in", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"
    enter(client, query="?include_auth_token=1")
    assert "authentication_token" not in client.get("/console/sign-in").get_data(as_text=True)


def test_after_signing_in_one_is_where_one_wanted_to_be(site, account):
    for target in ("/console/lots?page=2", "/", "/p/x#y", ""):
        answer = enter(site.test_client(), query=f"?next={quote(target)}")
        assert (answer.status_code, answer.location) == (302, target or "/console/")


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
    " //evil.example",
    "/\t/evil.example",
    "/\x19/evil.example",
    "evil.example",
    "/console\r\nSet-Cookie: a=b",
    "http://localhost/console",
]


def test_nobody_is_sent_elsewhere(site, account):
    client = site.test_client()
    for target in ELSEWHERE:
        page = client.get("/console/sign-in", query_string={"next": target})
        assert page.status_code == 400, target
        assert enter(client, next=target).status_code == 400, target


@pytest.mark.parametrize("https", [False, True])
def test_cookies(sqlite_platform, account, tmp_path, https):
    base = "https://trace.example" if https else "http://localhost"
    client = make_app(sqlite_platform, tmp_path, base).test_client()
    page = client.get("/console/sign-in", base_url=base)
    form = {"csrf_token": csrf_of(page), "username": "zhang.san", "password": PASSWORD}
    answer = client.post("/console/sign-in", data=form, base_url=base)
    assert answer.status_code == 302
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "session=" in each]
    assert cookie.startswith("__Host-session=" if https else "session=")
    assert ("Secure" in cookie) == https
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie
    assert not any("remember" in each for each in answer.headers.getlist("Set-Cookie"))


def test_there_is_no_other_way_in(site, account):
    paths = {rule.rule for rule in site.url_map.iter_rules()}
    for gone in ("/login", "/register", "/reset", "/verify", "/confirm", "/change", "/us-signin"):
        assert gone not in paths
    client = site.test_client()
    token = _own_token(site, "zhang.san")
    assert client.get("/api/v1/who", headers={"Authentication-Token": token}).status_code == 401
    assert client.get(f"/api/v1/who?auth_token={token}").status_code == 401
    assert client.get("/api/v1/who", json={"auth_token": token}).status_code == 401


def _own_token(app, username: str) -> str:
    """Make the token that Flask-Security itself would take."""
    with app.test_request_context("/"), node.current_node().database.read() as database:
        found = find_credentials(database, username)
        assert found is not None
        return str(sign_in.SignedIn(found).get_auth_token())


# --- sessions and standings ---------------------------------------------------------------------


def test_a_session_ends_with_another_password_blocking_and_idleness(site, account, sqlite_platform):
    client = site.test_client()
    for ending in (
        lambda: sqlite_platform.run(set_password, SetPassword(account[0].id, HASHED)),
        lambda: (
            sqlite_platform.run(set_active, SetActive(account[0].id, active=False)),
            sqlite_platform.run(set_active, SetActive(account[0].id, active=True)),
        ),
    ):
        enter(client)
        assert client.get("/api/v1/who").status_code == 200
        ending()
        assert client.get("/api/v1/who").status_code == 401
    assert site.permanent_session_lifetime == timedelta(hours=12)


def test_another_standing_is_chosen_and_only_an_own_one(site, account, sqlite_platform):
    made, party = account
    client = site.test_client()
    enter(client)
    with client.session_transaction() as kept:
        token = _csrf_header(site, dict(kept))
    office = {"party": sqlite_platform.operator.id, "region": "120112", "csrf_token": token}
    chosen = client.post("/console/act", data=office).json
    assert (chosen["party"], chosen["roles"], chosen["region"]) == (
        sqlite_platform.operator.id,
        ["inspector"],
        "120112",
    )
    assert client.get("/api/v1/who").json["roles"] == ["inspector"]
    foreign = client.post("/console/act", data={"party": office["party"], "csrf_token": token})
    assert foreign.status_code == 403
    assert client.get("/api/v1/who").json["roles"] == ["inspector"]
    with sqlite_platform.read() as database:
        inspector = next(m for m in memberships_of(database, made.id) if m.role == "inspector")
    sqlite_platform.run(end_membership, EndMembership(inspector.id))
    assert client.get("/api/v1/who").json["party"] == party.id


def test_without_a_membership_one_may_sign_in_and_do_nothing(site, sqlite_platform):
    sqlite_platform.run(create_person, CreatePerson("li.si", HASHED))
    client = site.test_client()
    assert enter(client, "li.si").status_code == 302
    found = client.get("/api/v1/who").json
    assert (found["party"], found["roles"]) == (None, [])


def test_an_old_hash_is_renewed_while_signing_in(site, sqlite_platform):
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    sqlite_platform.run(create_person, CreatePerson("li.si", old))
    client = site.test_client()
    assert enter(client, "li.si").status_code == 302
    assert client.get("/api/v1/who").status_code == 200
    with sqlite_platform.read() as database:
        renewed = find_credentials(database, "li.si").password_hash
    assert renewed != old
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert enter(site.test_client(), "li.si").status_code == 302


def test_a_present_hash_is_left_alone(site, account, sqlite_platform):
    enter(site.test_client())
    with sqlite_platform.read() as database:
        assert find_credentials(database, "zhang.san").password_hash == HASHED


# --- tokens -------------------------------------------------------------------------------------


@pytest.fixture
def machine(sqlite_platform):
    """A client of the operator with a token of thirty days."""
    token = new_token(sqlite_platform.randomness)
    command = CreateClient(
        party=sqlite_platform.operator.id,
        label="对接",
        digest=token.digest,
        scopes=("query",),
        until=sqlite_platform.clock.now() + timedelta(days=30),
        roles=("regulator",),
    )
    return token.text, sqlite_platform.run(create_client, command)


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_a_token_asks_without_cookie_and_csrf(site, machine, sqlite_platform):
    text, client_row = machine
    for scheme in ("Bearer", "bearer"):
        sent = {"Authorization": f"{scheme} {text}"}
        answer = site.test_client().post("/api/v1/who", headers=sent)
        assert answer.json["client"] == client_row.id
        assert answer.json["channel"] == "api"
        assert answer.json["party"] == sqlite_platform.operator.id


def test_a_wrong_token_gets_one_constant_answer(site, machine, sqlite_platform):
    text, client_row = machine
    client = site.test_client()
    wrong = ["", "x", text[:-2] + "AA", text + "A", "ect_" + "A" * 43, "A" * 5000, "ect_\u00e9"]
    answers = [client.get("/api/v1/who", headers=bearer(each)) for each in wrong]
    sqlite_platform.run(revoke_client, RevokeClient(client_row.id))
    answers.append(client.get("/api/v1/who", headers=bearer(text)))
    expired = new_token(sqlite_platform.randomness)
    soon = sqlite_platform.clock.now() + timedelta(seconds=1)
    command = CreateClient(sqlite_platform.operator.id, "对接", expired.digest, ("query",), soon)
    sqlite_platform.run(create_client, command)
    sqlite_platform.clock.advance(timedelta(seconds=1))
    answers.append(client.get("/api/v1/who", headers=bearer(expired.text)))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert len({str(sorted(answer.headers)) for answer in answers}) == 1
    assert answers[0].json["code"] == "token_refused"
    assert 'error="invalid_token"' in answers[0].headers["WWW-Authenticate"]


def test_a_wrong_token_is_not_helped_by_a_cookie(site, account, machine):
    client = site.test_client()
    enter(client)
    assert client.get("/api/v1/who", headers=bearer("x")).status_code == 401
    assert client.get("/api/v1/who", headers=bearer(machine[0])).json["person"] is None


def test_a_token_is_bounded_by_its_scopes_and_a_person_is_not(site, account, machine):
    client = site.test_client()
    refused = client.get("/api/v1/print", headers=bearer(machine[0]))
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    enter(client)
    assert client.get("/api/v1/print").status_code == 200


def test_other_schemes_are_no_tokens(site):
    answer = site.test_client().get("/api/v1/who", headers={"Authorization": "Basic eDp5"})
    assert answer.json["code"] == "not_signed_in"
