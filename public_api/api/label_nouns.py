"""Labels: print runs with their files, and certificates of conformity (承诺达标合格证)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, make_response

from identity.actor import Actor
from identity.roles import Scope
from public_api.api.fields import (
    Flag,
    Listed,
    Shape,
    Text,
    Typed,
    Whole,
    WholeInQuery,
    named,
    whose,
)
from public_api.api.operation import Noun, Of, run
from public_api.api.reading import RunList, RunRead, read_runs
from public_api.api.register_nouns import acting
from runtime.refusal import refuse
from runtime.typesetting import Format, find_font
from trace.acting import check_acting
from trace.conformity.model import Basis, Fields, Style
from trace.conformity.service import (
    ConformityIssued,
    IssueConformity,
    find_conformity,
    issue,
)
from trace.labels.keys import LabelKeys
from trace.labels.lookup import PrintedLabel, printed_labels, require_run, runs_of
from trace.labels.model import Span, VoidReason
from trace.labels.service import BindLabels, LabelsChanged, RunPrinted
from trace.labels.sheets import A4, SINGLE, Layout, render
from trace.labels.tables import LabelRun
from trace.refusals import TraceRefusal
from web.node import current_node
from workflows.draw_labels import design_of
from workflows.print_labels import (
    GiveUpLabels,
    PrintLabels,
    bind_run,
    give_up_labels,
    print_labels,
)

labels = Noun("labels", __name__, url_prefix="/api/v1/labels", description="Labels (标签)")
conformity = Noun(
    "conformity",
    __name__,
    url_prefix="/api/v1/conformity",
    description="Certificates of conformity (承诺达标合格证)",
)

LABELS_MAX = 2_400
"""Labels in one file or list: a hundred sheets."""

_TYPES: dict[str, tuple[Format, Layout, str]] = {
    "pdf": ("pdf", A4, "application/pdf"),
    "png": ("png", SINGLE, "image/png"),
    "svg": ("svg", SINGLE, "image/svg+xml"),
}


class RunBody(Shape):
    """Labels to be printed, for a lot or for one that is named later."""

    owner = whose()
    product = named(required=True)
    count = Whole(required=True)
    lot = named(load_default=None, allow_none=True)
    certificate = Text(load_default=None, allow_none=True, about="Number of the certificate")
    with_mark = Flag(load_default=False)


class SpanBody(Shape):
    """Labels of the run from one position to another, counted from 1."""

    owner = whose()
    first = Whole(required=True)
    last = Whole(required=True)


class BindBody(SpanBody):
    """Labels that stand for goods of a lot."""

    lot = named(required=True)


class VoidBody(SpanBody):
    """Labels that are void, and why."""

    reason = Text(required=True, words=VoidReason)


class WhoseRuns(Shape):
    """Whose runs are listed."""

    owner = whose()


class Positions(Shape):
    """Which labels of the run."""

    first = WholeInQuery(load_default=1)
    last = WholeInQuery(load_default=None, allow_none=True)


class FilePositions(Positions):
    """Which labels, drawn how; PNG and SVG are of one label."""

    format = Text(load_default="pdf", pattern="^(pdf|png|svg)$", words=("pdf", "png", "svg"))


@dataclass(frozen=True)
class LabelRead:
    """What is printed on one label."""

    position: int
    serial: str
    address: str
    code: str


@dataclass(frozen=True)
class LabelList:
    """Labels of a run, in order."""

    labels: tuple[LabelRead, ...]


@labels.operation("POST", "/runs", Scope.LABELS, RunPrinted, takes=RunBody)
def create_run(actor: Actor, body: dict[str, Any]) -> Of:
    """Enter a print run, within what certificate and lot leave."""
    settings = current_node().settings
    said = acting(actor, body)
    command = PrintLabels(**said, base_url=settings.base_url, demo=settings.demo)
    printed = run(print_labels, command, actor)
    return Of(printed, f"/labels/runs/{printed.id}")


@labels.operation("GET", "/runs", Scope.LABELS, RunList, asks=WhoseRuns)
def list_runs(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the newest print runs of a party."""
    owner = acting(actor, asked)["owner"]
    check_acting(actor, owner, Scope.LABELS)
    with current_node().database.read() as session:
        return RunList(read_runs(session, runs_of(session, owner)))


@labels.operation("GET", "/runs/<code:run_id>", Scope.LABELS, RunRead)
def get_run(actor: Actor, run_id: str) -> Any:
    """Give a print run of one's own."""
    with current_node().database.read() as session:
        found = require_run(session, run_id)
        check_acting(actor, found.owner_id, Scope.LABELS)
        return read_runs(session, [found])[0]


