"""Checking a signed answer off-line: the steps that every kind of answer shares.

Who checks needs the token and the published keys, neither database nor network. A kind of answer
derives from `AnswerCheck`, says its `typ` and key type, and checks its own content in
`check_content`. Faults are collected, so that a reader sees all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ledger.answers.keys import VerifierKey
from ledger.answers.proofs import LoggedEntry, LogProofError, Tree, open_checkpoint, open_entry
from ledger.answers.refusals import AnswerFault
from ledger.answers.signed import kid_of, signed_content, strict
from runtime import base64url
from runtime.refusal import RefusalCode


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where in the payload (JSON pointer; "" for the whole)."""

    code: RefusalCode
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


class Malformed(Exception):
    """A member of the payload has not the form that it should have."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class AnswerCheck(ABC):
    """One check of one token.

    `wanted` are members of the payload that the asker knows, each with the fault of another value;
    None stands for a member that the asker does not name.
    """

    TYP: ClassVar[str]
    KEY_TYPE: ClassVar[bytes]

    def __init__(
        self,
        token: str,
        keys: Sequence[VerifierKey],
        wanted: Sequence[tuple[str, str | None, RefusalCode]],
    ) -> None:
        self._token = token
        self._keys = keys
        self._wanted = wanted
        self._faults: list[Fault] = []
        self._proved: list[tuple[str, str]] = []

    def run(self) -> Findings:
        """The steps.

        1. header: exactly alg, typ and kid; the key that kid names is among those given
        2. signature
        3. payload: strict JSON, audience, nonce and so on as asked
        4. checkpoint: signed by the log's key under the answer's issuer
        5. what the kind of answer proves
        """
        kid = kid_of(self._token, self.TYP)
        own = (each for each in self._keys if each.type == self.KEY_TYPE)
        key = next((each for each in own if each.kid == kid), None)
        payload = None
        if kid is None:
            self.fault(AnswerFault.HEADER_WRONG)
        elif key is None:
            self.fault(AnswerFault.KEY_UNKNOWN)
        else:
            payload = self._signed_payload(key)
        if payload is not None:
            self.guard(lambda: self._check_payload(payload))
        return Findings(kid, payload, tuple(self._proved), tuple(self._ranked()))

    @abstractmethod
    def check_content(self, payload: Mapping[str, Any], tree: Tree) -> None:
        """Check what this kind of answer says, over a tree whose signature holds."""

    def fault(self, code: RefusalCode, place: str = "") -> None:
        """Keep what is wrong."""
        self._faults.append(Fault(code, place))

    def proved(self, place: str, what: str) -> None:
        """Keep what is proved."""
        self._proved.append((place, what))

    def guard(self, step: Callable[[], None], place: str = "") -> None:
        """Run a step and keep what is wrong with it."""
        try:
            step()
        except LogProofError as error:
            self.fault(error.fault, place)
        except Malformed as error:
            self.fault(AnswerFault.PAYLOAD_MALFORMED, error.place)
        except (KeyError, TypeError, ValueError, OverflowError):
            # Whoever signs may sign anything: dates that are none, numbers without end.
            self.fault(AnswerFault.PAYLOAD_MALFORMED, place)

    def _ranked(self) -> list[Fault]:
        """What is wrong with any answer first, then what is wrong with this kind."""
        return sorted(
            self._faults,
            key=lambda fault: (
                not isinstance(fault.code, AnswerFault),
                fault.code.rank,
                fault.place,
            ),
        )

    def _signed_payload(self, key: VerifierKey) -> Mapping[str, Any] | None:
        content = signed_content(self._token, key)
        if content is None:
            self.fault(AnswerFault.SIGNATURE_WRONG)
            return None
        value = strict(content)
        if not isinstance(value, dict):
            self.fault(AnswerFault.PAYLOAD_MALFORMED)
            return None
        return value

    def _check_payload(self, payload: Mapping[str, Any]) -> None:
        for name, wanted, code in self._wanted:
            if wanted is not None and member(payload, name, str) != wanted:
                self.fault(code, f"/{name}")
        self.check_content(payload, self._tree(payload))

    def _tree(self, payload: Mapping[str, Any]) -> Tree:
        log = member(payload, "log", dict)
        origin = member(payload, "iss", str)
        tree = open_checkpoint(member(log, "checkpoint", str), origin, self._keys)
        if log.get("origin") != origin or log.get("size") != tree.size:
            raise LogProofError(AnswerFault.CHECKPOINT_WRONG)
        self.proved("/log/checkpoint", f"{origin} {tree.size}")
        return tree


def member(value: Any, name: str, kind: type) -> Any:
    """A member of exactly this JSON type; raises Malformed."""
    found = value.get(name) if isinstance(value, dict) else None
    if type(found) is not kind:
        raise Malformed(name)
    return found


def proved_entry(value: Any, tree: Tree) -> LoggedEntry:
    """The entry of `{"entry", "index", "proof"}`; raises LogProofError, Malformed."""
    try:
        entry = base64url.decode(member(value, "entry", str))
        proof = [base64url.decode(str(node)) for node in member(value, "proof", list)]
    except ValueError as error:
        raise LogProofError(AnswerFault.PROOF_WRONG) from error
    return open_entry(entry, member(value, "index", int), proof, tree)


def opening(value: Any) -> tuple[bytes, Any]:
    """Salt and value of `[salt, value]`; raises LogProofError, Malformed."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        raise Malformed("openings")
    try:
        return base64url.decode(value[0]), value[1]
    except ValueError as error:
        raise LogProofError(AnswerFault.OPENING_WRONG) from error
