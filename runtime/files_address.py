"""Where the files of a node lie: a folder, or part of a bucket that speaks the S3 protocol.

A folder is a path. A bucket is written

    s3://bucket/prefix?endpoint=https://files.example.org:9000&region=cn-north-1

`prefix` may be left out, and so may `endpoint` for the service that the library knows by its
region; `region` may be left out where an endpoint is given. Names of buckets are those of the S3
rules: 3 to 63 lower-case letters, digits, dots and hyphens. Credentials never stand here: they
come from the environment, so that an address may be shown.

`AddressError` says what is wrong, in both languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_REGION = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.-]+(?::[1-9][0-9]{0,4})?/?")
_NO_REGION = "us-east-1"
"""What is signed for services that know no regions."""


class AddressError(ValueError):
    """The text is no address of a file store; `zh` and `en` say what is expected."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True)
class BucketAddress:
    """Part of a bucket: everything below `prefix`, or all of it where that is empty."""

    bucket: str
    prefix: str
    endpoint: str | None
    region: str

    def key(self, name: str) -> str:
        """The key of a file, laid out as in a folder."""
        start = f"{self.prefix}/" if self.prefix else ""
        return f"{start}{name[:2]}/{name}"

    def __str__(self) -> str:
        """The address as people write it."""
        place = f"s3://{self.bucket}/{self.prefix}".rstrip("/")
        endpoint = f"endpoint={self.endpoint}&" if self.endpoint else ""
        return f"{place}?{endpoint}region={self.region}"


def read_address(text: str) -> Path | BucketAddress:
    """Read an address; raises `AddressError`. A relative path counts from the working folder."""
    if text.lower().startswith("s3:"):
        return _read_bucket(text)
    if _SCHEME.match(text) or "\0" in text or not text:
        raise AddressError("应是目录或 s3://桶名/前缀", "must be a folder or s3://bucket/prefix")
    return Path(text).expanduser().absolute()


def _read_bucket(text: str) -> BucketAddress:
    try:
        parts = urlsplit(text)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise _malformed() from None
    options = dict(query)
    prefix = parts.path.strip("/")
    plain = len(options) == len(query) and set(options) <= {"endpoint", "region"}
    named = _BUCKET.fullmatch(parts.netloc) and (not prefix or _PREFIX.fullmatch(prefix))
    if parts.scheme != "s3" or not plain or not named or parts.fragment:
        raise _malformed()
    endpoint = options.get("endpoint")
    if endpoint is not None and not _ENDPOINT.fullmatch(endpoint):
        raise AddressError(
            "的 endpoint 应是 http(s)://主机[:端口]，不含用户名和密码",
            "has an endpoint that is not http(s)://host[:port] without name and password",
        )
    return BucketAddress(
        parts.netloc, prefix, endpoint and endpoint.rstrip("/"), _region(options, endpoint)
    )


def _region(options: dict[str, str], endpoint: str | None) -> str:
    region = options.get("region", _NO_REGION if endpoint else "")
    if not _REGION.fullmatch(region):
        raise AddressError(
            "须写明 region，如 cn-north-1；有 endpoint 时可以不写",
            "must name its region, such as cn-north-1, unless it has an endpoint",
        )
    return region


def _malformed() -> AddressError:
    return AddressError(
        "应是 s3://桶名/前缀?endpoint=…&region=…",
        "must be s3://bucket/prefix?endpoint=…&region=…",
    )
