"""The rules of a random draw: several offices decide together whom a spot check visits.

Nouns. A *draw* 抽查摇号 takes some *members* (certificates) of a *population* that is committed
with a salt before anything is drawn, and opened after the visits. At least three *offices* take
part, each with a *nonce* 随机数 of 32 random bytes of its own. They sit in an order, their *places*
from 1.

States: committing → revealing → revealed → drawn. In a round every office first commits to
SHA-256(nonce); when all have, and their entries lie in the log, each reveals its nonce; then any of
them draws. An office that does not do its step in time is logged and replaced, and the draw starts
again, `committing`, with the next round and new nonces.

The algorithm (docs/random-draw.md says it in words, with vectors):

1. seed = SHA-256(nonce of place 1 ‖ nonce of place 2 ‖ …), 32 bytes each
2. the members are sorted by their ids and numbered from 0
3. weight(i) = SHA-256("ecotrace/draw/v1" ‖ 0x00 ‖ seed ‖ uint64be(i))
4. the members of the least weights are drawn, in the order of their weights

Invariants:

- no nonce is revealed before the population and all hashes of the round are in the log
- whoever knows all nonces but one knows nothing about the seed: the draw is unbiased while one
  office is honest, but for a refusal to reveal, which everybody sees
- no hash of a nonce is used twice in a draw

Refused: `open_reasons`, `commit_reasons`, `reveal_reasons`, `replace_reasons`. Source: log-format,
"Random draws".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from certification.refusals import CertificationRefusal as Code
from certification.schemes.model import Words
from runtime import base64url
from runtime.clock import instant_text
from runtime.refusal import Reason

OFFICES = (3, 16)
MEMBERS_MAX = 100_000
DRAWN_MAX = 256
"""A list of facts in the log holds so many."""
HOURS = (1, 24 * 31)
NONCE_BYTES = 32
PREFIX = b"ecotrace/draw/v1\x00"

NOT_WITNESSED = Words(
    "尚无见证：随机数的哈希值只由本日志签名，还没有独立见证方联署",
    "Not yet witnessed: the hashes are signed by this log alone and cosigned by nobody else",
)

_HEX = re.compile(r"[0-9a-fA-F]{64}")


class DrawState(StrEnum):
    """Where a draw stands."""

    COMMITTING = "committing"
    REVEALING = "revealing"
    REVEALED = "revealed"
    DRAWN = "drawn"


STATE_WORDS: Mapping[DrawState, Words] = {
    DrawState.COMMITTING: Words("登记哈希值", "hashes are being committed"),
    DrawState.REVEALING: Words("公开随机数", "nonces are being revealed"),
    DrawState.REVEALED: Words("可以抽取", "ready to be drawn"),
    DrawState.DRAWN: Words("已抽取", "drawn"),
}


class DrawEvent(StrEnum):
    """What was done about a draw; each is an entry of the log."""

    OPEN = "open"
    COMMIT = "commit"
    REVEAL = "reveal"
    REPLACE = "replace"
    RESULT = "result"


@dataclass(frozen=True)
class DrawStep:
    """One thing that was done; `said` by event:

    open: offices, members, drawn, hours, until; commit: round, place, nonce (hash), until;
    reveal: round, place, reveal; replace: round, place, late, office, until; result: round, seed,
    chosen.
    """

    n: int
    event: DrawEvent
    at: datetime
    said: Mapping[str, Any]
    payload_id: str = ""


@dataclass(frozen=True)
class DrawStanding:
    """Where a draw stands after its steps; hashes, nonces and seed in base64url.

    `commits` and `reveals` are by place and of the present round; `until` is the end of the present
    step, None where nothing is waited for. `pending` are the entries that have to be in the log
    before anybody reveals.
    """

    state: DrawState = DrawState.COMMITTING
    offices: tuple[str, ...] = ()
    members: int = 0
    drawn: int = 0
    hours: int = 0
    round: int = 1
    commits: Mapping[int, str] = field(default_factory=dict)
    reveals: Mapping[int, str] = field(default_factory=dict)
    used: frozenset[str] = frozenset()
    until: datetime | None = None
    seed: str | None = None
    chosen: tuple[int, ...] = ()
    pending: tuple[str, ...] = ()
    n: int = 0

    def place(self, office: str | None) -> int | None:
        """The place of an office, None for one that takes no part."""
        return self.offices.index(office) + 1 if office in self.offices else None

    def late(self, now: datetime) -> tuple[int, ...]:
        """The places of the offices whose time for the present step has ended."""
        if self.until is None or now <= self.until:
            return ()
        done = self.commits if self.state is DrawState.COMMITTING else self.reveals
        return tuple(place for place in range(1, len(self.offices) + 1) if place not in done)

    def after(self, step: DrawStep) -> DrawStanding:
        """Where it stands after one more step."""
        return _AFTER[step.event](replace(self, n=step.n), step)


def fold(steps: Iterable[DrawStep]) -> DrawStanding:
    """Where a draw stands after all its steps."""
    standing = DrawStanding()
    for step in steps:
        standing = standing.after(step)
    return standing


# --- The algorithm -----------------------------------------------------------------------------


def nonce_hash(nonce: bytes) -> bytes:
    """What an office commits to."""
    return hashlib.sha256(nonce).digest()


def seed_of(nonces: Sequence[bytes]) -> bytes:
    """Step 1: the seed of the revealed nonces, in the order of the offices."""
    return hashlib.sha256(b"".join(nonces)).digest()


def population_of(members: Iterable[str]) -> tuple[str, ...]:
    """Step 2: the members in the order in which they are numbered."""
    return tuple(sorted(members))


def weight(seed: bytes, number: int) -> bytes:
    """Step 3: the weight of a member."""
    return hashlib.sha256(PREFIX + seed + number.to_bytes(8, "big")).digest()


def choose(seed: bytes, members: int, drawn: int) -> tuple[int, ...]:
    """Step 4: the numbers of the members that are drawn, in order."""
    return tuple(sorted(range(members), key=lambda number: weight(seed, number))[:drawn])


# --- Refusals ----------------------------------------------------------------------------------


def open_reasons(
    members: Sequence[str], drawn: int, offices: Sequence[str], hours: int
) -> Iterator[Reason]:
    """Yield what forbids a draw to be opened."""
    if not 1 <= len(members) <= MEMBERS_MAX or len(set(members)) < len(members):
        yield Reason(Code.DRAW_POPULATION_INVALID, "/members", {"most": MEMBERS_MAX})
    most = min(DRAWN_MAX, len(members))
    if not 1 <= drawn <= most:
        yield Reason(Code.DRAW_COUNT_INVALID, "/drawn", {"most": most})
    if not OFFICES[0] <= len(offices) <= OFFICES[1] or len(set(offices)) < len(offices):
        bounds = {"least": OFFICES[0], "most": OFFICES[1]}
        yield Reason(Code.DRAW_OFFICES_INVALID, "/offices", bounds)
    if not HOURS[0] <= hours <= HOURS[1]:
        yield Reason(Code.DRAW_HOURS_INVALID, "/hours", {"least": HOURS[0], "most": HOURS[1]})


def commit_reasons(
    standing: DrawStanding, place: int, digest: bytes | None, now: datetime
) -> Iterator[Reason]:
    """Yield what forbids an office to commit to this hash now; `digest` None: it is malformed."""
    reason = _step_reason(standing, DrawState.COMMITTING, now)
    if reason is not None:
        yield reason
        return
    if place in standing.commits:
        yield Reason(Code.DRAW_DONE_ALREADY)
    if digest is None:
        yield Reason(Code.NONCE_DIGEST_MALFORMED, "/nonce_hash")
    elif base64url.encode(digest) in standing.used:
        yield Reason(Code.NONCE_REPEATED, "/nonce_hash")


def reveal_reasons(
    standing: DrawStanding, place: int, nonce: bytes | None, now: datetime, *, logged: bool
) -> Iterator[Reason]:
    """Yield what forbids an office to reveal this nonce now.

    `logged`: the population and all hashes of the round are in the log.
    """
    reason = _step_reason(standing, DrawState.REVEALING, now)
    if reason is not None:
        yield reason
        return
    if place in standing.reveals:
        yield Reason(Code.DRAW_DONE_ALREADY)
    committed = standing.commits.get(place)
    if nonce is None or base64url.encode(nonce_hash(nonce)) != committed:
        yield Reason(Code.NONCE_NOT_COMMITTED, "/nonce")
    if not logged:
        yield Reason(Code.DRAW_NOT_LOGGED)


def replace_reasons(
    standing: DrawStanding, place: int | None, office: str, now: datetime
) -> Iterator[Reason]:
    """Yield what forbids the office of a place to be replaced by another one."""
    if place is None or place not in standing.late(now):
        yield Reason(Code.DRAW_OFFICE_NOT_LATE, "/late")
    if office in standing.offices:
        bounds = {"least": OFFICES[0], "most": OFFICES[1]}
        yield Reason(Code.DRAW_OFFICES_INVALID, "/office", bounds)


def result_reasons(standing: DrawStanding) -> Iterator[Reason]:
    """Yield what forbids a draw to be drawn now."""
    if standing.state is not DrawState.REVEALED:
        yield _not_in_step(standing)


def _step_reason(standing: DrawStanding, state: DrawState, now: datetime) -> Reason | None:
    if standing.state is not state:
        return _not_in_step(standing)
    if standing.until is not None and now > standing.until:
        return Reason(Code.DRAW_TIME_OVER, None, {"until": instant_text(standing.until)})
    return None


def _not_in_step(standing: DrawStanding) -> Reason:
    words = STATE_WORDS[standing.state]
    return Reason(Code.DRAW_NOT_IN_STEP, None, {"state_zh": words.zh, "state_en": words.en})


def read_32_bytes(text: str) -> bytes | None:
    """The 32 bytes that a text gives in hexadecimal or base64url, None where it gives none."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        found = base64url.decode(text)
    except ValueError:
        return None
    return found if len(found) == NONCE_BYTES else None


