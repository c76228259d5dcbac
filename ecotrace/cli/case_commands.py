"""Cases on the command line: `cases list|show`; ids, codes and days only, never what was typed."""

from __future__ import annotations

from typing import Any

import click

from certification.cases import register
from certification.cases.model import Moment, Waiting
from certification.cases.register import Opened
from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.speech import Voice, pick
from identity.actor import SYSTEM
from identity.parties.service import get_party
from runtime.clock import instant_text


@cli.group(name="cases", help=pick("申请", "Applications"))
def cases_group() -> None:
    """Hold the case commands together."""


@cases_group.command(name="list", help=pick("列出待办的申请", "List the cases that wait"))
@click.option("--holder", help=pick("某主体的全部申请", "All cases of a party (id or code)"))
@json_option
def cases_list(holder: str | None, voice: Voice) -> None:
    """Print every case that waits, the most urgent first, or all cases of a party."""
    with opened() as node, node.database.read() as session:
        if holder is None:
            rows = [_waiting(each) for each in register.waiting(session, SYSTEM, node.clock.now())]
        else:
            party = get_party(session, holder).id
            rows = [_line(each) for each in register.cases_of(session, party)]
    for row in rows:
        due = row["due"] or "-"
        voice.line(
            "case", row["case"], row["scheme"], row["track"], row["holder"], row["state"], due
        )
    voice.line("cases", len(rows))
    voice.answer({"cases": rows})


def _waiting(each: Waiting) -> dict[str, Any]:
    return {
        "case": each.case_id,
        "scheme": each.scheme,
        "track": str(each.track),
        "holder": each.holder,
        "state": str(each.step),
        "due": None if each.due is None else each.due.isoformat(),
        "late_working_days": each.late_working_days,
    }


def _line(each: Opened) -> dict[str, Any]:
    return {
        "case": each.case.case_id,
        "scheme": each.case.scheme,
        "track": each.case.track.value,
        "holder": each.case.holder,
        "state": each.standing.state.value,
        "due": None if each.due is None else each.due.isoformat(),
    }


@cases_group.command(
    name="show", help=pick("查看一个申请的经过", "Show what was done about a case")
)
@click.argument("case")
@json_option
def cases_show(case: str, voice: Voice) -> None:
    """Print a case and each step with its log entry."""
    with opened() as node, node.database.read() as session:
        found = register.read_case(session, case)
        steps = register.timeline(session, node.vault, case, SYSTEM, node.clock.now())
    row = _line(found)
    version = found.case.scheme_version
    voice.line("case", row["case"], row["scheme"], row["track"], row["holder"], row["state"])
    for each in steps:
        moment, outcome = instant_text(each.at), each.outcome or "-"
        voice.line("step", each.n, moment, each.event, outcome, each.state, each.payload_id)
    granted = found.granted
    if granted is not None:
        voice.line("granted", granted.kind, granted.number, granted.subject)
    subject = None if granted is None else granted.subject
    told = {**row, "scheme_version": version, "granted": subject}
    voice.answer({"case": told, "steps": [_step(each) for each in steps]})


def _step(each: Moment) -> dict[str, Any]:
    return {
        "n": each.n,
        "at": instant_text(each.at),
        "event": each.event.value,
        "outcome": None if each.outcome is None else each.outcome.value,
        "state": each.state.value,
        "entry": each.payload_id,
    }
