"""Schemes before and after they take effect: `schemes list|check|simulate|diff|publish`.

Only `publish` and `check --published` open the data folder; the others read files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from certification.schemes.catalogue import Catalogue, Shipped, catalogue, read_folder, read_version
from certification.schemes.difference import differences
from certification.schemes.errors import SchemeError, SchemeFileError
from certification.schemes.service import (
    PublishedScheme,
    PublishScheme,
    PublishShipped,
    check_published,
    publish,
    publish_shipped,
    scheme,
    schemes,
    shipped,
    vocabulary,
)
from certification.schemes.simulation import Walk, simulate
from ecotrace.cli.group import cli, json_option, opened
from ecotrace.cli.speech import DIFFERENCE, Voice, language, pick
from identity.actor import command_line
from identity.keys.service import operator_party
from runtime import base64url
from runtime.clock import instant_text
from web.node import Node


@cli.group(name="schemes", help=pick("品牌与标志制度", "Schemes of brands and labels"))
def schemes_group() -> None:
    """Hold the scheme commands together."""


@schemes_group.command(name="list", help=pick("列出随附的制度", "List the schemes that ship"))
@json_option
def schemes_list(voice: Voice) -> None:
    """Print code, newest version, day and name of every scheme."""
    for each in schemes().values():
        effective = each.effective.isoformat()
        voice.line("scheme", each.code, each.version, effective, each.statement(language()))
    told = {
        each.code: {
            "version": each.version,
            "effective": each.effective.isoformat(),
            "nature": each.nature.value,
            "statement": each.statement(language()),
        }
        for each in schemes().values()
    }
    voice.answer({"schemes": told})


@schemes_group.command(name="check", help=pick("检查制度文件", "Check scheme files"))
@click.option(
    "--published",
    is_flag=True,
    help=pick("并与已发布的版本核对", "Compare with what was published as well"),
)
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@json_option
def schemes_check(folder: Path | None, published: bool, voice: Voice) -> None:
    """Check a folder of schemes, or one version's folder, or what ships; exits 1 on a fault."""
    try:
        found = _catalogue(folder)
        if published:
            with opened() as node, node.database.read() as session:
                check_published(session)
    except SchemeFileError as error:
        _faulty(error, voice)
    told = []
    for each in (version for versions in found.values() for version in versions.values()):
        digest = base64url.encode(each.digest)
        voice.line("good", each.scheme.code, each.scheme.version, digest)
        told.append({"code": each.scheme.code, "version": each.scheme.version, "digest": digest})
    voice.answer({"good": told})


def _catalogue(folder: Path | None) -> Catalogue:
    if folder is None:
        return catalogue()
    if not (folder / "scheme.toml").is_file():
        return read_folder(folder)
    version = read_version(folder.resolve(), vocabulary())
    return {version.scheme.code: {version.scheme.version: version}}


def _faulty(error: SchemeFileError, voice: Voice) -> NoReturn:
    place = error.place if isinstance(error, SchemeError) else "-"
    voice.line("fault", place, str(error))
    voice.answer({"fault": {"place": place, "detail": str(error)}})
    sys.exit(DIFFERENCE)


@schemes_group.command(name="simulate", help=pick("走遍一个制度的所有路径", "Walk every path"))
@click.argument("code")
@click.option("--version", help=pick("版本，默认最新", "Version, the newest by default"))
@json_option
def schemes_simulate(code: str, version: str | None, voice: Voice) -> None:
    """Print each path with its outcome and the working days that deadlines allow for it."""
    found = simulate(scheme(code, version))
    for walk in found.walks:
        days = "-" if walk.working_days is None else walk.working_days
        calendar = walk.notice_calendar_days
        voice.line("walk", walk.track.value, walk.outcome, days, calendar, ">".join(walk.states))
    for fault in found.faults:
        voice.line("fault", fault.place, fault.expected, str(fault.found))
    walks = [_told_walk(walk) for walk in found.walks]
    voice.answer({"code": found.code, "version": found.version, "walks": walks})
    if found.faults:
        sys.exit(DIFFERENCE)


def _told_walk(walk: Walk) -> dict[str, Any]:
    return {
        "track": walk.track.value,
        "states": list(walk.states),
        "outcome": walk.outcome,
        "working_days": walk.working_days,
        "notice_calendar_days": walk.notice_calendar_days,
    }


@schemes_group.command(name="diff", help=pick("比较两个版本", "Compare two versions"))
@click.argument("code")
@click.argument("old")
@click.argument("new", required=False)
@json_option
def schemes_diff(code: str, old: str, new: str | None, voice: Voice) -> None:
    """Print what changed between two versions, the newest by default; exits 1 on a difference."""
    before, after = scheme(code, old), scheme(code, new)
    found = differences(before, after)
    for each in found:
        voice.line("changed", each.place, each.text(language()))
    voice.answer(
        {
            "code": code,
            "old": before.version,
            "new": after.version,
            "changes": [vars(each) for each in found],
        }
    )
    if found:
        sys.exit(DIFFERENCE)


@schemes_group.command(name="publish", help=pick("发布制度版本", "Publish versions of schemes"))
@click.argument("code", required=False)
@click.option("--version", help=pick("版本，默认最新", "Version, the newest by default"))
@click.option("--all", "every", is_flag=True, help=pick("发布全部", "Publish all that ship"))
@json_option
def schemes_publish(code: str | None, version: str | None, every: bool, voice: Voice) -> None:
    """Publish a version, or with --all the newest of every scheme; refusals exit 1."""
    if every == (code is not None):
        raise click.UsageError(pick("写明一个制度，或用 --all", "Name one scheme, or use --all"))
    with opened() as node:
        done = _published(node, None if code is None else shipped(code, version))
    for each in done:
        since = instant_text(each.in_force_from)
        voice.line("published", each.code, each.version, each.digest, since)
    told = [{**vars(each), "in_force_from": instant_text(each.in_force_from)} for each in done]
    voice.answer({"published": told})


def _published(node: Node, version: Shipped | None) -> tuple[PublishedScheme, ...]:
    with node.database.read() as session:
        actor = command_line(operator_party(session))
    if version is None:
        return node.unit.run(publish_shipped, PublishShipped(), actor=actor).published
    order = PublishScheme(version.scheme.code, version.scheme.version)
    return (node.unit.run(publish, order, actor=actor),)
