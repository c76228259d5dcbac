"""What applicants and offices see of cases, certificates, evidence and appeals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.appeals.model import Appeal, AppealEvent, AppealState
from certification.appeals.tables import AppealStepRow
from certification.bodies import service as bodies
from certification.bodies.model import TASKS
from certification.cases import register
from certification.cases.forms import BASES, PRODUCTS
from certification.cases.model import FormField, Moment
from certification.cases.register import Opened, cases_of
from certification.certificates import register as certificates
from certification.certificates.register import Certificate
from certification.evidence.model import (
    Answer,
    Attachment,
    Evidence,
    Share,
    document_reason,
    share_of,
)
from certification.evidence.service import answers_known, attached, evidence_of, file_names
from certification.labs import service as labs
from certification.labs.model import LabVerdict, Report
from certification.process.deadlines import window_of, year_end
from certification.process.standing import CaseState, Event, Outcome, Part
from certification.process.table import APPEAL_ROWS
from certification.refusals import CertificationRefusal
from certification.schemes.model import DocumentRule, Scheme, Track, TrackKind
from certification.schemes.service import in_force, schemes
from console.reading import Receipt, name_of_party, receipt
from console.registers.reading import own_products
from identity.actor import Actor
from identity.parties.service import get_party
from identity.people.tables import PersonRow
from identity.roles import Role
from ledger.openings.service import open_entries
from runtime.clock import beijing_date
from runtime.refusal import Reason, Refusal
from runtime.vault import Vault
from trace.bases.tables import ProductionBase
from trace.products.tables import Product
from web.node import current_node

EARLIER = 10
"""Earlier applications that are looked through for answers."""

OFFICES = (Role.BRAND_OFFICER, Role.REVIEWER, Role.EXPERT, Role.LAB_ANALYST, Role.DECIDER)
"""Roles that have a work list here; visits of inspectors have a desk of their own."""


# --- What is known of a holder -------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """What a holder gave before: answers by key, and the evidence that is kept."""

    answers: Mapping[str, Answer]
    evidence: tuple[Evidence, ...]

    def share(self, scheme: Scheme, track: Track, today: date) -> Share:
        """How much of what a track asks is there already."""
        found = share_of(scheme, track, self.evidence, today)
        known = tuple(key for key in track.asks if key in found.known or key in self.answers)
        return Share(track.asks, known, tuple(key for key in track.asks if key not in known))


def known_of(session: Session, vault: Vault, holder: str, without: str = "") -> Known:
    """What a holder gave: registers first, then kept evidence, then earlier applications."""
    answers = _registered(session, holder)
    answers |= answers_known(session, vault, holder)
    earlier = [each for each in cases_of(session, holder) if each.case.case_id != without]
    for opened in reversed(earlier[:EARLIER]):
        answers |= register.own_answers(session, vault, opened)
    return Known(answers, evidence_of(session, holder))


def _registered(session: Session, holder: str) -> dict[str, Answer]:
    """Answers that the registers hold: an only product, an only base with its place and area."""
    found = {}
    products, bases = own_products(session, holder), own_bases(session, holder)
    if len(products) == 1:
        found[PRODUCTS] = Answer(PRODUCTS, products[0].id)
    if len(bases) == 1:
        value, _, unit = bases[0].area_typed.partition(" ")
        found[BASES] = Answer(BASES, bases[0].id)
        found["base_region"] = Answer("base_region", bases[0].region)
        if unit in ("亩", "公顷"):
            found["base_area"] = Answer("base_area", value, unit)
    return found


def own_bases(session: Session, owner: str) -> list[ProductionBase]:
    """Give a party's production bases, by name."""
    query = select(ProductionBase).filter_by(owner_id=owner)
    return list(session.scalars(query.order_by(ProductionBase.name_zh, ProductionBase.id)))


# --- Schemes --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choosable:
    """A scheme that a party may look at; `against` says why it cannot be applied for now."""

    scheme: Scheme
    track: Track
    share: Share
    against: Reason | None


def choosable(session: Session, vault: Vault, holder: str, now: datetime) -> list[Choosable]:
    """Every scheme with a first application; those that can be applied for come first."""
    known, kind = known_of(session, vault, holder), str(get_party(session, holder).kind)
    found, today = [], beijing_date(now)
    for code, newest in schemes().items():
        against = None
        try:
            newest = in_force(session, code, now)
        except Refusal as refusal:
            against = refusal.reasons[0]
        track = newest.track(TrackKind.INITIAL)
        if track is None:
            continue
        if not newest.takes_new:
            against = Reason(CertificationRefusal.SCHEME_TAKES_NO_NEW)
        elif kind not in newest.applicants:
            against = against or Reason(CertificationRefusal.APPLICANT_KIND_NOT_ALLOWED)
        found.append(Choosable(newest, track, known.share(newest, track, today), against))
    return sorted(found, key=lambda each: each.against is not None)


# --- The form and the documents of one case -----------------------------------------------------


