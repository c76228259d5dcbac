"""The log on the command line: `verify`, `log export`, `log proof`, `verify-proof`.

`verify` reads the log with a checker that shares no code with the writer (`ledger.checker`), opens
every commitment that is still held, lets every area replay its tables from the log, and hashes the
files that the log names. It prints tree size and root; on any difference it names entry, table,
column and row, and exits 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from sqlalchemy.orm import Session

from certification import replay as certification
from certification.artworks.replay import replay_files
from certification.evidence.replay import replay_files as replay_evidence_files
from certification.statuses.keys import load_status_key
from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.speech import DIFFERENCE, Voice, pick
from identity import replay as identity
from identity.replay import Difference
from ledger.errors import LedgerError, NotInLog, OpeningBroken
from ledger.export import export_log
from ledger.fsck import (
    CheckFault,
    OpeningsReport,
    Report,
    SealBroken,
    SealedOpening,
    check_database,
    check_export,
    check_openings,
    check_proof_file,
    snapshot,
)
from ledger.openings.model import opening_context
from ledger.reader import LogReader
from points import replay as points
from points.credit.answer_keys import load_answer_key
from runtime import base64url, sealing
from runtime.refusal import Refusal
from runtime.vault import Vault
from trace import replay as trace
from web.node import Node

ANSWER_VKEY = "answer.vkey"
STATUS_VKEY = "status.vkey"
"""The key of answers to credit platforms, beside the log's own in an export."""


@cli.group(name="log", help=pick("日志", "The log"))
def log_group() -> None:
    """Hold the log commands together."""


@log_group.command(name="export", help=pick("导出日志的公开文件", "Export the log's public files"))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@json_option
def log_export(out: Path, voice: Voice) -> None:
    """Write checkpoint, tiles, entry bundles and vkey."""
    with opened() as node:
        answers = load_answer_key(node.vault, node.log_keys.origin).vkey()
        statuses = load_status_key(node.vault, node.log_keys.origin).vkey()
        with node.database.read() as session:
            head = export_log(LogReader(session), out, node.log_keys.vkey())
    (out / ANSWER_VKEY).write_text(f"{answers}\n", encoding="utf-8")
    (out / STATUS_VKEY).write_text(f"{statuses}\n", encoding="utf-8")
    voice.line("size", head.size)
    voice.line("root", head.root.hex())
    voice.answer({"size": head.size, "root": head.root.hex(), "out": str(out)})


@log_group.command(name="proof", help=pick("导出一条的证明", "Write the proof of one entry"))
@click.argument("index", type=int)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@json_option
def log_proof(index: int, out: Path, voice: Voice) -> None:
    """Write a C2SP tlog-proof file."""
    with opened() as node, node.database.read() as session:
        try:
            content = LogReader(session).proof_file(index).text()
        except NotInLog:
            voice.line("missing", index)
            sys.exit(DIFFERENCE)
    out.write_bytes(content)
    voice.line("proof", index, str(out))
    voice.answer({"proof": index, "out": str(out)})


@cli.command(help=pick("核对日志和全部数据", "Check the log and every table against it"))
@click.option("--log", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--vkey", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify(folder: Path | None, vkey: Path | None, voice: Voice) -> None:
    """Check the node of the data folder, or an exported log without a database."""
    if folder is not None:
        report = check_export(folder, _first_line(vkey) if vkey else None)
        _conclude(report, [], voice)
        return
    with opened() as node:
        with snapshot(node.database.read_engine) as connection:
            report = check_database(connection, node.log_keys.vkey())
            openings = check_openings(connection, lambda row: _unsealed(node, row))
        others = [*_sealed(openings), *_replayed(node, sound=report.good), *_files(node)]
        _conclude(report, others, voice)


def _first_line(file: Path) -> str:
    return (file.read_text("utf-8").splitlines() or [""])[0]


def _unsealed(node: Node, row: SealedOpening) -> bytes | None:
    """Open a sealed row; None once its subject's key is gone."""
    key = node.vault.find_key(row.subject)
    if key is None:
        return None
    name = base64url.encode(row.payload_id)
    record_key = sealing.record_key(key, row.record_salt, name)
    context = opening_context(row.payload_id, row.subject)
    try:
        return sealing.unseal(record_key, row.nonce, row.ciphertext, context)
    except sealing.SealBroken as error:
        raise SealBroken from error


def _points(session: Session, vault: Vault) -> list[Difference]:
    return points.replay(session, vault).differences


def _sealed(openings: OpeningsReport) -> list[dict[str, str]]:
    return [_words(each.as_json()) for each in openings.differences]


def _words(value: dict[str, str | int]) -> dict[str, str]:
    return {name: str(each) for name, each in value.items()}


AREAS = (identity.replay, trace.replay, certification.replay, _points)


def _replayed(node: Node, *, sound: bool) -> list[dict[str, str]]:
    """Let every area rebuild its tables; gives what differs.

    Over a log that is not `sound` a replay may stumble anywhere; that too is a difference then.
    """
    found: list[dict[str, str]] = []
    for replay in AREAS:
        with node.database.read() as session:
            try:
                found += map(_row, replay(session, node.vault))
            except OpeningBroken as error:
                found.append({"table": "openings", "column": "ciphertext", "found": str(error)})
            except (LedgerError, Refusal, TypeError, ValueError, LookupError) as error:
                if sound:
                    raise
                found.append({"replay": replay.__module__, "found": type(error).__name__})
    return found


def _files(node: Node) -> list[dict[str, str]]:
    with node.database.read() as session:
        found = [
            *replay_files(session, node.files),
            *replay_evidence_files(session, node.vault, node.files),
        ]
        return list(map(_row, found))


def _row(each: Difference) -> dict[str, str]:
    return {
        "entry": each.entry or "-",
        "table": each.table,
        "column": each.column,
        "row": each.row,
        "found": each.stored,
        "expected": each.logged,
    }


def _conclude(report: Report, others: list[dict[str, str]], voice: Voice) -> None:
    found = [*(_words(each.as_json()) for each in report.differences), *others]
    for each in found:
        voice.line("difference", *(f"{name}={value}" for name, value in each.items()))
    root = report.root.hex() if report.root is not None else "-"
    voice.line("size", report.size)
    voice.line("root", root)
    good = report.good and not found
    voice.answer(
        {"good": good, "size": report.size, "root": root, "differences": found, "count": len(found)}
    )
    if not good:
        sys.exit(DIFFERENCE)


@cli.command(name="verify-proof", help=pick("核对证明文件", "Check the proof file of an entry"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--vkey", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def verify_proof(file: Path, vkey: Path, voice: Voice) -> None:
    """Check a C2SP tlog-proof file without database and network."""
    try:
        proved = check_proof_file(file.read_bytes(), _first_line(vkey))
    except CheckFault as fault:
        voice.line("bad", str(fault))
        voice.answer({"good": False, "fault": str(fault)})
        sys.exit(DIFFERENCE)
    voice.line("good", proved.origin, proved.index, proved.payload_id)
    voice.line("size", proved.size)
    voice.line("root", proved.root.hex())
    voice.answer(
        {
            "good": True,
            "origin": proved.origin,
            "index": proved.index,
            "payload_id": proved.payload_id,
            "size": proved.size,
            "root": proved.root.hex(),
        }
    )
