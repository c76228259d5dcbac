"""The matrix of state, event and role, and the page that shows it.

`matrix` answers for every state, event and part of a noun: the next state and the guards, or the
refusal. `matrix_page` draws `docs/certification-matrix.md` from it and from the guards, so that the
page is the program and not a description of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from certification.process.guards import CLAUSES_VERIFIED, GUARDS, STATED
from certification.process.standing import CaseState, Event, Outcome, Part
from certification.process.table import CASE_ROWS, ROWS, Noun, Row
from certification.process.words import EVENT_WORDS, OUTCOME_WORDS, PART_WORDS, STATE_WORDS
from certification.refusals import CertificationRefusal
from runtime.refusal import RefusalCode


@dataclass(frozen=True)
class Cell:
    """One answer of the matrix: the row that lets the event through, or the refusal."""

    noun: Noun
    state: str
    event: str
    outcome: Outcome | None
    part: str
    row: Row | None
    refusal: RefusalCode | None


def matrix(noun: Noun = Noun.CASE) -> tuple[Cell, ...]:
    """Every state × event (with its outcome) × part of a noun."""
    rows = {(row.state, row.event, row.outcome): row for row in ROWS if row.noun is noun}
    asked = dict.fromkeys((row.event, row.outcome) for row in rows.values())
    return tuple(
        _cell(noun, state, event, outcome, part.value, rows.get((state, event, outcome)))
        for state in states(noun)
        for event, outcome in asked
        for part in Part
    )


def _cell(
    noun: Noun, state: str, event: str, outcome: Outcome | None, part: str, row: Row | None
) -> Cell:
    if row is None:
        refusal = CertificationRefusal.EVENT_NOT_POSSIBLE
        return Cell(noun, state, event, outcome, part, None, refusal)
    if part not in row.parts:
        refusal = CertificationRefusal.ROLE_NOT_ALLOWED
        return Cell(noun, state, event, outcome, part, None, refusal)
    return Cell(noun, state, event, outcome, part, row, None)


def states(noun: Noun) -> tuple[str, ...]:
    """The states of a noun, final ones included, in the order in which they are reached."""
    if noun is Noun.CASE:
        return tuple(CaseState)
    named = [(row.state, row.next) for row in ROWS if row.noun is noun]
    found = [state for pair in named for state in pair if not state.startswith("(")]
    return tuple(dict.fromkeys(found))


_HEAD = """\
# 案件、证书、申诉：状态 × 事件 × 角色 · Cases, certificates, appeals: state × event × role

由代码生成（`make docs`），测试会比对。凡不在表中的，一律拒绝：状态不许的答 `event_not_possible`，
角色不许的答 `role_not_allowed`，条件不满足的列出全部理由。

Drawn from the code by `make docs`; a test compares. What stands in no row is refused:
`event_not_possible` where the state does not allow it, `role_not_allowed` where the role does not,
and otherwise with every reason why a guard does not hold.

A next state in brackets is filled in by the track of the scheme. Certificates follow
`certification.certificates.model`, which a test holds against the rows here.
"""
_UNREAD = """\
Clauses are those of ISO/IEC 17065:2012 (GB/T 27065), noted from a training outline: the standard
itself was not read.
"""


def matrix_page() -> str:
    """The whole page as Markdown."""
    lines = [_HEAD]
    for noun, title in _TITLES.items():
        lines += [f"## {title}", "", *_noun_rows(noun), ""]
    lines += ["## 案件：谁在何时可办何事 · Cases: who may do what, when", "", *_grid(), ""]
    lines += ["## 条件 · Guards", "", *([] if CLAUSES_VERIFIED else [_UNREAD]), *_guard_rows(), ""]
    return "\n".join(lines)


_TITLES = {
    Noun.CASE: "案件 · Cases",
    Noun.CERTIFICATE: "证书 · Certificates",
    Noun.APPEAL: "申诉与投诉 · Appeals and complaints",
}


def _noun_rows(noun: Noun) -> Iterator[str]:
    yield "| state | event | roles | guards | next |"
    yield "|---|---|---|---|---|"
    for row in ROWS:
        if row.noun is noun:
            parts = ", ".join(f"`{part}`" for part in sorted(row.parts))
            guards = ", ".join(f"`{name}`" for name in row.guards) or "—"
            yield f"| `{row.state}` | {_event(row)} | {parts} | {guards} | {_next(row)} |"


def _event(row: Row) -> str:
    return f"`{row.event}`" if row.outcome is None else f"`{row.event}` {row.outcome.value}"


def _next(row: Row) -> str:
    return row.next if row.next.startswith("(") else f"`{row.next}`"


def _grid() -> Iterator[str]:
    """State by part: the events that may be asked there."""
    parts = [part for part in Part if any(part in row.parts for row in CASE_ROWS)]
    names = (f"{PART_WORDS[part].zh} · {PART_WORDS[part].en}" for part in parts)
    yield f"| | {' | '.join(names)} |"
    yield f"|---|{'---|' * len(parts)}"
    for state in CaseState:
        cells = (_asked(state, part) for part in parts)
        words = STATE_WORDS[state]
        yield f"| **{words.zh} · {words.en}** | {' | '.join(cells)} |"


def _asked(state: CaseState, part: Part) -> str:
    rows = [row for row in CASE_ROWS if row.state == state and part in row.parts]
    return "<br>".join(_said(row) for row in rows) or "—"


def _said(row: Row) -> str:
    words = EVENT_WORDS[Event(row.event)]
    if row.outcome is None:
        return f"{words.zh} · {words.en}"
    outcome = OUTCOME_WORDS[row.outcome]
    return f"{words.zh}：{outcome.zh} · {words.en}: {outcome.en}"


def _guard_rows() -> Iterator[str]:
    yield "| guard | clause | 中文 | English |"
    yield "|---|---|---|---|"
    for guard in GUARDS.values():
        clause = guard.clause or "—"
        yield f"| `{guard.name}` | {clause} | {guard.words.zh} | {guard.words.en} |"
    for name, (clause, words) in STATED.items():
        yield f"| `{name}` | {clause or '—'} | {words.zh} | {words.en} |"
