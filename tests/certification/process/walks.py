"""Random histories of cases, and a second account of them that shares nothing with the rules.

A *walk* asks for random deeds by random people while facts change and days pass. Everything that
was let through is told to a `Chronicle`, which knows the invariants in its own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from certification.calendar.service import add_working_days
from certification.process.model import (
    CaseFacts,
    CaseState,
    CertificateFacts,
    Deed,
    Event,
    Outcome,
    Part,
    Process,
    Question,
    Standing,
    StepTaken,
    Who,
    objections_to,
    take_step,
)
from certification.process.table import CASE_ROWS
from certification.schemes.model import Function, StepState, Task
from certification.schemes.service import schemes
from runtime.clock import beijing_date

PEOPLE = tuple(f"user:{letter}" for letter in "ABCDEFGH")
PARTIES = ("org:office", "org:body", "org:lab", "org:club")
BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)
DEEDS_MOST = 45
EXAMINING = {
    CaseState.SITE_CHECK: "evaluators",
    CaseState.LAB_TEST: "evaluators",
    CaseState.EXPERT_REVIEW: "evaluators",
    CaseState.DESK_REVIEW: "reviewers",
    CaseState.DECISION: "deciders",
}


def processes() -> list[Process]:
    """Every track of every scheme that ships, the long ways as often as all others together."""
    found = [Process(each, track) for each in schemes().values() for track in each.tracks.values()]
    noticed = [each for each in found if StepState.PUBLIC_NOTICE in each.track.states]
    return found + noticed * (len(found) // len(noticed))


@dataclass
class Chronicle:
    """What happened in one case, told again; `tell` raises AssertionError for what may not be."""

    process: Process
    people: dict[str, set[str]] = field(
        default_factory=lambda: {"evaluators": set(), "reviewers": set(), "deciders": set()}
    )
    acted: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    last_day: date | None = None
    notice_done: bool = False
    waiting: set[int | None] = field(default_factory=set)
    failed: bool = False
    state: CaseState = CaseState.NONE
    grants: int = 0

    def tell(self, step: StepTaken, deed: Deed, who: Who, facts: CaseFacts, now: datetime) -> None:
        """Hold one more step against the invariants."""
        assert not self.state.is_final or step.event is Event.REOPEN
        if step.event is Event.SAVE:
            assert step.state is self.state is CaseState.DRAFT
            return
        if step.event is Event.REOPEN:
            self.away |= self.acted | facts.evaluators
        self._person(step, who)
        self._notice(step, now)
        if step.event is Event.GRANT:
            self._grant(facts, now)
        if step.event in (Event.REFUSE, Event.DECLINE, Event.RETURN) or (
            step.outcome in (Outcome.FAILED, Outcome.UPHELD, Outcome.DISMISSED)
        ):
            assert deed.reasons.strip()
        if step.event is Event.COMPLETE_STEP:
            self.failed = step.outcome is Outcome.FAILED
        if step.event in (Event.RETURN, Event.REOPEN, Event.SUBMIT):
            self.failed = False
        self.state = step.state

    def _person(self, step: StepTaken, who: Who) -> None:
        examines = step.event in (Event.COMPLETE_STEP, Event.GRANT, Event.REFUSE) or (
            step.event is Event.RETURN and self.state is not CaseState.SUBMITTED
        )
        if examines:
            assert who.person is not None
            assert who.person not in self.away
            self.people[EXAMINING[self.state]].add(who.person)
        sets = list(self.people.values())
        for n, one in enumerate(sets):
            for other in sets[n + 1 :]:
                assert not one & other, "somebody acted in two parts"
        office = step.event not in (
            *(Event.OPEN, Event.SAVE, Event.SUBMIT, Event.WITHDRAW, Event.OBJECT, Event.LAPSE),
            Event.DECLARE_INTEREST,
        )
        if office and who.person is not None:
            self.acted.add(who.person)

    def _notice(self, step: StepTaken, now: datetime) -> None:
        match step.event, step.outcome:
            case Event.PUBLISH_NOTICE, _:
                rule = self.process.track.step(StepState.PUBLIC_NOTICE).notice
                today = beijing_date(now)
                days = rule.days
                working = rule.day_kind == "working"
                last = add_working_days(today, days) if working else today + timedelta(days=days)
                self.last_day, self.notice_done = last, False
            case Event.OBJECT, _:
                assert self.last_day is not None
                assert beijing_date(now) <= self.last_day
                self.waiting.add(step.objection)
            case Event.ANSWER_OBJECTION, outcome:
                self.waiting.remove(step.objection)
                if outcome is Outcome.UPHELD:
                    self.last_day, self.notice_done = None, False
            case Event.END_NOTICE, _:
                assert not self.waiting
                assert self._is_over(now)
                self.notice_done = True
            case ((Event.RETURN | Event.REOPEN), _):
                self.last_day, self.notice_done = None, False
            case Event.COMPLETE_STEP, Outcome.FAILED:
                self.last_day, self.notice_done = None, False

    def _is_over(self, now: datetime) -> bool:
        return self.last_day is not None and beijing_date(now) > self.last_day

    def _grant(self, facts: CaseFacts, now: datetime) -> None:
        assert not self.failed
        assert not self.waiting
        assert facts.nonconformities_open == 0
        assert not facts.incomplete
        assert not facts.barred
        if StepState.PUBLIC_NOTICE in self.process.track.states:
            assert self.notice_done
            assert self._is_over(now)
        if StepState.LAB_TEST in self.process.track.states:
            assert facts.lab_passed is True
        self.grants += 1
        assert self.grants == 1


@dataclass
class Walk:
    """One random history."""

    random: Random
    process: Process
    now: datetime = BEGIN
    standing: Standing = field(default_factory=Standing)
    facts: CaseFacts = field(default_factory=CaseFacts)
    variants: list[CaseFacts] = field(default_factory=list)
    refused: int = 0
    taken: list[StepTaken] = field(default_factory=list)

    def run(self) -> Chronicle:
        """Ask for deeds until the case is over or enough were asked."""
        chronicle = Chronicle(self.process)
        self._set(self._quiet())
        for _ in range(DEEDS_MOST):
            self.now += timedelta(hours=self.random.choices(*_PAUSES)[0])
            if self.random.random() < 0.15:
                self._set(self._changed())
            deed, who, facts = self._asked()
            before = self.standing
            question = Question(self.process, before, deed, who, facts, self.now)
            reasons = objections_to(question)
            if reasons:
                self.refused += 1
                continue
            step = take_step(question)
            assert (before.state, step.event, step.outcome) in _KEYS, "nothing outside the table"
            chronicle.tell(step, deed, who, facts, self.now)
            if step.event is not Event.SAVE:
                self.standing = before.after(step)
                self.taken.append(step)
            if self.standing.state.is_final and self.random.random() < 0.7:
                break
        return chronicle

    def _asked(self) -> tuple[Deed, Who, CaseFacts]:
        """Mostly something possible by somebody who may; otherwise anything by anybody."""
        random = self.random
        rows = _ROWS[self.standing.state]
        if rows and random.random() < 0.85:
            # What moves a case is asked more often than what goes on beside it.
            row = random.choices(rows, _ROW_WEIGHTS[self.standing.state])[0]
            event, outcome = Event(row.event), row.outcome
            part = Part(random.choice(sorted(row.parts)))
        else:
            event, outcome = random.choice(list(Event)), random.choice((None, *Outcome))
            part = random.choice(list(Part))
        step = self.process.step(self.standing.state)
        fit = step.function if step and random.random() < 0.9 else random.choice(list(Function))
        person = None if random.random() < 0.03 else random.choice(PEOPLE)
        who = Who(
            person,
            random.choice(PARTIES),
            frozenset({part, Part.ANYBODY}),
            frozenset({str(fit), "office" if random.random() < 0.8 else "experts"}),
        )
        return self._deed(event, outcome), who, random.choice(self.variants)

    def _deed(self, event: Event, outcome: Outcome | None) -> Deed:
        random = self.random
        waiting = list(self.standing.objections) or [9]
        keys = [fee.key for fee in self.process.scheme.fees] or ["none"]
        return Deed(
            event=event,
            outcome=outcome,
            reasons="" if random.random() < 0.05 else "理由充分",
            objection=random.choice(waiting),
            assignee=random.choice(PEOPLE),
            task=random.choice(list(Task)),
            fee=random.choice(keys),
        )

    def _quiet(self) -> CaseFacts:
        """Facts with which nothing stands in the way."""
        kinds = self.process.scheme.applicants or ("enterprise",)
        certificate = CertificateFacts("cert:x", "active", date(2025, 1, 1), None)
        return CaseFacts(holder_kind=kinds[0], certificate=certificate, lab_passed=True)

    def _changed(self) -> CaseFacts:
        random, facts = self.random, self.facts
        return replace(
            facts,
            nonconformities_open=random.choice((0, 0, 0, 2)),
            lab_passed=random.choice((True, True, True, False, None)),
            barred=random.random() < 0.05,
            holder_suspended=random.random() < 0.05,
            evaluators=frozenset({random.choice(PEOPLE)}) if random.random() < 0.2 else frozenset(),
        )

    def _set(self, facts: CaseFacts) -> None:
        """These are the facts now, each time with something else about whoever asks."""
        self.facts = facts
        self.variants = [self._of_person() for _ in range(5)]

    def _of_person(self) -> CaseFacts:
        random = self.random
        return replace(
            self.facts,
            competent=random.random() < 0.95,
            declared=random.choice(("none",) * 15 + (None, "employment")),
            of_applicant=random.random() < 0.03,
            assignee_competent=random.random() < 0.9,
        )


_PAUSES = (1, 5, 30, 200, 1200), (40, 30, 20, 9, 1)
_WEIGHTS = {
    Event.WITHDRAW: 0.06,
    Event.ASSIGN: 0.2,
    Event.DECLARE_INTEREST: 0.1,
    Event.SAVE: 0.5,
    Event.REOPEN: 0.3,
    Event.DECLINE: 0.15,
    Event.RETURN: 0.3,
    Event.REFUSE: 0.7,
    Event.LAPSE: 1,
    Event.OBJECT: 3,
    Event.ANSWER_OBJECTION: 6,
    Event.RECORD_FEE: 2,
    Event.RECORD_AGREEMENT: 0.5,
}
_ROWS = {state: [row for row in CASE_ROWS if row.state == state] for state in CaseState}
_ROW_WEIGHTS = {
    state: [_WEIGHTS.get(Event(row.event), 4) for row in rows] for state, rows in _ROWS.items()
}
_KEYS = {(row.state, row.event, row.outcome) for row in CASE_ROWS}
