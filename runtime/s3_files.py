"""Files in a bucket that speaks the S3 protocol; needs boto3 (the extra `s3`).

One object is one file, written with one PutObject: readers see all of it or nothing, and an object
of that name that was altered is replaced. The service is told the SHA-256 of what it gets, so that
it may refuse what was damaged on the way. What it gives back is hashed here: nothing that lies with
others is believed.

Credentials come from the environment alone (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_SESSION_TOKEN`): no file in a home folder and no service of the machine is asked, so that
a node uses those that its operator gave it or none. They need s3:GetObject, s3:PutObject and, since
a missing object looks forbidden without it, s3:ListBucket.

Whatever the service answers but "no such object" is `FilesUnavailable`: a service that is away must
never make a file look lost. Without boto3 importing this module raises it too; only
`runtime.files.open_store` does.
"""

from __future__ import annotations

import base64
import os
from typing import Any

from runtime.files import FileMissing, FilesUnavailable, checked_name, content_name, whole
from runtime.files_address import BucketAddress

_WITHOUT_LIBRARY = (
    "文件存放在 S3 桶中，须安装 boto3：pip install 'ecotrace[s3]' · "
    "files in an S3 bucket need boto3: pip install 'ecotrace[s3]'"
)
try:
    import boto3  # type: ignore[import-untyped]
    from botocore.config import Config  # type: ignore[import-untyped]
    from botocore.credentials import (  # type: ignore[import-untyped]
        CredentialResolver,
        EnvProvider,
    )
    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
    from botocore.session import Session  # type: ignore[import-untyped]
except ImportError as missing:
    raise FilesUnavailable(_WITHOUT_LIBRARY) from missing

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5, 30, 3
_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
_WITHOUT_CREDENTIALS = (
    "环境变量 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY 未设置 · "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
)


class BucketStore:
    """Part of a bucket; a `FileStore`. `client` is a boto3 client of the service."""

    def __init__(self, address: BucketAddress, client: Any) -> None:
        self.address = address
        self._client = client

    def put(self, content: bytes) -> str:
        """Send the content as one object; it is with the service when this returns."""
        name = content_name(content)
        checksum = base64.b64encode(bytes.fromhex(name)).decode()
        self._ask("put_object", name, Body=content, ChecksumSHA256=checksum)
        return name

    def get(self, name: str) -> bytes:
        """Read the content; raise `FileMissing`, `FileDamaged`, or `ValueError` for no name."""
        answer = self._ask("get_object", checked_name(name))
        try:
            content: bytes = answer["Body"].read()
        except (BotoCoreError, OSError) as error:
            raise FilesUnavailable(f"{self.address}: {error}") from error
        return whole(name, content)

    def exists(self, name: str) -> bool:
        """Tell whether there is an object of this name; raise `ValueError` for no name."""
        try:
            self._ask("head_object", checked_name(name))
        except FileMissing:
            return False
        return True

    def _ask(self, call: str, name: str, **further: Any) -> Any:
        """Call the service about one object; raise `FileMissing` or `FilesUnavailable`."""
        place = {"Bucket": self.address.bucket, "Key": self.address.key(name)}
        try:
            return getattr(self._client, call)(**place, **further)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if call != "put_object" and self._says_absent(code):
                raise FileMissing(name) from None
            raise FilesUnavailable(f"{self.address}: {code}") from error
        except BotoCoreError as error:
            raise FilesUnavailable(f"{self.address}: {error}") from error

    def _says_absent(self, code: str) -> bool:
        """Whether an answer is about the object; a bucket that is not there is no store at all."""
        if code not in _ABSENT:
            return False
        if code == "NoSuchKey":
            return True
        # The answer to HEAD has no body, and so does not say what was not found.
        try:
            self._client.head_bucket(Bucket=self.address.bucket)
        except (ClientError, BotoCoreError):
            return False
        return True


def open_bucket(address: BucketAddress) -> BucketStore:
    """Open part of a bucket; nothing is asked of the service yet.

    Raises `FilesUnavailable` without credentials in the environment.
    """
    session = Session()
    for file in ("config_file", "credentials_file"):
        session.set_config_variable(file, os.devnull)
    session.register_component("credential_provider", CredentialResolver([EnvProvider()]))
    try:
        if session.get_credentials() is None:
            raise FilesUnavailable(_WITHOUT_CREDENTIALS)
        client = boto3.Session(botocore_session=session).client(
            "s3",
            region_name=address.region,
            endpoint_url=address.endpoint,
            config=_protocol(address),
        )
    except BotoCoreError as error:
        raise FilesUnavailable(f"{address}: {error}") from error
    return BucketStore(address, client)


def _protocol(address: BucketAddress) -> Config:
    """How the service is spoken to."""
    return Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        s3={"addressing_style": "path" if address.endpoint else "auto"},
        # What is written carries our own checksum and what is read is hashed by us, so a service
        # that knows none of the library's newer ones serves all the same.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        ignore_configured_endpoint_urls=True,
    )