# --- Steps -------------------------------------------------------------------------------------


def _opened(standing: DrawStanding, step: DrawStep) -> DrawStanding:
    said = step.said
    return replace(
        standing,
        offices=tuple(said["offices"]),
        members=said["members"],
        drawn=said["drawn"],
        hours=said["hours"],
        until=_until(step, said["hours"]),
        pending=(step.payload_id,),
    )


def _committed(standing: DrawStanding, step: DrawStep) -> DrawStanding:
    commits = {**standing.commits, step.said["place"]: step.said["nonce"]}
    told = replace(
        standing,
        commits=commits,
        used=standing.used | {step.said["nonce"]},
        pending=(*standing.pending, step.payload_id),
    )
    if len(commits) < len(standing.offices):
        return told
    return replace(told, state=DrawState.REVEALING, until=_until(step, standing.hours))


def _revealed(standing: DrawStanding, step: DrawStep) -> DrawStanding:
    reveals = {**standing.reveals, step.said["place"]: step.said["reveal"]}
    told = replace(standing, reveals=reveals)
    if len(reveals) < len(standing.offices):
        return told
    return replace(told, state=DrawState.REVEALED, until=None)


def _replaced(standing: DrawStanding, step: DrawStep) -> DrawStanding:
    """The draw starts again: a new round, in which nobody has committed."""
    offices = list(standing.offices)
    offices[step.said["place"] - 1] = step.said["office"]
    return replace(
        standing,
        state=DrawState.COMMITTING,
        offices=tuple(offices),
        round=standing.round + 1,
        commits={},
        reveals={},
        until=_until(step, standing.hours),
        pending=standing.pending[:1],
    )


def _drawn(standing: DrawStanding, step: DrawStep) -> DrawStanding:
    return replace(
        standing,
        state=DrawState.DRAWN,
        seed=step.said["seed"],
        chosen=tuple(step.said["chosen"]),
    )


def _until(step: DrawStep, hours: int) -> datetime:
    return step.at + timedelta(hours=hours)


_AFTER = {
    DrawEvent.OPEN: _opened,
    DrawEvent.COMMIT: _committed,
    DrawEvent.REVEAL: _revealed,
    DrawEvent.REPLACE: _replaced,
    DrawEvent.RESULT: _drawn,
}
