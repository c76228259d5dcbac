"""The view model of the scan page: everything that it says, and where each word comes from.

Nouns:

- a *fact* is one value with a label and a format. Its `source` says which verified bytes it can
  be read from; without a source it stands in no log entry and the page says so (未入日志). A fact
  whose entry is not yet under the page's checkpoint is *pending*, and says that instead.
- a *voucher* is who recorded something: the party that the key of the entry belongs to, and whether
  that key is its own or kept by the platform.
- the *lot view* is what all labels of a lot share; it is drawn once and kept until something
  changes. The *scan page* adds what belongs to one scan: verdicts, the code, scans.

Invariants:

- the text of a fact with a source is computed from the opened value or the entry, never typed in
  beside it: `opened_fact` and `entry_fact` are the only makers of such facts
- ids of facts and vouchers are unique on a page, and one id has one source
- verdicts are in rank; the first is the headline; a page has at least one

No database, no Flask, no clock. Texts come as pairs (`Words`); `lang` chooses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, Literal

from public_api.scan.formats import format_value, voucher_text
from public_api.scan.words import Colour, VerdictKind, verdict_kinds
from runtime.clock import instant_text
from web.language import Words

Kind = Literal["opening", "entry"]
Custody = Literal["own", "platform"]


@dataclass(frozen=True)
class Opening:
    """One commitment of entry `index`, opened: the field, its salt (base64url) and whole value.

    The whole value goes to every phone that scans: open only what may be public as a whole.
    """

    index: int
    field: str
    salt: str
    value: Any


@dataclass(frozen=True)
class FactSource:
    """Where a value is read from: an opening, or the entry itself, at a JSON pointer (RFC 6901)."""

    kind: Kind
    index: int
    pointer: str
    opening: Opening | None = None


@dataclass(frozen=True)
class ShownFact:
    """One value on the page; `format` is one of public_api.scan.formats.

    `english` is pointer and value of the same in English, where the record has it.
    """

    id: str
    label: Words
    value: Any
    format: str = "text"
    source: FactSource | None = None
    pending: bool = False
    english: tuple[str, Any] | None = None

    def spoken(self, lang: str) -> ShownFact:
        """Give the fact as readers of `lang` see it."""
        if lang != "en" or self.english is None or self.source is None:
            return self
        pointer, value = self.english
        return replace(self, value=value, source=replace(self.source, pointer=pointer))

    def text(self, lang: str, regions: Mapping[str, str] | None = None) -> str:
        """Write the value in `lang`. Raises FormatError."""
        return format_value(self.spoken(lang).value, self.format, lang, regions)


def opened_fact(
    id: str, label: Words, opening: Opening, pointer: str, format: str = "text"
) -> ShownFact:
    """Make a fact from an opened commitment. Raises LookupError where the pointer leads nowhere."""
    source = FactSource("opening", opening.index, pointer, opening)
    value = value_at(opening.value, pointer)
    return ShownFact(id, label, value, format, source, english=_english(opening, pointer))


def _english(opening: Opening, pointer: str) -> tuple[str, Any] | None:
    """Give what a record says in English beside a member whose name ends in `_zh`."""
    if not pointer.endswith("_zh"):
        return None
    beside = pointer.removesuffix("_zh") + "_en"
    try:
        value = value_at(opening.value, beside)
    except LookupError:
        return None
    return (beside, value) if value else None


def entry_fact(
    id: str, label: Words, index: int, entry: Any, pointer: str, format: str = "text"
) -> ShownFact:
    """Make a fact from a parsed entry, such as `/seq/at` or `/payload/facts/number`."""
    source = FactSource("entry", index, pointer)
    return ShownFact(id, label, value_at(entry, pointer), format, source)


def unlogged_fact(
    id: str, label: Words, value: Any, format: str = "text", *, pending: bool = False
) -> ShownFact:
    """Make a fact that the phone cannot check: not in the log, or not yet under its checkpoint."""
    return ShownFact(id, label, value, format, None, pending)


def value_at(value: Any, pointer: str) -> Any:
    """Give the value at a JSON pointer (RFC 6901 §4). Raises LookupError."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list | tuple):
            value = value[_position(key)]
        elif isinstance(value, Mapping):
            value = value[key]
        else:
            raise LookupError(pointer)
    return value


