"""Whoever comes first has the last unit, and nobody else: threads, processes, and everything at
once."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from certification.certificates.service import ChangeCertificate, suspend
from certification.permits.service import close_permit, freeze_permit
from certification.quotas.model import freed
from certification.quotas.service import quotas
from certification.schemes.model import Bound
from runtime.refusal import Refusal
from tests.certification.desk import GREEN, KG
from tests.certification.quotas.racer import TRIES, printed
from tests.certification.quotas.racing import HANDS, race

NOV_1 = datetime(2026, 11, 1, tzinfo=UTC)


def tried(deed) -> str:
    try:
        deed()
    except Refusal as refusal:
        return refusal.first.code.code
    return "done"


def test_sixty_four_issuers_and_the_last_unit(desk):
    raced = race(desk, 1)
    assert (raced.printed, raced.over_issued) == (1, 0)
    assert raced.refused == {"over_quota_pieces": HANDS - 1}
    assert desk.differences() == []


@pytest.mark.deep
def test_ten_thousand_races(desk):
    raced = race(desk, 10_000)
    assert (raced.printed, raced.over_issued) == (10_000, 0)
    assert raced.refused == {"over_quota_pieces": 10_000 * (HANDS - 1)}
    assert desk.differences() == []


def test_a_suspension_waits_for_a_print_run_that_holds_the_certificate(desk):
    """Whichever comes first, nothing is printed after the suspension was acknowledged."""
    decided = desk.grant(quantity="1000")
    permit = desk.open(decided.cert_id, "500")
    start = Barrier(9)

    def print_until_refused(n: int) -> int:
        account = permit.permit_id if n % 2 else decided.cert_id
        start.wait()
        done = 0
        while done < 40:
            outcome = tried(lambda: desk.print(account, 1))
            if outcome != "done":
                assert outcome == "certificate_suspended"
                break
            done += 1
        return done

    with ThreadPoolExecutor(9) as hands:
        runs = [hands.submit(print_until_refused, number) for number in range(8)]
        start.wait()
        desk.run(suspend, ChangeCertificate(decided.cert_id, NOV_1, "抽检不合格"))
        after = stored(desk, decided.cert_id).printed
        total = sum(each.result() for each in runs)
    assert stored(desk, decided.cert_id).printed == total == after


def stored(desk, cert_id):
    with desk.read() as session:
        return quotas(session, [cert_id])[cert_id]


def test_everything_at_once_loses_nothing(desk):
    decided = desk.grant(**GREEN)
    first = desk.open(decided.cert_id, "3", unit="公斤")
    second = desk.open(decided.cert_id, "3", desk.second, unit="公斤")
    for account in (decided.cert_id, first.permit_id, second.permit_id):
        desk.print(account, KG)
    deeds = [
        lambda: desk.print(decided.cert_id, KG),
        lambda: desk.print(first.permit_id, KG),
        lambda: desk.print(second.permit_id, KG),
        lambda: desk.move(first.number, second.number, "1", "公斤"),
        lambda: desk.move(second.number, first.number, "1", "公斤"),
        lambda: desk.void(first.permit_id, KG // 2),
        lambda: desk.void(decided.cert_id, KG // 2),
        lambda: desk.open(decided.cert_id, "1", unit="公斤"),
    ] * 3
    deeds += [
        lambda: desk.change(freeze_permit, second.number),
        lambda: desk.change(close_permit, first.number),
    ]
    with ThreadPoolExecutor(len(deeds)) as hands:
        outcomes = set(hands.map(tried, deeds))
    assert outcomes <= {
        "done", "over_quota_mass", "over_account_mass", "over_void", "permit_frozen",
        "permit_closed",
    }  # fmt: skip
    accounts = desk.accounts(decided.cert_id).values()
    on_goods = sum(each.printed for each in accounts) - sum(
        freed(Bound.APPROVED_OUTPUT, each.void) for each in accounts
    )
    assert on_goods + sum(each.left for each in accounts) == 10 * KG
    assert all(each.left >= 0 for each in accounts)
    assert desk.differences() == []


def test_four_processes(desk, tmp_path):
    wanted = 3 * TRIES
    decided = desk.grant(quantity=str(wanted + 5))
    permit = desk.open(decided.cert_id, str(wanted))
    url = desk.node.database.url.render_as_string(hide_password=False)
    arguments = (url, f"sqlite:///{tmp_path / 'keys.sqlite3'}", desk.actor.party, permit.permit_id)
    # Each is forked from a process that has imported everything once and done nothing.
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.certification.quotas.racer"])
    with ProcessPoolExecutor(4, mp_context=processes) as racers:
        done = [racers.submit(printed, *arguments) for _ in range(4)]
    assert sum(each.result() for each in done) == wanted
    assert desk.accounts(decided.cert_id)[permit.permit_id].left == 0
    assert desk.differences() == []
