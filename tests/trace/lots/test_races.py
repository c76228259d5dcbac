"""Nothing gives more than it holds when many writers race for the last kilogram."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.queues import Queue
from pathlib import Path

from tests.fixtures.processes import forkserver
from tests.trace.chain import OPENED, Farm, added, event, kg, refused
from tests.trace.lots.racer import KILOGRAMS, TRIES, take
from trace.replay import replay


def test_32_writers_in_one_process(field: Farm) -> None:
    field.open("A", *(f"B{n}" for n in range(32)))
    field.harvest("A", "100")

    def one(n: int) -> list[str]:
        if n % 2:
            return refused(lambda: field.step("sale", lots={"A": "10"}, at=moment(n)))
        outputs = {f"B{n}": "10"}
        return refused(
            lambda: field.step("split", inputs={"A": "10"}, outputs=outputs, at=moment(n))
        )

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(one, range(32)))
    assert sorted(map(str, answers)) == ["['MORE_THAN_HELD']"] * 22 + ["[]"] * 10
    balance = field.balance("A")
    assert balance.held == 0
    assert balance.consumed == sum(field.balance(f"B{n}").received for n in range(32))
    with field.node.database.read() as session:
        assert replay(session, field.node.vault) == []


def moment(n: int):
    return OPENED + timedelta(days=40, minutes=n)


def test_the_same_event_from_32_writers_counts_once(field: Farm) -> None:
    field.open("A")
    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(lambda _: field.one(added("A", "5")), range(32)))
    assert sorted(each.outcome for each in results) == ["accepted"] + ["duplicate"] * 31
    assert len({each.payload_id for each in results}) == 1
    assert field.balance("A").received == kg("5")


def test_of_records_under_one_hash_one_is_the_first(field: Farm) -> None:
    """No lot of ours makes them wait for each other: their common name does."""
    told = event(action="OBSERVE", epcList=["urn:epc:id:sgtin:0614141.107346.2018"])
    with ThreadPoolExecutor(16) as pool:
        results = list(
            pool.map(lambda n: field.one({**told, "eventID": f"urn:x:{n % 4}"}), range(16))
        )
    outcomes = sorted(each.outcome for each in results)
    assert outcomes == ["accepted"] + ["clash"] * 3 + ["duplicate"] * 12
    assert len({each.payload_id for each in results}) == 4
    with field.node.database.read() as session:
        assert replay(session, field.node.vault) == []


def test_four_processes(field: Farm, tmp_path: Path) -> None:
    field.open("A")
    field.harvest("A", "1000")
    url = field.node.database.url.render_as_string(hide_password=False)
    keys_url = f"sqlite:///{tmp_path / 'keys.sqlite3'}"
    arguments = (url, keys_url, field.stage.coop, field.lots["A"])
    context = forkserver()
    told: Queue[int] = context.Queue()
    racers = [context.Process(target=take, args=(*arguments, number, told)) for number in range(4)]
    for racer in racers:
        racer.start()
    taken = sum(told.get(timeout=120) for _ in racers)
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0, 0, 0]
    assert taken == 1000 // int(KILOGRAMS) < 4 * TRIES
    assert field.balance("A").sold == kg(KILOGRAMS) * taken
    with field.node.database.read() as session:
        assert replay(session, field.node.vault) == []
