"""The guards of the state machine, each with its clause and what it says when it does not hold.

Clauses are those of ISO/IEC 17065:2012 (GB/T 27065). They were noted from a training outline; the
standard itself was not read, which is why every page that shows one says so (`CLAUSES_VERIFIED`).

A guard looks at one question (the deed, who asks, the standing, the facts, the moment) and gives
the reasons against it; none means that it holds. It never reads anything else. `GUARDS` lists all
of them by name; rows of `table` name those that they want.

Persons are compared by id: the same person under two parties is one person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from certification.process import deadlines
from certification.process.standing import CaseState, Question, Standing
from certification.refusals import CertificationRefusal as Code
from certification.schemes.model import Fee, Function, StepState, Task, TrackKind, Words
from identity.names import text_reasons
from runtime.clock import beijing_date, day_end
from runtime.quantities import Kind, show
from runtime.refusal import Reason

CLAUSES_VERIFIED = False
OF_THE_DEED = frozenset({"reasons_given", "assignee_fit", "fee_known", "objection_waits"})
"""Guards about what is typed with a deed; nobody can ask them before it is typed."""
REASONS_MAX = 2000
"""Characters in a text of reasons or in an objection."""

Check = Callable[[Question], Iterable[Reason]]

_OFFICES = frozenset({Function.OFFICE, Function.BODY})
_NO_INTEREST = "none"


@dataclass(frozen=True)
class Guard:
    """A condition by name: its clause ("" where it is a rule of the scheme), words, and check."""

    name: str
    clause: str
    words: Words
    check: Check


# --- Who asks ----------------------------------------------------------------------------------


def _person_known(question: Question) -> Iterator[Reason]:
    if question.who.person is None:
        yield Reason(Code.PERSON_REQUIRED)


def _not_of_applicant(question: Question) -> Iterator[Reason]:
    if question.facts.of_applicant:
        yield Reason(Code.OWN_CASE)


def _appointed(question: Question) -> Iterator[Reason]:
    step = question.step
    clerk = step is None or step.task in (Task.ACCEPT, Task.PUBLISH)
    wanted = _OFFICES if clerk else frozenset({step.function}) if step else _OFFICES
    if question.who.functions.isdisjoint(wanted):
        yield Reason(Code.NOT_APPOINTED)


def _office_appointed(question: Question) -> Iterator[Reason]:
    if question.who.functions.isdisjoint(_OFFICES):
        yield Reason(Code.NOT_APPOINTED)


def _competent(question: Question) -> Iterator[Reason]:
    if not question.facts.competent:
        yield Reason(Code.NOT_COMPETENT)


def _declared(question: Question) -> Iterator[Reason]:
    declared = question.facts.declared
    if declared is None:
        yield Reason(Code.NO_DECLARATION)
    elif declared != _NO_INTEREST:
        yield Reason(Code.CONFLICT_DECLARED)


def _assigned(question: Question) -> Iterator[Reason]:
    task = question.task
    person = None if task is None else question.standing.assigned.get(task)
    if person is not None and person != question.who.person:
        yield Reason(Code.ASSIGNED_TO_ANOTHER)


def _not_excluded(question: Question) -> Iterator[Reason]:
    if question.who.person in question.standing.excluded:
        yield Reason(Code.EXCLUDED_FROM_CASE)


def _evaluators(question: Question) -> frozenset[str]:
    return question.standing.evaluators | question.facts.evaluators


def _not_evaluator(question: Question) -> Iterator[Reason]:
    if question.who.person in _evaluators(question):
        yield Reason(Code.EVALUATOR_MAY_NOT_REVIEW)


def _not_reviewer(question: Question) -> Iterator[Reason]:
    if question.who.person in question.standing.reviewers:
        yield Reason(Code.REVIEWER_MAY_NOT_EVALUATE)


def _not_decider(question: Question) -> Iterator[Reason]:
    if question.who.person in question.standing.deciders:
        yield Reason(Code.DECIDER_MAY_NOT_EXAMINE)


def _neither_evaluator_nor_reviewer(question: Question) -> Iterator[Reason]:
    if question.who.person in _evaluators(question) | question.standing.reviewers:
        yield Reason(Code.EXAMINER_MAY_NOT_DECIDE)


def _in_one_part(question: Question) -> Iterator[Reason]:
    """The guard of a step: what the person did before in this case allows the task of the step."""
    if question.task is None:
        return
    if question.task is Task.DECIDE:
        yield from _neither_evaluator_nor_reviewer(question)
        return
    yield from _not_decider(question)
    if question.task.evaluates:
        yield from _not_reviewer(question)
    elif question.task is Task.REVIEW:
        yield from _not_evaluator(question)


# --- The application ---------------------------------------------------------------------------


def _track_offered(question: Question) -> Iterator[Reason]:
    scheme, track = question.process.scheme, question.process.track
    if track.kind is TrackKind.INITIAL and not scheme.takes_new:
        yield Reason(Code.TRACK_NOT_OFFERED, "/track")


def _applicant_kind_allowed(question: Question) -> Iterator[Reason]:
    allowed = question.process.scheme.applicants
    if allowed and question.facts.holder_kind not in allowed:
        yield Reason(Code.APPLICANT_KIND_NOT_ALLOWED)


def _no_running_case(question: Question) -> Iterator[Reason]:
    if question.facts.running_case is not None:
        yield Reason(Code.CASE_RUNNING)


def _documents_complete(question: Question) -> Iterator[Reason]:
    yield from question.facts.incomplete


def _scope_of_applicant(question: Question) -> Iterator[Reason]:
    ground = question.facts.ground
    named = (
        (Code.SCOPE_NOT_OF_APPLICANT, ground.strange),
        (Code.CATEGORY_NOT_OF_SCHEME, ground.wrong_category),
        (Code.PLACE_NOT_OF_SCHEME, ground.outside),
    )
    for code, subjects in named:
        if subjects:
            yield Reason(code, "/answers", {"count": len(subjects)})


def _holder_not_barred(question: Question) -> Iterator[Reason]:
    if question.facts.barred:
        until = question.facts.barred_until
        yield Reason(Code.BARRED_UNTIL, None, {"day": "—" if until is None else until.isoformat()})


def _holder_not_suspended(question: Question) -> Iterator[Reason]:
    if question.process.track.bars_suspended and question.facts.holder_suspended:
        yield Reason(Code.HOLDER_SUSPENDED)


def _certificate_in_force(question: Question) -> Iterator[Reason]:
    certificate, track = question.facts.certificate, question.process.track
    missing = track.kind is not TrackKind.INITIAL and certificate is None
    active = certificate is not None and certificate.state == "active"
    if missing or (track.needs_active and not active):
        yield Reason(Code.CERTIFICATE_NEEDED)


def _within_window(question: Question) -> Iterator[Reason]:
    track, certificate = question.process.track, question.facts.certificate
    if track.opens is None or certificate is None:
        return
    today = beijing_date(question.now)
    ends = certificate.to_date
    if track.kind is TrackKind.ANNUAL_CHECK:
        ends = certificate.confirm_by or deadlines.year_end(certificate.from_date, today)
    if ends is None:
        return
    first, last = deadlines.window_of(track.opens, ends)
    if not first <= today <= last:
        days = {"first": first.isoformat(), "last": last.isoformat()}
        yield Reason(Code.OUTSIDE_WINDOW, None, days)


def _quantity_within_capacity(question: Question) -> Iterator[Reason]:
    """What is asked fits what bases and products yield; what is granted fits what was asked."""
    facts, granting = question.facts, question.facts.granting
    capacity = {amount.unit: amount.units for amount in facts.ground.capacity}
    for amount in (*facts.asked, *([granting] if granting else [])):
        most = capacity.get(amount.unit)
        if most is not None and amount.units > most:
            numbers = {"asked": shown(amount.units, amount.unit)}
            numbers["capacity"] = shown(most, amount.unit)
            yield Reason(Code.QUANTITY_BEYOND_CAPACITY, "/quantity", numbers)
    asked = {amount.unit: amount.units for amount in facts.asked}
    if granting is not None and granting.units > asked.get(granting.unit, granting.units):
        numbers = {"granting": shown(granting.units, granting.unit)}
        numbers["asked"] = shown(asked[granting.unit], granting.unit)
        yield Reason(Code.QUANTITY_BEYOND_APPLICATION, "/quantity", numbers)


def shown(units: int, unit: str) -> str:
    """An amount for both languages: exact, with the symbol of its unit."""
    kind: Kind = _KINDS[unit]
    return show(kind, units, "en")


_KINDS: Mapping[str, Kind] = {"mg": "mass", "piece": "pieces", "m2": "area"}


def _applicant_silent(question: Question) -> Iterator[Reason]:
    due = deadlines.due(question.process, question.standing)
    if due is None or question.now < day_end(due):
        yield Reason(Code.NOTHING_DUE)


# --- The office --------------------------------------------------------------------------------


def _capacity(question: Question) -> Iterator[Reason]:
    places = question.facts.open_places
    if places is not None and places <= 0:
        yield Reason(Code.OVER_CAPACITY)


def _staffed(question: Question) -> Iterator[Reason]:
    if question.facts.unstaffed:
        tasks = ", ".join(question.facts.unstaffed)
        yield Reason(Code.NOBODY_COMPETENT, None, {"tasks": tasks})


def _reasons_given(question: Question) -> Iterator[Reason]:
    if not question.deed.reasons.strip():
        yield Reason(Code.REASONS_MISSING, "/reasons")
        return
    yield from text_reasons(question.deed.reasons, "/reasons", REASONS_MAX)


def _assignee_fit(question: Question) -> Iterator[Reason]:
    """Whoever is assigned could do the task; a relation is declared before it is done."""
    deed, facts, standing = question.deed, question.facts, question.standing
    task, person = deed.task, deed.assignee
    if task is None or person is None:
        yield Reason(Code.ASSIGNEE_MISSING, "/assignee")
        return
    elsewhere = in_another_part(task, standing, facts.evaluators)
    related = facts.assignee_declared not in (None, _NO_INTEREST)
    unfit = person in elsewhere | standing.excluded or related or facts.assignee_of_applicant
    if unfit or not facts.assignee_competent:
        yield Reason(Code.ASSIGNEE_NOT_FIT, "/assignee")


def in_another_part(task: Task, standing: Standing, evaluators: frozenset[str]) -> frozenset[str]:
    """Who took a part in the case that does not go together with a task."""
    evaluated = standing.evaluators | evaluators
    if task is Task.DECIDE:
        return evaluated | standing.reviewers
    if task is Task.REVIEW:
        return evaluated | standing.deciders
    return standing.reviewers | standing.deciders


def _fee_known(question: Question) -> Iterator[Reason]:
    if question.deed.fee not in {fee.key for fee in fees(question)}:
        yield Reason(Code.FEE_UNKNOWN, "/fee")


# --- Evaluation and review ---------------------------------------------------------------------


def _not_too_early(question: Question) -> Iterator[Reason]:
    day = deadlines.earliest(question.process, question.standing)
    if day is not None and beijing_date(question.now) < day:
        yield Reason(Code.STEP_TOO_EARLY, None, {"day": day.isoformat()})


def _lab_passed(question: Question) -> Iterator[Reason]:
    """Wanted where the file leaves the laboratory, and again at the grant."""
    track = question.process.track
    tested = track.step(StepState.LAB_TEST) is not None
    at_lab = question.standing.state is CaseState.LAB_TEST
    if not tested or not (at_lab or question.standing.state is CaseState.DECISION):
        return
    if question.facts.lab_passed is None:
        yield Reason(Code.LAB_REPORT_NEEDED)
    elif not question.facts.lab_passed:
        yield Reason(Code.LAB_NOT_PASSED)


def _nonconformities_closed(question: Question) -> Iterator[Reason]:
    if question.facts.nonconformities_open:
        yield Reason(Code.NONCONFORMITIES_OPEN, None, {"open": question.facts.nonconformities_open})


def fees(question: Question) -> tuple[Fee, ...]:
    """The fees of this case: those of the scheme whose step the track has.

    They are asked of first applications and renewals; for other tracks no fee rule was found.
    """
    track = question.process.track
    if track.kind not in (TrackKind.INITIAL, TrackKind.RENEWAL):
        return ()
    return tuple(fee for fee in question.process.scheme.fees if track.step(fee.due_at) is not None)


def _fee_settled(question: Question) -> Iterator[Reason]:
    """Every fee that is due before the file leaves this state; at the decision, every fee."""
    state = question.standing.state
    due = [
        fee.key
        for fee in fees(question)
        if fee.key not in question.standing.fees
        and (fee.due_at.value == state.value or state is CaseState.DECISION)
    ]
    if due:
        yield Reason(Code.FEE_OPEN, None, {"fees": ", ".join(due)})


# --- Public notice -----------------------------------------------------------------------------


def _notice_unpublished(question: Question) -> Iterator[Reason]:
    until = question.standing.notice_until
    if until is not None:
        yield Reason(Code.NOTICE_ALREADY_PUBLISHED, None, {"day": until.isoformat()})


def _notice_open(question: Question) -> Iterator[Reason]:
    until = question.standing.notice_until
    if until is None:
        yield Reason(Code.NOTICE_NOT_BEGUN)
    elif question.now >= day_end(until):
        yield Reason(Code.NOTICE_ENDED, None, {"day": until.isoformat()})


def _notice_ended(question: Question) -> Iterator[Reason]:
    """At the notice: its last day has passed. At the decision: it was held and its end recorded."""
    if not question.has_notice:
        return
    until, over = question.standing.notice_until, question.standing.notice_over
    if question.standing.state is CaseState.DECISION and not (over and until):
        yield Reason(Code.NOTICE_NOT_HELD)
    elif until is None:
        yield Reason(Code.NOTICE_NOT_BEGUN)
    elif question.now < day_end(until):
        yield Reason(Code.NOTICE_NOT_ENDED, None, {"day": until.isoformat()})


def _objections_answered(question: Question) -> Iterator[Reason]:
    if question.standing.unanswered:
        yield Reason(Code.OBJECTIONS_OPEN, None, {"open": len(question.standing.unanswered)})


def _objection_waits(question: Question) -> Iterator[Reason]:
    number = question.deed.objection
    if number is None or number not in question.standing.objections:
        yield Reason(Code.OBJECTION_UNKNOWN, "/objection")
    elif question.standing.objections[number] is not None:
        yield Reason(Code.OBJECTION_ANSWERED, "/objection")


def _uninvolved_in_examination(question: Question) -> Iterator[Reason]:
    """Nobody who evaluated or reviewed answers an objection to what he found (7.13)."""
    if question.who.person in _evaluators(question) | question.standing.reviewers:
        yield Reason(Code.INVOLVED_IN_MATTER)


# --- Decision ----------------------------------------------------------------------------------


def _steps_passed(question: Question) -> Iterator[Reason]:
    if question.standing.failed:
        yield Reason(Code.STEP_FAILED)


def _agreement_signed(question: Question) -> Iterator[Reason]:
    """Wanted where something new is given; checks and permits stand on the agreement there is."""
    gives_new = question.process.track.kind in (TrackKind.INITIAL, TrackKind.RENEWAL)
    award = question.process.scheme.gives == "award"
    if gives_new and not award and not question.standing.agreement:
        yield Reason(Code.AGREEMENT_MISSING)


def _surveillance_not_overdue(question: Question) -> Iterator[Reason]:
    certificate = question.facts.certificate
    day = None if certificate is None else certificate.surveillance_due
    if day is not None and question.now >= day_end(day):
        yield Reason(Code.SURVEILLANCE_OVERDUE, None, {"day": day.isoformat()})


def _number_free(question: Question) -> Iterator[Reason]:
    if question.facts.number_taken:
        yield Reason(Code.NUMBER_TAKEN, "/terms/number")


# --- The table ---------------------------------------------------------------------------------

_LIST: tuple[tuple[str, str, str, str, Check], ...] = (
    ("person_known", "6.1", "由具名人员办理", "a person acts, not a machine", _person_known),
    ("not_of_applicant", "4.2", "不是申请单位的人员", "not of the applicant", _not_of_applicant),
    (
        "appointed",
        "6.2",
        "所在机构受该制度指定办理此环节",
        "the party is appointed for this step of the scheme",
        _appointed,
    ),
    (
        "office_appointed",
        "6.2",
        "所在机构是该制度指定的办公室或机构",
        "the party is the office or a body appointed for the scheme",
        _office_appointed,
    ),
    ("competent", "6.1", "有此项工作的能力认定", "competent for the task", _competent),
    (
        "declared_without_conflict",
        "4.2, 5.2",
        "已声明与申请单位无利害关系",
        "declared to have no relation to the applicant",
        _declared,
    ),
    ("assigned", "7.4", "未指派给他人", "not assigned to somebody else", _assigned),
    (
        "not_excluded",
        "7.13",
        "不是申诉成立后须回避的人",
        "not kept away by a successful appeal",
        _not_excluded,
    ),
    (
        "not_evaluator",
        "7.5",
        "复核人未参加评价，也未参加审定",
        "who reviews neither evaluated nor decided",
        _in_one_part,
    ),
    (
        "not_reviewer",
        "7.4, 7.5",
        "评价人未参加复核，也未参加审定",
        "who evaluates neither reviewed nor decided",
        _in_one_part,
    ),
    (
        "neither_evaluator_nor_reviewer",
        "7.6",
        "审定人未参加评价和复核",
        "who decides neither evaluated nor reviewed",
        _neither_evaluator_nor_reviewer,
    ),
    (
        "track_offered",
        "",
        "该制度受理此类申请",
        "the scheme takes this application",
        _track_offered,
    ),
    (
        "applicant_kind_allowed",
        "7.2",
        "申请单位的类型符合规定",
        "the kind of applicant is allowed",
        _applicant_kind_allowed,
    ),
    (
        "no_running_case",
        "7.2",
        "没有同类申请在办",
        "no application of this kind is running",
        _no_running_case,
    ),
    (
        "documents_complete",
        "7.2",
        "申请内容和材料齐全有效",
        "answers and documents are complete and valid",
        _documents_complete,
    ),
    (
        "scope_of_applicant",
        "7.2",
        "产品和基地属于申请单位，并在制度范围内",
        "products and bases are the applicant's and within the scheme",
        _scope_of_applicant,
    ),
    ("holder_not_barred", "7.11", "不在禁止申请期内", "no bar on the holder", _holder_not_barred),
    (
        "holder_not_suspended",
        "7.11",
        "证书未处于暂停期（按制度规定）",
        "no suspension, where the track says so",
        _holder_not_suspended,
    ),
    (
        "certificate_in_force",
        "",
        "所涉证书有效（按制度规定）",
        "the certificate is there, and in force where the track says so",
        _certificate_in_force,
    ),
    ("within_window", "", "在受理期内", "within the window of the track", _within_window),
    (
        "quantity_within_capacity",
        "7.2",
        "数量不超过产能，也不超过申请",
        "the quantity is within the capacity and the application",
        _quantity_within_capacity,
    ),
    (
        "applicant_silent",
        "7.2",
        "申请单位逾期未补正",
        "the applicant's deadline has passed",
        _applicant_silent,
    ),
    ("capacity", "7.3", "机构有办理能力", "the body has room for the case", _capacity),
    (
        "staffed",
        "7.3",
        "机构的各环节都有能胜任的人员",
        "the body has competent people for every step",
        _staffed,
    ),
    ("reasons_given", "7.6", "写明理由", "reasons are given", _reasons_given),
    (
        "assignee_fit",
        "4.2, 6.1",
        "被指派人能胜任且不须回避",
        "the assigned person is competent and without conflict",
        _assignee_fit,
    ),
    ("fee_known", "", "是本案的费用", "the fee is one of this case", _fee_known),
    ("not_too_early", "", "不早于规定的最早日", "not before the earliest day", _not_too_early),
    ("lab_passed", "7.4", "检验合格", "the laboratory's results passed", _lab_passed),
    (
        "nonconformities_closed",
        "7.4, 7.6",
        "不符合项已全部关闭",
        "all nonconformities are closed",
        _nonconformities_closed,
    ),
    ("fee_settled", "4.1", "应交费用已结清", "fees that are due are settled", _fee_settled),
    (
        "notice_unpublished",
        "",
        "本次公示尚未发布",
        "this notice was not published yet",
        _notice_unpublished,
    ),
    ("notice_open", "", "公示期内", "the notice runs", _notice_open),
    ("notice_ended", "", "公示期已满", "the notice has run in full", _notice_ended),
    (
        "objections_answered",
        "7.13",
        "异议均已答复",
        "all objections are answered",
        _objections_answered,
    ),
    (
        "objection_waits",
        "",
        "该异议尚待答复",
        "the objection waits for an answer",
        _objection_waits,
    ),
    (
        "uninvolved_in_examination",
        "7.13",
        "答复人未参加评价和复核",
        "who answers neither evaluated nor reviewed",
        _uninvolved_in_examination,
    ),
    ("steps_passed", "7.6", "各环节均合格", "no step was failed", _steps_passed),
    ("agreement_signed", "4.1.2", "合同已签订", "the agreement is signed", _agreement_signed),
    (
        "surveillance_not_overdue",
        "7.9",
        "监督检查未逾期",
        "surveillance is not overdue",
        _surveillance_not_overdue,
    ),
    ("number_free", "7.7", "证书编号未被使用", "the number is free", _number_free),
)

_STATED: tuple[tuple[str, str, str, str], ...] = (
    ("by_case", "7.6", "有准予通过的案件", "a granted case asks for it"),
    (
        "recording_allowed",
        "",
        "该制度由别处发证，或仍在补录期内（见制度数据）",
        "the scheme is issued elsewhere, or old stock may still be recorded",
    ),
    ("second_person", "7.11", "由另一人确认", "a second person confirms"),
    ("within_use", "7.11", "不低于已使用数量", "not below what is used already"),
    ("evaluated_again", "7.11", "经重新评价", "after a new evaluation"),
    ("no_revocation_proposed", "7.11", "没有待确认的撤销", "no revocation waits for confirmation"),
    ("successor_valid", "7.10", "接续证书有效", "the succeeding certificate is valid"),
    ("attested_by_new_body", "7.11", "新机构已确认", "the new body attests it"),
    ("change_not_annulled", "", "该变更未被更正", "the change is not annulled yet"),
    ("target_known", "7.13", "所指的决定存在", "the decision exists"),
    (
        "side_of_the_matter",
        "7.13",
        "申诉由决定所涉单位提出；投诉、举报任何人可提出",
        "an appeal comes from the party concerned; a complaint from anybody",
    ),
    ("filed_it", "7.13", "由提出者撤回", "by who filed it"),
    ("no_running_appeal", "7.13", "没有同一申诉在办", "no appeal about the same is running"),
    ("uninvolved", "7.13", "未参与所诉决定", "was not involved in what is appealed against"),
    ("not_of_a_side", "7.13", "不属于任何一方", "belongs to neither side"),
)

STATED: Mapping[str, tuple[str, Words]] = {
    name: (clause, Words(zh, en)) for name, clause, zh, en in _STATED
}
"""Guards of certificates and appeals: clause and words; their own models ask them."""

GUARDS: Mapping[str, Guard] = {
    name: Guard(name, clause, Words(zh, en), check) for name, clause, zh, en, check in _LIST
}
