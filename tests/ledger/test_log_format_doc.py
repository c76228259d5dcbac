"""`docs/log-format.md`: its example is checked with nothing but what the page says, and its table
holds what the areas declare.

The example is read with the standard library, `rfc8785` and Ed25519 only.
"""

from __future__ import annotations

import base64
import importlib
import json
import re
from hashlib import sha256

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecotrace import PROJECT
from ledger import entry_types
from ledger.entry_types import EntryType, table_rows
from ledger.refusals import LedgerRefusal

PAGE = (PROJECT / "docs" / "log-format.md").read_text("utf-8")
AREAS = ("identity", "trace", "certification", "points")


def block(label: str) -> str:
    found = re.findall(rf"^```{re.escape(label)}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, label
    return str(found[0])


def b64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


ENTRIES = [block(f"json entry {index}").rstrip("\n").encode() for index in range(4)]
HASHES = [sha256(b"\0" + each).digest() for each in ENTRIES]
VALUES = [json.loads(each) for each in ENTRIES]


def test_the_entries_are_canonical_and_chained() -> None:
    tips: dict[str, tuple[int, bytes]] = {}
    before = ""
    for index, (entry, value) in enumerate(zip(ENTRIES, VALUES, strict=True)):
        assert rfc8785.dumps(value) == entry
        assert set(value) == {"v", "payload", "sig", "seq"}
        seq = value["seq"]
        assert seq["index"] == index
        assert b64u(seq["prev"]) == (HASHES[index - 1] if index else bytes(32))
        assert seq["at"] >= before
        before = seq["at"]
        assert [each["id"] for each in seq["streams"]] == value["payload"]["streams"]
        for each in seq["streams"]:
            n, tip = tips.get(each["id"], (0, bytes(32)))
            assert (each["n"], b64u(each["prev"])) == (n + 1, tip)
            tips[each["id"]] = (n + 1, HASHES[index])
    assert len(tips) == 2


def test_every_signature_is_by_a_key_that_the_log_registered() -> None:
    genesis = VALUES[0]["payload"]
    assert genesis["type"] == "GENESIS"
    keys = {}
    for value in VALUES:
        payload = value["payload"]
        key = payload["facts"].get("system_key") or payload["facts"].get("key")
        if key is not None:
            purpose = payload["facts"].get("purpose", "system")
            keys[sha256(b64u(key)).digest()] = (b64u(key), purpose)
        public_key, purpose = keys[b64u(payload["actor"])]
        assert purpose == ("system" if payload["type"].isupper() else "party")
        signed = b"ecotrace/payload/v1\0" + rfc8785.dumps(payload)
        Ed25519PublicKey.from_public_bytes(public_key).verify(b64u(value["sig"]), signed)
    assert {purpose for _, purpose in keys.values()} == {"system", "checkpoint", "party"}


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


ROOT = node(node(HASHES[0], HASHES[1]), node(HASHES[2], HASHES[3]))


def signed_by_vkey(note: str) -> None:
    name, key_id, encoded = block("text vkey").strip().split("+", 2)
    key = base64.b64decode(encoded)
    assert key[:1] == b"\1"
    assert sha256(name.encode() + b"\n" + key).digest()[:4].hex() == key_id
    text, line = note.split("\n\n")
    dash, signer, signature = line.rstrip("\n").split(" ")
    decoded = base64.b64decode(signature)
    assert (dash, signer, decoded[:4].hex()) == ("—", name, key_id)
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(decoded[4:], (text + "\n").encode())
    # The log itself says which key this is.
    assert b64u(VALUES[1]["payload"]["facts"]["key"]) == key[1:]


def test_the_checkpoint_is_over_these_entries() -> None:
    note = block("text checkpoint")
    origin, size, root = note.split("\n")[:3]
    assert (origin, size) == (VALUES[0]["payload"]["origin"], "4")
    assert base64.b64decode(root) == ROOT
    signed_by_vkey(note)


def test_the_opening_opens_the_commitment() -> None:
    opening = json.loads(block("json opening"))
    written = rfc8785.dumps([opening["field"], opening["value"]])
    hashed = sha256(b"ecotrace/commit/v1\0" + b64u(opening["salt"]) + written).digest()
    assert hashed == b64u(VALUES[3]["payload"]["commit"][opening["field"]])


def test_the_proof_file_leads_to_the_checkpoint() -> None:
    head, _, note = block("text proof").partition("\n\n")
    first, extra, index, sibling, above = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    assert base64.b64decode(extra.removeprefix("extra ")) == ENTRIES[3]
    assert index == "index 3"
    inner = node(base64.b64decode(sibling), HASHES[3])
    assert node(base64.b64decode(above), inner) == ROOT
    signed_by_vkey(note)


def test_the_name_before_sequencing() -> None:
    payload = rfc8785.dumps(VALUES[3]["payload"])
    name = base64.urlsafe_b64encode(sha256(b"ecotrace/payload/v1\0" + payload).digest())
    assert f"`{name.decode().rstrip('=')}`" in PAGE


# --- The table of entry types ------------------------------------------------------------------


def declared(area: str) -> tuple[EntryType, ...]:
    types: tuple[EntryType, ...] = importlib.import_module(f"{area}.entries").ENTRY_TYPES
    return types


def table() -> list[str]:
    match = re.search(
        r"<!-- entry types: begin -->\n\|.*\n\|[-|]+\|\n(.*?)<!-- entry types: end -->",
        PAGE,
        re.DOTALL,
    )
    assert match is not None
    return match[1].splitlines()


@pytest.mark.parametrize("area", ["ledger", *AREAS])
def test_the_table_holds_what_an_area_declares(area: str) -> None:
    types = entry_types.ENTRY_TYPES if area == "ledger" else declared(area)
    missing = [row for row in table_rows(types) if row not in table()]
    assert missing == [], "the rows above are not in docs/log-format.md"


def test_the_table_holds_nothing_else() -> None:
    types = [*entry_types.ENTRY_TYPES, *(each for area in AREAS for each in declared(area))]
    assert sorted(table()) == sorted(table_rows(types))


@pytest.mark.parametrize("name", sorted(entry_types.RESERVED))
def test_reserved_types_are_named(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_every_refusal_has_two_languages_and_a_status() -> None:
    for code in LedgerRefusal:
        sentence = code.sentence
        assert 400 <= sentence.status < 600
        assert re.search(r"[\u4e00-\u9fff]", sentence.zh)
        assert sentence.en.isascii()
        assert set(re.findall(r"{(\w+)}", sentence.zh)) == set(re.findall(r"{(\w+)}", sentence.en))
