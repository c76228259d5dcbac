"""The proof bundle: what the phone needs to check a scan page without asking anybody.

The format is at the head of static/js/check.js; this module writes it and says what must go in:

- GENESIS, the KEY entry of every key that signed one of the entries, and every entry that a fact or
  voucher is read from, each with its inclusion proof for one checkpoint
- every entry of each stream in `streams`, so that the phone sees them run from 1 without a gap
- best also the last entry of the tree (`size - 1`), whose time dates the whole check

A bundle is public: an opening in it carries the whole committed value. `region` words are the
server's and are not proved; everything else that is drawn from a bundle is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from public_api.scan.page import FactSource, LotView, Opening, ShownFact, ShownVoucher
from runtime import base64url

FORMAT = 1


@dataclass(frozen=True)
class ProvedEntry:
    """The bytes of one entry and its inclusion proof, the leaf's sibling first."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Proof:
    """Entries under one checkpoint of one log.

    `streams` maps a stream id to the number of its entries, all of them given. `lot` is the stream
    of the lot, whose recalls the phone looks for. `elsewhere` names /verify pages of other offices.
    `address_items` and `address_lot` are where GTIN or product code, and lot code, are recorded, so
    that a proof about another product does not pass under this address.
    """

    origin: str
    host: str
    vkey: str
    checkpoint: str
    entries: tuple[ProvedEntry, ...]
    streams: Mapping[str, int]
    lot: str
    regions: Mapping[str, str] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    address_items: tuple[FactSource, ...] = ()
    address_lot: FactSource | None = None


class ProofIncomplete(ValueError):
    """A fact is read from an entry that the bundle does not hold, or one id has two sources."""


class _Openings:
    """The openings of a bundle, each once, by position."""

    def __init__(self) -> None:
        self.list: list[Opening] = []

    def position(self, opening: Opening) -> int:
        for position, known in enumerate(self.list):
            if (known.index, known.field) == (opening.index, opening.field):
                return position
        self.list.append(opening)
        return len(self.list) - 1


def bundle(proof: Proof, lot: LotView, lang: str) -> dict[str, Any]:
    """Give the bundle of a lot's page in `lang`. Raises ProofIncomplete."""
    openings = _Openings()
    shown = _once(fact for fact in lot.facts() if fact.source is not None)
    vouchers = _once(voucher for voucher in lot.all_vouchers() if voucher.is_proved)
    written = {
        "v": FORMAT,
        "lang": "en" if lang == "en" else "zh",
        "host": proof.host,
        "origin": proof.origin,
        "vkey": proof.vkey,
        "checkpoint": proof.checkpoint,
        "lot": proof.lot,
        "elsewhere": list(proof.elsewhere),
        "entries": [_entry(entry) for entry in sorted(proof.entries, key=lambda e: e.index)],
        "streams": [[id, count] for id, count in sorted(proof.streams.items())],
        "facts": [_fact(fact.spoken(lang), openings, lang) for fact in shown],
        "vouchers": [_voucher(voucher.spoken(lang), openings) for voucher in vouchers],
        "address": _address(proof, openings),
        "regions": dict(proof.regions),
        "openings": [],
    }
    written["openings"] = [_opening(opening) for opening in openings.list]
    _check_complete(proof, shown, vouchers)
    return written


def script_text(value: Mapping[str, Any]) -> str:
    """Write JSON that may stand in an HTML script element: no `<`, no `&`, no line separator."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _once(items: Iterable[Any]) -> list[Any]:
    """Give each id once. Raises ProofIncomplete for one id with two sources."""
    seen: dict[str, Any] = {}
    for item in items:
        if seen.setdefault(item.id, item) != item:
            raise ProofIncomplete(f"{item.id} is shown with two sources")
    return list(seen.values())


def _from(source: FactSource, openings: _Openings) -> list[Any]:
    if source.opening is not None:
        return ["opening", openings.position(source.opening), source.pointer]
    return ["entry", source.index, source.pointer]


def _entry(entry: ProvedEntry) -> dict[str, Any]:
    proof = [base64url.encode(hash) for hash in entry.proof]
    return {"index": entry.index, "entry": entry.entry.decode("utf-8"), "proof": proof}


def _opening(opening: Opening) -> dict[str, Any]:
    return {
        "index": opening.index,
        "field": opening.field,
        "salt": opening.salt,
        "value": opening.value,
    }


def _fact(fact: ShownFact, openings: _Openings, lang: str) -> dict[str, Any]:
    assert fact.source is not None
    return {
        "id": fact.id,
        "label": fact.label.text(lang),
        "format": fact.format,
        "from": _from(fact.source, openings),
    }


def _voucher(voucher: ShownVoucher, openings: _Openings) -> dict[str, Any]:
    assert voucher.source is not None
    _, position, pointer = _from(voucher.source, openings)
    return {"id": voucher.id, "index": voucher.index, "name": position, "pointer": pointer}


def _address(proof: Proof, openings: _Openings) -> dict[str, Any] | None:
    if not proof.address_items:
        return None
    return {
        "items": [_from(source, openings) for source in proof.address_items],
        "lot": _from(proof.address_lot, openings) if proof.address_lot else None,
    }


def _check_complete(
    proof: Proof, facts: Iterable[ShownFact], vouchers: Iterable[ShownVoucher]
) -> None:
    held = {entry.index for entry in proof.entries}
    sources = [fact.source for fact in facts] + [voucher.source for voucher in vouchers]
    wanted = {source.index for source in sources if source is not None}
    wanted |= {voucher.index for voucher in vouchers if voucher.index is not None}
    if wanted - held:
        raise ProofIncomplete(f"entries {sorted(wanted - held)} are not in the bundle")
