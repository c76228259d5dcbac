"""The key that signs status answers; see `ledger.answers.keys` for its form.

It lies in the vault as `certification/status`. Its name is the log's origin with `/status`, its
identifier `ecotrace.status.v1`, so that it can neither sign credit answers nor checkpoints.
"""

from __future__ import annotations

from certification.refusals import CertificationRefusal
from ledger.answers.keys import SEED_BYTES, SigningKey
from runtime.randomness import Randomness
from runtime.refusal import refuse
from runtime.vault import Vault

STATUS_SECRET = "certification/status"
KEY_TYPE = b"\xffecotrace.status.v1"


def make_status_key(vault: Vault, randomness: Randomness) -> None:
    """Make the status key of a node, once; a key that is there is kept."""
    if vault.secret(STATUS_SECRET) is None:
        vault.store_secret(STATUS_SECRET, randomness.token(SEED_BYTES))


def load_status_key(vault: Vault, origin: str) -> SigningKey:
    """The status key of a node; refuses STATUS_KEY_MISSING where `init` has made none."""
    seed = vault.secret(STATUS_SECRET)
    if seed is None:
        refuse(CertificationRefusal.STATUS_KEY_MISSING)
    return SigningKey(f"{origin}/status", KEY_TYPE, seed)
