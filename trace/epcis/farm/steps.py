"""The steps of a farm product as commands, and the text that each detail becomes.

A detail is an optional field of a step; `_detail` says its name in the vocabulary and its reader,
which gives the text that is written and refuses what may not be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeAlias

from runtime.refusal import refuse
from trace.epcis.farm.vocabulary import FarmStep
from trace.epcis.namespaces import is_uri
from trace.epcis.refusals import EpcisRefusal
from trace.text import clean_text


@dataclass(frozen=True)
class Amount:
    """So many milligrams or pieces, and what was typed for it."""

    kind: Literal["mass", "pieces"]
    whole: int
    typed_value: str | None = None
    typed_unit: str | None = None


@dataclass(frozen=True)
class Goods:
    """A lot, how much of it, and what people call it.

    `item` is a GTIN-14, or `p/{product}` for a product of ours without one. Without `amount` the
    event is about the lot, whatever it holds.
    """

    item: str
    lot: str
    amount: Amount | None = None
    name: str | None = None


@dataclass(frozen=True)
class Occasion:
    """When and where something happened, and who did it.

    `place` and `location` are URIs: where it was seen (readPoint), and where the goods are from
    then on (bizLocation). `certificates` are URIs of certificates that hold for the event.
    """

    at: datetime
    place: str
    location: str | None = None
    operator: str | None = None
    note: str | None = None
    certificates: tuple[str, ...] = ()


Reader: TypeAlias = Callable[[Any, str], str]
"""Gives the text of an extension field; refuses at the pointer."""

_DECIMAL = re.compile(r"(-?)[0-9]{1,12}(?:\.[0-9]{1,6})?\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_CODE = re.compile(r"[a-z_]{1,30}\Z")
NAME_MAX = 100
NOTE_MAX = 500


def _text(length_max: int) -> Reader:
    return lambda value, pointer: clean_text(value, length_max, pointer)


def _signed(value: str, pointer: str) -> str:
    """A decimal that may be below zero: a temperature."""
    if not _DECIMAL.match(value):
        refuse(EpcisRefusal.VALUE_MALFORMED, pointer)
    return value


def _decimal(value: str, pointer: str) -> str:
    if _signed(value, pointer).startswith("-"):
        refuse(EpcisRefusal.QUANTITY_NEGATIVE, pointer)
    return value


def _count(value: int, pointer: str) -> str:
    if value < 0:
        refuse(EpcisRefusal.QUANTITY_NEGATIVE, pointer)
    return str(value)


def _matching(pattern: re.Pattern[str]) -> Reader:
    def reader(value: Any, pointer: str) -> str:
        if not pattern.match(value):
            refuse(EpcisRefusal.VALUE_MALFORMED, pointer)
        return str(value)

    return reader


_digest = _matching(_DIGEST)
_code = _matching(_CODE)


def checked_uri(value: str, pointer: str) -> str:
    """Give a URI back; refuse any other text."""
    if not is_uri(value):
        refuse(EpcisRefusal.URI_MALFORMED, pointer)
    return value


def _detail(name: str, reader: Reader) -> Any:
    """Declare an optional field of a step that becomes the extension field `farm:{name}`."""
    return field(default=None, metadata={"name": name, "reader": reader})


@dataclass(frozen=True, kw_only=True)
class SeedOrStocking:
    """Seed is sown, seedlings are planted, fry is stocked: a lot begins to grow.

    `inputs` are the lots of seed, where they are followed. The area is in whole m²; what was
    typed stands beside it.
    """

    step: ClassVar = FarmStep.SEED_OR_STOCKING
    outputs: tuple[Goods, ...]
    inputs: tuple[Goods, ...] = ()
    variety: str | None = _detail("variety", _text(NAME_MAX))
    seed_source: str | None = _detail("seedSource", _text(NAME_MAX))
    area_m2: int | None = _detail("areaM2", _count)
    area_typed: str | None = _detail("areaTyped", _decimal)
    area_unit: str | None = _detail("areaUnit", _text(10))
    head_count: int | None = _detail("headCount", _count)


@dataclass(frozen=True, kw_only=True)
class Input:
    """Fertiliser, pesticide, veterinary drug, feed or something else is given to a growing lot.

    `interval_days` is the time that has to pass before harvest (安全间隔期, 休药期).
    """

    step: ClassVar = FarmStep.INPUT
    lots: tuple[Goods, ...]
    input_kind: str | None = _detail("inputKind", _code)
    input_name: str | None = _detail("inputName", _text(NAME_MAX))
    registration: str | None = _detail("registration", _text(40))
    dose: str | None = _detail("dose", _decimal)
    dose_unit: str | None = _detail("doseUnit", _text(20))
    method: str | None = _detail("method", _text(NAME_MAX))
    interval_days: int | None = _detail("intervalDays", _count)


@dataclass(frozen=True, kw_only=True)
class Harvest:
    """A crop is cut or picked, fish or crabs are caught. `inputs` are the lots that grew."""

    step: ClassVar = FarmStep.HARVEST
    outputs: tuple[Goods, ...]
    inputs: tuple[Goods, ...] = ()
    moisture_percent: str | None = _detail("moisturePercent", _decimal)
    sugar_percent: str | None = _detail("sugarPercent", _decimal)
    growth_days: int | None = _detail("growthDays", _count)
    head_count: int | None = _detail("headCount", _count)


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Lots lie in a store."""

    step: ClassVar = FarmStep.STORAGE
    lots: tuple[Goods, ...]
    facility: str | None = _detail("facility", _text(NAME_MAX))
    temperature_c: str | None = _detail("temperatureC", _signed)
    humidity_percent: str | None = _detail("humidityPercent", _decimal)


