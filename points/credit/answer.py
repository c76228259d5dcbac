"""The signed answer: a compact JWS, and how anybody checks it off-line.

    header   {"alg": "EdDSA", "typ": "ecotrace-answer+jwt", "kid": "<origin>/answer+<id>"}
    payload  see `points.credit.report`
    type     application/jwt

`verify_answer` needs the token and the published keys, neither database nor network. It uses no
code of the log's writer (`points.credit.log_proof`). The steps are numbered in `_Check.run`.

`ecotrace verify-answer FILE --vkey FILE`: the key file has one verifier key a line, the log's own
(`vkey` of an export, type 0x01) and the answer key (type 0xff, `answer_keys`), in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry, deserialize_compact, serialize_compact

from points.credit.answer_keys import AnswerKey, VerifierKey, read_vkeys
from points.credit.log_proof import (
    LoggedEntry,
    LogProofError,
    Tree,
    check_opening,
    open_checkpoint,
    open_entry,
)
from points.credit.records.model import within_period
from points.refusals import AnswerFault
from runtime import base64url
from runtime.canonical import jcs
from runtime.clock import parse_instant
from runtime.strict_json import Json, StrictJsonError, read

ALGORITHM = "EdDSA"
TYPE = "ecotrace-answer+jwt"
CONTENT_TYPE = "application/jwt"
TOKEN_MAX = 1 << 20
_CERTIFICATE_TYPES = "certification.certificate."


def _only_eddsa() -> JWSRegistry:
    """A registry that knows one algorithm; `none` and MACs have no way in.

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


def sign_answer(payload: Mapping[str, Json], key: AnswerKey) -> str:
    """The compact JWS of a payload; its bytes are the canonical JSON (RFC 8785)."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
    private_key = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": base64url.encode(key.public_key),
            "d": base64url.encode(key.seed),
        }
    )
    return serialize_compact(header, jcs(payload), private_key, registry=_REGISTRY)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where in the payload (JSON pointer; "" for the whole)."""

    code: AnswerFault
    place: str = ""

    def text(self, lang: str) -> str:
        """The sentence in `zh` or `en`."""
        sentence = self.code.sentence
        template = sentence.en if lang == "en" else sentence.zh
        return template.format(member=self.place)


@dataclass(frozen=True)
class Findings:
    """What a check of an answer found.

    `payload` is the signed content once the signature has verified, else None. `proved` lists
    (JSON pointer, what it is) of what the log proves; everything under `stated` is the word of the
    office alone.
    """

    kid: str | None
    payload: Mapping[str, Any] | None
    proved: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """True when the signature and every proof hold."""
        return self.payload is not None and not self.faults


def verify_answer(
    token: str, vkeys: str, *, audience: str | None = None, nonce: str | None = None
) -> Findings:
    """Check an answer against published keys (text, one a line); raises VerifierKeyError.

    `audience` and `nonce`, when given, must be those of the answer.
    """
    return _Check(token.strip(), read_vkeys(vkeys), audience, nonce).run()


