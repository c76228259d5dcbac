"""Cases: applications and everything that is done about them, by the rules of their scheme.

One operation does every deed (`/actions`); which are possible now, and what stands against the
others, is asked with `/offers`. A case concerns its applicant, whoever serves its scheme, and
regulators; for everybody else it does not exist (404). Deeds of evaluation, review and decision
need a person who has signed in: a token alone is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from certification.bodies.model import Relation
from certification.bodies.service import declared
from certification.cases import register
from certification.cases.facts import host_of
from certification.cases.model import (
    Act,
    CaseResult,
    FormField,
    Granted,
    GrantTerms,
    Moment,
    Objector,
    OpenCase,
    SeasonLine,
    Waiting,
)
from certification.cases.register import Opened
from certification.cases.service import open_case
from certification.evidence.model import Answer
from certification.evidence.service import attached
from certification.process.standing import Event, Outcome
from certification.refusals import CertificationRefusal
from certification.schemes.model import Task, TrackKind, Words
from certification.schemes.service import schemes
from identity.actor import Actor
from identity.parties.service import get_party
from identity.refusals import IdentityRefusal
from identity.roles import Role, Scope
from public_api.api.evidence_nouns import (
    AnswerShape,
    EvidenceList,
    answers_from,
    holder_of,
    read_evidence,
)
from public_api.api.fields import Day, Listed, Part, Shape, Text, Whole, named, whose
from public_api.api.operation import Noun, Of, run
from runtime.refusal import Reason, refuse
from web.node import current_node
from workflows.advance_case import advance_case, case_offers
from workflows.attach_evidence import AttachEvidence, attach_evidence

cases = Noun(
    "cases",
    __name__,
    url_prefix="/api/v1/cases",
    description="Applications for certificates and what is done about them (认证与用标申请)",
)
declarations = Noun(
    "declarations",
    __name__,
    url_prefix="/api/v1/declarations",
    description="Declarations of interest, by the person who asks (利害关系声明)",
)
SERVING = frozenset(
    {
        Role.BRAND_OFFICER, Role.REVIEWER, Role.INSPECTOR, Role.LAB_ANALYST, Role.EXPERT,
        Role.DECIDER, Role.REGULATOR,
    }
)  # fmt: skip
"""Roles that handle applications of others."""


@dataclass(frozen=True)
class CaseLine:
    """A case in a list."""

    id: str
    scheme: str
    track: str
    holder: str
    cert_id: str | None
    state: str
    opened_at: datetime
    since: datetime | None
    due: date | None


@dataclass(frozen=True)
class CaseList:
    """Cases of one party, the newest first."""

    cases: tuple[CaseLine, ...]


@dataclass(frozen=True)
class FormFieldRead:
    """One answer or document (`kind` "document") that the track asks for, or takes."""

    key: str
    kind: str
    words: Words
    hint: Words | None
    asked: bool
    personal: bool
    answer: Answer | None
    units: tuple[str, ...]
    choices: tuple[tuple[str, Words], ...]


@dataclass(frozen=True)
class CaseRead:
    """A case; `form` holds what its track asks with the answers given so far.

    `objections` counts them, `unanswered` are the numbers of those that wait. `assigned` maps a
    task to the person who is to do it.
    """

    id: str
    scheme: str
    scheme_version: str
    track: str
    holder: str
    cert_id: str | None
    state: str
    n: int
    opened_at: datetime
    since: datetime | None
    due: date | None
    returned: bool
    failed: bool
    notice_until: date | None
    objections: int
    unanswered: tuple[int, ...]
    agreement: bool
    fees: tuple[str, ...]
    assigned: dict[str, str]
    granted: Granted | None
    form: tuple[FormFieldRead, ...]


@dataclass(frozen=True)
class WaitingList:
    """Cases that wait, the most urgent first."""

    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class Timeline:
    """What was done about a case, in order; texts are null where they may not be seen."""

    case: str
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class ReasonRead:
    """One reason against something, in both languages."""

    code: str
    pointer: str | None
    zh: str
    en: str


@dataclass(frozen=True)
class OfferRead:
    """Something that could be done; without reasons nothing stands against it now."""

    event: str
    outcome: str | None
    reasons: tuple[ReasonRead, ...]


@dataclass(frozen=True)
class OfferList:
    """What somebody may do with a case in its present state."""

    case: str
    offers: tuple[OfferRead, ...]


@dataclass(frozen=True)
class AttachedRead:
    """A piece of evidence that was handed in."""

    case: str
    evidence: str
    attached_at: datetime


@dataclass(frozen=True)
class DeclarationRead:
    """What the person who asks declared for a case; null where nothing was declared."""

    case: str
    relation: str | None


class OpenCaseBody(Shape):
    """An application to be begun."""

    scheme = Text(required=True, words=schemes())
    track = Text(words=TrackKind, load_default=TrackKind.INITIAL.value)
    holder = whose()
    cert_id = named(load_default=None, allow_none=True, about="Except on the initial track")


class ObjectorShape(Shape):
    """Who objects, and where an answer reaches them; shown to the office only."""

    name = Text(required=True, most=200)
    contact = Text(required=True, most=200)


class LineShape(Shape):
    """So much of one product in one season."""

    product = named(required=True)
    season = Text(required=True, most=40)
    quantity = Text(required=True, most=40)
    unit = Text(required=True, most=16)


class TermsShape(Shape):
    """What is granted, as far as the track leaves it open."""

    number = Text(most=40, load_default=None, allow_none=True)
    from_date = Day(load_default=None, allow_none=True)
    to_date = Day(load_default=None, allow_none=True)
    quantity = Text(most=40, load_default=None, allow_none=True)
    unit = Text(most=16, load_default=None, allow_none=True)
    lines = Listed(Part(LineShape), load_default=())
    mark_from = Day(load_default=None, allow_none=True)
    confirm_by = Day(load_default=None, allow_none=True)
    document = Text(most=200, load_default=None, allow_none=True)
    permit_holder = named(load_default=None, allow_none=True)


class ActionBody(Shape):
    """A deed; which members count depends on the event."""

    event = Text(required=True, words=Event)
    outcome = Text(words=Outcome, load_default=None)
    reasons = Text(load_default="")
    answers = Listed(Part(AnswerShape), load_default=(), most=100, about="With save")
    assignee = named(load_default=None, allow_none=True, about="With assign: a person")
    task = Text(words=Task, load_default=None)
    interest = Text(words=Relation, load_default=None)
    objection = Whole(load_default=None, allow_none=True)
    objector = Part(ObjectorShape, load_default=None)
    fee = Text(most=40, load_default=None, allow_none=True)
    document = Text(most=200, load_default=None, allow_none=True)
    terms = Part(TermsShape, load_default=None)


class HolderAsked(Shape):
    """Whose cases are listed."""

    holder = whose()


class AttachBody(Shape):
    """A piece of evidence to be handed in."""

    evidence = named(required=True)


class DeclareBody(Shape):
    """What the person who asks is to the applicant of a case."""

    case = named(required=True)
    relation = Text(required=True, words=Relation)


class CaseAsked(Shape):
    """Which case is asked about."""

    case = named(required=True)


# ---- applications ------------------------------------------------------------------------------


@cases.operation("POST", "", Scope.CERTIFY, CaseResult, takes=OpenCaseBody)
def create_case(actor: Actor, body: dict[str, Any]) -> Of:
    """Begin an application under the version of the scheme that is in force."""
    with current_node().database.read() as session:
        body["holder"] = holder_of(session, actor, body["holder"])
    opened = run(open_case, OpenCase(**body), actor)
    return Of(opened, f"/cases/{opened.case_id}")


@cases.operation("GET", "", Scope.CERTIFY, CaseList, asks=HolderAsked)
def list_cases(actor: Actor, asked: dict[str, Any]) -> Any:
    """List the cases of a party, as far as they concern whoever asks."""
    now = current_node().clock.now()
    with current_node().database.read() as session:
        holder = holder_of(session, actor, asked["holder"])
        own = actor.party in (holder, host_of(session, holder))
        if not own and actor.roles.isdisjoint(SERVING):
            refuse(IdentityRefusal.OTHER_PARTY)
        found = register.cases_of(session, holder)
        shown = [each for each in found if register.concerns(session, each.case, actor, now)]
        return CaseList(tuple(map(_line, shown)))


@cases.operation("GET", "/waiting", Scope.CERTIFY, WaitingList)
def list_waiting(actor: Actor) -> Any:
    """List what waits for whoever asks, and the own applications on their way."""
    node = current_node()
    with node.database.read() as session:
        return WaitingList(register.waiting(session, actor, node.clock.now()))


@cases.operation("GET", "/<code:case>", Scope.CERTIFY, CaseRead)
def get_case(actor: Actor, case: str) -> Any:
    """Give a case with its form and where it stands."""
    node = current_node()
    with node.database.read() as session:
        found = register.find_case(session, case, actor, node.clock.now())
        return _read(found, register.form(session, node.vault, found))


@cases.operation("POST", "/<code:case>/actions", Scope.CERTIFY, CaseResult, takes=ActionBody)
def act(actor: Actor, body: dict[str, Any], case: str) -> Any:
    """Do something about a case; everything that stands against it is named."""
    return run(advance_case, _act(case, body), actor)


@cases.operation("GET", "/<code:case>/timeline", Scope.CERTIFY, Timeline)
def get_timeline(actor: Actor, case: str) -> Any:
    """Give what was done about a case."""
    node = current_node()
    with node.database.read() as session:
        found = register.timeline(session, node.vault, case, actor, node.clock.now())
        return Timeline(case, found)


@cases.operation("GET", "/<code:case>/offers", Scope.CERTIFY, OfferList)
def list_offers(actor: Actor, case: str) -> Any:
    """Say what may be done now, and what stands against it apart from what is typed."""
    node = current_node()
    with node.database.read() as session:
        found = case_offers(session, node.vault, case, actor, node.clock.now())
        return OfferList(
            case,
            tuple(
                OfferRead(each.event, each.outcome, tuple(map(_reason, each.reasons)))
                for each in found
            ),
        )


@cases.operation("GET", "/<code:case>/evidence", Scope.CERTIFY, EvidenceList)
def list_attached(actor: Actor, case: str) -> Any:
    """List what was handed in for a case."""
    node = current_node()
    with node.database.read() as session:
        found = register.find_case(session, case, actor, node.clock.now())
        handed_in = [each.evidence for each in attached(session, found.case.case_id)]
        return read_evidence(session, handed_in)


@cases.operation("POST", "/<code:case>/evidence", Scope.CERTIFY, AttachedRead, takes=AttachBody)
def hand_in(actor: Actor, body: dict[str, Any], case: str) -> Any:
    """Hand a piece of evidence in for a case."""
    made = run(attach_evidence, AttachEvidence(case, body["evidence"]), actor)
    return AttachedRead(made.case_id, made.evidence.id, made.attached_at)


# ---- declarations ------------------------------------------------------------------------------


@declarations.operation("POST", "", Scope.CERTIFY, CaseResult, takes=DeclareBody)
def declare(actor: Actor, body: dict[str, Any]) -> Any:
    """Declare, as a person, what one is to the applicant of a case."""
    event = Event.DECLARE_INTEREST.value
    return run(advance_case, Act(body["case"], event, interest=body["relation"]), actor)


@declarations.operation("GET", "", Scope.CERTIFY, DeclarationRead, asks=CaseAsked)
def get_declaration(actor: Actor, asked: dict[str, Any]) -> Any:
    """Give one's own declaration for a case."""
    if actor.person is None:
        refuse(CertificationRefusal.PERSON_REQUIRED)
    with current_node().database.read() as session:
        return DeclarationRead(asked["case"], declared(session, actor.person, asked["case"]))