@dataclass(frozen=True)
class Paperwork:
    """One document that a track asks or takes: what was handed in, and what could be."""

    rule: DocumentRule
    asked: bool
    attached: tuple[Evidence, ...]
    kept: tuple[Evidence, ...]
    against: Reason | None

    @property
    def done(self) -> bool:
        """Whether something usable was handed in."""
        return bool(self.attached) and self.against is None


@dataclass(frozen=True)
class Papers:
    """All documents of a case, and the names of the files."""

    lines: tuple[Paperwork, ...]
    names: Mapping[str, str]

    @property
    def open(self) -> int:
        """How many documents that are asked for still lack."""
        return sum(each.asked and not each.done for each in self.lines)


def papers_of_case(session: Session, vault: Vault, opened: Opened, now: datetime) -> Papers:
    """The documents of a case, in the order in which its track asks for them."""
    process, today = opened.process, beijing_date(now)
    handed_in = attached(session, opened.case.case_id)
    held = evidence_of(session, opened.case.holder)
    rules = process.scheme.documents
    keys = [each for each in (*process.track.asks, *process.track.may_ask) if each in rules]
    lines = tuple(
        _paperwork(rules[key], key in process.track.asks, handed_in, held, today) for key in keys
    )
    shown = [each for line in lines for each in (*line.attached, *line.kept)]
    return Papers(lines, file_names(session, vault, shown))


def _paperwork(
    rule: DocumentRule,
    asked: bool,
    handed_in: tuple[Attachment, ...],
    held: tuple[Evidence, ...],
    today: date,
) -> Paperwork:
    mine = tuple(each.evidence for each in handed_in if each.evidence.document == rule.key)
    ids = {each.id for each in mine}
    kept = [each for each in held if each.document == rule.key and each.id not in ids]
    usable = [each for each in kept if _usable(rule, each, today)]
    against = document_reason(rule, handed_in, today)
    return Paperwork(rule, asked, mine, tuple(reversed(usable)), against)


def _usable(rule: DocumentRule, evidence: Evidence, today: date) -> bool:
    now = current_node().clock.now()
    return document_reason(rule, [Attachment("", evidence, now)], today) is None


def other_evidence(session: Session, opened: Opened) -> tuple[Evidence, ...]:
    """What was handed in beside what the track asks."""
    rules = opened.process.scheme.documents
    handed_in = [each.evidence for each in attached(session, opened.case.case_id)]
    return tuple(each for each in handed_in if each.document and each.document not in rules)


@dataclass(frozen=True)
class Choices:
    """What the lists of a form offer: the party's products and bases, by id."""

    products: tuple[tuple[str, Product], ...]
    bases: tuple[tuple[str, ProductionBase], ...]


def choices_of(session: Session, holder: str, scheme: Scheme) -> Choices:
    """The products and bases that an application of a holder may name."""
    products = [
        each
        for each in own_products(session, holder)
        if not scheme.categories or each.category in scheme.categories
    ]
    bases = own_bases(session, holder)
    return Choices(
        tuple((each.id, each) for each in products), tuple((each.id, each) for each in bases)
    )


def names_in(session: Session, lines: tuple[FormField, ...]) -> dict[str, Any]:
    """The products and bases that answers name, by id."""
    found: dict[str, Any] = {}
    for line in lines:
        if line.answer is not None and line.key in (PRODUCTS, BASES):
            table: Any = Product if line.key == PRODUCTS else ProductionBase
            for id in line.answer.value.split(" "):
                found[id] = session.get(table, id)
    return {id: row for id, row in found.items() if row is not None}


# --- One case -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of a timeline with the party's name and its place in the log."""

    moment: Moment
    party: str
    receipt: Receipt


@dataclass(frozen=True)
class Objection:
    """An objection with its answer, None while it waits."""

    n: int
    filed: Moment
    answer: Moment | None


@dataclass(frozen=True)
class Story:
    """What was done about a case, the latest first."""

    lines: tuple[Line, ...]
    objections: tuple[Objection, ...]

    @property
    def last_reasons(self) -> str | None:
        """The reasons of the last step, such as those of a return."""
        return self.lines[0].moment.reasons if self.lines else None


def story_of(session: Session, vault: Vault, case_id: str, actor: Actor, now: datetime) -> Story:
    """The timeline of a case for somebody whom it concerns. Raises Refusal CASE_UNKNOWN."""
    moments = register.timeline(session, vault, case_id, actor, now)
    lines = [
        Line(
            each,
            "" if each.party is None else name_of_party(session, each.party),
            receipt(session, each.payload_id),
        )
        for each in moments
    ]
    answers = {each.objection: each for each in moments if each.event is Event.ANSWER_OBJECTION}
    objections = [
        Objection(each.objection or 0, each, answers.get(each.objection))
        for each in moments
        if each.event is Event.OBJECT
    ]
    return Story(tuple(reversed(lines)), tuple(objections))


@dataclass(frozen=True)
class Tested:
    """The reports of a case with the names of their laboratories, and the verdict on them."""

    reports: tuple[tuple[Report, str, str | None], ...]
    verdict: LabVerdict | None


