"""A leader in a process of its own, which `test_leader.py` kills."""

from __future__ import annotations

from ledger.leader import Leader
from ledger.log_keys import load_log_keys
from runtime.clock import SystemClock
from runtime.database import Database
from runtime.randomness import SystemRandomness
from runtime.vault import Vault


def lead(url: str, keys_url: str, origin: str) -> None:
    """Lead the log of a database until the end of the process."""
    vault = Vault(keys_url, bytes(range(32)), SystemRandomness())
    Leader(Database(url).write_engine, load_log_keys(vault, origin), SystemClock()).run()