def _position(key: str) -> int:
    if not (key.isascii() and key.isdigit()) or (key[0] == "0" and key != "0"):
        raise LookupError(key)
    return int(key)


@dataclass(frozen=True)
class ShownVoucher:
    """Who recorded entry `index`; `role` says in which part (生产, 检测, 用标许可).

    `source` is the opened name of the party. Without index and source the name stands alone and is
    marked as not in the log.
    """

    id: str
    role: Words
    name: str
    custody: Custody | None = None
    index: int | None = None
    source: FactSource | None = None
    english: tuple[str, Any] | None = None

    @property
    def is_proved(self) -> bool:
        """Whether the phone can check who it was."""
        return self.index is not None and self.source is not None

    def text(self, lang: str) -> str:
        """Write who it was and how: signed, recorded by the platform for them, or just the name."""
        name = self.spoken(lang).name
        return name if self.custody is None else voucher_text(name, self.custody, lang)

    def spoken(self, lang: str) -> ShownVoucher:
        """Give the voucher as readers of `lang` see it."""
        if lang != "en" or self.english is None or self.source is None:
            return self
        pointer, name = self.english
        return replace(self, name=name, source=replace(self.source, pointer=pointer))


def opened_voucher(
    id: str, role: Words, index: int, custody: Custody, party: Opening, pointer: str = "/name_zh"
) -> ShownVoucher:
    """Make a voucher whose name is read from the opened record of the party's registration."""
    name = str(value_at(party.value, pointer))
    source = FactSource("opening", party.index, pointer, party)
    return ShownVoucher(id, role, name, custody, index, source, _english(party, pointer))


@dataclass(frozen=True)
class Notice:
    """A sentence with a colour: what is missing, contradicted, corrected or worth a warning."""

    colour: Colour | Literal["plain"]
    words: Words


@dataclass(frozen=True)
class TimelineStep:
    """One step from base to market; `recorded_at` is the log's time of the entry."""

    title: ShownFact
    at: ShownFact
    recorded_at: ShownFact | None = None
    voucher: ShownVoucher | None = None
    facts: tuple[ShownFact, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class StateShown:
    """The state of a certificate at one moment, with the colour that it deserves there."""

    colour: Colour
    words: Words


@dataclass(frozen=True)
class ShownCertificate:
    """A certificate or licence: what it is called, its facts, when packed and now."""

    name: Words
    document: Words
    facts: tuple[ShownFact, ...]
    now: StateShown
    when_packed: StateShown | None = None
    voucher: ShownVoucher | None = None
    allowance: tuple[ShownFact, ...] = ()


@dataclass(frozen=True)
class ShownInspection:
    """A test or inspection and its result."""

    name: Words
    result: StateShown
    facts: tuple[ShownFact, ...] = ()
    voucher: ShownVoucher | None = None


@dataclass(frozen=True)
class Contact:
    """The person on a 承诺达标合格证: the Order wants it there; masked until it is tapped."""

    label: Words
    masked: str
    full: str


@dataclass(frozen=True)
class Conformity:
    """The 承诺达标合格证 of the lot: six fields, basis, promise; or why there is none."""

    facts: tuple[ShownFact, ...]
    promise: Words
    voucher: ShownVoucher | None = None
    contact: Contact | None = None
    address: str | None = None


Artwork = Literal["rice", "pear", "crab", "fruit", "vegetable", "other"]


@dataclass(frozen=True)
class LotView:
    """What all labels of a lot (or of a product, before its lot is known) share."""

    product: ShownFact
    artwork: Artwork = "other"
    artwork_address: str | None = None
    mark: Words | None = None
    place: ShownFact | None = None
    packed_on: ShownFact | None = None
    head_facts: tuple[ShownFact, ...] = ()
    vouchers: tuple[ShownVoucher, ...] = ()
    steps: tuple[TimelineStep, ...] = ()
    certificates: tuple[ShownCertificate, ...] = ()
    inspections: tuple[ShownInspection, ...] = ()
    conformity: Conformity | None = None
    missing: tuple[Notice, ...] = ()
    notices: tuple[Notice, ...] = ()
    more_facts: tuple[ShownFact, ...] = ()

    def facts(self) -> Iterator[ShownFact]:
        """Give every fact on the page, in the order of the page."""
        return _parts(self, ShownFact)

    def all_vouchers(self) -> Iterator[ShownVoucher]:
        """Give every voucher on the page."""
        return _parts(self, ShownVoucher)


def _parts(value: Any, wanted: type) -> Iterator[Any]:
    if isinstance(value, wanted):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item, wanted)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _parts(getattr(value, each.name), wanted)


