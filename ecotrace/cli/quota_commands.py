"""Quantities on the command line: `quotas recompute`, what a stranger makes of an exported log.

The export is checked first (`ledger.checker`), then every account is computed anew from public
facts (`certification.quotas.recompute`). No database, key or setting is read. One line for each
account; on a contradiction, or an export that is not sound, exit 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from certification.quotas.recompute import Balance, Books, recompute, statements
from ecotrace.cli.group import cli, json_option
from ecotrace.cli.speech import DIFFERENCE, Voice, pick
from ledger.checker.merkle import WIDTH
from ledger.checker.paths import Address
from ledger.fsck import Report, check_export


@cli.group(name="quotas", help=pick("核定数量", "Quantities that certificates bound"))
def quotas_group() -> None:
    """Hold the quota commands together."""


@quotas_group.command(
    name="recompute",
    help=pick("由公开文件重算各证书和准印证的余量", "Recompute every balance from public files"),
)
@click.option(
    "--log",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--vkey", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def quotas_recompute(folder: Path, vkey: Path | None, voice: Voice) -> None:
    """Recompute certificates, lines and permits from an exported log."""
    report = check_export(folder, _first_line(vkey) if vkey is not None else None)
    if not report.good:
        _unsound(report, voice)
        sys.exit(DIFFERENCE)
    books = recompute(statements(_bundles(folder, report.size)))
    _tell(books, report, voice)
    if books.contradictions:
        sys.exit(DIFFERENCE)


def _first_line(file: Path) -> str:
    return (file.read_text("utf-8").splitlines() or [""])[0]


def _bundles(folder: Path, size: int) -> Iterator[bytes]:
    """The entry bundles of an export of this size, in order."""
    for number in range(-(-size // WIDTH)):
        width = min(WIDTH, size - number * WIDTH)
        yield (folder / Address(None, number, width).text()).read_bytes()


def _unsound(report: Report, voice: Voice) -> None:
    for each in report.differences:
        voice.line("difference", *(f"{name}={value}" for name, value in each.as_json().items()))
    found = [each.as_json() for each in report.differences]
    voice.answer({"good": False, "size": report.size, "differences": found})


def _tell(books: Books, report: Report, voice: Voice) -> None:
    accounts = [_row(each) for each in _in_order(books)]
    for row in accounts:
        voice.line(str(row["kind"]), *(f"{name}={row[name]}" for name in row if name != "kind"))
    found = [
        {
            "entry": fault.name,
            "account": fault.account_id,
            "column": fault.column,
            "said": fault.said,
            "found": fault.found,
        }
        for fault in books.contradictions
    ]
    for fault in found:
        voice.line("contradiction", *(f"{name}={value}" for name, value in fault.items()))
    root = report.root.hex() if report.root is not None else "-"
    voice.line("size", report.size)
    voice.line("root", root)
    voice.line("accounts", len(accounts), "contradictions", len(found))
    voice.answer(
        {
            "good": not found,
            "size": report.size,
            "root": root,
            "accounts": accounts,
            "contradictions": found,
        }
    )


def _in_order(books: Books) -> Iterator[Balance]:
    """Certificates by number, each followed by its lines and permits."""
    certificates = [each for each in books.balances.values() if each.kind == "certificate"]
    for each in sorted(certificates, key=lambda balance: (balance.number, balance.cert_id)):
        yield from books.of_certificate(each.cert_id)


def _row(balance: Balance) -> dict[str, str | int]:
    """What is said of an account; a certificate that counts nothing says so by its unit `-`."""
    named: dict[str, str | int] = {"kind": balance.kind, "number": balance.number}
    if balance.permit is not None:
        named["permit"] = balance.permit
    if balance.line is not None:
        named |= {"line": balance.line, "season": balance.season or "-"}
    return named | {
        "unit": balance.unit or "-",
        "granted": balance.granted or 0,
        "received": balance.received,
        "given": balance.given,
        "printed": balance.printed,
        "void": balance.void,
        "left": balance.left,
        "state": _state(balance),
    }


def _state(balance: Balance) -> str:
    if balance.closed:
        return "closed"
    return "frozen" if balance.frozen else "open"