class _Malformed(Exception):
    """A member of the payload has not the form that it should have."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class _Check:
    """One check; faults are collected, so that a reader sees all of them."""

    def __init__(
        self,
        token: str,
        keys: Sequence[VerifierKey],
        audience: str | None,
        nonce: str | None,
    ) -> None:
        self._token = token
        self._keys = keys
        self._wanted = {"aud": audience, "nonce": nonce}
        self._faults: list[Fault] = []
        self._proved: list[tuple[str, str]] = []

    def run(self) -> Findings:
        """The steps.

        1. header: exactly alg, typ and kid; the key that kid names is among those given
        2. signature
        3. payload: strict JSON, audience and nonce as asked
        4. checkpoint: signed by the log's key under the answer's issuer
        5. each record: entry in the tree, openings match, subject and period right
        6. each certificate: entries in the tree, number, term and state as stated
        """
        kid = _kid(self._token)
        key = next((each for each in self._keys if each.kid == kid and each.signs_answers), None)
        payload = None
        if kid is None:
            self._fault(AnswerFault.HEADER_WRONG)
        elif key is None:
            self._fault(AnswerFault.KEY_UNKNOWN)
        else:
            payload = self._signed_payload(key)
        if payload is not None:
            self._guard(lambda: self._check_payload(payload))
        return Findings(kid, payload, tuple(self._proved), tuple(self._ranked()))

    def _ranked(self) -> list[Fault]:
        return sorted(self._faults, key=lambda fault: (fault.code.rank, fault.place))

    def _fault(self, code: AnswerFault, place: str = "") -> None:
        self._faults.append(Fault(code, place))

    def _guard(self, step: Callable[[], None], place: str = "") -> None:
        """Run a step and keep what is wrong with it."""
        try:
            step()
        except LogProofError as error:
            self._fault(error.fault, place)
        except _Malformed as error:
            self._fault(AnswerFault.PAYLOAD_MALFORMED, error.place)
        except (KeyError, TypeError, ValueError):
            # Whoever signs may sign anything: dates that are none, numbers without end.
            self._fault(AnswerFault.PAYLOAD_MALFORMED, place)

    def _signed_payload(self, key: VerifierKey) -> Mapping[str, Any] | None:
        public_key = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(key.public_key)}
        )
        try:
            content = deserialize_compact(self._token, public_key, registry=_REGISTRY).payload
        except (JoseError, ValueError):
            self._fault(AnswerFault.SIGNATURE_WRONG)
            return None
        value = _strict(content)
        if not isinstance(value, dict):
            self._fault(AnswerFault.PAYLOAD_MALFORMED)
            return None
        return value

    def _check_payload(self, payload: Mapping[str, Any]) -> None:
        for name, code in (
            ("aud", AnswerFault.AUDIENCE_WRONG),
            ("nonce", AnswerFault.NONCE_WRONG),
        ):
            wanted = self._wanted[name]
            if wanted is not None and _member(payload, name, str) != wanted:
                self._fault(code, f"/{name}")
        tree = self._tree(payload)
        proved = _member(payload, "proved", dict)
        for number, record in enumerate(_member(proved, "records", list)):
            place = f"/proved/records/{number}"
            self._guard(partial(self._record, payload, tree, record, place), place)
        for number, certificate in enumerate(_member(proved, "certificates", list)):
            place = f"/proved/certificates/{number}"
            self._guard(partial(self._certificate, payload, tree, certificate, place), place)

    def _tree(self, payload: Mapping[str, Any]) -> Tree:
        log = _member(payload, "log", dict)
        origin = _member(payload, "iss", str)
        tree = open_checkpoint(_member(log, "checkpoint", str), origin, self._keys)
        if log.get("origin") != origin or log.get("size") != tree.size:
            raise LogProofError(AnswerFault.CHECKPOINT_WRONG)
        self._proved.append(("/log/checkpoint", f"{origin} {tree.size}"))
        return tree

    def _record(self, payload: Mapping[str, Any], tree: Tree, record: Any, place: str) -> None:
        entry = _proved_entry(record, tree)
        if entry.type != "points.credit.record":
            raise LogProofError(AnswerFault.ENTRY_MALFORMED)
        openings = _member(record, "openings", dict)
        for field, opening in openings.items():
            salt, value = _opening(opening)
            check_opening(entry, field, salt, value)
        disclosed = _opening(openings.get("record"))[1]
        self._check_disclosed(payload, disclosed)
        self._proved.append((place, str(disclosed["document_number"])))

    def _check_disclosed(self, payload: Mapping[str, Any], disclosed: Any) -> None:
        subject = _member(_member(payload, "subject", dict), "code", str)
        if _member(disclosed, "subject_code", str) != subject:
            raise LogProofError(AnswerFault.SUBJECT_WRONG)
        try:
            start = date.fromisoformat(_member(disclosed, "disclosure_start", str))
            end = date.fromisoformat(_member(disclosed, "disclosure_end", str))
        except ValueError as error:
            raise LogProofError(AnswerFault.PERIOD_WRONG) from error
        at = parse_instant(_member(payload, "time", str))
        _member(disclosed, "document_number", str)
        if not within_period(start, end, at):
            raise LogProofError(AnswerFault.PERIOD_WRONG)

    def _certificate(
        self, payload: Mapping[str, Any], tree: Tree, certificate: Any, place: str
    ) -> None:
        number = _member(certificate, "number", str)
        entries = [_proved_entry(each, tree) for each in _member(certificate, "entries", list)]
        at = parse_instant(_member(payload, "time", str))
        stated = _stated(payload, number)
        if not entries or not _agrees(stated, entries, number, at):
            raise LogProofError(AnswerFault.CERTIFICATE_WRONG)
        self._proved.append((place, number))


def _kid(token: str) -> str | None:
    """The key that a token's header names; None unless the header is exactly ours."""
    if len(token) > TOKEN_MAX or token.count(".") != 2:
        return None
    try:
        header = _strict(base64url.decode(token.partition(".")[0]))
    except ValueError:
        return None
    if not isinstance(header, dict) or set(header) != {"alg", "typ", "kid"}:
        return None
    if header["alg"] != ALGORITHM or header["typ"] != TYPE:
        return None
    return header["kid"] if isinstance(header["kid"], str) else None


