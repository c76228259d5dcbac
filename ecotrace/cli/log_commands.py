"""The log on the command line: `verify`, `log export`, `log proof`, `verify-proof`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.speech import DIFFERENCE, Voice, pick
from ledger.errors import NotInLog
from ledger.export import export_log
from ledger.reader import LogReader
from points.credit.answer_keys import load_answer_key


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
        with node.database.read() as session:
            head = export_log(LogReader(session), out, node.log_keys.vkey())
    (out / "answer.vkey").write_text(f"{answers}\n", encoding="utf-8")
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
