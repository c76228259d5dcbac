"""`ecotrace doctor`: looks at settings, keys, databases, assets and log; says what is wrong.

Each finding has a code, a level (`fault` stops the service, `warning` should be looked at) and a
sentence that says what to do. It never changes anything. Exit code 1 when there is a fault.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from certification.schemes.errors import SchemeChanged
from certification.schemes.service import check_published
from ecotrace import migrate
from ecotrace.cli.group import cli, json_option
from ecotrace.cli.speech import DIFFERENCE, Voice, language, pick
from ledger.errors import LedgerError
from ledger.reader import LogReader
from runtime.database import Database
from runtime.files import open_store
from runtime.key_file import KeyFileError, read_key_file
from runtime.randomness import SystemRandomness
from runtime.settings import Settings, SettingsError, load, unknown
from runtime.typesetting import FontMissing, find_font
from runtime.vault import Vault, VaultError
from trace.labels.model import fit_for_print
from web.assets import Assets, NotBuilt


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    level: str
    code: str
    zh: str
    en: str


def _settings_of(settings: Settings) -> Iterator[Finding]:
    for name in unknown(os.environ):
        yield Finding(
            "warning", "unknown_setting", f"没有 {name} 这个设置", f"There is no setting {name}"
        )
    if not settings.demo and not fit_for_print(settings.base_url or None, demo=False):
        yield Finding(
            "warning",
            "base_url_not_public",
            "ECOTRACE_BASE_URL 不能印上标签：须为 https 和域名",
            "ECOTRACE_BASE_URL is not fit for print: it must be https with a host name",
        )
    serving_owns = settings.owner_url == settings.database_url
    if serving_owns and settings.database_url.startswith("postgresql"):
        yield Finding(
            "warning",
            "serving_role_owns_tables",
            "服务角色拥有数据表：请用 ECOTRACE_OWNER_URL 另设属主",
            "The serving role owns the tables: name another owner with ECOTRACE_OWNER_URL",
        )
    if settings.keys_url == settings.database_url:
        yield Finding(
            "fault",
            "keys_beside_data",
            "密钥数据库与业务数据库相同，删除密钥便没有意义",
            "Key database and business database are one; destroying a key would mean nothing",
        )


def _keys_of(settings: Settings) -> Iterator[Finding]:
    for path in (settings.master_key_file, settings.secret_key_file):
        try:
            read_key_file(path)
        except KeyFileError as error:
            yield Finding("fault", "key_file", f"密钥文件有误：{error}", f"Key file: {error}")
            return
    try:
        vault = Vault(
            settings.keys_url, read_key_file(settings.master_key_file), SystemRandomness()
        )
        if vault.secret("log/checkpoint") is None:
            yield Finding(
                "fault", "log_keys_missing", "没有日志密钥：请先 init", "No log keys: run init"
            )
    except DBAPIError as error:
        cause = error.orig
        yield Finding("fault", "vault", f"密钥数据库有误：{cause}", f"Key database: {cause}")
    except VaultError as error:
        yield Finding("fault", "vault", f"密钥数据库有误：{error}", f"Key database: {error}")


def _database_of(settings: Settings) -> Iterator[Finding]:
    try:
        revision = migrate.current(settings)
        if revision != migrate.head():
            yield Finding(
                "fault",
                "other_revision",
                f"数据库结构为 {revision}，程序需要 {migrate.head()}：请 migrate",
                f"The database is at {revision}, this version needs {migrate.head()}: run migrate",
            )
            return
        database = Database(settings.database_url)
        with database.read() as session:
            reader = LogReader(session)
            reader.head()
            if reader.origin() != settings.origin:
                yield Finding(
                    "fault",
                    "other_origin",
                    f"日志名为 {reader.origin()}，设置为 {settings.origin}",
                    f"The log is {reader.origin()}, the setting says {settings.origin}",
                )
            yield from _schemes_of(session)
        database.dispose()
    except DBAPIError as error:
        yield Finding("fault", "database", f"数据库不可用：{error.orig}", f"Database: {error.orig}")
    except LedgerError:
        yield Finding("fault", "log_missing", "还没有日志：请先 init", "There is no log: run init")


def _schemes_of(session: Session) -> Iterator[Finding]:
    try:
        check_published(session)
    except SchemeChanged as error:
        sentence = f"制度 {error.code} {error.version} 的文件与发布时不同"
        yield Finding("fault", "schemes_changed", sentence, str(error))


def _files_of(settings: Settings) -> Iterator[Finding]:
    try:
        Assets().path("check.js")
    except NotBuilt as error:
        yield Finding("fault", "assets_missing", f"网页文件没有构建：{error}", str(error))
    try:
        find_font()
    except FontMissing as error:
        yield Finding("warning", "font_missing", str(error), str(error))
    try:
        open_store(settings.files_url).exists("0" * 64)
    except OSError as error:
        yield Finding(
            "fault", "files_unavailable", f"文件存储不可用：{error}", f"File store: {error}"
        )
    roots = settings.data / "root-keys"
    if not settings.demo and roots.is_dir() and any(roots.iterdir()):
        yield Finding(
            "warning",
            "root_keys_on_line",
            f"根密钥私钥还在 {roots}：请离线保存并删除",
            f"Root keys are still in {roots}: take them off-line",
        )


EXAMINATIONS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _settings_of,
    _keys_of,
    _database_of,
    _files_of,
)


def examine(settings: Settings) -> list[Finding]:
    """Give everything that is wrong with a node."""
    return [finding for examination in EXAMINATIONS for finding in examination(settings)]


@cli.command(help=pick("检查设置、密钥、数据库和日志", "Look for what is wrong with this node"))
@json_option
def doctor(voice: Voice) -> None:
    """Look, report, change nothing."""
    try:
        findings = examine(load(os.environ))
    except SettingsError as error:
        findings = [Finding("fault", "setting", error.text("zh"), error.text("en"))]
    for each in findings:
        voice.line(each.level, each.code, each.en if language() == "en" else each.zh)
    faults = [each for each in findings if each.level == "fault"]
    if not findings:
        voice.line("healthy", pick("没有发现问题", "nothing is wrong"))
    voice.answer({"findings": [vars(each) for each in findings], "healthy": not faults})
    if faults:
        sys.exit(DIFFERENCE)
