"""An exported folder: every altered byte is found, and so is every log that is another one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from ledger.export import export_log
from ledger.fsck import Fault, Report, check_export, tree_and_chain
from ledger.outbox import record
from tests.ledger.conftest import Log
from tests.ledger.dishonest import (
    NAME,
    PARTY,
    STRANGER,
    Forged,
    b64,
    bundle,
    leaf,
    note,
    root_of,
    vkey,
    write,
)
from tests.ledger.mangling import mangled


def faults(report: Report) -> set[Fault]:
    return {each.fault for each in report.differences}


def forged(count: int) -> Forged:
    log = Forged().begin()
    for each in range(count):
        log.add(f"lot:{each % 3}")
    return log


SMALL = forged(4)
LARGE = forged(600)


# --- What is right -----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 252, 253, 254, 600])
def test_a_log_by_another_writer_is_right(tmp_path: Path, count: int) -> None:
    log = forged(count)
    folder = write(tmp_path, log.files())
    steps: list[int] = []
    for given in (None, vkey(), f"{vkey()}\n"):
        report = check_export(folder, given, progress=steps.append)
        assert report.differences == ()
        assert report.good
        assert (report.origin, report.size, report.root) == (
            NAME,
            count + 3,
            root_of([leaf(each) for each in log.entries]),
        )
        assert report.own_key == (given is None)
        assert report.signatures
        assert report.entries_per_second > 0
    assert sum(steps) == 3 * (count + 3)
    assert check_export(folder, entries=False).good
    assert not check_export(folder, signatures=False).signatures


def test_a_log_of_ours_is_right(log: Log, tmp_path: Path) -> None:
    """With an operation of several entries, and older partial files beside the newer ones."""

    def export() -> Report:
        with log.reader() as reader:
            export_log(reader, tmp_path, log.keys.vkey())
        return check_export(tmp_path, log.keys.vkey())

    sizes = [export().size]
    for count in (3, 300):
        log.grow(count, "lot:a", "lot:b")
        with log.work() as work:
            step = log.step(*(f"lot:{each:03}" for each in range(250)), secrets={"raw": "米"})
            record(work, step, log.firm, log.now)
        report = export()
        assert report.differences == ()
        sizes.append(report.size)
    assert sizes == [4, 10, 313]
    assert len(list(tmp_path.rglob("*.p/*"))) == 7


# --- What is altered ---------------------------------------------------------------------------


def one_flip_each(content: bytes) -> Iterator[bytes]:
    for at, byte in enumerate(content):
        yield content[:at] + bytes([byte ^ 1]) + content[at + 1 :]
    yield content[:-1]
    yield content + b"\n"


def check_altered(
    folder: Path, files: dict[str, bytes], alter: Callable[[bytes], Iterable[bytes]]
) -> int:
    """Each altered file is a difference, in turn with the entries read and taken as given."""
    count = 0
    for name, content in files.items():
        for altered in alter(content):
            (folder / name).write_bytes(altered)
            count += 1
            report = check_export(folder, entries=bool(count % 2), signatures=False)
            assert not report.good, (name, altered)
        (folder / name).write_bytes(content)
    assert check_export(folder).good
    return count


def test_no_altered_byte_is_missed(tmp_path: Path) -> None:
    files = forged(1).files()
    done = check_altered(write(tmp_path, files), files, one_flip_each)
    assert done == sum(map(len, files.values())) + 2 * len(files)


@pytest.mark.deep
def test_no_altered_byte_is_missed_however_it_is_altered(tmp_path: Path) -> None:
    log = forged(2)
    log.operation(100)
    check_altered(write(tmp_path, log.files()), log.files(), mangled)


def test_no_altered_byte_of_an_older_file_is_missed(tmp_path: Path) -> None:
    older = {name: each for name, each in forged(1).files().items() if ".p/" in name}
    folder = write(tmp_path, older | SMALL.files())
    assert check_export(folder).good
    check_altered(folder, older, lambda content: islice(one_flip_each(content), 0, None, 7))


def test_every_file_that_is_missing_is_missed(tmp_path: Path) -> None:
    files = LARGE.files()
    assert len(files) == 9
    folder = write(tmp_path, files)
    for name, content in files.items():
        (folder / name).unlink()
        for entries in (True, False):
            report = check_export(folder, vkey(), entries=entries)
            assert any(each.file == name for each in report.differences), name
        (folder / name).write_bytes(content)
    assert check_export(folder).good


def test_an_altered_entry_is_named(tmp_path: Path) -> None:
    name = "tile/entries/001"
    content = LARGE.files()[name]
    altered = content.replace(b'"index":300,', b'"index":301,', 1)
    report = check_export(write(tmp_path, LARGE.files() | {name: altered}))
    assert [(each.fault, each.entry, each.file) for each in report.differences] == [
        (Fault.TILE, 300, "tile/0/001"),
        (Fault.INDEX, 300, name),
        (Fault.PREV, 301, name),
        (Fault.STREAM_PREV, 303, name),
        (Fault.TILE, None, "tile/1/000.p/2"),
        (Fault.ROOT, None, "checkpoint"),
    ]


def test_behind_a_missing_bundle_the_rest_is_checked(tmp_path: Path) -> None:
    files = LARGE.files()
    del files["tile/entries/001"]
    report = check_export(write(tmp_path, files))
    # The tile stands in, so the root is right; streams go on with another number.
    assert faults(report) == {Fault.FILE_MISSING, Fault.STREAM_N}
    assert (report.size, report.root) == (603, root_of(LARGE.hashes))
    files["tile/entries/002.p/91"] = bundle(LARGE.entries[513:603])
    report = check_export(write(tmp_path, files))
    assert Fault.BUNDLE_COUNT in faults(report)


FILES: list[tuple[str, dict[str, bytes | None], Fault]] = [
    ("no log at all", {"checkpoint": None, "vkey": None}, Fault.FILE_MISSING),
    ("a strange file", {"tile/0/readme": b""}, Fault.FILE_UNEXPECTED),
    ("a level above", {"tile/2/000.p/1": bytes(32)}, Fault.FILE_UNEXPECTED),
    ("another spelling", {"tile/0/x000/000": bytes(32)}, Fault.FILE_UNEXPECTED),
    ("a later bundle", {"tile/entries/003.p/1": b"\0\0"}, Fault.FILE_UNEXPECTED),
    ("a wider partial", {"tile/entries/002.p/92": b"\0\0"}, Fault.FILE_UNEXPECTED),
    ("a far number", {"tile/entries/x999/x999/999": b""}, Fault.FILE_UNEXPECTED),
    ("an endless tile", {"tile/0/000": bytes(8193)}, Fault.FILE_TOO_LARGE),
    ("an endless checkpoint", {"checkpoint": b"x" * (1 << 20) + b"y"}, Fault.FILE_TOO_LARGE),
    ("a cut bundle", {"tile/entries/000": b"\0"}, Fault.BUNDLE),
    ("an empty bundle", {"tile/entries/000": b""}, Fault.BUNDLE_COUNT),
    ("a cut tile", {"tile/0/000": b""}, Fault.TILE),
    ("a key without newline", {"vkey": vkey().encode()}, Fault.VKEY_MALFORMED),
    ("another key", {"vkey": f"{vkey(STRANGER)}\n".encode()}, Fault.NOTE_UNSIGNED),
]


@pytest.mark.parametrize("changes, fault", [e[1:] for e in FILES], ids=[e[0] for e in FILES])
def test_files_that_are_wrong(
    tmp_path: Path, changes: dict[str, bytes | None], fault: Fault
) -> None:
    files = {**LARGE.files(), **changes}
    folder = write(tmp_path, {name: each for name, each in files.items() if each is not None})
    assert fault in faults(check_export(folder))


# --- Another log -------------------------------------------------------------------------------


def test_the_given_key_rules(tmp_path: Path) -> None:
    folder = write(tmp_path, SMALL.files())
    stranger = check_export(folder, vkey(STRANGER))
    assert faults(stranger) == {Fault.VKEY_DIFFERS, Fault.NOTE_UNSIGNED}
    assert faults(check_export(folder, "nonsense")) == {Fault.VKEY_MALFORMED}


def test_a_key_that_the_log_does_not_know(tmp_path: Path) -> None:
    """Somebody re-signs the tree, and gives his own key along."""
    files = SMALL.files()
    files["vkey"] = f"{vkey(STRANGER)}\n".encode()
    files["checkpoint"] = note(NAME, len(SMALL.entries), root_of(SMALL.hashes), STRANGER)
    assert faults(check_export(write(tmp_path, files))) == {Fault.CHECKPOINT_KEY}
    files["vkey"] = f"{vkey(PARTY)}\n".encode()
    files["checkpoint"] = note(NAME, len(SMALL.entries), root_of(SMALL.hashes), PARTY)
    assert faults(check_export(write(tmp_path, files))) == {Fault.CHECKPOINT_KEY}


def test_a_checkpoint_of_another_origin(tmp_path: Path) -> None:
    files = SMALL.files(origin="log.example/other")
    found = faults(check_export(write(tmp_path, files)))
    assert found == {Fault.CHECKPOINT_ORIGIN, Fault.ORIGIN}


@pytest.mark.parametrize(
    "size, root, fault",
    [
        (7, bytes(32), Fault.ROOT),
        (6, root_of(SMALL.hashes[:6]), Fault.FILE_UNEXPECTED),
        (8, root_of(SMALL.hashes), Fault.FILE_MISSING),
        (300, root_of(SMALL.hashes), Fault.MISSING),
        (10**18, root_of(SMALL.hashes), Fault.MISSING),
        (0, root_of([]), Fault.FILE_UNEXPECTED),
    ],
)
def test_a_checkpoint_of_another_tree(tmp_path: Path, size: int, root: bytes, fault: Fault) -> None:
    files = SMALL.files() | {"checkpoint": note(NAME, size, root)}
    assert fault in faults(check_export(write(tmp_path, files)))


def test_a_fork_does_not_continue_what_was_held(tmp_path: Path) -> None:
    held = [note(NAME, size, root_of(SMALL.hashes[:size])) for size in range(8)]
    folder = write(tmp_path, SMALL.files())
    assert check_export(folder, vkey(), held=held).good
    fork = forged(0)
    fork.add("lot:other")
    for each in range(1, 4):
        fork.add(f"lot:{each % 3}")
    write(folder, fork.files())
    # The fork is a good log by itself; only who held a checkpoint of the other can tell.
    assert check_export(folder, vkey()).good
    for entries in (True, False):
        report = check_export(folder, vkey(), held=held, entries=entries)
        assert faults(report) == {Fault.FORKED}
        assert report.count == 4
    longer = note(NAME, 9, bytes(32))
    assert faults(check_export(folder, vkey(), held=[longer])) == {Fault.FORKED}
    forgery = note(NAME, 7, bytes(32), STRANGER)
    assert faults(check_export(folder, vkey(), held=[forgery])) == {Fault.NOTE_UNSIGNED}


def test_a_size_inside_of_an_operation(tmp_path: Path) -> None:
    log = forged(0)
    log.operation(300)
    cut = Forged(log.entries[:-1])
    report = check_export(write(tmp_path, cut.files()))
    assert [(each.fault, each.entry) for each in report.differences] == [
        (Fault.CONTINUATION_MISSING, 6)
    ]


# --- Entries, rewritten with everything behind them ---------------------------------------------


def rewritten(change: Any) -> dict[str, bytes]:
    """A log whose entries were changed and that was hashed and signed anew."""
    log = forged(20)
    change(log.entries)
    return Forged(log.entries).files()


def swap(entries: list[bytes]) -> None:
    entries[9], entries[10] = entries[10], entries[9]


def alter(entries: list[bytes]) -> None:
    entries[9] = entries[9].replace(b"trace.step.take", b"trace.step.lose")


REWRITTEN: list[tuple[str, Any, set[Fault]]] = [
    ("two swapped", swap, {Fault.INDEX, Fault.PREV}),
    ("one dropped", lambda entries: entries.pop(9), {Fault.INDEX, Fault.PREV, Fault.STREAM_N}),
    ("one doubled", lambda entries: entries.insert(9, entries[9]), {Fault.REPEATED}),
    ("one altered", alter, {Fault.SIGNATURE, Fault.PREV, Fault.STREAM_PREV}),
    ("one emptied", lambda entries: entries.__setitem__(9, b""), {Fault.NOT_JSON}),
    ("one spaced", lambda entries: entries.__setitem__(9, entries[9] + b" "),
     {Fault.NOT_CANONICAL}),
    ("cut short", lambda entries: entries.__delitem__(slice(9, None)), set()),
]  # fmt: skip


@pytest.mark.parametrize("change, some", [e[1:] for e in REWRITTEN], ids=[e[0] for e in REWRITTEN])
def test_a_writer_who_hashes_anew(tmp_path: Path, change: Any, some: set[Fault]) -> None:
    folder = write(tmp_path, rewritten(change))
    report = check_export(folder, vkey())
    assert some <= faults(report)
    assert bool(some) == bool(report.count)
    assert all(each.file is not None for each in report.differences)
    # The chain alone shows it too, but for what leaves the chain of hashes whole.
    chain = check_export(folder, vkey(), entries=False)
    assert chain.good == (not some)


def test_a_log_that_was_cut_short_is_missed_by_who_held_more(tmp_path: Path) -> None:
    log = forged(20)
    held = note(NAME, 23, root_of(log.hashes))
    folder = write(tmp_path, rewritten(lambda entries: entries.__delitem__(slice(9, None))))
    assert faults(check_export(folder, vkey(), held=[held])) == {Fault.FORKED}


# --- Tree and chain alone ----------------------------------------------------------------------


def bundles(entries: list[bytes]) -> list[bytes]:
    return [bundle(entries[low : low + 256]) for low in range(0, len(entries), 256)]


def test_tree_and_chain_of_given_bytes() -> None:
    tree, broken = tree_and_chain(bundles(LARGE.entries))
    assert (tree.size, tree.root(603), broken) == (603, root_of(LARGE.hashes), [])
    log = forged(1100)
    tree, broken = tree_and_chain(bundles(log.entries))
    assert (tree.root(1103), broken) == (root_of(log.hashes), [])
    for index in (0, 9, 10, 99, 100, 255, 256, 999, 1000, 1023, 1102):
        entries = list(log.entries)
        at = entries[index].rindex(b',"prev":"', 0, entries[index].rindex(b'"streams":[')) + 9
        entries[index] = entries[index][:at] + b"_" + entries[index][at + 1 :]
        if entries[index] == log.entries[index]:
            continue
        tree, broken = tree_and_chain(bundles(entries))
        assert broken == [index, *([index + 1] if index < 1102 else [])]
        assert tree.root(1103) != root_of(log.hashes)


def test_an_earlier_prev_in_the_facts_deceives_nobody() -> None:
    log = forged(0)
    prev = log.hashes[-1]
    text = b64(prev).replace("+", "-").replace("/", "_").rstrip("=")
    lie = {"at": "x", "index": 3, "prev": text, "streams": []}
    log.add(
        payload=lambda said: said.update(facts={"seq": lie}), seq=lambda s: s.update(prev="A" * 43)
    )
    _, broken = tree_and_chain(bundles(log.entries))
    assert broken == [3]


@pytest.mark.parametrize("wrong", [[b"\0"], [b""], [bundle(LARGE.entries[:255]), b"\0\0"]])
def test_bundles_that_are_none(wrong: list[bytes]) -> None:
    with pytest.raises(ValueError):
        tree_and_chain(wrong)


def test_forged_logs_are_really_chained() -> None:
    for before, after in pairwise(SMALL.entries):
        assert b64(leaf(before)).replace("+", "-").replace("/", "_")[:43].encode() in after
