"""The key that signs answers to credit platforms; see `ledger.answers.keys` for its form.

It lies in the vault. Its name is the log's origin with `/answer`, its identifier
`ecotrace.answer.v1`.
"""

from __future__ import annotations

from ledger.answers import keys
from ledger.answers.keys import SEED_BYTES, SigningKey, VerifierKey, VerifierKeyError
from points.refusals import PointsRefusal
from runtime.randomness import Randomness
from runtime.refusal import refuse
from runtime.vault import Vault

__all__ = [
    "ANSWER_SECRET", "KEY_TYPE", "AnswerKey", "VerifierKey", "VerifierKeyError", "load_answer_key",
    "make_answer_key", "read_vkeys",
]  # fmt: skip

ANSWER_SECRET = "credit/answer"
KEY_TYPE = b"\xffecotrace.answer.v1"


class AnswerKey(SigningKey):
    """The private key under the name of its log."""

    def __init__(self, name: str, seed: bytes) -> None:
        super().__init__(name, KEY_TYPE, seed)

    def __repr__(self) -> str:
        return f"AnswerKey({self.name!r})"


def make_answer_key(vault: Vault, randomness: Randomness) -> None:
    """Make the answer key of a node, once; a key that is there is kept."""
    if vault.secret(ANSWER_SECRET) is None:
        vault.store_secret(ANSWER_SECRET, randomness.token(SEED_BYTES))


def load_answer_key(vault: Vault, origin: str) -> AnswerKey:
    """The answer key of a node; refuses where `init` has made none."""
    seed = vault.secret(ANSWER_SECRET)
    if seed is None:
        refuse(PointsRefusal.ANSWER_KEY_MISSING)
    return AnswerKey(f"{origin}/answer", seed)


def read_vkeys(text: str) -> tuple[VerifierKey, ...]:
    """Read checkpoint keys and answer keys, one a line; raises VerifierKeyError."""
    return keys.read_vkeys(text, KEY_TYPE)
