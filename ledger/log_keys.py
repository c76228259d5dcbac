"""The keys that the log itself holds, and what its writer keeps in memory beside them.

Two keys, one purpose each: the *checkpoint key* signs tree heads under the log's origin as its
name; the *system key* signs the log's own entries (GENESIS, KEY). Both lie in the key database.
The three root keys are made at `init`, handed to the operator, and never kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ledger.entries.model import check_origin
from ledger.note import Ed25519NoteSigner, signing_key_text
from ledger.refusals import LedgerRefusal
from ledger.signer import Ed25519Signer
from ledger.tiles import RightEdge
from runtime.randomness import Randomness
from runtime.refusal import refuse
from runtime.vault import Vault

CHECKPOINT_SECRET: Final = "log/checkpoint"
SYSTEM_SECRET: Final = "log/system"
SEED_BYTES: Final = 32
ROOT_KEYS: Final = 3


@dataclass
class EdgeCache:
    """The right edge of the tree after this process's last append, if nobody wrote since.

    The cache is a guess: whoever takes it compares size and root with the row that it has just
    locked, and rebuilds the edge from the tables when they differ (another process wrote, or the
    transaction that left it here was rolled back). It is taken out while in use.
    """

    edge: RightEdge | None = None

    def take(self, size: int, root: bytes) -> RightEdge | None:
        """The edge of exactly this tree, or None."""
        edge, self.edge = self.edge, None
        if edge is None or edge.size != size or edge.root() != root:
            return None
        return edge


@dataclass(frozen=True)
class LogKeys:
    """What the writer of one log holds."""

    origin: str
    checkpoint: Ed25519NoteSigner
    system: Ed25519Signer
    cache: EdgeCache = field(default_factory=EdgeCache, compare=False, repr=False)

    def vkey(self) -> str:
        """The verifier key of the checkpoints, as one line of text without a newline."""
        return self.checkpoint.verifier().vkey()


def make_log_keys(vault: Vault, origin: str, randomness: Randomness) -> LogKeys:
    """Make both keys and commit them in the key database; once per log, before `init_log`.

    Called again it gives the keys that are there, so that a broken `init` can be repeated.
    Refuses a malformed origin.
    """
    check_origin(origin)
    for name in (CHECKPOINT_SECRET, SYSTEM_SECRET):
        if vault.secret(name) is None:
            vault.store_secret(name, randomness.token(SEED_BYTES))
    return load_log_keys(vault, origin)


def load_log_keys(vault: Vault, origin: str) -> LogKeys:
    """The keys of an initialised log; refuses (`LOG_MISSING`) when there are none."""
    checkpoint, system = vault.secret(CHECKPOINT_SECRET), vault.secret(SYSTEM_SECRET)
    if checkpoint is None or system is None:
        refuse(LedgerRefusal.LOG_MISSING)
    return LogKeys(origin, Ed25519NoteSigner(origin, checkpoint), Ed25519Signer(system))


@dataclass(frozen=True)
class RootKey:
    """One of the three root keys; the private half goes to a file that leaves this machine."""

    name: str
    public_key: bytes
    private_text: str = field(repr=False)


def make_root_keys(origin: str, randomness: Randomness) -> tuple[RootKey, ...]:
    """Three new root keys, which nothing here keeps; named `{origin}/root1` … `root3`.

    `private_text` is one line in the form of a signed-note private key.
    """
    check_origin(origin)
    return tuple(
        _root_key(f"{origin}/root{number}", randomness.token(SEED_BYTES))
        for number in range(1, ROOT_KEYS + 1)
    )


def _root_key(name: str, seed: bytes) -> RootKey:
    return RootKey(name, Ed25519Signer(seed).public_key, signing_key_text(name, seed))