def _strict(content: bytes) -> Any:
    try:
        return read(content)
    except StrictJsonError:
        return None


def _member(value: Any, name: str, kind: type) -> Any:
    found = value.get(name) if isinstance(value, dict) else None
    if type(found) is not kind:
        raise _Malformed(name)
    return found


def _proved_entry(value: Any, tree: Tree) -> LoggedEntry:
    try:
        entry = base64url.decode(_member(value, "entry", str))
        proof = [base64url.decode(str(node)) for node in _member(value, "proof", list)]
    except ValueError as error:
        raise LogProofError(AnswerFault.PROOF_WRONG) from error
    return open_entry(entry, _member(value, "index", int), proof, tree)


def _opening(value: Any) -> tuple[bytes, Any]:
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        raise _Malformed("openings")
    try:
        return base64url.decode(value[0]), value[1]
    except ValueError as error:
        raise LogProofError(AnswerFault.OPENING_WRONG) from error


def _stated(payload: Mapping[str, Any], number: str) -> Mapping[str, Any]:
    for each in _member(_member(payload, "stated", dict), "certificates", list):
        if isinstance(each, dict) and each.get("number") == number:
            return each
    raise LogProofError(AnswerFault.CERTIFICATE_WRONG)


def _agrees(
    stated: Mapping[str, Any], entries: Iterable[LoggedEntry], number: str, at: datetime
) -> bool:
    """Whether the public facts of a certificate's decisions bear out what is stated about it.

    That no later decision exists is stated only; so a state may differ by what time alone does.
    """
    first, *later = entries
    if not all(each.type.startswith(_CERTIFICATE_TYPES) for each in (first, *later)):
        return False
    if any(each.facts.get("number") != number for each in (first, *later)):
        return False
    if len({each.streams for each in (first, *later)}) != 1:
        return False
    same = ("scheme", "from", "to", "granted", "unit")
    if any(first.facts.get(name) != stated.get(name) for name in same):
        return False
    if stated.get("decisions") != 1 + len(later):
        # A decision waits for its place in the log, so the state is stated only.
        return True
    decided = (later[-1] if later else first).facts.get("state")
    return bool(stated.get("state") == _in_time(str(decided), stated, at))


def _in_time(decided: str, stated: Mapping[str, Any], at: datetime) -> str:
    """The state that decisions and term make together at the time of the answer."""
    if decided in ("revoked", "annulled"):
        return decided
    begin = date.fromisoformat(str(stated["from"]))
    end = date.max if stated["to"] is None else date.fromisoformat(str(stated["to"]))
    if within_period(begin, end, at):
        return decided
    return "not_yet" if within_period(date.min.replace(year=2), begin, at) else "expired"
