"""One spelling for bytes: what is decoded is exactly what would be encoded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runtime.base64url import Base64UrlError, decode, encode


@given(some.binary(max_size=70))
def test_bytes_survive(data: bytes) -> None:
    text = encode(data)
    assert decode(text) == data
    assert "=" not in text


@pytest.mark.parametrize(
    "data, text", [(b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xff\xfe", "__4")]
)
def test_rfc_4648_examples(data: bytes, text: str) -> None:
    assert encode(data) == text


@pytest.mark.parametrize(
    "text",
    [
        "Zh",  # unused bits not zero: a second spelling of "f"
        "Zm9",  # the same for "fo"
        "Zg==",
        "Zg=",
        "Z",
        "Zm9vY",
        "Zm9v\n",
        " Zm9v",
        "Zm 9v",
        "+/+/",
        "Zm9v.",
        "Zm9v\0",
        "Ｚm9v",
        "稻",
        "====",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Base64UrlError):
        decode(text)


@given(some.text(alphabet="ABab01-_+/= \n", max_size=12))
def test_whatever_decodes_encodes_to_itself(text: str) -> None:
    try:
        data = decode(text)
    except Base64UrlError:
        return
    assert encode(data) == text
