"""Making, filling, serving and migrating a node: `init`, `demo`, `serve`, `worker`, `migrate`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click
import qrcode  # type: ignore[import-untyped]  # it ships no types

from certification.schemes.service import PublishShipped, publish_shipped
from ecotrace import background, migrate
from ecotrace.assembly import close_node, initialise, open_node, refuse_second_log
from ecotrace.cli.group import cli, json_option, opened, settings
from ecotrace.cli.speech import Voice, language, pick
from ecotrace.demo.people import PASSWORD
from ecotrace.demo.story import Told, tell
from identity.actor import SYSTEM
from identity.parties.model import KINDS, RegisterParty, check_registration
from identity.parties.service import register_operator
from runtime.clock import SystemClock
from runtime.journal import configure
from runtime.settings import Settings, load, store
from trace.scans.service import ScanCounter

DEMO_BASE_URL = "http://127.0.0.1:8000"
DEMO_ORIGIN = "demo.ecotrace.example"
ORGANISATIONS = sorted(kind.value for kind, rule in KINDS.items() if not rule.natural)


@cli.command(help=pick("建立新节点：密钥、数据库、日志", "Make a new node: keys, databases, log"))
@click.option("--data", type=click.Path(path_type=Path), help=pick("数据目录", "Data folder"))
@click.option("--origin", required=True, help=pick("日志名，以后不变", "The log's name, for ever"))
@click.option("--base-url", help=pick("对外地址", "Public address"))
@click.option("--operator", help=pick("运营平台的主体", "Name of the party that runs the platform"))
@click.option("--operator-kind", type=click.Choice(ORGANISATIONS), default="public_office")
@click.option("--operator-code", help=pick("其统一社会信用代码", "Its unified social credit code"))
@click.option("--operator-region", help=pick("其区划代码", "Its region code"))
@json_option
def init(
    data: Path | None,
    origin: str,
    base_url: str | None,
    operator: str | None,
    operator_kind: str,
    operator_code: str | None,
    operator_region: str | None,
    voice: Voice,
) -> None:
    """Make a node; with --operator also the party that runs it, which publishes the schemes."""
    order = None
    if operator is not None:
        order = RegisterParty(operator_kind, operator, None, operator_code, operator_region)
        check_registration(order, SystemClock().now())
    chosen = prepare(data, origin=origin, base_url=base_url or "", demo=False)
    folder = initialise(chosen)
    voice.line("initialised", chosen.origin)
    party, published = (None, 0) if order is None else _operate(chosen, order)
    if party is not None:
        voice.line("operator", party)
        voice.line("published", published)
    voice.tell(
        f"三把根密钥的私钥在 {folder}：请立即离线保存并从本机删除。",
        f"The private halves of the three root keys are in {folder}: take them off-line now.",
    )
    voice.answer(
        {
            "initialised": chosen.origin,
            "root_keys": str(folder),
            "operator": party,
            "published": published,
        }
    )


def _operate(chosen: Settings, order: RegisterParty) -> tuple[str, int]:
    """Register the party that runs the platform; it signs the schemes, which are in force then."""
    node = open_node(chosen)
    try:
        party = node.unit.run(register_operator, order, actor=SYSTEM).id
        done = node.unit.run(publish_shipped, PublishShipped(), actor=SYSTEM)
    finally:
        close_node(node)
    return party, len(done.published)


@cli.command(help=pick("填入演示数据并启动服务", "Fill a demo and serve it"))
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option("--no-serve", is_flag=True, help=pick("只填数据", "Fill only"))
@click.option("--base-url", default=None, help=pick("对外地址", "Public address"))
@click.option("--host", default="127.0.0.1", help=pick("监听地址", "Address to listen on"))
@click.option("--port", default=8000, show_default=True)
@json_option
def demo(
    data: Path, no_serve: bool, base_url: str | None, host: str, port: int, voice: Voice
) -> None:
    """Fill a demo."""
    address = base_url or _reachable(host, port)
    chosen = prepare(data, origin=DEMO_ORIGIN, base_url=address, demo=True)
    initialise(chosen, demo=True)
    node = open_node(chosen)
    try:
        told = tell(node)
    finally:
        close_node(node)
    _report(told, voice)
    if not no_serve:
        _invite(told, voice)
        _serve(chosen, host, port)


def prepare(data: Path | None, *, origin: str, base_url: str, demo: bool) -> Settings:
    """Write the settings of a new node beside its data; the environment still wins later.

    Raises Refusal LOG_EXISTS where there is a node already, whose settings stay untouched.
    """
    environ = {**os.environ, **({"ECOTRACE_DATA": str(data)} if data is not None else {})}
    before = load(environ)
    refuse_second_log(before)
    store(before, origin=origin, base_url=base_url, demo=demo)
    return load(environ)


def _reachable(host: str, port: int) -> str:
    """Give the address that a phone in the same network can open."""
    if host != "0.0.0.0":
        return DEMO_BASE_URL if port == 8000 else f"http://{host}:{port}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # No packet is sent: connecting a datagram socket only chooses the route.
            probe.connect(("192.0.2.1", 9))
            return f"http://{probe.getsockname()[0]}:{port}"
        except OSError:
            return f"http://127.0.0.1:{port}"


def _report(told: Told, voice: Voice) -> None:
    for scan in told.scans:
        voice.line("scan", scan.what, scan.address)
    voice.line("credit", told.credit)
    for name, refusal in told.refusals:
        voice.line("refused", name, refusal.first.text(language()))
    voice.answer(
        {
            "scan": [{"what": scan.what, "url": scan.address} for scan in told.scans],
            "credit": told.credit,
            "refused": [
                {"name": name, "code": refusal.first.code.code} for name, refusal in told.refusals
            ],
        }
    )


def _invite(told: Told, voice: Voice) -> None:
    """Show the first code as a QR in the terminal, and how to sign in."""
    if voice.json:
        return
    code = qrcode.QRCode(border=2)
    code.add_data(told.scans[0].address)
    code.print_ascii(out=sys.stdout, invert=True)
    voice.tell("用手机扫上面的码。", "Point a phone at the code above.")
    voice.tell(
        "控制台 /console/ 用户 hezuoshe、nongmin、pinpai、pinpai2、jianguan1、jianguan2、jifen，"
        f"密码 {PASSWORD}",
        "Console /console/ users hezuoshe, nongmin, pinpai, pinpai2, jianguan1, jianguan2, jifen, "
        f"password {PASSWORD}",
    )


@cli.command(help=pick("启动服务", "Serve"))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the node of the data folder."""
    chosen = settings()
    told = urlsplit(chosen.base_url)
    if told.hostname and (told.port or {"https": 443}.get(told.scheme, 80)) != port:
        click.echo(
            pick(
                f"warning 对外地址 {chosen.base_url} 的端口与 {port} 不同",
                f"warning the public address {chosen.base_url} has another port than {port}",
            ),
            err=True,
        )
    _serve(chosen, host, port)


