"""Moving the certificates of a body that leaves or failed: `moves open|run|show`.

Attesting and declining need a person of the new body, and are done at the console or the API.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from certification.moves.model import Why
from certification.moves.service import MoveResult, OpenMove, require_move, result_of, tickets_of
from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.speech import Voice, pick
from identity.actor import command_line
from identity.keys.service import operator_party
from identity.parties.service import get_party
from workflows.move_certificates import open_move, run_jobs

SECONDS_MAX = 3600.0


@cli.group(name="moves", help=pick("证书移交", "Moves of certificates to another body"))
def moves_group() -> None:
    """Hold the move commands together."""


@moves_group.command(name="open", help=pick("开始一次移交", "Open a move"))
@click.option("--scheme", required=True, help=pick("制度代码", "Scheme"))
@click.option(
    "--from", "leaves", required=True, help=pick("移出机构", "Body that leaves or failed")
)
@click.option("--to", "takes", required=True, help=pick("接收机构", "Body that takes over"))
@click.option("--why", required=True, type=click.Choice([each.value for each in Why]))
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help=pick("重新确认的最后一日", "The last day to attest"),
)
@click.option("--reason", required=True, help=pick("理由", "Reason"))
@click.option("--document", help=pick("文件编号", "Number of the document"))
@json_option
def moves_open(
    scheme: str, leaves: str, takes: str, why: str, until: datetime, reason: str,
    document: str | None, voice: Voice,
) -> None:  # fmt: skip
    """Open a move; every certificate of the body gets its ticket."""
    with opened() as node:
        with node.database.read() as session:
            actor = command_line(operator_party(session))
            bodies = get_party(session, leaves).id, get_party(session, takes).id
        order = OpenMove(scheme, *bodies, why, until.date(), reason, document)
        made = node.unit.run(open_move, order, actor=actor)
    _say(made, voice)
    voice.answer({"move": _told(made)})


@moves_group.command(name="run", help=pick("办理到期的移交", "Work off what is due"))
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, SECONDS_MAX),
    default=60.0,
    show_default=True,
    help=pick("最多多少秒", "For so many seconds at most"),
)
@json_option
def moves_run(seconds: float, voice: Voice) -> None:
    """Work off due portions until nothing is due or the time is over; the server does it too."""
    with opened() as node:
        done = run_jobs(node.unit, node.clock, seconds)
    voice.line("portions", done)
    voice.answer({"portions": done})


@moves_group.command(name="show", help=pick("查看一次移交", "Show a move"))
@click.argument("move")
@json_option
def moves_show(move: str, voice: Voice) -> None:
    """Print where a move stands, and its first certificates by id."""
    with opened() as node, node.database.read() as session:
        row = require_move(session, move)
        found = result_of(session, row.id)
        tickets = tickets_of(session, row.id)
    _say(found, voice)
    for each in tickets:
        voice.line("ticket", each.cert_id, each.state, each.payload_id or "-")
    voice.answer(
        {
            "move": _told(found),
            "scheme": row.scheme,
            "from_body": row.from_body,
            "to_body": row.to_body,
            "until": row.until.isoformat(),
            "tickets": [
                {"certificate": each.cert_id, "state": each.state, "entry": each.payload_id}
                for each in tickets
            ],
        }
    )


def _say(found: MoveResult, voice: Voice) -> None:
    counts = (f"{name}={value}" for name, value in _told(found).items() if name not in _NAMED)
    voice.line("move", found.id, found.state, *counts)


_NAMED = ("id", "state", "decided")


def _told(found: MoveResult) -> dict[str, Any]:
    return dict(vars(found))
