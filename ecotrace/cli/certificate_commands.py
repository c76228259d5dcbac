"""Certificates on the command line: `certificates status|paper|check-paper`.

`status` says what was valid at a moment, as far as was known at another, and can write the signed
answer; `paper` issues a sealed PDF; `check-paper` checks one, with `--seals` without database. A
paper that does not hold exits 1; a certificate that is not in force is an answer like another.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from certification.certificates.register import Certificate, find_number
from certification.papers.seals import load_seal
from certification.papers.service import (
    Paper,
    PaperCheck,
    check,
    find_digest,
    read_anchors,
    read_paper,
)
from certification.statuses.service import StatusQuestion, answer_status
from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.speech import DIFFERENCE, Voice, language, pick
from identity.actor import command_line
from identity.keys.service import operator_party
from runtime import base64url
from runtime.clock import instant_text
from trace.epcis.times import instant_of
from web.node import Node
from workflows.issue_paper import IssueCertificatePaper, issue_paper

NONCE_BYTES = 12


@cli.group(name="certificates", help=pick("证书", "Certificates"))
def certificates_group() -> None:
    """Hold the certificate commands together."""


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> object:
    if value is None:
        return None
    try:
        return instant_of(value)
    except ValueError as error:
        sentence = pick("须为带时区的时刻", "a moment with its offset is needed")
        raise click.BadParameter(f"{value}: {sentence}") from error


_SCHEME = click.option(
    "--scheme", help=pick("制度代码，多个制度同号时要写", "Scheme, where several have the number")
)


@certificates_group.command(name="status", help=pick("某时是否有效", "What was valid when"))
@click.argument("number")
@click.option("--at", callback=_moment, help=pick("何时的状态", "At which moment; default now"))
@click.option(
    "--as-known-at",
    "known_at",
    callback=_moment,
    help=pick("按何时所知", "As known at which moment; default now"),
)
@_SCHEME
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help=pick("签名答复写入文件", "File for the signed answer"),
)
@json_option
def certificates_status(
    number: str,
    at: datetime | None,
    known_at: datetime | None,
    scheme: str | None,
    out: Path | None,
    voice: Voice,
) -> None:
    """Say what was valid, as a signed answer says it to strangers."""
    with opened() as node, node.database.read() as session:
        now = node.clock.now()
        nonce = base64url.encode(node.randomness.token(NONCE_BYTES))
        asked = StatusQuestion(number, at or now, known_at or now, nonce, scheme)
        signed = answer_status(session, node.vault, asked, now)
        found = find_number(session, number, asked.at, asked.as_known_at, scheme)
    if out is not None:
        out.write_text(signed.token, encoding="ascii")
    _say_status(found, asked, signed.token, voice)


def _say_status(found: Certificate, asked: StatusQuestion, token: str, voice: Voice) -> None:
    state, usable = found.status.state.value, found.status.may_use_mark
    voice.line("status", found.number, found.scheme.code, state, "mark" if usable else "no-mark")
    voice.line("statement", found.scheme.statement(language()))
    for change, entry in zip(found.history.changes, found.payload_ids, strict=True):
        if change.recorded_at <= asked.as_known_at:
            moment = instant_text(change.effective_at)
            voice.line("decision", change.n, change.kind.value, moment, entry)
    voice.answer(
        {
            "number": found.number,
            "scheme": found.scheme.code,
            "at": instant_text(asked.at),
            "as_known_at": instant_text(asked.as_known_at),
            "state": state,
            "may_use_mark": usable,
            "answer": token,
        }
    )


@certificates_group.command(name="paper", help=pick("出具盖章的证书 PDF", "Issue a sealed PDF"))
@click.argument("number")
@click.option("--out", required=True, type=click.Path(path_type=Path))
@_SCHEME
@json_option
def certificates_paper(number: str, out: Path, scheme: str | None, voice: Voice) -> None:
    """Issue a paper of a certificate as it is now, and write it into a file."""
    with opened() as node:
        with node.database.read() as session:
            now = node.clock.now()
            actor = command_line(operator_party(session))
            cert_id = find_number(session, number, now, now, scheme).cert_id
        address = node.settings.base_url.rstrip("/")
        order = IssueCertificatePaper(cert_id, address, node.settings.demo)
        made = node.unit.run(issue_paper, order, actor=actor)
        with node.database.read() as session:
            out.write_bytes(read_paper(session, node.vault, made.paper_id))
    voice.line("paper", made.paper_id, made.digest, str(out))
    if made.missing:
        lacking = "、".join(made.missing)
        voice.tell(f"字体没有这些字：{lacking}", f"The font lacks: {lacking}")
    voice.answer({"paper": made.paper_id, "digest": made.digest, "out": str(out)})


@certificates_group.command(name="check-paper", help=pick("核验证书 PDF", "Check a sealed PDF"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--seals",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=pick("印章证书（PEM），不用本节点的", "Seal certificates (PEM) in place of this node's"),
)
@json_option
def certificates_check_paper(file: Path, seals: Path | None, voice: Voice) -> None:
    """Check a paper: one flipped bit is found."""
    content, issued = file.read_bytes(), None
    if seals is not None:
        found = check(content, _anchors(seals))
    else:
        with opened() as node:
            found, issued = _check_here(node, content)
    _say_checked(found, issued, voice)
    if not found.holds:
        sys.exit(DIFFERENCE)


def _anchors(seals: Path) -> tuple[bytes, ...]:
    try:
        found = read_anchors(seals.read_text("ascii"))
    except ValueError as error:
        raise click.UsageError(f"{seals}: {error}") from error
    return found


def _check_here(node: Node, content: bytes) -> tuple[PaperCheck, Paper | None]:
    found = check(content, (load_seal(node.vault).root,))
    with node.database.read() as session:
        return found, find_digest(session, found.digest)


def _say_checked(found: PaperCheck, issued: Paper | None, voice: Voice) -> None:
    fault = found.fault
    signed_at = None if found.signed_at is None else instant_text(found.signed_at)
    if fault is None:
        voice.line("good", found.digest, signed_at or "-", found.signer or "-")
    else:
        voice.line(
            "bad", fault.code, fault.sentence.en if language() == "en" else fault.sentence.zh
        )
    if issued is not None:
        voice.line("issued", issued.paper_id, issued.cert_id, issued.n)
    voice.answer(
        {
            "good": found.holds,
            "fault": None if fault is None else fault.code,
            "digest": found.digest,
            "signed_at": signed_at,
            "signer": found.signer,
            "issued": None if issued is None else issued.paper_id,
        }
    )