def _serve(chosen: Settings, host: str, port: int) -> None:
    """Become gunicorn: one process with threads."""
    os.environ["ECOTRACE_DATA"] = str(chosen.data)
    words = [
        sys.executable, "-m", "gunicorn", "--bind", f"{host}:{port}", "--worker-class", "gthread",
        "--threads", str(chosen.threads), "--no-control-socket", "ecotrace.app:create_app()",
    ]  # fmt: skip
    sys.stdout.flush()
    os.execv(sys.executable, words)


@cli.command(help=pick("后台工作进程", "Background work in a process of its own"))
def worker() -> None:
    """Do the work beside the requests until interrupted."""
    chosen = settings()
    configure(chosen.log_level, chosen.log_format)
    with opened() as node:
        background.run(node, ScanCounter(), lambda: False)


@cli.command(name="migrate", help=pick("升级数据库结构", "Bring the database to this version"))
@click.option("--to", "revision", default="head", show_default=True)
@json_option
def migrate_command(revision: str, voice: Voice) -> None:
    """Migrate forward, or back to a named revision."""
    migrations = migrate.migrations(settings())
    before = migrations.current()
    known = migrate.head()
    if revision in ("head", known):
        migrations.upgrade(revision)
    elif revision == "base" or (before or "") > revision:
        migrations.downgrade(revision)
    else:
        migrations.upgrade(revision)
    now = migrations.current()
    voice.line("revision", now or "base")
    voice.answer({"revision": now, "before": before})
