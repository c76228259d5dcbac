"""Settings: one table, from which reading, documents and the check of the environment come.

A value comes from the environment (`ECOTRACE_…`), else from `settings.json` in the data folder
(written by `init` and `demo`), else from the default. An empty variable counts as unset. Values
are read strictly; the first wrong one raises `SettingsError`, which says in both languages which
setting, and what is expected. Names nobody knows are no error here, but `unknown` lists them.

Settings with their addresses may hold passwords: they are left out of `repr`, and the file is
written for the owner only.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime import setting_kinds as kinds
from runtime.files_address import BucketAddress
from runtime.strict_json import StrictJsonError, read

PREFIX = "ECOTRACE_"
FILE_NAME = "settings.json"


class SettingsError(Exception):
    """A setting cannot be used: which one, and what is expected, in both languages."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(f"{name} {en}")
        self.name = name
        self.zh = f"设置 {name} {zh}"
        self.en = f"setting {name} {en}"

    def text(self, lang: str) -> str:
        """Give the sentence in `zh` or `en`."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True)
class Setting:
    """One row of the table; in `default`, `{data}` and `{database_url}` stand for those values."""

    name: str
    default: str
    read: Callable[[str], Any]
    zh: str
    en: str
    only_tests: bool = False

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return PREFIX + self.name

    @property
    def attribute(self) -> str:
        """The name in `Settings` and in the file."""
        return self.name.lower()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATA", "./data", kinds.path,
        "数据目录：数据库、密钥文件、按内容存放的文件。",
        "Data folder: databases, key files, files by their content.",
    ),
    Setting(
        "DATABASE_URL", "sqlite:///{data}/ecotrace.sqlite3", kinds.database_url,
        "业务数据库：SQLite 文件，或 postgresql:// 地址（服务角色）。",
        "Business database: an SQLite file, or a postgresql:// address (the serving role).",
    ),
    Setting(
        "OWNER_URL", "{database_url}", kinds.database_url,
        "拥有数据表的 PostgreSQL 角色的地址，只用于迁移；默认与业务数据库相同。",
        "Address with the PostgreSQL role that owns the tables, for migrations only; "
        "the business database by default.",
    ),
    Setting(
        "KEYS_URL", "sqlite:///{data}/keys.sqlite3", kinds.database_url,
        "密钥数据库：另一个文件或另一个 PostgreSQL 数据库，备份只留 30 天。",
        "Key database: another file or another PostgreSQL database; its backups end after 30 days.",
    ),
    Setting(
        "FILES_URL", "{data}/files", kinds.files_url,
        "证明材料、图样等文件的存放处：目录，或 s3://桶名/前缀?endpoint=…&region=…；"
        "访问密钥只取自 AWS_ACCESS_KEY_ID 等环境变量。",
        "Where evidence, artwork and other files lie: a folder, or "
        "s3://bucket/prefix?endpoint=…&region=…; credentials come from AWS_ACCESS_KEY_ID and its "
        "like in the environment only.",
    ),
    Setting(
        "BASE_URL", "", kinds.base_url,
        "对外地址，标签和网页中所有绝对地址的唯一来源；未设置时正式库不打印标签。",
        "Public address, the only source of absolute addresses on labels and pages; "
        "while it is unset no labels are printed outside the demo.",
    ),
    Setting(
        "ORIGIN", "", kinds.origin,
        "日志的名字，初始化时写入创世条目，以后不变。",
        "The log's name, written into its first entry by init and never changed.",
    ),
    Setting(
        "LANG", "zh", kinds.one_of("zh", "en"),
        "命令行和网页的默认语言：zh 或 en。",
        "Default language of command line and pages: zh or en.",
    ),
    Setting(
        "DEMO", "false", kinds.truth,
        "演示库：网页和标签都标明“演示 DEMO”。由 demo 写入，不要手工设置。",
        "Demo data: pages and labels say so. Written by demo, not by hand.",
    ),
    Setting(
        "SECRET_KEY_FILE", "{data}/secret.key", kinds.path,
        "网页会话签名密钥的文件，权限 0600。",
        "File with the key that signs web sessions, mode 0600.",
    ),
    Setting(
        "MASTER_KEY_FILE", "{data}/master.key", kinds.path,
        "密钥数据库主密钥的文件，权限 0600；丢失后加密内容无法恢复。",
        "File with the master key of the key database, mode 0600; without it nothing sealed "
        "opens again.",
    ),
    Setting(
        "MAX_BODY_BYTES", "1048576", kinds.integer(1_024, 64 << 20),
        "一次请求正文的最大字节数。",
        "Largest body of one request, in bytes.",
    ),
    Setting(
        "CAPTURE_LIMIT", "1000", kinds.integer(1, 10_000),
        "一份采集文档最多的事件数。",
        "Most events in one captured document.",
    ),
    Setting(
        "LOG_LEVEL", "info", kinds.one_of("debug", "info", "warning", "error"),
        "运行日志的级别：debug、info、warning 或 error。",
        "Level of the running journal: debug, info, warning or error.",
    ),
    Setting(
        "LOG_FORMAT", "console", kinds.one_of("json", "console"),
        "运行日志的格式：json 每行一个对象，console 便于阅读。",
        "Form of the running journal: json, one object a line, or console, for people.",
    ),
    Setting(
        "THREADS", "8", kinds.integer(1, 256),
        "一个服务进程的线程数。",
        "Threads of one server process.",
    ),
    Setting(
        "PLACE_TABLE", "", kinds.optional_path,
        "本地地址表文件，用来得出扫码的省市；不设则显示“未知”，地址从不保存。",
        "File with a local table of addresses that gives province and city of a scan; without it "
        "the place is unknown. Addresses are never stored.",
    ),
    Setting(
        "TRUSTED_PROXIES", "0", kinds.integer(0, 8),
        "前面有几层可信代理写 X-Forwarded-For；0 表示不看这个头。",
        "How many trusted proxies in front set X-Forwarded-For; 0 ignores that header.",
    ),
    Setting(
        "TEST_POSTGRES", "", kinds.words,
        "只供测试：已有的 PostgreSQL 地址；不设则启动 PyPI 上的嵌入式 PostgreSQL。",
        "Tests only: address of a PostgreSQL to use instead of the embedded one from PyPI.",
        only_tests=True,
    ),
    Setting(
        "VECTORS", "", kinds.optional_path,
        "只供测试：他人测试数据的目录；不设则用 ../shared/vectors。",
        "Tests only: folder of test data made by others; ../shared/vectors by default.",
        only_tests=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """The settings of this process; `SETTINGS` says what each means."""

    data: Path
    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    keys_url: str = field(repr=False)
    files_url: Path | BucketAddress
    base_url: str
    origin: str
    lang: str
    demo: bool
    secret_key_file: Path
    master_key_file: Path
    max_body_bytes: int
    capture_limit: int
    log_level: str
    log_format: str
    threads: int
    place_table: Path | None
    trusted_proxies: int


def load(environ: Mapping[str, str]) -> Settings:
    """Read all settings; raise `SettingsError` for the first that cannot be used."""
    values: dict[str, Any] = {}
    stored: Mapping[str, str] = {}
    for setting in SETTINGS:
        if setting.only_tests:
            continue
        text = environ.get(setting.variable) or stored.get(setting.attribute)
        values[setting.attribute] = _value(setting, text or setting.default.format_map(values))
        if setting.name == "DATA":
            stored = _stored(values["data"])
    return Settings(**values)


def store(settings: Settings, **values: str | int | bool) -> None:
    """Write settings into the data folder's file, beside those already there, for the next `load`.

    Raises `SettingsError` before anything is written when a value cannot be used. `data` itself
    cannot be stored: it says where the file is.
    """
    texts = {**_stored(settings.data)}
    for attribute, value in values.items():
        texts[attribute] = str(value).lower() if isinstance(value, bool) else str(value)
    for attribute, text in texts.items():
        if text:
            _value(_storable(attribute), text)
    _write_for_owner(settings.data / FILE_NAME, texts)


def unknown(environ: Iterable[str]) -> list[str]:
    """List the `ECOTRACE_…` names of an environment that no setting has, as after a slip."""
    known = {setting.variable for setting in SETTINGS}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _value(setting: Setting, text: str) -> Any:
    """Read the text of a setting."""
    try:
        return setting.read(text)
    except kinds.BadValue as bad:
        raise SettingsError(setting.variable, bad.zh, bad.en) from bad


def _storable(attribute: str) -> Setting:
    """Find a setting that the file may hold."""
    for setting in SETTINGS:
        if setting.attribute == attribute and not setting.only_tests and setting.name != "DATA":
            return setting
    raise SettingsError(attribute, "不能写入设置文件", "cannot stand in the settings file")


def _stored(data: Path) -> dict[str, str]:
    """Read the data folder's file: an object of texts; no file is an empty one."""
    file = data / FILE_NAME
    try:
        content = read(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, StrictJsonError) as error:
        raise SettingsError(str(file), f"不能读取：{error}", f"cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise SettingsError(str(file), "应是一个对象", "must hold one object")
    for attribute, text in content.items():
        _storable(attribute)
        if not isinstance(text, str):
            raise SettingsError(str(file), f"中 {attribute} 应是文本", f"{attribute} must be text")
    return {attribute: str(text) for attribute, text in content.items()}


def _write_for_owner(file: Path, texts: Mapping[str, str]) -> None:
    """Replace the file whole; it may hold passwords, so nobody else may read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix="part-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(texts, stream, ensure_ascii=False, indent=2, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    Path(beside).replace(file)