@dataclass(frozen=True, kw_only=True)
class Transport:
    """Lots are carried. `origin` and `destination` are URIs of places."""

    step: ClassVar = FarmStep.TRANSPORT
    lots: tuple[Goods, ...]
    origin: str | None = None
    destination: str | None = None
    carrier: str | None = _detail("carrier", _text(NAME_MAX))
    vehicle: str | None = _detail("vehicle", _text(40))
    temperature_c: str | None = _detail("temperatureC", _signed)


@dataclass(frozen=True, kw_only=True)
class Processing:
    """Lots are made into others: milled, dried, graded."""

    step: ClassVar = FarmStep.PROCESSING
    inputs: tuple[Goods, ...]
    outputs: tuple[Goods, ...]
    process: str | None = _detail("process", _text(NAME_MAX))
    line: str | None = _detail("line", _text(40))
    moisture_percent: str | None = _detail("moisturePercent", _decimal)


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Lots are tested. The report is named by the SHA-256 of its file, in lower-case hex."""

    step: ClassVar = FarmStep.INSPECTION
    lots: tuple[Goods, ...]
    passed: bool = True
    laboratory: str | None = _detail("laboratory", _text(NAME_MAX))
    report_number: str | None = _detail("reportNumber", _text(60))
    report_sha256: str | None = _detail("reportSha256", _digest)
    items: str | None = _detail("items", _text(NOTE_MAX))
    moisture_percent: str | None = _detail("moisturePercent", _decimal)


@dataclass(frozen=True, kw_only=True)
class Packing:
    """Lots are packed into others; or, with `parent` (URI of a box or pallet), put into it."""

    step: ClassVar = FarmStep.PACKING
    outputs: tuple[Goods, ...]
    inputs: tuple[Goods, ...] = ()
    parent: str | None = None
    best_before: date | None = None
    pack: str | None = _detail("pack", _text(NAME_MAX))
    pieces: int | None = _detail("pieces", _count)


@dataclass(frozen=True, kw_only=True)
class Sale:
    """Lots change hands. `seller` and `buyer` are URIs of parties, `document` that of an invoice.

    `retail` is a sale to the consumer, else goods go to another firm.
    """

    step: ClassVar = FarmStep.SALE
    lots: tuple[Goods, ...]
    seller: str | None = None
    buyer: str | None = None
    document: str | None = None
    retail: bool = False
    buyer_name: str | None = _detail("buyerName", _text(NAME_MAX))
    channel: str | None = _detail("channel", _text(NAME_MAX))


@dataclass(frozen=True, kw_only=True)
class Split:
    """One lot becomes several of the same product."""

    step: ClassVar = FarmStep.SPLIT
    inputs: tuple[Goods, ...]
    outputs: tuple[Goods, ...]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Several lots of one product become one."""

    step: ClassVar = FarmStep.MERGE
    inputs: tuple[Goods, ...]
    outputs: tuple[Goods, ...]


Step: TypeAlias = (
    SeedOrStocking
    | Input
    | Harvest
    | Storage
    | Transport
    | Processing
    | Inspection
    | Packing
    | Sale
    | Split
    | Merge
)

STEPS: tuple[type[Step], ...] = (
    SeedOrStocking,
    Input,
    Harvest,
    Storage,
    Transport,
    Processing,
    Inspection,
    Packing,
    Sale,
    Split,
    Merge,
)


def detail_names(step: type[Step]) -> tuple[str, ...]:
    """Give the names of the extension fields that a step may have, without prefix."""
    return tuple(each.metadata["name"] for each in fields(step) if "name" in each.metadata)


def details(step: Step) -> Iterator[tuple[str, str]]:
    """Give name and text of the details that a step has; empty texts are none."""
    for each in fields(step):
        value = getattr(step, each.name)
        if value is not None and "reader" in each.metadata:
            text = each.metadata["reader"](value, f"/{each.name}")
            if text:
                yield each.metadata["name"], text
