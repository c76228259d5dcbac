"""What a credit answer says of renewed, confirmed, moved and ended certificates, and of lies."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from certification.certificates.commands import (
    AmendCertificate,
    AnnulChange,
    ChangeCertificate,
    ConfirmCertificate,
    GrantCertificate,
    GrantLine,
    SucceedCertificate,
    TransferBody,
)
from certification.certificates.service import (
    amend,
    annul,
    cancel,
    confirm,
    grant,
    supersede,
    suspend,
    transfer_body,
)
from identity.actor import SYSTEM
from points.credit.answer import verify_answer
from tests.fixtures.nodes import Grow
from tests.points.conftest import PointsOffice, open_office
from tests.points.test_answer import published_keys, report, sign

OCT_1 = datetime(2026, 10, 1, tzinfo=UTC)
NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)
PRODUCT = "prod:AAAAAAAAAAAAAAAAAAAA"
NUMBERS = ("JNJP-2026-0001", "JNJP-2026-0002", "JNJP-2026-0003", "JNJP-2026-0004")
RENEWED, SUPERSEDED, MOVED, GIVEN_UP = NUMBERS
LISTED, LINED = "CAQS-MTYX-20260001", "JNJP-2026-0005"


def order(holder: str, number: str, **changes: Any) -> GrantCertificate:
    command = GrantCertificate(
        number=number,
        scheme="jnjp",
        holder=holder,
        products=(PRODUCT,),
        from_date=date(2026, 10, 1),
        to_date=date(2026, 11, 10),
        effective_at=OCT_1,
        reason="评定通过",
        quantity="10",
        unit="件",
        document="演示〔2026〕1号",
    )
    return replace(command, **changes)


def firm_with_certificates(node: Any) -> PointsOffice:
    points = open_office(node)

    def run(use_case: Any, command: object) -> Any:
        return points.run(use_case, command, SYSTEM)

    ids = {number: run(grant, order(points.firm, number)).cert_id for number in NUMBERS}
    node.clock.advance(timedelta(hours=1))
    now = node.clock.now()
    renewal = AmendCertificate(
        ids[RENEWED], NOV_1, "续展", from_date=date(2026, 11, 11), to_date=date(2029, 11, 10),
        quantity="20", unit="件",
    )  # fmt: skip
    run(amend, renewal)
    run(supersede, SucceedCertificate(ids[SUPERSEDED], NOV_1, RENEWED, "换发"))
    run(transfer_body, TransferBody(ids[MOVED], NOV_1, str(points.actor.party), "原机构退出"))
    run(suspend, ChangeCertificate(ids[GIVEN_UP], NOV_1, "误录"))
    run(annul, AnnulChange(ids[GIVEN_UP], 2, "误录"))
    run(cancel, ChangeCertificate(ids[GIVEN_UP], now, "停产"))
    unbounded = {"to_date": None, "quantity": None, "unit": None, "scheme": "mtyx"}
    listed = order(points.firm, LISTED, confirm_by=date(2026, 11, 20), **unbounded)
    listing = run(grant, listed).cert_id
    run(confirm, ConfirmCertificate(listing, now, date(2027, 11, 20), "年度确认"))
    lines = (GrantLine(PRODUCT, "2026", "6", "件"),)
    run(grant, order(points.firm, LINED, quantity=None, unit=None, lines=lines))
    return points


@pytest.fixture
def firm(grow: Grow[PointsOffice]) -> PointsOffice:
    return grow(firm_with_certificates)


def stated(payload: Any, number: str) -> Any:
    listed = payload["stated"]["certificates"]
    return next(each for each in listed if each["number"] == number)


def proved(payload: Any, number: str) -> Any:
    listed = payload["proved"]["certificates"]
    return next(each for each in listed if each["number"] == number)


MOMENTS = [
    (datetime(2026, 11, 5, tzinfo=UTC), "active", "2026-10-01", "2026-11-10"),
    (datetime(2026, 11, 10, 15, 59, tzinfo=UTC), "active", "2026-10-01", "2026-11-10"),
    (datetime(2026, 11, 10, 16, tzinfo=UTC), "active", "2026-11-11", "2029-11-10"),
    (datetime(2029, 11, 10, 16, tzinfo=UTC), "expired", "2026-11-11", "2029-11-10"),
]


def test_answers_about_every_kind_of_change_are_good(firm):
    keys = published_keys(firm)
    for at, state, first, last in MOMENTS:
        payload = report(firm, now=at)
        found = verify_answer(sign(firm, payload), keys)
        assert found.faults == (), at
        certificate = stated(payload, RENEWED)
        assert (certificate["state"], certificate["from"], certificate["to"]) == (
            state, first, last,
        )  # fmt: skip
        assert certificate["granted"] == 20
    payload = report(firm, now=MOMENTS[0][0])
    states = {each["number"]: each["state"] for each in payload["stated"]["certificates"]}
    assert states == {
        RENEWED: "active", SUPERSEDED: "superseded", MOVED: "active", GIVEN_UP: "cancelled",
        LISTED: "active", LINED: "active",
    }  # fmt: skip
    assert stated(payload, LISTED)["confirm_by"] == "2027-11-20"
    assert stated(payload, LINED)["granted"] == 6


LIES = [
    (RENEWED, {"to": "2030-11-10"}),
    (RENEWED, {"to": "2029-11-10"}),  # the next term, told before it begins
    (RENEWED, {"from": "2026-11-11", "to": "2029-11-10"}),
    (RENEWED, {"granted": 10}),
    (RENEWED, {"state": "expired"}),
    (RENEWED, {"confirm_by": "2027-01-01"}),
    (RENEWED, {"decisions": 1}),
    (RENEWED, {"decisions": "2"}),
    (SUPERSEDED, {"state": "active"}),
    (MOVED, {"state": "transferred"}),
    (MOVED, {"scheme": "green"}),
    (GIVEN_UP, {"state": "active"}),
    (GIVEN_UP, {"state": "suspended"}),
    (LISTED, {"confirm_by": "2026-11-20"}),
    (LISTED, {"confirm_by": None}),
    (LISTED, {"to": "2027-11-20"}),
]


def test_a_lie_about_a_changed_certificate_is_found(firm):
    payload, keys = report(firm, now=MOMENTS[0][0]), published_keys(firm)
    for number, lie in LIES:
        other = copy.deepcopy(payload)
        stated(other, number).update(lie)
        found = verify_answer(sign(firm, other), keys)
        assert [each.code.code for each in found.faults] == ["certificate_wrong"], (number, lie)


def test_entries_left_out_or_put_in_another_order_are_found(firm):
    payload, keys = report(firm, now=MOMENTS[0][0]), published_keys(firm)
    entries = proved(payload, GIVEN_UP)["entries"]
    assert len(entries) == 4
    grant_, suspended, annulled, cancelled = entries
    told = [
        ([grant_, cancelled, annulled, suspended], "suspended", False),
        ([grant_, grant_, annulled, cancelled], "cancelled", False),
        ([suspended, annulled, cancelled], "cancelled", False),
        ([grant_, annulled, cancelled], "cancelled", False),
        ([grant_, suspended, annulled, suspended], "suspended", False),
        # That nothing later exists is stated, never proved: a shortened list may hold.
        ([grant_, suspended, annulled], "active", True),
    ]
    for shown, state, holds in told:
        other = copy.deepcopy(payload)
        proved(other, GIVEN_UP)["entries"] = shown
        stated(other, GIVEN_UP).update(state=state, decisions=len(shown))
        assert verify_answer(sign(firm, other), keys).holds is holds, state


def test_an_answer_of_the_first_format_stays_good(firm):
    """Answers kept by their askers have no `confirm_by`; nothing else in them has changed."""
    payload = report(firm, now=MOMENTS[0][0])
    for each in payload["stated"]["certificates"]:
        if each["number"] != LISTED:
            del each["confirm_by"]
    assert verify_answer(sign(firm, payload), published_keys(firm)).holds
