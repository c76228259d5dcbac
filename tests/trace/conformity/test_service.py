"""Issuing certificates on both databases: committed, sealed, chained, erasable."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from identity.actor import SYSTEM, Actor
from ledger.reader import LogReader
from runtime.clock import instant_text
from runtime.database import Base
from runtime.refusal import Refusal
from tests.fixtures.nodes import transaction
from tests.trace.labels.stage import BAG_MG, Stage
from trace.conformity.model import Fields
from trace.conformity.service import (
    IssueConformity,
    conformity_of_lot,
    find_conformity,
    issue,
    newest_row,
)
from trace.conformity.tables import ConformityCertificate
from trace.products.service import RegisterProduct, register_product
from trace.scans.service import epoch_of

CRABS = Fields(
    product_name="黄河口大闸蟹",
    quantity=("2000", "只"),
    origin="山东省东营市垦利区黄河口镇",
    party_name="演示合作社",
    contact="0546-2000000",
    basis=("own_test", "control_met"),
)


def order(stage: Stage, lot: str, **changes: Any) -> IssueConformity:
    named = {"supersedes", "owner"} & set(changes)
    outer = {name: changes.pop(name) for name in named}
    return IssueConformity(
        **{"owner": stage.coop, "lot": lot, "fields": replace(CRABS, **changes), **outer}
    )


def refused(stage: Stage, command: IssueConformity, actor: Actor | None = None) -> list[str]:
    with pytest.raises(Refusal) as caught:
        stage.do(issue, command, *([actor] if actor else []))
    return [f"{reason.pointer} {reason.code.code}" for reason in caught.value.reasons]


def entry_of(stage: Stage, payload_id: str) -> Any:
    with stage.node.database.read() as session:
        reader = LogReader(session)
        index = reader.index_of(payload_id)
        assert index is not None
        return orjson.loads(reader.entry(index))["payload"]


def test_a_certificate_is_committed_and_nothing_of_it_is_public(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    with stage.node.database.read() as session:
        before = epoch_of(session, lot)
    issued = stage.do(issue, order(stage, lot))
    payload = entry_of(stage, issued.payload_id)
    assert payload["type"] == "trace.conformity.issue"
    assert (payload["streams"], payload["facts"]) == ([lot], {})
    assert list(payload["commit"]) == ["record"]
    with stage.node.database.read() as session:
        found = conformity_of_lot(session, stage.node.vault, lot)
        assert find_conformity(session, stage.node.vault, issued.id) == found
        assert epoch_of(session, lot) > before
    assert found is not None
    assert (found.id, found.style, found.issued_at) == (issued.id, "producer", issued.issued_at)
    assert found.record == {
        "id": issued.id,
        "lot": lot,
        "owner": stage.coop,
        "product_name": "黄河口大闸蟹",
        "quantity": ["2000", "只"],
        "origin": "山东省东营市垦利区黄河口镇",
        "party_name": "演示合作社",
        "contact": "0546-2000000",
        "basis": ["control_met", "own_test"],
        "style": "producer",
        "sources": [],
        "issued_at": instant_text(issued.issued_at),
        "supersedes": None,
    }


def test_a_villagers_name_lies_nowhere_in_the_clear_and_can_be_erased(stage: Stage):
    lot = _lot_of(stage, stage.household)
    command = order(stage, lot, owner=stage.household, party_name="王小明", contact="13800138000")
    issued = stage.do(issue, command)
    with stage.node.database.read() as session:
        found = find_conformity(session, stage.node.vault, issued.id)
        assert found is not None
        assert found.record is not None
        assert (found.record["party_name"], found.record["contact"]) == ("王小明", "13800138000")
    assert _dump_holds(stage, "演示蟹"), "the search finds what lies in the clear"
    for secret in ("王小明", "13800138000"):
        assert not _dump_holds(stage, secret)
    stage.node.vault.destroy(stage.household)
    with stage.node.database.read() as session:
        erased = find_conformity(session, stage.node.vault, issued.id)
        assert erased is not None
        assert erased.record is None
        assert (erased.lot_id, erased.payload_id) == (lot, issued.payload_id)


def _lot_of(stage: Stage, owner: str) -> str:
    command = RegisterProduct(owner, "theirs", "演示蟹", "crab", "aquatic", "pieces")
    with transaction(stage.node) as work:
        register_product(work, command, SYSTEM, stage.node.clock.now())
    return stage.lot("theirs", "T1", 5_000, owner)


def _dump_holds(stage: Stage, secret: str) -> bool:
    """Whether any column of any table holds a text, in UTF-8 or as JSON escapes it."""
    spellings = (secret.encode(), secret.encode("unicode_escape"))
    with stage.node.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for value in row:
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    if any(spelling in raw for spelling in spellings):
                        return True
    return False


def test_a_correction_names_the_certificate_that_it_replaces(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    first = stage.do(issue, order(stage, lot))
    assert refused(stage, order(stage, lot)) == ["/supersedes conformity_exists"]
    second = stage.do(issue, order(stage, lot, quantity=("1999", "只"), supersedes=first.id))
    assert refused(stage, order(stage, lot, supersedes=first.id)) == [
        "/supersedes conformity_exists"
    ]
    with stage.node.database.read() as session:
        found = conformity_of_lot(session, stage.node.vault, lot)
        old = find_conformity(session, stage.node.vault, first.id)
    assert found is not None
    assert old is not None
    assert found.id == second.id
    assert found.record is not None
    assert found.record["supersedes"] == first.id
    assert old.record is not None


def test_two_clerks_issue_one_certificate(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    outcomes: list[str] = []

    def do_issue() -> None:
        try:
            stage.do(issue, order(stage, lot))
            outcomes.append("issued")
        except Refusal as refusal:
            outcomes.append(refusal.first.code.code)

    threads = [Thread(target=do_issue) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conformity_exists"] * 7 + ["issued"]


ORDERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"quantity": ("2001", "只")}, ["/quantity conformity_over_lot"]),
    ({"quantity": ("0", "只")}, ["/quantity quantity_malformed"]),
    ({"quantity": ("-1", "只")}, ["/quantity quantity_malformed"]),
    ({"quantity": ("1.5", "只")}, ["/quantity quantity_malformed"]),
    ({"quantity": ("many", "只")}, ["/quantity quantity_malformed"]),
    ({"quantity": ("10", "公斤")}, ["/quantity wrong_unit"]),
    ({"quantity": ("10", "亩")}, ["/quantity wrong_unit"]),
    ({"quantity": ("10", "stone")}, ["/quantity quantity_malformed"]),
    ({"basis": ()}, ["/basis conformity_basis_unknown"]),
    ({"style": "buyer"}, ["/sources conformity_sources_missing"]),
    ({"product_name": "蟹" * 61}, ["/product_name text_too_long"]),
    ({"origin": "东营\u202e"}, ["/origin bidi_text"]),
    ({"party_name": "演示\u200b合作社"}, ["/party_name invisible_text"]),
    ({"contact": "0546\x00"}, ["/contact control_text"]),
    ({"product_name": "e\u0301"}, ["/product_name text_not_nfc"]),
    ({"style": "buyer", "sources": ("ok", "\u202e")}, ["/sources/1 bidi_text"]),
    ({"supersedes": "conf:nowhere"}, ["/supersedes conformity_unknown"]),
    ({"owner": "rival"}, ["/lot not_yours"]),
    ({"lot": "nowhere"}, ["/lot lot_unknown"]),
]


def test_which_orders_are_refused(stage: Stage):
    stage.lot("crabs", "C1", 2_000)
    for changes, expected in ORDERS:
        named = {**changes, "owner": stage.rival} if "owner" in changes else dict(changes)
        lot = named.pop("lot", "C1")
        assert refused(stage, order(stage, lot, **named)) == expected, changes
    with stage.node.database.read() as session:
        assert session.scalars(select(ConformityCertificate)).all() == []


def test_html_is_text(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    issued = stage.do(issue, order(stage, lot, product_name="<script>alert(1)</script>"))
    with stage.node.database.read() as session:
        found = find_conformity(session, stage.node.vault, issued.id)
    assert found is not None
    assert found.record is not None
    assert found.record["product_name"] == "<script>alert(1)</script>"


def test_nobody_issues_for_another(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    rival = Actor(stage.rival, None, frozenset(), frozenset({"capture"}), "api", "client")
    assert refused(stage, order(stage, lot), rival) == ["None other_party"]
    reader = Actor(stage.coop, None, frozenset(), frozenset({"query"}), "api", "client")
    assert refused(stage, order(stage, lot), reader) == ["None scope_missing"]
    own = Actor(stage.coop, None, frozenset(), frozenset({"capture"}), "api", "client")
    assert stage.do(issue, order(stage, lot), own).lot == lot


def test_the_same_key_gives_the_same_certificate(stage: Stage):
    lot = stage.lot("crabs", "C1", 2_000)
    run = stage.node.unit.run
    first, again = (
        run(issue, order(stage, lot), actor=SYSTEM, idempotency_key="k1") for _ in range(2)
    )
    assert first == again


def test_grain_may_have_one_too(stage: Stage):
    lot = stage.lot("rice", "L1", 10 * BAG_MG)
    issued = stage.do(issue, order(stage, lot, quantity=("50", "公斤")))
    with stage.node.database.read() as session:
        row = newest_row(session, lot)
    assert row is not None
    assert (row.id, row.n) == (issued.id, 1)


def test_a_buyers_certificate_names_both_sources(stage: Stage):
    lot = stage.lot("crabs", "MIX", 2_000)
    sources = ("conf:one", "演示农户 2 号手写合格证")
    issued = stage.do(issue, order(stage, lot, style="buyer", sources=sources))
    with stage.node.database.read() as session:
        found = find_conformity(session, stage.node.vault, issued.id)
        assert find_conformity(session, stage.node.vault, "conf:nowhere") is None
        assert conformity_of_lot(session, stage.node.vault, "lot:nowhere") is None
    assert found is not None
    assert found.record is not None
    assert found.style == "buyer"
    assert found.record["sources"] == list(sources)
