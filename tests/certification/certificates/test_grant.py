"""Granting, suspending, resuming, revoking, annulling, as use cases on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from certification.certificates.register import (
    ending_soon,
    find,
    find_number,
    of_holder,
    of_product,
    register,
)
from certification.certificates.service import (
    AnnulChange,
    ChangeCertificate,
    annul,
    grant,
    resume,
    revoke,
    suspend,
)
from identity.actor import SYSTEM, Actor
from tests.certification.books import codes, logged, opened
from tests.certification.conftest import GRANTED_AT, PRODUCT
from tests.identity.codes import made_code

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)


def change(decided, at=NOV_1, reason="监督检查不合格"):
    return ChangeCertificate(decided.cert_id, at, reason)


def test_a_grant_publishes_number_term_and_quantity_and_commits_the_rest(office):
    decided = office.grant()
    payload = logged(office.node, decided.payload_id)
    assert payload.type == "certification.certificate.grant"
    assert payload.streams == (decided.cert_id,)
    assert payload.facts == {
        "number": "JNJP-2026-0001",
        "scheme": "jnjp",
        "state": "active",
        "from": "2026-10-01",
        "to": "2027-09-30",
        "bound": "print_permit",
        "granted": 10,
        "unit": "piece",
        "basis": "recorded",
        "recorded_at": "2026-11-01T00:00:00.000000Z",
    }
    record = opened(office.node, decided.payload_id)
    assert record["holder"] == office.firm
    assert (record["products"], record["bases"]) == ([PRODUCT], [])
    assert record["reason"] == "评定通过"


def test_an_unbounded_scheme_publishes_no_quantity(office):
    number = "GI-911201000000000001"
    decided = office.grant(number=number, scheme="gi", to_date=None, quantity=None, unit=None)
    facts = logged(office.node, decided.payload_id).facts
    published = {"number", "scheme", "state", "from", "bound", "basis", "recorded_at"}
    assert set(facts) == published


def test_the_life_of_a_licence(office):
    decided = office.grant()
    suspended = office.run(suspend, change(decided))
    assert (suspended.n, suspended.state) == (2, "suspended")
    office.node.clock.advance(timedelta(hours=1))
    resumed = office.run(resume, change(decided, NOV_1 + timedelta(minutes=30), "整改完成"))
    office.node.clock.advance(timedelta(hours=1))
    revoked = office.run(revoke, change(decided, NOV_1 + timedelta(minutes=90), "再次违规"))
    assert [resumed.state, revoked.state] == ["active", "revoked"]
    moments = [
        (GRANTED_AT - timedelta(seconds=1), "not_yet"),
        (GRANTED_AT, "active"),
        (NOV_1 - timedelta(microseconds=1), "active"),
        (NOV_1, "suspended"),
        (NOV_1 + timedelta(minutes=30), "active"),
        (NOV_1 + timedelta(minutes=90), "revoked"),
    ]
    now = office.node.clock.now()
    with office.read() as session:
        states = [find(session, decided.cert_id, at, now).status.state for at, _ in moments]
    assert states == [state for _, state in moments]


def test_an_annulled_suspension_never_was_but_was_known(office):
    decided = office.grant()
    office.run(suspend, change(decided))
    known_before = office.node.clock.now()
    office.node.clock.advance(timedelta(days=1))
    corrected = office.run(annul, AnnulChange(decided.cert_id, 2, "误录"))
    assert corrected.state == "active"
    assert logged(office.node, corrected.payload_id).facts["annuls"] == 2
    now = office.node.clock.now()
    with office.read() as session:
        assert find(session, decided.cert_id, NOV_1, now).status.state == "active"
        assert find(session, decided.cert_id, NOV_1, known_before).status.state == "suspended"


REFUSED_GRANTS: list[tuple[dict[str, Any], list[str]]] = [
    ({"scheme": "nonesuch"}, ["scheme_unknown"]),
    ({"number": "jnjp-1"}, ["number_malformed"]),
    ({"number": "GF370505261234"}, ["number_malformed"]),
    ({"number": "JNJP-2027-0001"}, ["number_not_of_term"]),
    ({"number": "GF120112261234", "scheme": "green", "unit": "公斤"}, ["number_not_of_place"]),
    ({"products": ()}, ["products_missing"]),
    ({"products": (PRODUCT, PRODUCT)}, ["scope_repeated"]),
    ({"to_date": date(2026, 9, 30)}, ["dates_reversed"]),
    ({"to_date": None}, ["end_missing"]),
    ({"to_date": date(2029, 10, 1)}, ["validity_too_long"]),
    ({"from_date": date(1, 1, 1)}, ["number_not_of_term", "date_out_of_range"]),
    ({"to_date": date.max}, ["date_out_of_range"]),
    ({"quantity": None, "unit": None}, ["quantity_missing"]),
    ({"quantity": "0"}, ["quantity_invalid"]),
    ({"quantity": "-1"}, ["quantity_invalid"]),
    ({"quantity": "1.5"}, ["quantity_invalid"]),
    ({"quantity": "1e3"}, ["quantity_invalid"]),
    ({"quantity": None}, ["quantity_invalid"]),
    ({"quantity": "9007199254740992"}, ["quantity_invalid"]),
    ({"quantity": "5", "unit": "亩"}, ["unit_not_of_scheme"]),
    ({"effective_at": datetime(2026, 11, 2, tzinfo=UTC)}, ["in_the_future"]),
    (
        {
            "number": "CAQS-MTYX-20260001",
            "scheme": "mtyx",
            "to_date": None,
            "quantity": None,
            "unit": None,
        },
        ["confirm_by_missing"],
    ),
    ({"reason": " "}, ["text_empty"]),
    ({"reason": "ok\u202e"}, ["text_unseen"]),
    ({"reason": "<b>"}, ["text_markup"]),
    ({"document": "x" * 81}, ["text_too_long"]),
    (
        {"number": "?", "products": (), "quantity": None, "unit": None},
        ["number_malformed", "products_missing", "quantity_missing"],
    ),
]


def test_refused_grants_leave_nothing(office):
    for changes, expected in REFUSED_GRANTS:
        assert codes(office.run, grant, office.order(**changes)) == expected, changes
    with office.read() as session:
        assert register(session, office.node.clock.now()) == ()


def test_a_number_is_given_once_in_a_scheme(office):
    office.grant()
    assert codes(office.grant, products=("prod:BBBBBBBBBBBBBBBBBBBB",)) == ["number_taken"]


def test_one_credit_code_is_the_number_of_certificates_of_several_schemes(office):
    """Users of GI marks print their credit code; who uses two marks has it twice."""
    code = made_code("91", 1)
    free = {"to_date": None, "quantity": None, "unit": None}
    first = office.grant(number=code, scheme="gip", **free)
    second = office.grant(number=code, scheme="gim", **free)
    with office.read() as session:
        assert codes(find_number, session, code, NOV_1, NOV_1) == ["number_ambiguous"]
        for decided, scheme in ((first, "gip"), (second, "gim")):
            assert find_number(session, code, NOV_1, NOV_1, scheme).cert_id == decided.cert_id
        pages = [register(session, NOV_1, limit=1)]
        pages.append(register(session, NOV_1, after=code, after_scheme="gim", limit=1))
        assert [each.scheme.code for page in pages for each in page] == ["gim", "gip"]


def test_what_is_granted_here_is_not_recorded(office):
    """Of a scheme issued here only old stock may be recorded, up to its day."""
    office.node.clock.at = datetime(2035, 1, 1, tzinfo=UTC)
    order = office.order(number="JNJP-2034-0001", from_date=date(2034, 10, 1),
                         to_date=date(2035, 9, 30))  # fmt: skip
    assert codes(office.run, grant, order) == ["case_required"]
    elsewhere = office.order(number="GF370505341234", scheme="green", quantity="10", unit="公斤",
                             from_date=date(2034, 10, 1), to_date=date(2035, 9, 30))  # fmt: skip
    assert office.run(grant, elsewhere).state == "active"


def test_a_record_names_its_document_unless_the_platform_itself_records(office):
    bare = office.order(document=None)
    assert codes(office.run, grant, bare) == ["document_required"]
    assert office.run(grant, bare, SYSTEM).state == "active"


def test_a_case_grants_without_document_or_role(office):
    """Its guards were held when it was decided; nothing outside can set these members."""
    decider = replace(office.actor, roles=frozenset())
    order = office.order(document=None, basis="case", case_id="case:AAAAAAAAAAAAAAAAAAAA")
    decided = office.run(grant, order, decider)
    assert logged(office.node, decided.payload_id).facts["basis"] == "case"
    assert opened(office.node, decided.payload_id)["case"] == order.case_id


def test_only_a_brand_officer_decides_and_never_about_his_own(office):
    grower = replace(office.actor, roles=frozenset({"grower"}))
    assert codes(office.run, grant, office.order(), grower) == ["not_allowed"]
    own = Actor(office.firm, None, frozenset({"brand_officer"}), office.actor.scopes)
    assert codes(office.run, grant, office.order(), own) == ["own_certificate"]
    decided = office.grant()
    assert codes(office.run, revoke, change(decided), own) == ["own_certificate"]


MISPLACED_DECISIONS = [
    ((), resume, NOV_1, "certificate_not_suspended"),
    ((suspend,), suspend, NOV_1, "certificate_suspended"),
    ((revoke,), resume, NOV_1, "certificate_revoked"),
    ((revoke,), revoke, NOV_1, "certificate_revoked"),
    ((), suspend, NOV_1 + timedelta(days=1), "in_the_future"),
    ((), suspend, GRANTED_AT - timedelta(days=1), "out_of_order"),
    ((suspend,), resume, NOV_1 - timedelta(days=1), "out_of_order"),
]


def test_decisions_follow_from_the_history(office):
    for number, (before, use_case, at, expected) in enumerate(MISPLACED_DECISIONS):
        decided = office.grant(number=f"JNJP-2026-{number:04}")
        for step in before:
            office.run(step, change(decided))
        assert codes(office.run, use_case, change(decided, at)) == [expected], number


def test_what_cannot_be_annulled(office):
    decided = office.grant()
    office.run(suspend, change(decided))
    office.run(annul, AnnulChange(decided.cert_id, 2, "误录"))
    refused = {0: "change_unknown", 9: "change_unknown", 3: "change_annulled", 2: "change_annulled"}
    for annuls, expected in refused.items():
        assert codes(office.run, annul, AnnulChange(decided.cert_id, annuls, "误录")) == [expected]


def test_an_annulled_grant_ends_everything(office):
    decided = office.grant()
    assert office.run(annul, AnnulChange(decided.cert_id, 1, "误发")).state == "annulled"
    assert codes(office.run, suspend, change(decided)) == ["certificate_annulled"]


def test_unknown_certificates(office):
    unknown = ChangeCertificate("cert:AAAAAAAAAAAAAAAAAAAA", NOV_1, "理由")
    assert codes(office.run, suspend, unknown) == ["certificate_unknown"]
    with office.read() as session:
        assert codes(find_number, session, "JNJP-2026-9999", NOV_1, NOV_1) == [
            "certificate_unknown"
        ]


def test_the_register_lists_by_number_with_state_and_balance(office):
    office.grant(number="JNJP-2026-0002", to_date=date(2026, 12, 1))
    office.grant(number="JNJP-2026-0001")
    with office.read() as session:
        listed = register(session, NOV_1)
        assert [each.number for each in listed] == ["JNJP-2026-0001", "JNJP-2026-0002"]
        assert [each.quota.left for each in listed] == [10, 10]
        after = register(session, NOV_1, after="JNJP-2026-0001", limit=1)
        assert [each.number for each in after] == ["JNJP-2026-0002"]
        assert register(session, NOV_1, scheme="green") == ()
        assert [each.number for each in of_holder(session, office.firm, NOV_1, NOV_1)] == [
            each.number for each in of_product(session, PRODUCT, NOV_1, NOV_1)
        ]
        assert of_product(session, "prod:none", NOV_1, NOV_1) == ()


def test_marks_that_end_within_90_days_are_listed_soonest_first(office):
    ends = [date(2026, 10, 31), date(2027, 1, 31), date(2027, 1, 30), date(2026, 11, 1)]
    for number, to_date in enumerate(ends):
        office.grant(number=f"JNJP-2026-{number:04}", to_date=to_date)
    with office.read() as session:
        assert [each.to_date for each in ending_soon(session, NOV_1)] == [ends[3], ends[2]]


def test_a_revoked_mark_is_not_listed_as_ending(office):
    decided = office.grant(to_date=date(2026, 11, 20))
    office.run(revoke, change(decided))
    with office.read() as session:
        assert ending_soon(session, NOV_1) == ()


def test_history_is_never_changed(office):
    office.grant()
    for table in ("certificates", "changes", "scopes"):
        for verb in ("UPDATE {} SET cert_id = 'x'", "DELETE FROM {}"):
            statement = text(verb.format(f"certification_{table}"))
            with pytest.raises(DBAPIError), office.node.database.write_engine.begin() as connection:
                connection.execute(statement)


def test_the_answer_under_an_idempotency_key_is_kept(office):
    """Commands and results survive the way through the runner's store."""
    unit, order = office.node.unit, office.order()
    first = unit.run(grant, order, actor=office.actor, idempotency_key="key-1")
    assert unit.run(grant, order, actor=office.actor, idempotency_key="key-1") == first
    with office.read() as session:
        assert len(register(session, NOV_1)) == 1
