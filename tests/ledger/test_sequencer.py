"""Places: chain, streams, tree and head, whoever writes and whatever fails in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from ledger.entries.model import ZERO_HASH, Entry, parse_entry
from ledger.errors import LogBroken
from ledger.log_keys import EdgeCache, LogKeys, load_log_keys
from ledger.note import open_checkpoint
from ledger.outbox import record
from ledger.sequencer import append_prepared, sequence
from ledger.signer import Ed25519Signer
from ledger.tree import LeafList, leaf_hash
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import ORIGIN, Log


def all_entries(log: Log) -> list[bytes]:
    with log.reader() as reader:
        return list(reader.entry_range(0, reader.size))


def check_everything(log: Log) -> list[Entry]:
    """Chain, streams, time, roots of all heads and their signatures, as a stranger would."""
    entries = all_entries(log)
    parsed = [parse_entry(each) for each in entries]
    hashes = [leaf_hash(each) for each in entries]
    tips: dict[str, tuple[int, bytes]] = {}
    for index, (entry, before) in enumerate(zip(parsed, [None, *parsed], strict=False)):
        assert entry.index == index
        assert entry.prev == (hashes[index - 1] if index else ZERO_HASH)
        assert before is None or entry.at >= before.at
        for place in entry.places:
            n, tip = tips.get(place.stream, (0, ZERO_HASH))
            assert (place.n, place.prev) == (n + 1, tip)
            tips[place.stream] = (n + 1, hashes[index])
    tree = LeafList(hashes)
    with log.database.read() as session:
        heads = session.execute(text("SELECT size, root, note FROM heads ORDER BY size")).all()
        rows = session.execute(text("SELECT id, n FROM stream_counts")).all()
        counts = {row.id: row.n for row in rows}
        waiting = session.scalar(text("SELECT count(*) FROM outbox"))
        state = session.execute(text("SELECT size, root, tip FROM log_state")).one()
    for size, root, note in heads:
        assert root == tree.root(size)
        checkpoint = open_checkpoint(note, [log.keys.checkpoint.verifier()], ORIGIN)
        assert (checkpoint.size, checkpoint.root) == (size, root)
    assert heads[-1][0] == len(entries)
    assert tuple(state) == (len(entries), tree.root(), hashes[-1])
    assert waiting == 0
    assert counts == {stream: n for stream, (n, _) in tips.items()}
    return parsed


def fresh_keys(log: Log) -> LogKeys:
    """The keys as another process loads them, with an empty cache."""
    return load_log_keys(log.vault, ORIGIN)


def test_batches_of_many_sizes_make_one_chain(log: Log) -> None:
    for count in (1, 2, 251, 1, 300, 3):
        log.clock.advance(timedelta(seconds=1))
        log.grow(count, "lot:a", f"lot:{count}")
    entries = check_everything(log)
    assert len(entries) == 4 + 558
    with log.database.read() as session:
        tiles = session.execute(text("SELECT level, number FROM tiles ORDER BY number")).all()
        assert [tuple(each) for each in tiles] == [(0, 0), (0, 1)]


def test_an_empty_outbox_makes_no_head(log: Log) -> None:
    with log.database.write_engine.begin() as connection:
        assert sequence(connection, log.keys, log.now) is None
    with log.database.read() as session:
        heads = session.scalar(text("SELECT count(*) FROM heads"))
    log.record("lot:a")
    with log.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM heads")) == (heads or 0) + 1


def test_before_init_there_is_nothing_to_sequence(empty_log: Log) -> None:
    with empty_log.database.write_engine.begin() as connection:
        assert sequence(connection, empty_log.keys, empty_log.now) is None
        with pytest.raises(LogBroken):
            append_prepared(connection, [empty_log.prepared({})], empty_log.keys, empty_log.now)


def test_a_session_will_do_as_well(log: Log) -> None:
    with log.unsequenced() as work:
        record(work, log.step("lot:a"), log.firm, log.now)
        head = sequence(work, log.keys, log.now)
    assert head is not None
    assert head.size == 5
    check_everything(log)


def test_time_never_goes_back(log: Log) -> None:
    start = log.now
    log.clock.advance(timedelta(hours=1))
    log.record("lot:a")
    log.clock.advance(timedelta(days=-30))
    log.record("lot:a")
    ats = [each.at for each in check_everything(log)][3:]
    assert ats == [start, start + timedelta(hours=1), start + timedelta(hours=1)]
    with log.reader() as reader:
        assert reader.head().at == start + timedelta(hours=1)


def test_microseconds_are_kept(log: Log) -> None:
    log.clock.at = datetime.fromisoformat("2027-01-01T00:00:00.000001+00:00")
    log.record("lot:a")
    assert b'"at":"2027-01-01T00:00:00.000001Z"' in all_entries(log)[-1]


def test_appending_without_an_outbox(log: Log) -> None:
    log.append([log.prepared({"lot:a": 1}, 1), log.prepared({"lot:a": 2, "lot:b": 1}, 2)])
    log.append([log.prepared({"lot:b": 2}, 3)])
    with log.reader() as reader:
        assert reader.streams(["lot:a", "lot:b"]) == {"lot:a": [4, 5], "lot:b": [5, 6]}
    with pytest.raises(ValueError):
        log.append([])


@pytest.mark.parametrize(
    "batches",
    [
        [[{"lot:a": 2}]],
        [[{"lot:a": 1}, {"lot:a": 1}]],
        [[{"lot:a": 1}, {"lot:a": 3}]],
        [[{"lot:a": 1}], [{"lot:a": 3}]],
        [[{"lot:a": 1, "lot:b": 2}]],
        [[{"lot:a": 0}]],
    ],
)
def test_numbers_that_do_not_follow_stop_the_log(
    sqlite_log: Log, batches: list[list[dict[str, int]]]
) -> None:
    log = sqlite_log
    numbered = [
        [log.prepared(streams, 10 * at + each) for each, streams in enumerate(batch)]
        for at, batch in enumerate(batches)
    ]
    for batch in numbered[:-1]:
        log.append(batch)
    before = all_entries(log)
    with pytest.raises(LogBroken):
        log.append(numbered[-1])
    assert all_entries(log) == before


def test_a_number_that_was_given_before_is_refused_by_the_table(sqlite_log: Log) -> None:
    sqlite_log.append([sqlite_log.prepared({"lot:a": 1}, 1)])
    sqlite_log.append([sqlite_log.prepared({}, 1)])
    for again in (sqlite_log.prepared({"lot:a": 1}, 2), sqlite_log.prepared({}, 1)):
        with pytest.raises(LogBroken):
            sqlite_log.append([again])
    assert len(all_entries(sqlite_log)) == 6


# --- Who writes --------------------------------------------------------------------------------


def test_two_processes_take_turns(log: Log) -> None:
    """Each keeps an edge in memory that the other makes stale."""
    other = fresh_keys(log)
    for number in range(40):
        keys = log.keys if number % 3 else other
        batch = [log.prepared({f"lot:{number}": 1}, 100 * number + each) for each in range(1)]
        batch += [log.prepared({}, 100 * number + each) for each in range(1, 20)]
        log.append(batch, keys)
    log.record("lot:last")
    entries = all_entries(log)
    assert len(entries) == 4 + 40 * 20 + 1
    with log.reader() as reader:
        assert reader.head().root == LeafList([leaf_hash(each) for each in entries]).root()


def test_a_rolled_back_append_leaves_no_trace_in_memory(log: Log) -> None:
    def fail(count: int) -> None:
        with log.database.write_engine.begin() as connection:
            batch = [log.prepared({}, 1000 + each) for each in range(count)]
            append_prepared(connection, batch, log.keys, log.now)
            raise RuntimeError("the commit never comes")

    for count in (1, 300):
        with pytest.raises(RuntimeError):
            fail(count)
        log.record("lot:a")
    check_everything(log)


def test_the_cache_answers_for_its_own_tree_only() -> None:
    from ledger.tiles import RightEdge

    edge = RightEdge()
    edge.append([bytes(32)])
    for size, root, found in (
        (1, edge.root(), edge),
        (1, bytes([1] * 32), None),
        (2, edge.root(), None),
    ):
        cache = EdgeCache(edge)
        assert cache.take(size, root) is found
        assert cache.edge is None
        assert cache.take(size, root) is None


def test_keys_of_another_log_cannot_write(log: Log) -> None:
    with pytest.raises(LogBroken):
        log.append([log.prepared({}, 1)], replace(log.keys, origin="log.example/other"))


def test_an_outbox_without_a_log_is_a_contradiction(log: Log, tamper: Tamper) -> None:
    with log.unsequenced() as work:
        record(work, log.step("lot:a"), log.firm, log.now)
    with tamper(log.database) as connection:
        connection.execute(text("DELETE FROM log_state"))
    with log.database.write_engine.begin() as connection, pytest.raises(LogBroken):
        sequence(connection, log.keys, log.now)


@pytest.mark.parametrize(
    "damage",
    [
        'UPDATE entries SET hash = (SELECT hash FROM entries WHERE "index" = 1) WHERE "index" = 2',
        'DELETE FROM entries WHERE "index" = 2',
        "UPDATE log_state SET root = tip",
        "UPDATE log_state SET size = size + 1",
    ],
)
def test_a_writer_that_starts_on_a_damaged_edge_stops(
    sqlite_log: Log, tamper: Tamper, damage: str
) -> None:
    with tamper(sqlite_log.database) as connection:
        connection.execute(text(damage))
    with pytest.raises(LogBroken):
        sqlite_log.append([sqlite_log.prepared({}, 1)], fresh_keys(sqlite_log))


def test_a_missing_continuation_is_a_contradiction(log: Log, tamper: Tamper) -> None:
    names = tuple(f"lot:{each:03}" for each in range(100))
    with log.unsequenced() as work:
        record(work, log.step(*names), log.firm, log.now)
    with tamper(log.database) as connection:
        connection.execute(text("DELETE FROM outbox WHERE part = 1"))
    with log.database.write_engine.begin() as connection, pytest.raises(LogBroken):
        sequence(connection, log.keys, log.now)


def test_limits_never_part_an_operation(log: Log) -> None:
    names = tuple(f"lot:{each:03}" for each in range(300))
    with log.unsequenced() as work:
        for _ in range(3):
            record(work, log.step(*names), log.firm, log.now)
    sizes = []
    for _ in range(4):
        with log.database.write_engine.begin() as connection:
            head = sequence(connection, log.keys, log.now, limit=1)
        sizes.append(head and head.size)
    assert sizes == [8, 12, 16, None]
    check_everything(log)


# --- Append-only -------------------------------------------------------------------------------


def test_history_is_neither_updated_nor_deleted(log: Log) -> None:
    from sqlalchemy.exc import DBAPIError

    log.grow(260, "lot:a")
    columns = {
        "entries": "hash",
        "entry_streams": "n",
        "tiles": "root",
        "heads": "note",
        "key_entries": "custody",
    }
    for table, name in columns.items():
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {name} = {name}"):
            with pytest.raises(DBAPIError), log.database.write_engine.begin() as connection:
                connection.execute(text(statement))
    check_everything(log)


def test_signers_differ_from_the_log(log: Log) -> None:
    assert len({log.firm.actor, log.office.actor, log.keys.system.actor}) == 3
    assert Ed25519Signer(b"f" * 32).actor == log.firm.actor
