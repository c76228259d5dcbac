"""Proof files, with nothing but the verifier key."""

from __future__ import annotations

import pytest

from ledger.fsck import CheckFault, Fault, check_proof_file
from tests.ledger.conftest import ORIGIN, Log
from tests.ledger.dishonest import (
    NAME,
    STRANGER,
    Forged,
    b64,
    b64u,
    leaf,
    note,
    root_of,
    vkey,
)
from tests.ledger.mangling import mangled
from tests.ledger.test_checker_tree import path_of
from tests.ledger.test_log_format_doc import ENTRIES, block

LOG = Forged().begin()
for _ in range(6):
    LOG.add("lot:a")


def proof(
    index: int,
    *,
    entry: bytes | None = None,
    path: list[bytes] | None = None,
    checkpoint: bytes | None = None,
    at: int | None = None,
) -> bytes:
    """The proof file of an entry, with any part of it replaced."""
    said = LOG.entries[index] if entry is None else entry
    way = path_of(index, LOG.hashes) if path is None else path
    lines = ["c2sp.org/tlog-proof@v1", f"extra {b64(said)}", f"index {index if at is None else at}"]
    signed = note(NAME, 9, root_of(LOG.hashes)) if checkpoint is None else checkpoint
    return ("\n".join([*lines, *map(b64, way)]) + "\n\n").encode() + signed


def fault(file: bytes, key: str | None = None) -> Fault:
    with pytest.raises(CheckFault) as refused:
        check_proof_file(file, key or vkey())
    return refused.value.difference.fault


def test_every_entry_is_proved() -> None:
    for index, entry in enumerate(LOG.entries):
        found = check_proof_file(proof(index), f"{vkey()}\n")
        assert (found.origin, found.size, found.index, found.entry) == (NAME, 9, index, entry)
        assert found.root == root_of(LOG.hashes)
        assert found.payload["origin"] == NAME
        assert found.actor == found.payload["actor"]


def test_proofs_of_ours_are_proved(log: Log) -> None:
    log.grow(300, "lot:a")
    with log.reader() as reader:
        for index in (0, 3, 255, 256, 303):
            file = reader.proof_file(index).text()
            found = check_proof_file(file, log.keys.vkey())
            assert (found.origin, found.size, found.index) == (ORIGIN, 304, index)
            assert reader.index_of(found.payload_id) == index
            assert found.entry == reader.entry(index)


def test_the_example_of_the_page_is_proved() -> None:
    found = check_proof_file(block("text proof").encode(), block("text vkey"))
    assert (found.index, found.size, found.entry) == (3, 4, ENTRIES[3])
    assert found.payload_id == "HFceISD6tFcfBcXpIdhp3S1ZnXibhGdoQEhwCsLakHc"


def test_no_mangled_proof_is() -> None:
    file = proof(4)
    for altered in mangled(file):
        with pytest.raises(CheckFault):
            check_proof_file(altered, vkey())


OTHER = Forged(list(LOG.entries))
OTHER.entries[4] = LOG.entries[4].replace(b'"index":4,', b'"index":5,')
FOREIGN = Forged().begin()
FOREIGN.add(payload=lambda said: said.update(origin="log.example/other"))
BLANK = [leaf(each) for each in (b"{}", b"x")]


def of_tree(log: Forged, index: int) -> bytes:
    signed = note(NAME, len(log.entries), root_of(log.hashes))
    path = path_of(index, log.hashes)
    return proof(index, entry=log.entries[index], path=path, checkpoint=signed)


@pytest.mark.parametrize(
    "file, wanted",
    [
        (b"", Fault.PROOF_MALFORMED),
        (b"x\n\ny", Fault.PROOF_MALFORMED),
        (b"\xff" + proof(4), Fault.PROOF_MALFORMED),
        (proof(4).replace(b"@v1", b"@v2"), Fault.PROOF_MALFORMED),
        (proof(4).replace(b"index 4\n", b""), Fault.PROOF_MALFORMED),
        (proof(4).replace(b"index 4\n", b"index 04\n"), Fault.PROOF_MALFORMED),
        (proof(4, path=[bytes(31)]), Fault.PROOF_MALFORMED),
        (proof(4, path=[bytes(32)] * 64), Fault.PROOF_MALFORMED),
        (b"c2sp.org/tlog-proof@v1\nindex 4\n\n", Fault.PROOF_WITHOUT_ENTRY),
        (proof(4).replace(b"extra ", b"extra  "), Fault.PROOF_MALFORMED),
        (proof(4) + b"x" * (1 << 18), Fault.PROOF_MALFORMED),
        (proof(4, at=5), Fault.INCLUSION),
        (proof(4, at=9), Fault.INCLUSION),
        (proof(4, path=[]), Fault.INCLUSION),
        (proof(4, entry=LOG.entries[5]), Fault.INCLUSION),
        (proof(4, checkpoint=note(NAME, 9, bytes(32))), Fault.INCLUSION),
        (proof(4, checkpoint=note(NAME, 9, root_of(LOG.hashes), STRANGER)), Fault.NOTE_UNSIGNED),
        (
            proof(4, checkpoint=note("log.example/other", 9, root_of(LOG.hashes))),
            Fault.CHECKPOINT_ORIGIN,
        ),
        (of_tree(OTHER, 4), Fault.INDEX),
        (of_tree(FOREIGN, 3), Fault.ORIGIN),
        (proof(0, entry=b"{}", path=[BLANK[1]], checkpoint=note(NAME, 2, root_of(BLANK))),
         Fault.MEMBERS),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_proof(file: bytes, wanted: Fault) -> None:
    assert fault(file) == wanted


def test_the_key_is_the_readers_own() -> None:
    assert fault(proof(4), vkey(STRANGER)) == Fault.NOTE_UNSIGNED
    assert fault(proof(4), "nonsense") == Fault.VKEY_MALFORMED
    assert b64u(b"") == ""
