"""The MAC keys of labels, by letter: made in the vault, remembered by each process.

A letter is used for new runs from the moment it is the newest, and verifies for ever. Its key lies
in the vault under `label-key:LETTER`; it is 32 random bytes and never leaves the process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.roles import require_role
from ledger.work import Work
from runtime.refusal import refuse
from runtime.vault import Vault
from trace.labels.serials import LETTERS
from trace.labels.tables import LabelKey
from trace.refusals import TraceRefusal

KEY_BYTES = 32


class LabelKeys:
    """Keys by letter, each fetched from the vault once: a key never changes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, bytes] = {}

    def get(self, letter: str, /) -> bytes | None:
        """Give the key of a letter, or None. An unknown letter is asked for again each time."""
        known = self._known.get(letter)
        if known is None and len(letter) == 1 and letter in LETTERS:
            known = self._vault.secret(_name(letter))
            if known is not None:
                self._known[letter] = known
        return known


@dataclass(frozen=True)
class MakeLabelKey:
    """A new letter for the runs to come; the letters before it go on verifying."""


@dataclass(frozen=True)
class DeclareLeak:
    """The key of a letter is in strange hands since a moment; its labels say so."""

    letter: str
    since: datetime


@dataclass(frozen=True)
class LabelLetter:
    """A letter in use."""

    letter: str


def make_label_key(work: Work, command: MakeLabelKey, actor: Actor, now: datetime) -> LabelLetter:
    """Make the next letter's key. Raises Refusal: NOT_ALLOWED, LABEL_LETTERS_SPENT."""
    require_role(actor, "admin")
    newest = current_letter(work)
    unused = LETTERS[LETTERS.index(newest) + 1 :] if newest else LETTERS
    rows = ({"letter": letter, "made_at": now} for letter in unused)
    claimed = next((row for row in rows if insert_unless_there(work, LabelKey, row)), None)
    if claimed is None:
        refuse(TraceRefusal.LABEL_LETTERS_SPENT)
    letter = str(claimed["letter"])
    # An attempt that failed after storing the key has left one that nobody has used.
    if work.vault.secret(_name(letter)) is None:
        work.vault.store_secret(_name(letter), work.randomness.token(KEY_BYTES))
    return LabelLetter(letter)


def declare_leak(work: Work, command: DeclareLeak, actor: Actor, now: datetime) -> LabelLetter:
    """Mark a letter's copy check as weakened. Raises Refusal: NOT_ALLOWED, LABEL_KEY_MISSING."""
    require_role(actor, "admin")
    key = work.get(LabelKey, command.letter)
    if key is None:
        refuse(TraceRefusal.LABEL_KEY_MISSING, "/letter")
    key.leaked_at = command.since
    work.flush()
    return LabelLetter(command.letter)


def current_letter(session: Session) -> str | None:
    """Give the letter that new runs use, the newest; None before the first."""
    return session.scalar(select(func.max(LabelKey.letter)))


def _name(letter: str) -> str:
    return f"label-key:{letter}"
