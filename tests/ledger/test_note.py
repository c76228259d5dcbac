"""Signed notes and checkpoints: other people's examples, our own, and everything almost right."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import NoteError
from ledger.note import (
    SIGNATURES_MAX,
    Checkpoint,
    Ed25519NoteSigner,
    Verifier,
    check_name,
    key_id,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    sign_checkpoint,
    sign_note,
    signing_key_text,
)
from tests.ledger.mangling import mangled

ORIGIN = "log.example/test"
SIGNER = Ed25519NoteSigner(ORIGIN, b"\x07" * 32)
OTHER = Ed25519NoteSigner("witness.example", b"\x08" * 32)
ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(ORIGIN, 109482, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, SIGNER)

# From golang.org/x/mod sumdb/note (BSD-3-Clause): its test key and the note that it signed.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
).encode()


def test_a_note_that_go_signed() -> None:
    opened = open_note(GO_NOTE, [parse_vkey(GO_VKEY)])
    assert opened.text.startswith("If you think cryptography")
    assert parse_vkey(GO_VKEY).vkey() == GO_VKEY


def test_a_checkpoint_opens_and_says_what_was_signed() -> None:
    assert open_checkpoint(NOTE, [SIGNER.verifier()], ORIGIN) == CHECKPOINT
    assert NOTE.decode().splitlines()[:4] == [
        ORIGIN,
        "109482",
        base64.b64encode(ROOT).decode(),
        "",
    ]


def test_the_signature_covers_the_text_with_its_newline_and_no_more() -> None:
    line = NOTE.decode().splitlines()[-1]
    decoded = base64.b64decode(line.rpartition(" ")[2])
    assert decoded[:4] == key_id(ORIGIN, SIGNER.public_key)
    text = NOTE.partition(b"\n\n")[0] + b"\n"
    key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key()
    key.verify(decoded[4:], text)


def test_every_small_alteration_of_a_checkpoint_is_refused() -> None:
    for altered in mangled(NOTE):
        with pytest.raises(NoteError):
            open_checkpoint(altered, [SIGNER.verifier()], ORIGIN)


def test_unknown_signatures_are_passed_over() -> None:
    both = sign_note(CHECKPOINT.text(), [OTHER, SIGNER])
    opened = open_note(both, [SIGNER.verifier()])
    assert [each.name for each in opened.signatures] == [ORIGIN]
    assert len(open_note(both, [SIGNER.verifier(), OTHER.verifier()]).signatures) == 2
    with pytest.raises(NoteError):
        open_note(both, [Ed25519NoteSigner("third.example", b"\x09" * 32).verifier()])


def test_the_same_name_with_another_key_is_unknown() -> None:
    with pytest.raises(NoteError):
        open_note(NOTE, [Ed25519NoteSigner(ORIGIN, b"\x01" * 32).verifier()])


def test_one_failing_known_signature_spoils_the_note() -> None:
    both = sign_note(CHECKPOINT.text(), [OTHER, SIGNER]).decode()
    lines = both.splitlines(keepends=True)
    forged = base64.b64encode(OTHER.key_id + bytes(64)).decode()
    lines[-2] = f"— {OTHER.name} {forged}\n"
    spoiled = "".join(lines).encode()
    assert open_note(spoiled, [SIGNER.verifier()])
    with pytest.raises(NoteError):
        open_note(spoiled, [SIGNER.verifier(), OTHER.verifier()])


def test_as_many_signatures_as_c2sp_asks_for_are_taken() -> None:
    signers = [Ed25519NoteSigner(f"w{each}.example", bytes([each] * 32)) for each in range(16)]
    note = sign_note("text\n", signers)
    assert len(open_note(note, [each.verifier() for each in signers]).signatures) == 16
    lines = note.decode().splitlines(keepends=True)
    crowded = "".join(lines[:2] + lines[2:3] * (SIGNATURES_MAX + 1))
    with pytest.raises(NoteError):
        parse_note(crowded.encode())


def test_the_text_ends_at_the_last_empty_line() -> None:
    note = sign_note("one\n\ntwo\n", [SIGNER])
    assert open_note(note, [SIGNER.verifier()]).text == "one\n\ntwo\n"


SIGNATURE = base64.b64encode(SIGNER.key_id + bytes(64)).decode()


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        f"text\n\n— a+b {SIGNATURE}\n",
        f"text\n\n-- {ORIGIN} {SIGNATURE}\n",
        f"text\n\n— {ORIGIN} {SIGNATURE}",
        f"text\n\n— {ORIGIN}  {SIGNATURE}\n",
        f"text\n\n— {ORIGIN} {SIGNATURE} \n",
        f"text\n\n— {ORIGIN} {SIGNATURE.rstrip('=')}\n",
        f"text\n\n— {ORIGIN} AAAA\n",
        f"text\n\n— {ORIGIN} {SIGNATURE}\nrest\n",
        f"text\n\n\u2003— {ORIGIN} {SIGNATURE}\n",
        f"te\txt\n\n— {ORIGIN} {SIGNATURE}\n",
        f"te\rxt\n\n— {ORIGIN} {SIGNATURE}\n",
        f"text\x00\n\n— {ORIGIN} {SIGNATURE}\n",
    ],
)
def test_malformed_notes(note: str) -> None:
    with pytest.raises(NoteError):
        parse_note(note.encode())


def test_a_note_is_utf8_and_not_too_long() -> None:
    for wrong in (b"\xff" + NOTE, b"x" * (1 << 20) + NOTE):
        with pytest.raises(NoteError):
            parse_note(wrong)


B64_ROOT = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n1\n{B64_ROOT}\nextension\n",
        f"{ORIGIN}\n1\n{B64_ROOT}\n\n",
        f"{ORIGIN}\n1\n{B64_ROOT}",
        f"{ORIGIN}\n1\n",
        f"\n1\n{B64_ROOT}\n",
        f"{ORIGIN}\n01\n{B64_ROOT}\n",
        f"{ORIGIN}\n+1\n{B64_ROOT}\n",
        f"{ORIGIN}\n-1\n{B64_ROOT}\n",
        f"{ORIGIN}\n１\n{B64_ROOT}\n",
        f"{ORIGIN}\n99999999999999999999\n{B64_ROOT}\n",
        f"{ORIGIN}\n1\n{B64_ROOT[:-1]}\n",
        f"{ORIGIN}\n1\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"{ORIGIN}\n1\n{base64.urlsafe_b64encode(bytes([255] * 32)).decode()}\n",
    ],
)
def test_malformed_checkpoints(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_a_checkpoint_of_size_zero_is_written_0() -> None:
    assert parse_checkpoint(Checkpoint(ORIGIN, 0, ROOT).text()).size == 0


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = sign_note(Checkpoint("log.example/other", 1, ROOT).text(), [SIGNER])
    with pytest.raises(NoteError):
        open_checkpoint(other, [SIGNER.verifier()], ORIGIN)
    with pytest.raises(ValueError):
        sign_checkpoint(CHECKPOINT, OTHER)


def vkey_with(key: bytes) -> str:
    return f"{ORIGIN}+{SIGNER.key_id.hex()}+{base64.b64encode(key).decode()}"


@pytest.mark.parametrize(
    "line",
    [
        "",
        ORIGIN,
        SIGNER.verifier().vkey() + "x",
        SIGNER.verifier().vkey().replace("log.example", "log2.example"),
        f"{ORIGIN}+{SIGNER.key_id.hex().upper()}+{SIGNER.verifier().vkey().rpartition('+')[2]}",
        vkey_with(bytes([2]) + SIGNER.public_key),
        vkey_with(bytes([1]) + bytes(31)),
        signing_key_text(ORIGIN, b"\x07" * 32),
    ],
)
def test_malformed_verifier_keys(line: str) -> None:
    with pytest.raises(NoteError):
        parse_vkey(line)


def test_every_small_alteration_of_a_verifier_key_is_refused_or_another_key() -> None:
    valid = SIGNER.verifier().vkey().encode()
    for altered in mangled(valid):
        if altered == valid + b"\n":
            continue
        with pytest.raises((NoteError, UnicodeDecodeError)):
            parse_vkey(altered.decode())


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb", "a\x01"])
def test_names_that_no_key_has(name: str) -> None:
    with pytest.raises(NoteError):
        check_name(name)


def test_a_note_needs_a_signer_and_a_newline() -> None:
    with pytest.raises(ValueError):
        sign_note("text\n", [])
    with pytest.raises(NoteError):
        sign_note("text", [SIGNER])


def test_a_public_key_has_32_bytes() -> None:
    with pytest.raises(NoteError):
        Verifier(ORIGIN, bytes(31))