# ---- from bodies and to answers ----------------------------------------------------------------


def _act(case: str, body: dict[str, Any]) -> Act:
    objector, terms = body.pop("objector"), body.pop("terms")
    answers = answers_from(body.pop("answers"))
    return Act(
        case_id=case,
        answers=answers,
        objector=None if objector is None else Objector(**objector),
        terms=None if terms is None else _terms(terms),
        **body,
    )


def _terms(given: dict[str, Any]) -> GrantTerms:
    lines = tuple(SeasonLine(**each) for each in given.pop("lines"))
    permit_holder = given.pop("permit_holder")
    if permit_holder is not None:
        with current_node().database.read() as session:
            permit_holder = _party(session, permit_holder)
    return GrantTerms(lines=lines, permit_holder=permit_holder, **given)


def _party(session: Session, given: str) -> str:
    return get_party(session, given).id


def _line(opened: Opened) -> CaseLine:
    case, standing = opened.case, opened.standing
    return CaseLine(
        case.case_id, case.scheme, case.track.value, case.holder, case.cert_id,
        standing.state.value, case.opened_at, standing.since, opened.due,
    )  # fmt: skip


def _read(opened: Opened, form: tuple[FormField, ...]) -> CaseRead:
    case, standing = opened.case, opened.standing
    return CaseRead(
        id=case.case_id,
        scheme=case.scheme,
        scheme_version=case.scheme_version,
        track=case.track.value,
        holder=case.holder,
        cert_id=case.cert_id,
        state=standing.state.value,
        n=standing.n,
        opened_at=case.opened_at,
        since=standing.since,
        due=opened.due,
        returned=standing.returned,
        failed=standing.failed,
        notice_until=standing.notice_until,
        objections=len(standing.objections),
        unanswered=standing.unanswered,
        agreement=standing.agreement,
        fees=tuple(sorted(standing.fees)),
        assigned={task.value: person for task, person in standing.assigned.items()},
        granted=opened.granted,
        form=tuple(map(_field, form)),
    )


def _field(each: FormField) -> FormFieldRead:
    return FormFieldRead(
        each.key, each.kind, each.words, each.hint, each.asked, each.personal, each.answer,
        each.units, each.choices,
    )  # fmt: skip


def _reason(reason: Reason) -> ReasonRead:
    return ReasonRead(reason.code.code, reason.pointer, reason.text("zh"), reason.text("en"))
