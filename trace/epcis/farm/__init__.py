"""The events of our own steps: from seed to sale as EPCIS 2.0, in a documented farm vocabulary.

`docs/farm-vocabulary.md` is the published form of these tables. Each step is one frozen
dataclass that says what happened, `Occasion` says when and where, and `build_event` makes the
event:

    build_event(Harvest(outputs=(rice,), moisture_percent="14.5"), occasion, "https://trace.example")

What follows from the step: the CBV business step and disposition, the kind of event (goods are
made from others: TransformationEvent; come from nowhere, out of field or water: ObjectEvent ADD;
are put into a parent: AggregationEvent; change hands under a document: TransactionEvent; all else:
ObjectEvent OBSERVE), and extension fields in our namespace, all of them texts.

Invariants of an event that is made here
- it passes `check_event`, and its `eventID` is its CBV event hash
- lots are Digital Link addresses under the given base: `/01/{gtin}/10/{lot}`, `/p/{code}/10/{lot}`
- masses are exact kilograms (KGM), pieces have no unit; what was typed stands beside, in
  `farm:goods`
- event time is written with the offset of Beijing, +08:00 (see `runtime.clock`)

Refused with `EpcisRefusal`, `TextRefusal` or `LinkRefusal` at the pointer of the step's own field.
"""

from __future__ import annotations

from trace.epcis.farm.event import build_event, goods_uri, step_of
from trace.epcis.farm.steps import (
    STEPS,
    Amount,
    Goods,
    Harvest,
    Input,
    Inspection,
    Merge,
    Occasion,
    Packing,
    Processing,
    Sale,
    SeedOrStocking,
    Split,
    Step,
    Storage,
    Transport,
)
from trace.epcis.farm.vocabulary import MEANINGS, NAMESPACE, NAMESPACES, PREFIX, FarmStep

__all__ = [
    "MEANINGS",
    "NAMESPACE",
    "NAMESPACES",
    "PREFIX",
    "STEPS",
    "Amount",
    "FarmStep",
    "Goods",
    "Harvest",
    "Input",
    "Inspection",
    "Merge",
    "Occasion",
    "Packing",
    "Processing",
    "Sale",
    "SeedOrStocking",
    "Split",
    "Step",
    "Storage",
    "Transport",
    "build_event",
    "goods_uri",
    "step_of",
]
