"""Recording, printing, points and answers: `import epcis`, `labels print`, `points replay`, …"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.progress import track

from certification.statuses.check import verify_status
from certification.statuses.service import TYPE as STATUS_TYPE
from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.log_commands import ANSWER_VKEY, STATUS_VKEY
from ecotrace.cli.speech import DIFFERENCE, Voice, language, pick
from identity.actor import command_line
from identity.keys.service import operator_party
from identity.parties.service import find_party
from identity.refusals import IdentityRefusal
from ledger.answers.checking import Findings
from ledger.answers.keys import VerifierKeyError
from ledger.answers.signed import type_of
from points.credit.answer import verify_answer as check_credit
from points.replay import replay as replay_points
from runtime.refusal import Refusal, refuse
from trace.events.service import CaptureDocument, EventResult, capture
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels, require_run
from trace.labels.model import Span
from trace.labels.printing import save
from trace.lots.service import require_lot
from web.node import Node
from workflows.draw_labels import design_of
from workflows.print_labels import PrintLabels, print_labels


@cli.group(name="import", help=pick("导入", "Import"))
def import_group() -> None:
    """Hold the imports together."""


@import_group.command(name="epcis", help=pick("导入 EPCIS 2.0 文件", "Import EPCIS 2.0 documents"))
@click.option("--as", "party", help=pick("代哪个主体", "For which party (id or code)"))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def import_epcis(party: str | None, files: tuple[Path, ...], voice: Voice) -> None:
    """Capture documents; prints per event accepted, duplicate, clash or rejected."""
    told: list[dict[str, Any]] = []
    with opened() as node:
        owner = _party(node, party)
        shown = voice.json or not sys.stderr.isatty()
        for path in track(files, description=pick("导入", "Importing"), disable=shown):
            told += _captured(node, owner, path, voice)
    voice.answer({"events": told})
    if any(each["outcome"] == "rejected" for each in told):
        sys.exit(DIFFERENCE)


def _party(node: Node, party: str | None) -> str:
    with node.database.read() as session:
        if party is None:
            return operator_party(session)
        found = find_party(session, party)
    if found is None:
        refuse(IdentityRefusal.PARTY_UNKNOWN)
    return found.id


def _captured(node: Node, owner: str, path: Path, voice: Voice) -> list[dict[str, Any]]:
    settings = node.settings
    command = CaptureDocument(
        owner, path.read_bytes(), settings.base_url, settings.capture_limit, settings.max_body_bytes
    )
    try:
        results = node.unit.run(capture, command, actor=command_line(owner)).results
    except Refusal as refusal:
        rows = [(each.code.code, "-", each.pointer or "/", each) for each in refusal.reasons]
        for code, index, pointer, reason in rows:
            voice.line("rejected", code, index, pointer, reason.text(language()))
        return [
            {"file": path.name, "outcome": "rejected", "code": code, "index": None, "pointer": at}
            for code, _, at, _ in rows
        ]
    return [row for each in results for row in _told(path, each, voice)]


def _told(path: Path, result: EventResult, voice: Voice) -> list[dict[str, Any]]:
    about = {"file": path.name, "outcome": result.outcome, "index": result.index}
    if result.outcome == "rejected":
        for fault in result.faults:
            sentence = fault.en if language() == "en" else fault.zh
            voice.line("rejected", fault.code, result.index, fault.pointer or "/", sentence)
        return [{**about, "code": f.code, "pointer": f.pointer} for f in result.faults]
    word = f"clash {result.refers_to}" if result.outcome == "clash" else result.outcome
    voice.line(word, result.index, result.event_hash or "", result.payload_id or "")
    return [{**about, "hash": result.event_hash, "entry": result.payload_id}]


@cli.group(help=pick("标签", "Labels"))
def labels() -> None:
    """Hold the label commands together."""


@labels.command(name="print", help=pick("打印标签", "Print labels"))
@click.option("--lot", required=True, help=pick("批次（编号或批号）", "Lot (id or code)"))
@click.option("--count", required=True, type=int)
@click.option("--format", "form", type=click.Choice(["pdf", "png", "svg"]), default="pdf")
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--certificate", help=pick("证书编号", "Certificate number"))
@click.option("--with-mark", is_flag=True, help=pick("印上标志", "Print the mark"))
@json_option
def labels_print(
    lot: str, count: int, form: str, out: Path, certificate: str | None, with_mark: bool,
    voice: Voice,
) -> None:  # fmt: skip
    """Print labels of a lot into files."""
    with opened() as node:
        with node.database.read() as session:
            found = require_lot(session, lot, "/lot")
        order = PrintLabels(
            owner=found.owner_id,
            product=found.product_id,
            count=count,
            base_url=node.settings.base_url,
            demo=node.settings.demo,
            lot=found.id,
            certificate=certificate,
            with_mark=with_mark,
        )
        run = node.unit.run(print_labels, order, actor=command_line(found.owner_id))
        with node.database.read() as session:
            row = require_run(session, run.id)
            origin = node.log_keys.origin
            each = list(printed_labels(row, LabelKeys(node.vault), origin, Span(1, run.count)))
            design = design_of(
                session, node.files, row, demo=node.settings.demo, now=node.clock.now()
            )
    files, missing = save(design, each, form, out)
    voice.line("printed", run.number, run.count, *files)
    if missing:
        voice.tell(f"字体没有这些字：{'、'.join(missing)}", f"The font lacks: {', '.join(missing)}")
    voice.answer({"run": run.id, "number": run.number, "count": run.count, "files": files})


@cli.group(help=pick("积分", "Eco-points"))
def points() -> None:
    """Hold the points commands together."""


@points.command(name="replay", help=pick("由日志重算全部积分", "Rebuild all balances from the log"))
@json_option
def points_replay(voice: Voice) -> None:
    """Rebuild every balance and compare; exits 1 on a difference."""
    with opened() as node, node.database.read() as session:
        found = replay_points(session, node.vault)
    for account, balance in sorted(found.balances_milli.items()):
        voice.line("balance", account, balance)
    for each in found.differences:
        words = (each.table, each.row, each.column, f"{each.stored} != {each.logged}")
        voice.line("difference", each.entry or "-", *words)
    voice.line("transfers", found.transfers)
    voice.answer(
        {
            "balances_milli": found.balances_milli,
            "transfers": found.transfers,
            "erased": found.erased,
            "differences": [vars(each) for each in found.differences],
        }
    )
    if found.differences:
        sys.exit(DIFFERENCE)


def _answer_keys(vkey: Path) -> str:
    """Give the keys of a file, and of those beside it: an export holds one in each."""
    beside = [vkey.with_name(name) for name in (ANSWER_VKEY, STATUS_VKEY)]
    files = [vkey, *(file for file in beside if file.is_file() and file != vkey)]
    return "\n".join(file.read_text("utf-8") for file in files)


def _check_answer(token: str, vkeys: str) -> Findings:
    """Check an answer of either kind; what is neither has the wrong header for both."""
    check = verify_status if type_of(token.strip()) == STATUS_TYPE else check_credit
    return check(token, vkeys)


@cli.command(
    name="verify-answer",
    help=pick("核对签名答复（信用、证书状态）", "Check a signed answer: credit, status"),
)
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--vkey", required=True, type=click.Path(exists=True, path_type=Path))
@json_option
def verify_answer(file: Path, vkey: Path, voice: Voice) -> None:
    """Check a signed answer without database and network."""
    try:
        found = _check_answer(file.read_text("utf-8"), _answer_keys(vkey))
    except (VerifierKeyError, UnicodeDecodeError) as error:
        raise click.UsageError(str(error)) from error
    for pointer, what in found.proved:
        voice.line("proved", pointer, what)
    for fault in found.faults:
        voice.line("fault", fault.code.code, fault.place or "-", fault.text(language()))
    voice.line("answer", "good" if found.holds else "bad")
    voice.answer({"good": found.holds, "faults": [fault.code.code for fault in found.faults]})
    if not found.holds:
        sys.exit(DIFFERENCE)
