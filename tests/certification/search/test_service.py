"""The index on both databases: kept in step, asked, counted, and rolled back with its decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from certification.certificates.commands import AnnulChange
from certification.certificates.model import State
from certification.certificates.service import annul, grant
from certification.search.model import Question, SearchEntry
from certification.search.service import (
    count_beginnings,
    count_states,
    count_target,
    index,
    search,
)
from certification.search.targets import targets
from identity.actor import SYSTEM
from runtime.clock import day_end
from tests.certification.books import codes
from tests.certification.conftest import GRANTED_AT
from tests.certification.two_officers import decided


def granted(office, **changes):
    return office.run(grant, office.order(**changes), SYSTEM)


def indexed(office, entry):
    def keep(work, command, actor, now):
        return index(work, command, now)

    return office.node.unit.run(keep, entry, actor=SYSTEM)


def found(office, words="", **asked):
    with office.read() as session:
        question = Question(words, **asked)
        return list(search(session, question, office.node.clock.now()).certificates)


def entry(cert_id, *names):
    return SearchEntry(cert_id, names, ("120112102",), (("brand_class", "regional"),))


def test_the_index_follows_what_was_decided(office):
    first = granted(office).cert_id
    second = granted(office, number="JNJP-2026-0002").cert_id
    indexed(office, entry(first, "小站稻米", "Xiaozhan rice"))
    indexed(office, entry(second, "津南香稻"))
    assert found(office, "演示米业") == [second, first], "the newest first"
    assert found(office, "小站稻") == [first]
    assert found(office, "垦利") == [second, first], "of the place too"
    assert found(office, "XIAOZH") == [first]
    assert found(office, "小稻") == []
    assert found(office, number="JNJP-2026-0002") == [second]
    assert found(office, place="120112102", state="active") == [second, first]
    indexed(office, entry(first, "盐碱地大米"))
    assert found(office, "小站稻") == []
    assert found(office, "盐碱地") == [first]
    assert found(office, "演示米业") == [second, first], "an entry keeps its place"
    decided(office.run, "suspend", first, GRANTED_AT + timedelta(days=1))
    indexed(office, entry(first, "盐碱地大米"))
    assert found(office, "演示", state="suspended") == [first]
    assert found(office, "演示", state="active") == [second]
    office.run(annul, AnnulChange(second, 1, "误录"), SYSTEM)
    indexed(office, entry(second))
    assert found(office, state="annulled") == [second]
    assert found(office, "演示", state="active") == []


def test_a_decision_that_fails_leaves_the_index_as_it_was(office):
    cert_id = granted(office).cert_id
    indexed(office, entry(cert_id, "小站稻"))

    def broken(work, command, actor, now):
        index(work, command, now)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        office.node.unit.run(broken, entry(cert_id, "香梨"), actor=SYSTEM)
    assert found(office, "小站稻") == [cert_id]
    assert found(office, "香梨") == []
    assert codes(indexed, office, entry("cert:AAAAAAAAAAAAAAAAAAAA")) == ["certificate_unknown"]


def test_states_of_time_alone_need_no_new_index(office):
    cert_id = granted(office, from_date=date(2026, 12, 1), to_date=date(2027, 1, 31)).cert_id
    indexed(office, entry(cert_id, "小站稻"))
    now = office.node.clock.now()
    expected = (
        (date(2026, 11, 30), State.NOT_YET), (date(2026, 12, 1), State.ACTIVE),
        (date(2027, 1, 31), State.ACTIVE), (date(2027, 2, 1), State.EXPIRED),
    )  # fmt: skip
    for day, state in expected:
        office.node.clock.at = max(now, day_end(day) - timedelta(hours=1))
        for asked in ("active", "expired", "not_yet", "suspended", "revoked"):
            held = found(office, "小站", state=asked) == [cert_id]
            assert held is (asked == state.value), (day, asked)
        with office.read() as session:
            assert count_states(session, office.node.clock.now()) == {"jnjp": {state: 1}}


def test_what_is_counted_against_a_target(office):
    regional, other = granted(office), granted(office, number="JNJP-2026-0002")
    indexed(office, entry(regional.cert_id))
    indexed(office, replace(entry(other.cert_id), choices=()))
    wanted = {each.key: replace(each, region="370500") for each in targets()}
    with office.read() as session:
        now = office.node.clock.now()
        brands = count_target(session, wanted["regional_brands"], now)
        assert (brands.in_force, brands.unsaid) == (1, 1)
        assert count_target(session, wanted["jnjp_brands"], now).in_force == 2
        assert count_target(session, wanted["certificates"], now).in_force == 0
        elsewhere = replace(wanted["jnjp_brands"], region="650000")
        assert count_target(session, elsewhere, now).in_force == 0
        years = [(2026, day_end(date(2025, 12, 31)), day_end(date(2026, 12, 31)))]
        assert count_beginnings(session, years) == [2]


@pytest.mark.parametrize("newest", [(4_000,), (1, 3), (1,)])
def test_pages_go_on_where_the_last_one_ended(office, monkeypatch, newest):
    """However many of the newest rows are looked through first (PostgreSQL)."""
    monkeypatch.setattr("certification.search.service.NEWEST", newest)
    made = [granted(office, number=f"JNJP-2026-{n:04}").cert_id for n in range(1, 6)]
    for n, cert_id in enumerate(made):
        indexed(office, entry(cert_id, "小站稻", "新的" if n > 2 else "旧的"))
    with office.read() as session:
        now = office.node.clock.now()
        for asked, expected in (
            (Question("小站", limit=2), made[::-1]),
            (Question("小站 旧的", limit=2), made[2::-1]),
            (Question("小站 新的", limit=1), made[:2:-1]),
            (Question("没有", limit=2), []),
            (Question(number="JNJP-2026", limit=2), made),
            (Question(number="jnjp-2026-0004", limit=2), made[3:4]),
        ):
            seen: list[str] = []
            after: str | None = ""
            while after is not None:
                page = search(session, replace(asked, after=after), now)
                seen += page.certificates
                after = page.after
            assert seen == expected, asked


def test_the_full_text_index_is_used(office):
    """On a table of some size both databases answer from their own index."""
    cert_id = granted(office).cert_id
    indexed(office, entry(cert_id, "小站稻"))
    with office.read() as session:
        if office.node.database.dialect == "sqlite":
            asked = "SELECT rowid FROM certification_search_words('x')"
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {asked}")).all()
            assert "VIRTUAL TABLE INDEX" in str(plan)
            return
        session.execute(text("SET enable_seqscan = off"))
        query = "EXPLAIN SELECT * FROM certification_search WHERE words @@ '小站'::tsquery"
        assert "ix_certification_search_words" in str(session.execute(text(query)).all())