@dataclass(frozen=True)
class Verdict:
    """One verdict of a scan; `n`, `first_at` and `first_place` belong to `found_again`."""

    code: str
    n: int | None = None
    first_at: datetime | None = None
    first_place: Words | None = None
    detail: Words | None = None

    @property
    def kind(self) -> VerdictKind:
        """The line of the table. Raises KeyError for a code that is not there."""
        return verdict_kinds()[self.code]

    def sentence(self, lang: str) -> str:
        """Give the sentence of the table, filled."""
        template = self.kind.words.text(lang)
        return template.format(n=self.n, first=self._first(lang))

    def _first(self, lang: str) -> str:
        if self.first_at is None:
            return ""
        when = format_value(instant_text(self.first_at), "instant", lang)
        where = self.first_place.text(lang) if self.first_place else ""
        comma = ", " if lang == "en" else " "
        return comma.join(part for part in (when, where) if part)


def ranked(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Put verdicts in rank, each code once. Raises ValueError when there is none."""
    by_code = {verdict.code: verdict for verdict in verdicts}
    if not by_code:
        raise ValueError("a scan page needs a verdict")
    return tuple(sorted(by_code.values(), key=lambda verdict: verdict.kind.rank))


@dataclass(frozen=True)
class Scans:
    """How often this label was looked up, where known; places are provinces or cities."""

    count: int
    first_at: datetime | None = None
    first_place: Words | None = None
    places: tuple[tuple[Words, int], ...] = ()


@dataclass(frozen=True)
class ScanPage:
    """One scan: verdicts in rank, what was scanned, and the lot where one is known.

    `code` is the text of the label as people read it; `complaint` the address of 投诉举报. `lot` is
    None for codes that name nothing of ours.
    """

    verdicts: tuple[Verdict, ...]
    complaint: str
    host: str
    code: str = ""
    lot: LotView | None = None
    scans: Scans | None = None
    demo: bool = False
    hotline: str = "12316"
    regions: Mapping[str, str] = field(default_factory=dict)

    @property
    def headline(self) -> Verdict:
        """The verdict of the lowest rank."""
        return self.verdicts[0]


def answer(page: ScanPage, lang: str, proof: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give the page for machines: `{verdict, verdicts, rank, sentence, facts, proof}`.

    `rank` is the headline's place in the table, from 0. `proof` is the bundle, or null.
    """
    facts = page.lot.facts() if page.lot else ()
    return {
        "verdict": page.headline.code,
        "verdicts": [verdict.code for verdict in page.verdicts],
        "rank": page.headline.kind.rank,
        "sentence": page.headline.sentence(lang),
        "demo": page.demo,
        "facts": [_fact_answer(fact.spoken(lang), lang, page.regions) for fact in facts],
        "proof": proof,
    }


def _fact_answer(fact: ShownFact, lang: str, regions: Mapping[str, str]) -> dict[str, Any]:
    source = fact.source
    return {
        "id": fact.id,
        "label": fact.label.text(lang),
        "value": fact.value,
        "text": fact.text(lang, regions),
        "source": source_text(source) if source else ("pending" if fact.pending else None),
    }


def source_text(source: FactSource) -> dict[str, Any]:
    """Give a source for machines: entry, field or null, pointer."""
    opened = source.opening.field if source.opening else None
    return {"entry": source.index, "field": opened, "pointer": source.pointer}
