"""The form of a signed answer: a compact JWS over canonical JSON.

    header   {"alg": "EdDSA", "typ": "<kind of answer>", "kid": "<origin>/<purpose>+<id>"}
    payload  canonical JSON (RFC 8785)
    type     application/jwt

Exactly these three members stand in the header. `typ` names the kind of answer, so that no kind can
pass for another; `none` and MACs have no way in.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry, deserialize_compact, serialize_compact

from ledger.answers.keys import SigningKey, VerifierKey
from runtime import base64url
from runtime.canonical import jcs
from runtime.strict_json import Json, StrictJsonError, read

ALGORITHM = "EdDSA"
CONTENT_TYPE = "application/jwt"
TOKEN_MAX = 1 << 20


def _only_eddsa() -> JWSRegistry:
    """A registry that knows one algorithm.

    joserfc warns at each use that RFC 9864 prefers the name "Ed25519". The published format says
    EdDSA, and the curve is fixed by the key; so the copy used here does not warn.
    """
    algorithm = copy(JWSRegistry.algorithms[ALGORITHM])
    algorithm.security_warning = None
    registry = JWSRegistry(algorithms=[ALGORITHM])
    registry.algorithms = {ALGORITHM: algorithm}
    registry.max_payload_length = TOKEN_MAX
    return registry


_REGISTRY = _only_eddsa()


def sign(payload: Mapping[str, Json], key: SigningKey, typ: str) -> str:
    """The compact JWS of a payload."""
    header = {"alg": ALGORITHM, "typ": typ, "kid": key.kid}
    private_key = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": base64url.encode(key.public_key),
            "d": base64url.encode(key.seed),
        }
    )
    return serialize_compact(header, jcs(payload), private_key, registry=_REGISTRY)


def signed_content(token: str, key: VerifierKey) -> bytes | None:
    """The bytes that a key has signed; None where the signature does not verify."""
    public_key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(key.public_key)}
    )
    try:
        return deserialize_compact(token, public_key, registry=_REGISTRY).payload
    except (JoseError, ValueError):
        return None


def type_of(token: str) -> str | None:
    """The kind of answer that a token's header names; None unless the header is of our form."""
    header = _header(token)
    return None if header is None else header["typ"]


def kid_of(token: str, typ: str) -> str | None:
    """The key that a token's header names; None unless the header is of this kind of answer."""
    header = _header(token)
    return header["kid"] if header is not None and header["typ"] == typ else None


def _header(token: str) -> dict[str, str] | None:
    if len(token) > TOKEN_MAX or token.count(".") != 2:
        return None
    try:
        header = strict(base64url.decode(token.partition(".")[0]))
    except ValueError:
        return None
    if not isinstance(header, dict) or set(header) != {"alg", "typ", "kid"}:
        return None
    if header["alg"] != ALGORITHM or not all(isinstance(each, str) for each in header.values()):
        return None
    return header


def strict(content: bytes) -> Any:
    """The value of strict JSON; None for what is none."""
    try:
        return read(content)
    except StrictJsonError:
        return None