@labels.operation("GET", "/runs/<code:run_id>/labels", Scope.LABELS, LabelList, asks=Positions)
def list_labels(actor: Actor, asked: dict[str, Any], run_id: str) -> Any:
    """List addresses and codes of labels, for a printer of one's own."""
    with current_node().database.read() as session:
        found = require_run(session, run_id)
        check_acting(actor, found.owner_id, Scope.LABELS)
        chosen = _labels(found, asked["first"], asked["last"] or found.count)
    return LabelList(
        tuple(LabelRead(each.position, each.serial, each.address, each.code) for each in chosen)
    )


@labels.operation(
    "GET", "/runs/<code:run_id>/file", Scope.LABELS, LabelList, asks=FilePositions,
    file=("application/pdf", "image/png", "image/svg+xml"),
)  # fmt: skip
def get_file(actor: Actor, asked: dict[str, Any], run_id: str) -> Response:
    """Draw labels: A4 sheets as PDF, or one label as PNG or SVG."""
    node = current_node()
    format, layout, content_type = _TYPES[asked["format"]]
    with node.database.read() as session:
        found = require_run(session, run_id)
        check_acting(actor, found.owner_id, Scope.LABELS)
        first = asked["first"]
        last = first if layout is SINGLE else asked["last"] or found.count
        chosen = _labels(found, first, last)
        design = design_of(
            session, node.files, found, demo=node.settings.demo, now=node.clock.now()
        )
    printed = render(design, chosen, format, layout, find_font())
    response = make_response(printed.files[0])
    response.headers["Content-Type"] = content_type
    name = f"run-{found.number}-{first}.{format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _labels(found: LabelRun, first: int, last: int) -> tuple[PrintedLabel, ...]:
    node = current_node()
    if not 1 <= first <= last <= found.count or last - first >= LABELS_MAX:
        numbers = {"first": first, "last": last, "count": found.count}
        refuse(TraceRefusal.LABEL_RANGE_MALFORMED, "/last", **numbers)
    keys = LabelKeys(node.vault)
    return tuple(printed_labels(found, keys, node.log_keys.origin, Span(first, last)))


@labels.operation(
    "POST", "/runs/<code:run_id>/binding", Scope.LABELS, LabelsChanged, takes=BindBody
)
def bind(actor: Actor, body: dict[str, Any], run_id: str) -> Any:
    """Bind labels of a run to a lot (赋码)."""
    return run(bind_run, BindLabels(run=run_id, **acting(actor, body)), actor)


@labels.operation("POST", "/runs/<code:run_id>/void", Scope.LABELS, LabelsChanged, takes=VoidBody)
def void(actor: Actor, body: dict[str, Any], run_id: str) -> Any:
    """Void labels of a run for ever."""
    return run(give_up_labels, GiveUpLabels(run=run_id, **acting(actor, body)), actor)


class ConformityBody(Shape):
    """A certificate of conformity for a lot."""

    owner = whose()
    lot = named(required=True)
    product_name = Text(required=True)
    quantity = Typed(required=True)
    origin = Text(required=True)
    party_name = Text(required=True)
    contact = Text(required=True)
    basis = Listed(Text(words=Basis), required=True, most=10)
    style = Text(load_default=Style.PRODUCER.value, words=Style)
    sources = Listed(Text(), load_default=(), most=100)
    supersedes = named(load_default=None, allow_none=True)


@dataclass(frozen=True)
class ConformityRead:
    """A certificate of conformity of one's own; `record` is None once it has been erased."""

    id: str
    lot_id: str
    party_id: str
    style: str
    issued_at: datetime
    payload_id: str
    record: dict[str, Any] | None


@conformity.operation("POST", "", Scope.CAPTURE, ConformityIssued, takes=ConformityBody)
def create_conformity(actor: Actor, body: dict[str, Any]) -> Of:
    """Issue a certificate of conformity."""
    said = acting(actor, body)
    around = {name: said.pop(name) for name in ("owner", "lot", "supersedes")}
    made = run(issue, IssueConformity(fields=Fields(**said), **around), actor)
    return Of(made, f"/conformity/{made.id}")


@conformity.operation("GET", "/<code:id>", Scope.QUERY, ConformityRead)
def get_conformity(actor: Actor, id: str) -> Any:
    """Give a certificate of conformity of one's own; strangers read its page."""
    node = current_node()
    with node.database.read() as session:
        found = find_conformity(session, node.vault, id)
    if found is None:
        refuse(TraceRefusal.CONFORMITY_UNKNOWN)
    check_acting(actor, found.party_id, Scope.QUERY)
    return found
