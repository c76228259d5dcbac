"""Cases in the reader's words: states with their colour, events, tracks, schemes, relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from certification.appeals import model as appeals
from certification.appeals.model import AppealKind, AppealState, Target
from certification.bodies.model import RELATION_WORDS, Relation
from certification.certificates.model import CHANGE_WORDS, ChangeKind
from certification.certificates.tables import ChangeRow
from certification.process.standing import CaseState, Event, Outcome, Standing
from certification.process.words import EVENT_WORDS, OUTCOME_WORDS, STATE_WORDS, TRACK_WORDS
from certification.schemes.model import IssuedBy, Nature, Scheme, Task, Track, TrackKind, Words
from certification.schemes.service import scheme as scheme_of
from runtime.clock import beijing_date
from web.language import current_language, t
from web.node import current_node

_COLOURS = {CaseState.GRANTED: "green", CaseState.REFUSED: "red"}

NATURE_WORDS: Mapping[Nature, tuple[str, str]] = {
    Nature.CERTIFICATION: ("认证", "Certification"),
    Nature.VOLUNTARY_CERTIFICATION: ("自愿认证", "Voluntary certification"),
    Nature.MARK_LICENCE: ("标志许可", "Licence for a mark"),
    Nature.GEOGRAPHICAL_INDICATION: ("地理标志", "Geographical indication"),
    Nature.LISTING: ("名录收集登录", "Entry in a catalogue"),
    Nature.BRAND_AUTHORISATION: ("品牌授权", "Authorised brand"),
    Nature.AWARD: ("评选", "Award"),
}

TASK_WORDS: Mapping[Task, tuple[str, str]] = {
    Task.ACCEPT: ("受理", "Acceptance"),
    Task.REVIEW: ("文件审查", "Desk review"),
    Task.INSPECT: ("现场检查", "Site check"),
    Task.TEST: ("产品检验", "Laboratory test"),
    Task.ASSESS: ("专家评审", "Expert review"),
    Task.PUBLISH: ("公示", "Public notice"),
    Task.DECIDE: ("审定", "Decision"),
}

TARGET_WORDS: Mapping[Target, tuple[str, str]] = {
    Target.CASE_DECISION: ("申请的决定", "Decision about an application"),
    Target.CERTIFICATE_CHANGE: ("证书的变动", "Change of a certificate"),
    Target.OBJECTION_ANSWER: ("异议的答复", "Answer to an objection"),
    Target.CERTIFICATE: ("证书的使用", "Use of a certificate"),
}

_APPEAL_COLOURS = {
    AppealState.UPHELD: "plain",
    AppealState.OVERTURNED: "green",
    AppealState.WITHDRAWN: "plain",
}

MATRIX_WORDS: Mapping[str, tuple[str, str]] = {
    "product": ("产品", "Product"),
    "soil": ("土壤", "Soil"),
    "irrigation_water": ("灌溉水", "Irrigation water"),
    "water": ("水", "Water"),
    "air": ("空气", "Air"),
    "feed": ("饲料", "Feed"),
}


def written(words: Words) -> str:
    """Write a text of a scheme in the reader's language."""
    return words.text(current_language())


def case_badge(standing: Standing) -> tuple[str, str]:
    """Give the words of a case's state and the colour of its badge."""
    state = standing.state
    if state is CaseState.DRAFT and standing.returned:
        return t("退回补正", "Returned to complete"), "amber"
    text = written(STATE_WORDS[state])
    return text[:1].upper() + text[1:], _COLOURS.get(state, "plain")


def state_name(state: str) -> str:
    """Name a state of a case."""
    return _upper(STATE_WORDS[CaseState(state)])


def event_name(event: str) -> str:
    """Name what can be done about a case."""
    return _upper(EVENT_WORDS[Event(event)])


def outcome_name(outcome: str) -> str:
    """Name how a step or an answer turned out."""
    return _upper(OUTCOME_WORDS[Outcome(outcome)])


def track_name(track: str) -> str:
    """Name a kind of application."""
    return _upper(TRACK_WORDS[TrackKind(track)])


def task_name(task: str) -> str:
    """Name what a person does at a step."""
    return t(*TASK_WORDS[Task(task)])


def nature_name(scheme: Scheme) -> str:
    """Name the legal nature of a scheme."""
    return t(*NATURE_WORDS[scheme.nature])


def relation_name(relation: str) -> str:
    """Name what a person is to an applicant."""
    return _upper(RELATION_WORDS[Relation(relation)])


def matrix_name(matrix: str) -> str:
    """Name what a sample is made of; one that is not in our table stays a code."""
    return t(*MATRIX_WORDS[matrix]) if matrix in MATRIX_WORDS else matrix.replace("_", " ")


def scheme_name(code: str) -> str:
    """Name a scheme."""
    return written(scheme_of(code).name)


def number_source(scheme: Scheme) -> str:
    """Say who gives the number."""
    if scheme.issued_by is IssuedBy.HERE:
        return t("由本平台编号", "Given here")
    return t("由主管机构编号，在这里登记", "Given by a national office and recorded here")


def appeal_badge(state: str) -> tuple[str, str]:
    """Give the words of an appeal's state and the colour of its badge."""
    known = AppealState(state)
    return _upper(appeals.STATE_WORDS[known]), _APPEAL_COLOURS.get(known, "amber")


def appeal_event(event: str) -> str:
    """Name what can be done about an appeal."""
    return _upper(appeals.EVENT_WORDS[appeals.AppealEvent(event)])


def appeal_kind(kind: str) -> str:
    """Name a kind of appeal."""
    return _upper(appeals.KIND_WORDS[AppealKind(kind)])


def target_name(target: str) -> str:
    """Name what an appeal is about."""
    return t(*TARGET_WORDS[Target(target)])


def way_of(track: Track, state: CaseState) -> tuple[int, list[str]]:
    """Give where a case stands among the steps of its track, and the names of all of them."""
    states = [track.first.state.value]
    while (step := track.step(states[-1])) is not None and track.step(step.next) is not None:
        states.append(step.next)
    names = [t("填报", "Fill in"), *map(state_name, states)]
    if state is CaseState.DRAFT:
        return 1, names
    return (states.index(state) + 2 if state in states else len(names) + 1), names


def change_name(change: ChangeRow) -> str:
    """Name a change of a certificate."""
    if change.annuls:
        return t(f"声明更正第 {change.annuls} 项", f"Decision {change.annuls} declared an error")
    return written(CHANGE_WORDS[ChangeKind(change.kind)])


def days_left(until: date | None) -> int | None:
    """Count the days from today up to and with the last one; None without an end."""
    return None if until is None else (until - beijing_date(current_node().clock.now())).days


def joined(texts: Iterable[str]) -> str:
    """Join the members of a list."""
    return t("、", ", ").join(texts)


def _upper(words: Words) -> str:
    text = written(words)
    return text[:1].upper() + text[1:]


def case_words() -> dict[str, Any]:
    """Give the templates of cases everything above that writes something."""
    functions = (
        written, case_badge, state_name, event_name, outcome_name, track_name, task_name,
        nature_name, relation_name, matrix_name, scheme_name, number_source, appeal_badge,
        appeal_event, appeal_kind, target_name, change_name, way_of, days_left, joined,
    )  # fmt: skip
    return {each.__name__: each for each in functions}
