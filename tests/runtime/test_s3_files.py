"""Files in a bucket, against a server that speaks the S3 protocol in this process."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import (  # type: ignore[import-untyped]
    ConnectionClosedError,
    IncompleteReadError,
)
from botocore.stub import Stubber  # type: ignore[import-untyped]
from moto.server import ThreadedMotoServer

from runtime import s3_files
from runtime.files import (
    FileDamaged,
    FileMissing,
    FileStore,
    FilesUnavailable,
    content_name,
    open_store,
)
from runtime.files_address import BucketAddress
from runtime.s3_files import BucketStore

NAME = content_name(b"report")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the server; it begins without buckets."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(scope="module")
def credentials() -> Iterator[None]:
    """Those of the environment; and nobody waits between attempts that a test makes fail."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setattr(s3_files, "ATTEMPTS", 1)
        yield


def opened(server: str, bucket: str = "files", prefix: str = "tj") -> BucketStore:
    found = open_store(BucketAddress(bucket, prefix, server, "us-east-1"))
    assert isinstance(found, FileStore)
    assert isinstance(found, BucketStore)
    return found


@pytest.fixture(scope="module")
def store(server: str, credentials: None) -> BucketStore:
    found = opened(server)
    found._client.create_bucket(Bucket="files")
    return found


def keys(store: BucketStore) -> list[str]:
    listed = store._client.list_objects_v2(Bucket="files", Prefix=store.address.prefix)
    return [each["Key"] for each in listed.get("Contents", [])]


def test_content_comes_back_under_its_hash(store: BucketStore) -> None:
    for content in (b"", b"report", bytes(1 << 20)):
        name = store.put(content)
        assert name == store.put(content) == content_name(content)
        assert store.get(name) == content
        assert store.exists(name)
        assert keys(store).count(f"tj/{name[:2]}/{name}") == 1


def test_prefixes_keep_files_apart(store: BucketStore, server: str) -> None:
    name = store.put(b"apart")
    other = opened(server, prefix="")
    assert not other.exists(name)
    with pytest.raises(FileMissing):
        other.get(name)


def test_a_lost_object_is_missing(store: BucketStore) -> None:
    name = store.put(b"lost")
    store._client.delete_object(Bucket="files", Key=store.address.key(name))
    assert not store.exists(name)
    with pytest.raises(FileMissing):
        store.get(name)
    assert store.put(b"lost") == name
    assert store.get(name) == b"lost"


def test_an_altered_object_is_not_handed_out_and_is_replaced(store: BucketStore) -> None:
    name = store.put(b"original")
    for altered in (b"Original", b"", b"original "):
        store._client.put_object(Bucket="files", Key=store.address.key(name), Body=altered)
        with pytest.raises(FileDamaged):
            store.get(name)
    store.put(b"original")
    assert store.get(name) == b"original"


@pytest.mark.parametrize("name", ["", "../x", "0" * 63, "A" * 64, "/" * 64])
def test_only_hashes_are_names(store: BucketStore, name: str) -> None:
    with pytest.raises(ValueError):
        store.get(name)
    with pytest.raises(ValueError):
        store.exists(name)


def unavailable(store: FileStore) -> list[str]:
    """What a store says of itself to each of the three calls."""
    said = []
    calls = (partial(store.put, b"report"), partial(store.get, NAME), partial(store.exists, NAME))
    for call in calls:
        with pytest.raises(FilesUnavailable) as caught:
            call()
        assert isinstance(caught.value, OSError)
        said.append(str(caught.value))
    return said


def test_a_missing_bucket_is_no_missing_file(server: str, credentials: None) -> None:
    said = unavailable(opened(server, bucket="nobody"))
    assert all("s3://nobody/tj" in each for each in said)
    assert not any("secret" in each for each in said)


def test_a_server_that_is_away_is_no_missing_file(credentials: None) -> None:
    unavailable(opened("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "code, status",
    [("AccessDenied", 403), ("SlowDown", 503), ("InternalError", 500), ("BadDigest", 400)],
)
def test_refusals_of_the_service_are_no_missing_file(
    store: BucketStore, code: str, status: int
) -> None:
    with Stubber(store._client) as stub:
        for call in ("put_object", "get_object", "head_object"):
            stub.add_client_error(call, code, http_status_code=status)
        assert all(code in each for each in unavailable(store))


def test_a_body_that_breaks_off(store: BucketStore) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise IncompleteReadError(actual_bytes=3, expected_bytes=6)

    with Stubber(store._client) as stub:
        stub.add_response("get_object", {"Body": Broken()})
        with pytest.raises(FilesUnavailable):
            store.get(NAME)


def test_a_put_that_breaks_off_leaves_nothing(store: BucketStore) -> None:
    def cut(**_: Any) -> None:
        raise ConnectionClosedError(endpoint_url="http://127.0.0.1")

    store._client.meta.events.register("before-send.s3.PutObject", cut)
    with pytest.raises(FilesUnavailable):
        store.put(b"half")
    store._client.meta.events.unregister("before-send.s3.PutObject", cut)
    assert not store.exists(content_name(b"half"))


def test_the_service_is_told_the_hash(store: BucketStore) -> None:
    sent: list[dict[str, Any]] = []

    def watched(params: dict[str, Any], **_: Any) -> None:
        sent.append(params["headers"])

    store._client.meta.events.register("before-call.s3.PutObject", watched)
    store.put(b"report")
    store._client.meta.events.unregister("before-call.s3.PutObject", watched)
    (headers,) = sent
    told = base64.b64decode(headers["x-amz-checksum-sha256"])
    assert told == hashlib.sha256(b"report").digest()


def test_credentials_come_from_the_environment_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home = tmp_path / "credentials"
    at_home.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(at_home))
    for half in (None, "AWS_ACCESS_KEY_ID"):
        if half:
            monkeypatch.setenv(half, "a")
        with pytest.raises(FilesUnavailable, match="AWS_"):
            opened("http://127.0.0.1:9")


def test_without_the_library_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "runtime.s3_files")
    with pytest.raises(FilesUnavailable, match=r"ecotrace\[s3\]"):
        open_store(BucketAddress("files", "", None, "cn-north-1"))
