"""Reading back: every proof and every tile of a log that crosses tile borders."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event, text

from ledger.entries.model import parse_entry
from ledger.errors import LogBroken, NotInLog, TileError
from ledger.note import open_checkpoint
from ledger.outbox import record
from ledger.proof_file import parse, verify
from ledger.reader import LogReader
from ledger.tiles import decode_bundle, split_hashes, tiles_at
from ledger.tree import EMPTY_ROOT, LeafList, leaf_hash, verify_consistency, verify_inclusion
from runtime.database import Database
from tests.fixtures.databases import Tamper
from tests.ledger.conftest import FIRM, ORIGIN, Log, Plant, begun

SIZE = 530
EDGES = [0, 1, 4, 5, 255, 256, 257, 300, 511, 512, 513, 529, 530]


@pytest.fixture
def grown(database: Database, plant: Plant) -> Log:
    """A log of 530 entries in a few batches, with a head at each of 4, 5, 256, 300 and 530."""
    return plant(database, grow_to_530)


def grow_to_530(log: Log) -> Log:
    begun(log)
    before = 4
    for size in (5, 256, 300, SIZE):
        log.append(
            [
                log.prepared({"lot:a": index - 3, f"lot:{size}": index - before + 1}, index)
                for index in range(before, size)
            ]
        )
        before = size
    return log


@pytest.fixture
def reader(grown: Log) -> Iterator[LogReader]:
    with grown.reader() as reader:
        yield reader


def tree_of(reader: LogReader) -> LeafList:
    return LeafList([leaf_hash(each) for each in reader.entry_range(0, reader.size)])


def test_every_inclusion_in_sizes_at_the_edges(reader: LogReader) -> None:
    tree = tree_of(reader)
    for size in EDGES[1:]:
        indexes = sorted({0, size // 2, size - 1, *(e for e in EDGES if e < size)})
        proofs = reader.inclusions(indexes, size)
        root = tree.root(size)
        for index, proof in zip(indexes, proofs, strict=True):
            verify_inclusion(index, size, tree.node(0, index), proof, root)
    assert reader.inclusion(3, SIZE) == reader.inclusions([3], SIZE)[0]


def test_every_consistency_between_sizes_at_the_edges(reader: LogReader) -> None:
    tree = tree_of(reader)
    for new in EDGES:
        assert reader.root(new) == (tree.root(new) if new else EMPTY_ROOT)
        for old in EDGES:
            if old <= new:
                proof = reader.consistency(old, new)
                verify_consistency(old, new, reader.root(old), reader.root(new), proof)


def test_every_tile(reader: LogReader) -> None:
    tree = tree_of(reader)
    for path in tiles_at(SIZE):
        level = path.level or 0
        hashes = split_hashes(reader.tile(level, path.number, path.width))
        first = path.number * 256
        assert hashes == [tree.node(8 * level, first + each) for each in range(path.width)]
    assert reader.tile(0, 0, 7) == reader.tile(0, 0)[: 7 * 32]
    assert reader.tile(0, 2, 3) == reader.tile(0, 2, 18)[: 3 * 32]


def test_every_bundle(reader: LogReader) -> None:
    entries = [
        entry
        for number, width in ((0, 256), (1, 256), (2, 18))
        for entry in decode_bundle(reader.entry_bundle(number, width))
    ]
    assert entries == list(reader.entry_range(0, SIZE))
    assert [parse_entry(each).index for each in entries] == list(range(SIZE))
    assert len(decode_bundle(reader.entry_bundle(2, 5))) == 5


def test_what_is_not_there(reader: LogReader) -> None:
    for wrong in (
        lambda: reader.entry(SIZE),
        lambda: reader.entry(-1),
        lambda: list(reader.entry_range(SIZE - 1, SIZE + 1)),
        lambda: reader.tile(0, 2, 19),
        lambda: reader.tile(0, 2),
        lambda: reader.tile(1, 0, 3),
        lambda: reader.tile(2, 0, 1),
        lambda: reader.tile(63, 0, 1),
        lambda: reader.entry_bundle(2),
        lambda: reader.entry_bundle(9, 1),
        lambda: reader.root(SIZE + 1),
        lambda: reader.root(-1),
        lambda: reader.inclusion(SIZE, SIZE),
        lambda: reader.inclusion(-1, SIZE),
        lambda: reader.inclusion(5, 5),
        lambda: reader.inclusion(0, SIZE + 1),
        lambda: reader.consistency(6, 5),
        lambda: reader.consistency(0, SIZE + 1),
        lambda: reader.consistency(-1, 5),
        lambda: reader.head(6),
        lambda: reader.proof_bundle([0], 6),
        lambda: reader.proof_bundle([SIZE]),
        lambda: reader.proof_bundle([5], 5),
    ):
        with pytest.raises(NotInLog):
            wrong()
    for malformed in (
        lambda: reader.tile(64, 0, 1),
        lambda: reader.tile(-1, 0, 1),
        lambda: reader.tile(0, -1, 1),
        lambda: reader.tile(0, 0, 0),
        lambda: reader.entry_bundle(0, 257),
    ):
        with pytest.raises(TileError):
            malformed()


def test_an_empty_log(empty_log: Log) -> None:
    with empty_log.reader() as reader:
        assert reader.size == 0
        assert reader.root(0) == EMPTY_ROOT
        assert reader.consistency(0, 0) == []
        assert reader.stream("lot:a") == []
        assert reader.waiting() == (0, None)
        for wrong in (reader.checkpoint, lambda: reader.entry(0), lambda: reader.tile(0, 0, 1)):
            with pytest.raises(NotInLog):
                wrong()


def test_a_bundle_proves_all_its_entries(grown: Log, reader: LogReader) -> None:
    for size in (5, 256, 300, SIZE, None):
        indexes = [0, 4, 3, 3, *([255, 257, 299] if size in (300, SIZE, None) else [])]
        bundle = reader.proof_bundle(indexes, size)
        checkpoint = open_checkpoint(bundle.checkpoint, [grown.keys.checkpoint.verifier()], ORIGIN)
        assert (checkpoint.size, checkpoint.root) == (bundle.size, bundle.root)
        assert bundle.size == (size or SIZE)
        assert [each.index for each in bundle.entries] == sorted(set(indexes))
        for each in bundle.entries:
            leaf = leaf_hash(each.entry)
            verify_inclusion(each.index, checkpoint.size, leaf, each.proof, checkpoint.root)
            assert parse_entry(each.entry).index == each.index
    assert reader.proof_bundle([]).entries == ()


def test_a_bundle_costs_a_handful_of_selects(grown: Log) -> None:
    statements: list[str] = []
    engine = grown.database.read_engine

    def count(conn: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    with grown.reader() as reader:
        event.listen(engine, "before_cursor_execute", count)
        reader.proof_bundle([*range(0, SIZE, 40), SIZE - 1])
        event.remove(engine, "before_cursor_execute", count)
    assert len(statements) <= 8, statements


def test_a_proof_file_needs_nothing_else(grown: Log, reader: LogReader) -> None:
    verifiers = [grown.keys.checkpoint.verifier()]
    for index, size in ((0, 5), (299, 300), (SIZE - 1, None)):
        file = parse(reader.proof_file(index, size).text())
        assert verify(file, verifiers, ORIGIN).size == (size or SIZE)
        assert file.extra == reader.entry(index)


def test_streams_and_names(grown: Log, reader: LogReader) -> None:
    assert reader.stream("lot:a") == list(range(4, SIZE))
    assert reader.streams(["lot:5", "lot:none", FIRM]) == {"lot:5": [4], "lot:none": [], FIRM: [2]}
    names = {
        index: entry.payload_bytes
        for index, entry in enumerate(map(parse_entry, reader.entry_range(0, 9)))
    }
    from ledger.entries.model import payload_id
    from runtime import base64url

    ids = [base64url.encode(payload_id(each)) for each in names.values()]
    assert reader.indexes_of([*ids, base64url.encode(bytes(32))]) == {
        each: index for index, each in enumerate(ids)
    }
    assert reader.index_of(base64url.encode(bytes(32))) is None


def test_what_waits(log: Log) -> None:
    with log.unsequenced() as work:
        waits = record(work, log.step("lot:a"), log.firm, log.now).payload_id
        record(work, log.step("lot:a"), log.firm, log.now)
    with log.reader() as reader:
        assert reader.waiting() == (2, log.now)
        assert reader.index_of(waits) is None
        assert reader.size == 4
    log.drain()
    with log.reader() as reader:
        assert reader.waiting() == (0, None)
        assert reader.index_of(waits) == 4


def test_heads_of_each_commit(reader: LogReader) -> None:
    assert reader.head().size == SIZE
    assert [reader.head(size).size for size in (2, 4, 5, 256, 300)] == [2, 4, 5, 256, 300]
    assert reader.origin() == ORIGIN
    assert reader.checkpoint() == reader.head(SIZE).note


def test_a_missing_hash_is_a_contradiction(grown: Log, tamper: Tamper) -> None:
    with tamper(grown.database) as connection:
        connection.execute(text('DELETE FROM entries WHERE "index" = 520'))
    with grown.reader() as reader, pytest.raises(LogBroken):
        reader.inclusion(529, SIZE)