def tests_of(session: Session, vault: Vault, opened: Opened) -> Tested:
    """What laboratories said."""
    handed_in = attached(session, opened.case.case_id)
    reports = labs.reports_on(session, [each.evidence.id for each in handed_in])
    named = [
        (
            each,
            name_of_party(session, labs.find_lab(session, each.lab).party),
            labs.sample_name(session, vault, each),
        )
        for each in reports
    ]
    return Tested(tuple(named), labs.verdict(session, opened.case.case_id, opened.process.scheme))


def assignable(session: Session, opened: Opened, now: datetime) -> list[tuple[str, str, str]]:
    """Who could be assigned to a step: `task:person`, the task, and the login of the person."""
    found = []
    for step in opened.process.track.steps:
        if step.task not in TASKS:
            continue
        for person in bodies.people_for(session, opened.case.scheme, step.task, now):
            row = session.get(PersonRow, person)
            found.append((f"{step.task}:{person}", step.task.value, row.login if row else "—"))
    return found


# --- Certificates of an applicant ---------------------------------------------------------------


@dataclass(frozen=True)
class Offered:
    """A track about a certificate that may be entered now, or from a day on."""

    track: TrackKind
    opens: date | None
    closes: date | None
    now: bool


def certificates_of(session: Session, holder: str, now: datetime) -> tuple[Certificate, ...]:
    """A party's certificates, those in force first."""
    found = certificates.of_holder(session, holder, now, now)
    return tuple(sorted(found, key=lambda each: (each.status.state != "active", each.number)))


def offered_tracks(
    session: Session, certificate: Certificate, now: datetime
) -> tuple[Offered, ...]:
    """The tracks that a holder may enter about a certificate."""
    try:
        scheme = in_force(session, certificate.scheme.code, now)
    except Refusal:
        return ()
    today = beijing_date(now)
    kinds = [each for each in scheme.tracks if each is not TrackKind.INITIAL]
    return tuple(_offered(scheme.tracks[each], certificate, today) for each in kinds)


def _offered(track: Track, certificate: Certificate, today: date) -> Offered:
    active = certificate.status.state == "active"
    ends = certificate.to_date
    if track.kind is TrackKind.ANNUAL_CHECK:
        ends = certificate.confirm_by or year_end(certificate.from_date, today)
    if track.opens is None or ends is None:
        return Offered(track.kind, None, None, active)
    opens, closes = window_of(track.opens, ends)
    return Offered(track.kind, opens, closes, active and opens <= today <= closes)


# --- Appeals ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AppealStep:
    """One thing that was done about an appeal; reasons are None where they were erased."""

    event: AppealEvent
    at: datetime
    party: str
    mine: bool
    reasons: str | None
    filer: Mapping[str, str] | None
    receipt: Receipt


def appeal_steps(
    session: Session, vault: Vault, appeal: Appeal, actor: Actor
) -> tuple[AppealStep, ...]:
    """What was done about an appeal, for somebody whom it concerns."""
    query = select(AppealStepRow).filter_by(appeal_id=appeal.appeal_id).order_by(AppealStepRow.n)
    rows = list(session.scalars(query))
    opened = open_entries(session, vault, [row.payload_id for row in rows])
    own = actor.party == appeal.filed_by
    found = []
    for row in rows:
        opening = opened[row.payload_id].get("record")
        told: Any = {} if opening is None else opening.value
        found.append(
            AppealStep(
                event=AppealEvent(row.event),
                at=row.at,
                party="" if row.party is None else name_of_party(session, row.party),
                mine=row.person is not None and row.person == actor.person,
                reasons=told.get("reasons") or None,
                filer=None if own else told.get("filer"),
                receipt=receipt(session, row.payload_id),
            )
        )
    return tuple(found)


def appeal_events(appeal: Appeal, state: AppealState, actor: Actor) -> tuple[AppealEvent, ...]:
    """What somebody's part allows about an appeal now; whether the rules let it through is asked
    when it is done.
    """
    parts = {str(role) for role in actor.roles}
    if actor.party is not None and actor.party == appeal.filed_by:
        parts.add(Part.APPLICANT)
    rows = [each for each in APPEAL_ROWS if each.state == state and each.parts & parts]
    return tuple(AppealEvent(each.event) for each in rows)


def may_appeal(opened: Opened, story: Story) -> tuple[tuple[str, int | None], ...]:
    """What of a case its applicant may appeal against now: targets with their numbers."""
    found: list[tuple[str, int | None]] = []
    if opened.standing.state is CaseState.REFUSED:
        found.append(("case_decision", None))
    if opened.standing.state in (CaseState.PUBLIC_NOTICE, CaseState.DECISION):
        upheld = [
            each.n
            for each in story.objections
            if each.answer is not None and each.answer.outcome is Outcome.UPHELD
        ]
        found += [("objection_answer", n) for n in upheld]
    return tuple(found)
