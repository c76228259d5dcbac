"""What published decisions make of a right at one moment: a second reading, for who checks answers.

A *right* (a certificate, a licence) is what the entries of one stream give, change and end. This
reads their public facts by the last word of their type and shares no code with the area that
decides; it knows no more of a right than these rules (also in docs/status-answers.md):

1. A decision is known from its fact `recorded_at` on; where an entry has none, from the log's own
   time on.
2. One that a known `annul` names (`annuls`, its place among the decisions, from 1) never counted.
   The others count in the order of their effect, then of the log.
3. `grant` and `resume` make it active, `suspend` suspended; `revoke`, `cancel`, `supersede` and
   `pass_on` end it (revoked, cancelled, superseded, transferred), and after that nothing counts.
4. `grant`, and `amend` where it publishes `from`, set a term. It holds from the later of its effect
   and 00:00 of its first day (Beijing) on. Of those that have begun, the one decided last holds;
   before any has begun, the first to begin.
5. A `confirm` after a term moves its `confirm_by`. A term ends at 24:00 of `to` or of
   `confirm_by`, whichever is first.
6. Outside of its term a right that is active or suspended is not_yet or expired.
7. `granted` with `unit` is that of the last decision that publishes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ledger.answers.proofs import LoggedEntry
from runtime.clock import day_end, parse_instant

ENDED: Mapping[str, str] = {
    "revoke": "revoked",
    "cancel": "cancelled",
    "supersede": "superseded",
    "pass_on": "transferred",
}
_ON: Mapping[str, str] = {"grant": "active", "resume": "active", "suspend": "suspended"}


@dataclass(frozen=True)
class Right:
    """State, and the published facts that hold; None where there is none."""

    state: str
    from_: str | None = None
    to: str | None = None
    confirm_by: str | None = None
    granted: Any = None
    unit: Any = None


def right_at(entries: Sequence[LoggedEntry], at: datetime, as_known_at: datetime) -> Right:
    """Fold the decisions of one stream, in the order of the log.

    Raises KeyError, TypeError or ValueError for facts that are none.
    """
    numbered = list(enumerate(entries, 1))
    known = [(n, each) for n, each in numbered if known_since(each) <= as_known_at]
    if not known:
        return Right("unknown")
    counted = _counted(known)
    begun = [each for each in counted if each.effective_at <= at]
    state = decided(begun)
    if state is None:
        granted = any(_verb(each) == "grant" for each in counted)
        return Right("not_yet" if granted else "annulled")
    return _in_term(begun, state, at)


def known_since(entry: LoggedEntry) -> datetime:
    """Rule 1."""
    recorded_at = entry.facts.get("recorded_at")
    return entry.at if recorded_at is None else parse_instant(recorded_at)


def consistent(entries: Sequence[LoggedEntry]) -> bool:
    """Whether each entry's `state` is the one that the decisions up to it make.

    And whether each annulment names one before it that is none itself.
    """
    numbered = list(enumerate(entries, 1))
    annulled = [(n, each.facts["annuls"]) for n, each in numbered if _verb(each) == "annul"]
    if not all(0 < struck < n and _verb(entries[struck - 1]) != "annul" for n, struck in annulled):
        return False
    made = (decided(_counted(numbered[:n])) or "annulled" for n, _ in numbered)
    return all(each.facts.get("state") == state for each, state in zip(entries, made, strict=True))


def decided(counted: Sequence[LoggedEntry]) -> str | None:
    """Rule 3; None where nothing was granted."""
    state: str | None = None
    for entry in counted:
        verb = _verb(entry)
        if verb in ENDED and state is not None:
            return ENDED[verb]
        if state is not None or verb == "grant":
            state = _ON.get(verb, state)
    return state


def _verb(entry: LoggedEntry) -> str:
    return entry.type.rpartition(".")[2]


def _counted(known: Sequence[tuple[int, LoggedEntry]]) -> list[LoggedEntry]:
    """Rule 2."""
    struck = {each.facts["annuls"] for _, each in known if _verb(each) == "annul"}
    valid = [
        (each.effective_at, n, each)
        for n, each in known
        if _verb(each) != "annul" and n not in struck
    ]
    return [each for _, _, each in sorted(valid, key=lambda one: one[:2])]


def _in_term(begun: Sequence[LoggedEntry], state: str, at: datetime) -> Right:
    """Rules 4 to 7."""
    terms = list(_terms(begun))
    started = [term for term in terms if term[0] <= at]
    starts_at, days = started[-1] if started else min(terms, key=lambda term: term[0])
    quantities = [each.facts for each in begun if "granted" in each.facts]
    quantity = quantities[-1] if quantities else {}
    return Right(
        state=state if state in ENDED.values() else _in_time(state, starts_at, days, at),
        from_=days["from"],
        to=days["to"],
        confirm_by=days["confirm_by"],
        granted=quantity.get("granted"),
        unit=quantity.get("unit"),
    )


def _terms(begun: Sequence[LoggedEntry]) -> Iterator[tuple[datetime, dict[str, str | None]]]:
    """Each term with the moment from which on it holds."""
    for place, entry in enumerate(begun):
        if _verb(entry) not in ("grant", "amend") or "from" not in entry.facts:
            continue
        days = {name: entry.facts.get(name) for name in ("from", "to", "confirm_by")}
        confirms = [each for each in begun[place + 1 :] if _verb(each) == "confirm"]
        if days["confirm_by"] is not None and confirms:
            days["confirm_by"] = confirms[-1].facts["confirm_by"]
        first = date.fromisoformat(entry.facts["from"])
        yield max(entry.effective_at, day_end(first - timedelta(days=1))), days


def _in_time(state: str, starts_at: datetime, days: Mapping[str, str | None], at: datetime) -> str:
    if at < starts_at:
        return "not_yet"
    lasts = [day for day in (days["to"], days["confirm_by"]) if day is not None]
    return "expired" if any(at >= day_end(date.fromisoformat(day)) for day in lasts) else state
