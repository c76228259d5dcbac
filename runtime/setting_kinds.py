"""How the text of a setting is read, strictly: one function per kind of value.

Each takes the text as it stands in the environment and gives the value, or raises `BadValue` with
a sentence in both languages that says what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from runtime.database import DatabaseUrlError, usable_url
from runtime.files_address import AddressError, BucketAddress, read_address

_INTEGER = re.compile(r"0|[1-9][0-9]{0,11}")
_ORIGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9./:_-]{0,127}")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class BadValue(ValueError):
    """The text is not of the kind; `zh` and `en` say what is expected."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def truth(text: str) -> bool:
    """Read true, false, 1 or 0."""
    value = _TRUTH.get(text)
    if value is None:
        raise BadValue("只能是 true、false、1 或 0", "must be true, false, 1 or 0")
    return value


def integer(low: int, high: int) -> Callable[[str], int]:
    """Make a reader of plain decimal integers between two bounds, both allowed."""

    def read(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            raise BadValue(
                f"应是 {low} 到 {high} 之间的整数", f"must be an integer from {low} to {high}"
            )
        return int(text)

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """Make a reader that takes only these words."""

    def read(text: str) -> str:
        if text not in choices:
            raise BadValue(f"只能是 {'、'.join(choices)}", f"must be one of {', '.join(choices)}")
        return text

    return read


def path(text: str) -> Path:
    """Read a path; a relative one counts from the working folder and is made absolute."""
    if "\0" in text:
        raise BadValue("不是路径", "is no path")
    return Path(text).expanduser().absolute()


def optional_path(text: str) -> Path | None:
    """Read a path, or nothing."""
    return path(text) if text else None


def words(text: str) -> str:
    """Take any text as it is."""
    return text


def base_url(text: str) -> str:
    """Read an http or https address of a host, without query; "" stands for unset."""
    if not text:
        return ""
    expected = BadValue(
        "应是 http(s)://主机[:端口][/路径]，没有问号和井号",
        "must be http(s)://host[:port][/path] without query and fragment",
    )
    try:
        parts = urlsplit(text)
        port_is_plain = parts.port is None or parts.port > 0
    except ValueError:
        raise expected from None
    plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not (plain and port_is_plain and parts.hostname and parts.scheme in ("http", "https")):
        raise expected
    if parts.query or parts.fragment or "?" in text or "#" in text or "@" in parts.netloc:
        raise expected
    return text.rstrip("/")


def origin(text: str) -> str:
    """Read the name of a log (C2SP signed-note key name: no space, no plus); "" for unset."""
    if text and not _ORIGIN.fullmatch(text):
        raise BadValue(
            "日志名只含字母、数字和 . / : _ -，最多 128 个字符",
            "a log's name has letters, digits and . / : _ - only, at most 128 characters",
        )
    return text


def database_url(text: str) -> str:
    """Read the address of an SQLite file or a PostgreSQL database; an SQLite path is made absolute.

    A relative path would mean another file for each folder that a command is started from.
    """
    try:
        url = usable_url(text)
    except DatabaseUrlError as error:
        raise BadValue(
            "应是 sqlite:///文件 或 postgresql://… 的地址", f"is no usable address: {error}"
        ) from error
    if url.get_backend_name() == "sqlite":
        url = url.set(database=str(Path(str(url.database)).absolute()))
    return url.render_as_string(hide_password=False)


def files_url(text: str) -> Path | BucketAddress:
    """Read where files lie: a folder, or part of a bucket."""
    try:
        return read_address(text)
    except AddressError as error:
        raise BadValue(error.zh, error.en) from error
