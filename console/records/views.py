"""记一笔: lot, step, form, receipt; and the last step once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from console.doors import PRODUCERS, desk, my_party
from console.lots.reading import OwnLot, own_lot, own_lots
from console.reading import base_url, receipt, scan_address, searched
from console.records.repeat import last_recorded, own_event, recorded_step
from console.records.words import SHAPES, StepShape
from console.sheet import Choice, Form, Line, Maybe, Moment, Sheet
from console.words import now_text
from runtime.refusal import refuse
from trace.epcis.farm import FarmStep
from trace.products.tables import Product
from trace.refusals import TraceRefusal
from trace.steps.service import LotAmount, RecordStep, record_step
from web.node import current_node
from web.paging import asked_page

blueprint = desk("records", __name__, *PRODUCERS, prefix="/record")

CHOICES_MAX = 200


@blueprint.get("/")
def choose_lot() -> str:
    """Choose the lot: big cards, the newest first."""
    asked, words = asked_page(request.args), searched()
    with current_node().database.read() as session:
        rows = own_lots(session, my_party(), words, asked.offset, asked.limit)
        return render_template("console/records/lots.html", page=asked.of(rows), words=words)


@blueprint.get("/again")
def again() -> BaseResponse:
    """Go to the form of the last step, filled in once more."""
    node = current_node()
    with node.database.read() as session:
        last = last_recorded(session, node.vault, my_party())
    if last is None:
        return redirect(url_for(".choose_lot"), 303)
    address = url_for(".record", lot=last.main, step=last.step.value, again=last.payload_id)
    return redirect(address, 303)


@blueprint.get("/<lot>/")
def choose_step(lot: str) -> str:
    """Choose the step."""
    with current_node().database.read() as session:
        own = own_lot(session, my_party(), lot)
        return render_template("console/records/steps.html", own=own, steps=list(FarmStep))


@blueprint.route("/<lot>/<step>", methods=["GET", "POST"])
def record(lot: str, step: str) -> BaseResponse:
    """Record a step of a lot."""
    kind = _step(step)
    with current_node().database.read() as session:
        own = own_lot(session, my_party(), lot)
        others = own_lots(session, my_party(), limit=CHOICES_MAX)
    shape = SHAPES[kind]
    repeated = _repeated(kind)
    sheet = Sheet.of(_form(shape), {"at": now_text(), "passed": "true", **repeated})
    if sheet.sent:
        with sheet.attempt():
            result = sheet.run(record_step, _command(kind, own, sheet.read()))
            done = url_for(".done", payload_id=result.payload_id, outcome=result.outcome)
            return redirect(done, 303)
    template = "console/records/repeat.html" if repeated else "console/records/form.html"
    shown = {"own": own, "others": others, "step": kind, "shape": shape, "rows": _rows(shape)}
    return sheet.page(template, again=bool(repeated), **shown)


@blueprint.get("/done/<payload_id>")
def done(payload_id: str) -> str:
    """Show the receipt of a recorded step."""
    node = current_node()
    with node.database.read() as session:
        event = own_event(session, my_party(), payload_id)
        told = recorded_step(session, node.vault, event)
        lots = told.lots if told else ()
        addresses = [scan_address(session.get_one(Product, lot.product_id), lot) for lot in lots]
        return render_template(
            "console/records/done.html",
            event=event,
            told=told,
            lots=list(zip(lots, addresses, strict=True)),
            receipt=receipt(session, payload_id),
            outcome=request.args.get("outcome", ""),
            shape=SHAPES[told.step] if told else None,
        )


def _step(code: str) -> FarmStep:
    if code not in set(FarmStep):
        refuse(TraceRefusal.STEP_UNKNOWN, "/step")
    return FarmStep(code)


def _repeated(kind: FarmStep) -> dict[str, Any]:
    """Give the values of the step that `?again=` names, for a form of the same step."""
    named = request.args.get("again", "")
    if not named:
        return {}
    node = current_node()
    with node.database.read() as session:
        told = recorded_step(session, node.vault, own_event(session, my_party(), named))
    return dict(told.values) if told and told.step is kind else {}


def _rows(shape: StepShape) -> list[str]:
    """Give the names of the rows in which other lots are chosen."""
    return [f"{shape.other}-{number}" for number in range(shape.rows)] if shape.other else []


def _form(shape: StepShape) -> type[Form]:
    """Make the form of a step: time, who, note, the chosen lot's quantity, other lots, details."""
    main = f"{shape.main}-0"
    fields: dict[str, Any] = {"at": Moment(), "operator": Maybe(100), "note": Maybe()}
    fields |= {f"{main}-value": Line(needed=shape.quantity == "needed"), f"{main}-unit": Maybe()}
    for row in _rows(shape):
        fields |= {f"{row}-lot": Choice(needed=False), f"{row}-value": Maybe()}
        fields |= {f"{row}-unit": Maybe()}
    for detail in shape.details:
        fields |= {detail.name: Maybe()}
        fields |= {detail.unit_field: Maybe()} if detail.unit_field else {}
    quantity = dict.fromkeys(_ABOUT_QUANTITY, f"{main}-value")
    places = {"/eventTime": "at", "/areaTyped": "area_typed", **quantity}
    return type("StepForm", (Form,), {**fields, "places": places})


_ABOUT_QUANTITY = tuple(
    code.code
    for code in (
        TraceRefusal.QUANTITY_MISSING,
        TraceRefusal.MORE_THAN_HELD,
        TraceRefusal.LABELS_STAND_FOR_IT,
        TraceRefusal.OUTPUT_EXCEEDS_INPUT,
    )
)


def _command(kind: FarmStep, own: OwnLot, read: dict[str, Any]) -> RecordStep:
    shape = SHAPES[kind]
    main = f"{shape.main}-0"
    chosen = LotAmount(own.lot.id, read[f"{main}-value"] or None, read[f"{main}-unit"])
    goods = {shape.main: (chosen,), shape.other: tuple(_others(shape, read))}
    details = {each.name: read[each.name] or "" for each in shape.details}
    return RecordStep(
        party=my_party(),
        step=kind.value,
        at=read["at"],
        base_url=base_url(),
        operator=read["operator"],
        note=read["note"],
        details=details | _units(shape, read),
        lots=goods.get("lots", ()),
        inputs=goods.get("inputs", ()),
        outputs=goods.get("outputs", ()),
    )


def _others(shape: StepShape, read: dict[str, Any]) -> Iterator[LotAmount]:
    for row in _rows(shape):
        if read[f"{row}-lot"]:
            yield LotAmount(read[f"{row}-lot"], read[f"{row}-value"], read[f"{row}-unit"])


def _units(shape: StepShape, read: dict[str, Any]) -> dict[str, str]:
    """Give the units of details; one whose detail is blank is blank too."""
    return {
        each.unit_field: (read[each.unit_field] or "") if read[each.name] else ""
        for each in shape.details
        if each.unit_field
    }
