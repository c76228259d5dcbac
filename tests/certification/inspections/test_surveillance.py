"""When a certificate is visited again, and which one first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from hashlib import sha256

import pytest

from certification.certificates.commands import ChangeCertificate
from certification.certificates.service import grant, suspend
from certification.inspections.model import PhotoClaim
from certification.inspections.risk import (
    KEYS,
    RiskTableError,
    in_order,
    ranked,
    read_factors,
)
from certification.inspections.service import Finish, finish
from certification.inspections.surveillance import factors, ranking, surveillance_due
from certification.schemes.model import Parameter
from certification.schemes.service import scheme
from identity.actor import SYSTEM
from tests.certification.conftest import Office
from tests.certification.inspections.visits import PHOTO, WITH_PHOTO, on_sqlite, passed

CLAIMS = tuple(PhotoClaim(sha256(PHOTO).hexdigest(), item) for item in WITH_PHOTO)


def yearly(months: int | None = 12):
    """The scheme with a visit every so many months."""
    found = scheme("jnjp")
    told = Parameter("surveillance_months", months, False, "test")
    return replace(found, parameters={**found.parameters, "surveillance_months": told})


def granted(visits, serial: int, **changes):
    order = replace(
        Office.order(visits), number=f"JNJP-2026-{serial:04d}", from_date=date(2026, 1, 10),
        to_date=date(2026, 12, 31), effective_at=visits.node.clock.now() - timedelta(days=1),
        **changes,
    )  # fmt: skip
    return visits.run(grant, order, SYSTEM).cert_id


def visit(visits, cert_id: str, **otherwise: str) -> None:
    """A finished visit about a certificate."""
    from certification.bodies.service import DeclareInterest, declare_interest

    subject = replace(visits.subject, about=cert_id)
    inspector = visits.inspectors[0]
    visits.run(declare_interest, DeclareInterest(cert_id, visits.firm, "none"), inspector)
    id = visits.plan(subject=subject, kind="surveillance").inspection
    visits.record(id, passed(**otherwise), photos=CLAIMS)
    visits.photo(id, PHOTO)
    visits.run(finish, Finish(id, "完成"), inspector)


@on_sqlite
def test_when_a_visit_is_due_and_which_is_first(visits) -> None:
    node = visits.node
    first, second, third = (granted(visits, serial) for serial in (1, 2, 3))
    now, today = node.clock.now(), visits.today
    change = ChangeCertificate(third, now, "抽检", "演示〔2026〕9号")
    visits.run(suspend, change, SYSTEM)
    visit(visits, first, scope="fail")
    with visits.read() as session:
        due = partial(surveillance_due, session, now=now)
        assert due(second, yearly()) == date(2027, 1, 10)
        assert due(second, yearly(1)) == date(2026, 2, 10)
        assert due(first, yearly()) == today.replace(year=today.year + 1)
        assert due(second, yearly(None)) is None
        assert due("cert:AAAAAAAAAAAAAAAAAAA", yearly()) is None
        assert due(second, yearly(), now=now + timedelta(days=400)) is None
        order = ranking(session, yearly(1), now)
    scores = {each.cert_id: {p.factor.key: p.count for p in each.parts} for each in order}
    assert scores[third] == scores[second] | {"suspensions": 1}
    assert scores[first] == {"major_open": 1}
    assert "first_term" in scores[second]
    assert [each.cert_id for each in order][-1] == first
    assert sorted((each.score for each in order), reverse=True) == [each.score for each in order]


def test_the_shipped_weights_say_where_they_come_from() -> None:
    assert {each.key for each in factors()} == KEYS
    assert all(each.source and not each.verified for each in factors())
    assert all(each.words.zh and each.words.en for each in factors())


def test_scores_are_capped_and_order_has_no_ties() -> None:
    much = ranked(factors(), "b", None, {"overdue_months": 99, "first_term": 0})
    assert (much.score, len(much.parts)) == (24, 1)
    none = ranked(factors(), "a", date(2026, 1, 1), {})
    later = ranked(factors(), "c", date(2026, 2, 1), {})
    assert [each.cert_id for each in in_order([later, none, much])] == ["b", "a", "c"]


FACTOR = {"key": "", "words": {"zh": "", "en": ""}, "points": 1, "most": 2, "verified": False,
          "source": ""}  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"factor": [FACTOR | {"key": "other"}]},
        {"factor": [{"key": "suspensions"}]},
        {"factor": [FACTOR | {"key": each, "points": 0} for each in KEYS]},
        {"factor": [FACTOR | {"key": each, "most": 0} for each in KEYS]},
        {"factor": [FACTOR | {"key": each} for each in (*KEYS, "suspensions")]},
    ],
)
def test_a_wrong_table_is_found_at_once(table) -> None:
    with pytest.raises(RiskTableError):
        read_factors(table)
