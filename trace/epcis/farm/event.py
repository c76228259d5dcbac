"""From a step to its EPCIS event; `trace.epcis.farm` says what holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from runtime import base64url
from runtime.clock import BEIJING
from runtime.refusal import Refusal, refuse
from runtime.strict_json import Numeral
from trace.digital_link import link
from trace.epcis.check import check_event
from trace.epcis.document import received
from trace.epcis.event_hash import event_hash
from trace.epcis.farm.steps import (
    NAME_MAX,
    NOTE_MAX,
    Amount,
    Goods,
    Harvest,
    Inspection,
    Merge,
    Occasion,
    Packing,
    Processing,
    Sale,
    SeedOrStocking,
    Split,
    Step,
    Transport,
    checked_uri,
    details,
)
from trace.epcis.farm.vocabulary import MEANINGS, NAMESPACE, NAMESPACES, PREFIX, FarmStep
from trace.epcis.refusals import EpcisRefusal
from trace.text import clean_text

_MG_PER_KG = 1_000_000


def build_event(step: Step, occasion: Occasion, base_url: str) -> dict[str, Any]:
    """Make the EPCIS event of a step; `base_url` has no slash at its end.

    Its prefix is declared by `NAMESPACES`: hand both to `document.write_document`. Raises `Refusal`
    for what no event may hold, `ValueError` for a time without offset.
    """
    extensions = _extensions(step, occasion, base_url)
    event = {**_what(step, base_url), **_when_and_where(occasion), **_why(step), **extensions}
    arrived = received(event, NAMESPACES)
    found = check_event(arrived)
    if found:
        raise Refusal(*(one.reason for one in found))
    return {"eventID": event_hash(arrived), **event}


def step_of(record: Mapping[str, Any]) -> FarmStep | None:
    """Give the farm step that an understood record tells of, or None: an event of another kind."""
    value = record.get(f"{{{NAMESPACE}}}step")
    return next((step for step in FarmStep if value == NAMESPACE + step), None)


def goods_uri(goods: Goods, base_url: str) -> str:
    """Give the address of a lot under a base; raises `LinkRefused` for codes that cannot be one."""
    key, _, value = goods.item.rpartition("/")
    return link.address(link.make(key or "01", value, [("10", goods.lot)]), base_url)


def _when_and_where(occasion: Occasion) -> dict[str, Any]:
    if occasion.at.utcoffset() is None:
        raise ValueError("an event needs a time with offset")
    event: dict[str, Any] = {
        "eventTime": occasion.at.astimezone(BEIJING).isoformat(),
        "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": checked_uri(occasion.place, "/place")},
    }
    if occasion.location is not None:
        event["bizLocation"] = {"id": checked_uri(occasion.location, "/location")}
    if occasion.certificates:
        event["certificationInfo"] = [
            checked_uri(one, "/certificates") for one in occasion.certificates
        ]
    return event


def _what(step: Step, base_url: str) -> dict[str, Any]:
    """Give type, action and goods of the event."""
    match step:
        case Packing(parent=str(parent)):
            if step.inputs:
                refuse(EpcisRefusal.FIELD_FORBIDDEN, "/inputs")
            children = _quantities(step.outputs, base_url, "/outputs")
            return {
                "type": "AggregationEvent",
                "action": "ADD",
                "parentID": checked_uri(parent, "/parent"),
                "childQuantityList": children,
            }
        case SeedOrStocking() | Harvest() | Packing():
            return _made(step.inputs, step.outputs, base_url)
        case Processing() | Split() | Merge():
            return _transformed(step.inputs, step.outputs, base_url)
        case Sale(document=str(document)):
            return {
                "type": "TransactionEvent",
                "action": "ADD",
                "bizTransactionList": [
                    {"type": "inv", "bizTransaction": checked_uri(document, "/document")}
                ],
                "quantityList": _quantities(step.lots, base_url, "/lots"),
            }
    return _object("OBSERVE", step.lots, base_url, "/lots")


def _made(inputs: tuple[Goods, ...], outputs: tuple[Goods, ...], base_url: str) -> dict[str, Any]:
    """Give goods that come out of others, or, where no others are named, into the world."""
    if inputs:
        return _transformed(inputs, outputs, base_url)
    return _object("ADD", outputs, base_url, "/outputs")


def _object(action: str, goods: tuple[Goods, ...], base_url: str, pointer: str) -> dict[str, Any]:
    quantities = _quantities(goods, base_url, pointer)
    return {"type": "ObjectEvent", "action": action, "quantityList": quantities}


def _transformed(
    inputs: tuple[Goods, ...], outputs: tuple[Goods, ...], base_url: str
) -> dict[str, Any]:
    return {
        "type": "TransformationEvent",
        "inputQuantityList": _quantities(inputs, base_url, "/inputs"),
        "outputQuantityList": _quantities(outputs, base_url, "/outputs"),
    }


def _quantities(goods: tuple[Goods, ...], base_url: str, pointer: str) -> list[dict[str, Any]]:
    if not goods:
        refuse(EpcisRefusal.IDENTIFIERS_MISSING, pointer)
    return [
        {
            "epcClass": goods_uri(one, base_url),
            **_quantity(one.amount, f"{pointer}/{place}/amount"),
        }
        for place, one in enumerate(goods)
    ]


def _quantity(amount: Amount | None, pointer: str) -> dict[str, Any]:
    """Give a mass in exact kilograms, pieces without unit (EPCIS 2.0, 7.3.3.3)."""
    if amount is None:
        return {}
    if amount.whole < 0:
        refuse(EpcisRefusal.QUANTITY_NEGATIVE, pointer)
    if amount.kind == "pieces":
        return {"quantity": amount.whole}
    kilograms, rest = divmod(amount.whole, _MG_PER_KG)
    if not rest:
        return {"quantity": kilograms, "uom": "KGM"}
    return {"quantity": Numeral(f"{kilograms}.{rest:06d}".rstrip("0")), "uom": "KGM"}


def _why(step: Step) -> dict[str, Any]:
    """Give the step in CBV words, and the parties and places that it joins."""
    meaning = MEANINGS[step.step]
    event: dict[str, Any] = {"bizStep": meaning.biz_step, "disposition": meaning.disposition}
    match step:
        case Inspection(passed=False):
            event["disposition"] = "non_conformant"
        case Sale(retail=True):
            event.update(bizStep="retail_selling", disposition="retail_sold")
        case Packing(best_before=date() as day) if step.parent is None:
            event["ilmd"] = {"cbvmda:bestBeforeDate": day.isoformat()}
    match step:
        case Inspection(report_sha256=str(digest)):
            # RFC 6920 names a file by its digest in base64url.
            report = f"ni:///sha-256;{base64url.encode(bytes.fromhex(digest))}"
            event["bizTransactionList"] = [{"type": "testres", "bizTransaction": report}]
        case Sale():
            event.update(_ends("owning_party", step.seller, step.buyer, ("/seller", "/buyer")))
        case Transport():
            places = ("/origin", "/destination")
            event.update(_ends("location", step.origin, step.destination, places))
    return event


def _ends(
    kind: str, source: str | None, destination: str | None, pointers: tuple[str, str]
) -> Iterator[tuple[str, Any]]:
    if source is not None:
        yield "sourceList", [{"type": kind, "source": checked_uri(source, pointers[0])}]
    if destination is not None:
        yield (
            "destinationList",
            [{"type": kind, "destination": checked_uri(destination, pointers[1])}],
        )


def _extensions(step: Step, occasion: Occasion, base_url: str) -> dict[str, Any]:
    """Give the fields of our vocabulary."""
    found: dict[str, Any] = {"step": NAMESPACE + step.step}
    operator = clean_text(occasion.operator or "", NAME_MAX, "/operator")
    note = clean_text(occasion.note or "", NOTE_MAX, "/note")
    found.update((name, text) for name, text in (("operator", operator), ("note", note)) if text)
    found.update(details(step))
    told = [_told(goods, base_url) for goods in _all_goods(step)]
    if any(len(one) > 1 for one in told):
        found["goods"] = told
    return {f"{PREFIX}:{name}": value for name, value in found.items()}


def _all_goods(step: Step) -> tuple[Goods, ...]:
    return tuple(
        goods for name in ("lots", "inputs", "outputs") for goods in getattr(step, name, ())
    )


def _told(goods: Goods, base_url: str) -> dict[str, str]:
    """Give what people call a lot and what they typed for its quantity."""
    amount = goods.amount
    told = {f"{PREFIX}:lot": goods_uri(goods, base_url)}
    if goods.name is not None:
        told[f"{PREFIX}:product"] = clean_text(goods.name, NAME_MAX, "/name")
    if amount is not None and amount.typed_value is not None:
        told[f"{PREFIX}:typedValue"] = clean_text(amount.typed_value, 40, "/amount/typed_value")
        told[f"{PREFIX}:typedUnit"] = clean_text(amount.typed_unit or "", 10, "/amount/typed_unit")
    return told
