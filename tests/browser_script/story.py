"""A story written into a second log, and what a scan page shows of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from public_api.scan.page import (
    Custody,
    Notice,
    Opening,
    ScanPage,
    ShownFact,
    ShownVoucher,
    TimelineStep,
    entry_fact,
    opened_fact,
    opened_voucher,
    unlogged_fact,
)
from public_api.scan.proof import Proof, ProvedEntry
from tests.browser_script.second_log import SecondLog, b64url
from web.language import Words

HOST = "zhuisu.example.org"
REGIONS = {
    "120112102": "天津市津南区小站镇",
    "652801205": "新疆维吾尔自治区库尔勒市哈拉玉宫乡",
    "370505105": "山东省东营市垦利区黄河口镇",
}


@dataclass
class Sample:
    """A page and its proof, in one language."""

    page: ScanPage
    proof: Proof
    log: SecondLog


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class Story:
    """Writes a story into a second log and gathers what the page shows of it."""

    def __init__(self, lang: str, seed: str) -> None:
        self.lang = lang
        self.log = SecondLog(f"log.example.org/{seed}", seed)
        self.names: dict[str, Opening] = {}
        self.keys: dict[str, Any] = {}
        self.custody: dict[str, Custody] = {}
        self.wanted: set[int] = {0}
        self._facts = 0

    def name(self, stem: str) -> str:
        return f"/{stem}_{self.lang}"

    def opening(self, index: int, field: str = "record") -> Opening:
        salt, value = self.log.openings[index, field]
        self.wanted.add(index)
        return Opening(index, field, b64url(salt), value)

    def party(self, name: str, record: dict[str, Any], custody: Custody = "platform") -> str:
        stream = self.log.stream("org", name)
        self.wanted.add(len(self.log.entries))
        self.keys[name] = self.log.introduce(name, stream, custody)
        self.custody[name] = custody
        index = self.log.append(
            "identity.party.register",
            [stream],
            {"kind": "cooperative"},
            {"record": record},
            self.keys[name],
        )
        self.names[name] = self.opening(index)
        return stream

    def write(
        self, type: str, streams: list[str], record: Any, by: str, at: str, **facts: Any
    ) -> int:
        index = self.log.append(type, streams, facts, {"record": record}, self.keys[by], utc(at))
        self.wanted.add(index)
        return index

    def fact(
        self, label: Words, index: int, pointer: str, format: str = "text", field: str = "record"
    ) -> ShownFact:
        self._facts += 1
        return opened_fact(f"f{self._facts}", label, self.opening(index, field), pointer, format)

    def entry(self, label: Words, index: int, pointer: str, format: str = "text") -> ShownFact:
        self._facts += 1
        self.wanted.add(index)
        parsed = json.loads(self.log.entries[index])
        return entry_fact(f"f{self._facts}", label, index, parsed, pointer, format)

    def off_log(self, label: Words, value: Any, format: str = "text") -> ShownFact:
        self._facts += 1
        return unlogged_fact(f"f{self._facts}", label, value, format)

    def voucher(self, role: Words, index: int, by: str) -> ShownVoucher:
        self._facts += 1
        name = self.name("name")
        return opened_voucher(
            f"v{self._facts}", role, index, self.custody[by], self.names[by], name
        )

    def step(
        self,
        index: int,
        by: str,
        facts: tuple[ShownFact, ...] = (),
        notices: tuple[Notice, ...] = (),
    ) -> TimelineStep:
        return TimelineStep(
            title=self.fact(Words("环节", "Step"), index, "/step", "code:step"),
            at=self.entry(Words("时间", "When"), index, "/payload/effective_at", "date"),
            recorded_at=self.entry(Words("登记于", "recorded"), index, "/seq/at", "instant"),
            voucher=self.voucher(Words("登记", "Recorded by"), index, by),
            facts=facts,
            notices=notices,
        )

    def proof(self, lot: str, product: ShownFact, opened: ShownFact) -> Proof:
        """The bundle's material; `product` and `opened` are the recorded codes."""
        log = self.log
        somebody = log.key(next(iter(self.keys)))
        log.append("trace.event.capture", [log.stream("lot", "another")], {}, {}, somebody)
        wanted = self.wanted | set(log.of(lot)) | {len(log.entries) - 1}
        assert product.source is not None
        return Proof(
            origin=log.origin,
            host=HOST,
            vkey=log.vkey,
            checkpoint=log.checkpoint(),
            entries=self._entries(sorted(wanted)),
            streams={lot: log.count(lot)},
            lot=lot,
            regions=REGIONS,
            address_items=(product.source,),
            address_lot=opened.source,
        )

    def _entries(self, indexes: Sequence[int]) -> tuple[ProvedEntry, ...]:
        log = self.log
        return tuple(ProvedEntry(i, log.entries[i], tuple(log.proof(i))) for i in indexes)
