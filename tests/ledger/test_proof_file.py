"""Proof files: what we write is read, and nothing almost like it."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from ledger.errors import LedgerError, NoteError, ProofError
from ledger.note import Checkpoint, Ed25519NoteSigner, sign_checkpoint
from ledger.proof_file import PROOF_BYTES_MAX, ProofFile, parse, verify
from ledger.tree import LeafList, inclusion_proof, leaf_hash
from tests.ledger.mangling import mangled

ORIGIN = "log.example/test"
SIGNER = Ed25519NoteSigner(ORIGIN, b"\x07" * 32)
ENTRIES = [bytes([each]) * 3 for each in range(5)]
TREE = LeafList([leaf_hash(each) for each in ENTRIES])
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 5, TREE.root()), SIGNER)


def file_of(index: int) -> ProofFile:
    return ProofFile(index, tuple(inclusion_proof(index, 5, TREE.node)), NOTE, ENTRIES[index])


def test_every_entry_of_a_small_log() -> None:
    for index in range(5):
        file = parse(file_of(index).text())
        assert file == file_of(index)
        assert verify(file, [SIGNER.verifier()], ORIGIN).size == 5


def test_the_text_is_that_of_c2sp() -> None:
    lines = file_of(4).text().decode().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(ENTRIES[4]).decode()
    assert lines[2] == "index 4"
    assert base64.b64decode(lines[3]) == TREE.root(4)
    assert lines[4] == ""
    assert lines[5] == ORIGIN


def test_every_small_alteration_is_refused() -> None:
    for altered in mangled(file_of(3).text()):
        with pytest.raises(LedgerError):
            verify(parse(altered), [SIGNER.verifier()], ORIGIN)


def test_a_tree_of_one_has_an_empty_proof() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(b"x")), SIGNER)
    file = parse(ProofFile(0, (), note, b"x").text())
    assert verify(file, [SIGNER.verifier()], ORIGIN).size == 1


def test_a_file_without_its_entry_parses_and_proves_nothing_here() -> None:
    file = parse(replace(file_of(2), extra=None).text())
    assert file.extra is None
    with pytest.raises(ProofError):
        verify(file, [SIGNER.verifier()], ORIGIN)


def test_an_unknown_key_or_another_log() -> None:
    other = Ed25519NoteSigner(ORIGIN, b"\x01" * 32)
    with pytest.raises(NoteError):
        verify(file_of(2), [other.verifier()], ORIGIN)
    with pytest.raises(NoteError):
        verify(file_of(2), [SIGNER.verifier()], "log.example/other")


GOOD = file_of(2).text().decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        GOOD.replace("@v1", "@v2"),
        GOOD.replace("index 2", "index 02"),
        GOOD.replace("index 2", "index -2"),
        GOOD.replace("index 2", "index  2"),
        GOOD.replace("index 2\n", ""),
        GOOD.replace("index 2", "index 99999999999999999999"),
        GOOD.replace("extra ", "extra"),
        GOOD.replace("extra ", "Extra "),
        GOOD.replace("extra ", "extra extra "),
        GOOD.replace("\n\n", "\n", 1),
        GOOD.replace("\n", "\r\n"),
        "\n" + GOOD,
        GOOD.replace("index 2\n", "index 2\n" + base64.b64encode(bytes(31)).decode() + "\n"),
        GOOD.replace("index 2\n", "index 2\n" + (base64.b64encode(bytes(32)).decode() + "\n") * 64),
        GOOD.replace("index", "索引"),
        GOOD + "x" * PROOF_BYTES_MAX,
    ],
)
def test_malformed_files(text: str) -> None:
    with pytest.raises(LedgerError):
        verify(parse(text.encode()), [SIGNER.verifier()], ORIGIN)
