"""The hall where applications are handled: an office, a body, a laboratory, experts, a firm.

hall = grow(open_hall)
case = hall.open()
hall.fill(case)
hall.act(case, "submit", "grower")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from certification.appeals.replay import replay_appeals
from certification.bodies.service import AppointBody, GrantCompetence, appoint, grant_competence
from certification.cases.model import Act, GrantTerms, Objector, OpenCase
from certification.cases.register import find_case
from certification.cases.replay import replay_cases
from certification.cases.service import open_case
from certification.evidence.intake import Upload, prepare
from certification.evidence.model import Answer
from certification.evidence.service import Attach, KeepEvidence, attach, keep_evidence
from certification.inspections.service import (
    InspectionResult,
    PlanInspection,
    Subject,
    plan,
)
from certification.schemes.model import AnswerKind
from certification.schemes.service import PublishScheme, publish
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from identity.people.model import CreatePerson, GrantMembership
from identity.people.service import create_person, grant_membership
from ledger.entries.model import parse_entry, payload_id
from ledger.reader import LogReader
from runtime import base64url
from tests.fixtures.pictures import png
from tests.identity.codes import made_code
from trace.bases.service import RegisterBase, register_base
from trace.products.service import RegisterProduct, register_product
from workflows.advance_case import advance_case

PICTURE = png(40, 30)
SCHEME, VERSION = "jnjp", "2026-2"
UNTIL = date(2028, 12, 31)
REASONS = "经核查，理由充分"
TERMS = GrantTerms(quantity="1000", unit="件", document="演示认定〔2026〕1号")
OBJECTOR = Objector("村民乙", "13800000001")

# Everybody who works here: party, role and task; two deciders, for appeals need another.
STAFF = {
    "clerk": ("office", "brand_officer", None),
    "reviewer": ("office", "reviewer", "review"),
    "inspector": ("body", "inspector", "inspect"),
    "analyst": ("lab", "lab_analyst", "test"),
    "expert": ("club", "expert", "assess"),
    "decider": ("office", "decider", "decide"),
    "second": ("office", "decider", "decide"),
    "third": ("office", "brand_officer", None),
}
FUNCTIONS = {"office": "office", "body": "body", "lab": "laboratory", "club": "experts"}
# What is done in each state up to the decision, and by whom.
WAY = {
    "submitted": ("accept", "clerk", None),
    "desk_review": ("complete_step", "reviewer", "pass"),
    "site_check": ("complete_step", "inspector", "pass"),
    "lab_test": ("complete_step", "analyst", "pass"),
    "expert_review": ("complete_step", "expert", "pass"),
    "public_notice": ("publish_notice", "clerk", None),
}


@dataclass
class Hall:
    """A node with all these people; `run` does a use case as one of them, by name."""

    node: Any
    parties: dict[str, str]
    people: dict[str, str]
    product: str
    base: str
    case_id: str = ""

    @property
    def firm(self) -> str:
        return self.parties["firm"]

    def actor(self, name: str) -> Actor:
        if name == "system":
            return SYSTEM
        if name == "anybody":
            return Actor(None, None, frozenset(), SYSTEM.scopes)
        if name in ("grower", "stranger"):
            party = self.parties["firm" if name == "grower" else "other"]
            return Actor(party, self.people[name], frozenset({"operator"}), SYSTEM.scopes)
        party, role, _ = STAFF[name]
        return Actor(self.parties[party], self.people[name], frozenset({role}), SYSTEM.scopes)

    def run(self, use_case: Any, command: object, name: str = "grower", **more: Any) -> Any:
        return self.node.unit.run(use_case, command, actor=self.actor(name), **more)

    def open(self, name: str = "grower", **changes: Any) -> str:
        order = OpenCase(**({"scheme": SCHEME, "track": "initial"} | changes))
        return str(self.run(open_case, order, name).case_id)

    def act(self, case_id: str, event: str, name: str, outcome: str | None = None, **more: Any):
        return self.run(advance_case, Act(case_id, event, outcome, **more), name)

    def fill(self, case_id: str) -> None:
        """Answer everything and hand in every document."""
        self.act(case_id, "save", "grower", answers=self.answers(case_id))
        process = self.opened(case_id).process
        for key in process.track.asks:
            if key in process.scheme.documents:
                self.hand_in(case_id, key)

    def answers(self, case_id: str) -> tuple[Answer, ...]:
        process = self.opened(case_id).process
        rules = [process.scheme.fields[k] for k in process.track.asks if k in process.scheme.fields]
        given = {rule.key: self.answer(rule) for rule in rules}
        return tuple(given.values())

    def answer(self, rule: Any) -> Answer:
        """An answer that is all right."""
        kind = rule.kind
        if kind is AnswerKind.QUANTITY:
            return Answer(rule.key, "20", rule.units[0])
        values = {
            AnswerKind.PRODUCTS: self.product,
            AnswerKind.BASES: self.base,
            AnswerKind.INTEGER: str(max(rule.low or 0, 1)),
            AnswerKind.YES_NO: "no",
            AnswerKind.DATE: "2026-01-05",
            AnswerKind.REGION: "120112",
            AnswerKind.PHONE: "13800000000",
            AnswerKind.CREDIT_CODE: made_code("91", 1),
            AnswerKind.CHOICE: rule.choices[0][0] if rule.choices else "",
            AnswerKind.TEXT: "演示",
        }
        return Answer(rule.key, values[kind])

    def hand_in(self, case_id: str, key: str, name: str = "grower") -> Any:
        node, actor, now = self.node, self.actor(name), self.node.clock.now()
        order = KeepEvidence(self.firm, key, valid_from=now.date() - timedelta(days=20))
        with node.database.read() as session:
            upload = Upload(f"{key}.png", PICTURE)
            made = prepare(
                session, node.vault, node.randomness, node.files, order, upload, actor, now
            )
        kept = self.run(partial(keep_evidence, made.file), made.command, name)
        self.run(attach, Attach(case_id, kept.id), name)
        return kept

    def submitted(self, **changes: Any) -> str:
        case_id = self.open(**changes)
        self.fill(case_id)
        self.act(case_id, "submit", "grower")
        return case_id

    def declare_all(self, case_id: str) -> None:
        """Everybody who will act says that they have nothing to do with the applicant."""
        for step in self.opened(case_id).process.track.steps:
            _, name, outcome = WAY.get(step.state, ("grant", "decider", "pass"))
            if outcome is not None:
                self.act(case_id, "declare_interest", name, interest="none")

    def to(self, case_id: str) -> str:
        """Take a submitted case to the decision, or to the public notice on the way."""
        self.declare_all(case_id)
        for step in self.opened(case_id).process.track.steps[:-1]:
            event, name, outcome = WAY[step.state]
            self.act(case_id, event, name, outcome)
        return case_id

    def decidable(self) -> str:
        """A case that waits for nothing but the decision."""
        case_id = self.to(self.submitted())
        self.days(12)
        self.act(case_id, "end_notice", "system")
        self.act(case_id, "record_agreement", "clerk", document="演示合同〔2026〕1号")
        self.settle(case_id)
        return case_id

    def settle(self, case_id: str) -> None:
        """Have every fee of the case settled; tracks that follow a grant have none."""
        process = self.opened(case_id).process
        if process.track.kind in ("initial", "renewal"):
            for fee in process.scheme.fees:
                self.act(case_id, "record_fee", "clerk", fee=fee.key)

    def following(self, track: str, cert_id: str) -> str:
        """A case on another track about a certificate, ready for the decision."""
        case_id = self.to(self.submitted(track=track, cert_id=cert_id))
        self.act(case_id, "record_agreement", "clerk")
        self.settle(case_id)
        return case_id

    def send(self, name: str) -> Any:
        """Plan a visit about the case by somebody, who is made competent for it."""
        vouched = GrantCompetence(self.people[name], SCHEME, "inspect", UNTIL)
        self.run(grant_competence, vouched, "system")
        subject = Subject(self.case_id, self.firm, SCHEME, VERSION)
        day = self.node.clock.now().date() + timedelta(days=1)
        order = PlanInspection(self.case_id, "initial", day, (self.people[name],))
        return self.run(partial(_plan, subject), order, "clerk")

    def days(self, days: int) -> None:
        self.node.clock.advance(timedelta(days=days))

    def opened(self, case_id: str, name: str = "system") -> Any:
        with self.node.database.read() as session:
            return find_case(session, case_id, self.actor(name), self.node.clock.now())

    def state(self, case_id: str) -> str:
        return str(self.opened(case_id).standing.state)

    def read(self) -> Any:
        return self.node.database.read()

    def differences(self) -> list[tuple[str, str]]:
        """Table and column of each difference between the rows of cases and appeals and the log."""
        with self.read() as session:
            reader = LogReader(session)
            entries = map(parse_entry, reader.entry_range(0, reader.size))
            named = [(base64url.encode(payload_id(e.payload_bytes)), e.payload) for e in entries]
            found = [
                *replay_cases(session, self.node.vault, named),
                *replay_appeals(session, self.node.vault, named),
            ]
        return [(each.table, each.column) for each in found]


def open_hall(node: Any) -> Hall:
    """Register everybody, publish the scheme, and let the firm have a product and a base."""
    run = partial(node.unit.run, actor=SYSTEM)
    office = RegisterParty("public_office", "演示品牌办公室", None, made_code("11", 1), "120000")
    parties = {"office": run(register_operator, office).id}
    others = {
        "body": ("social_organisation", "演示检查机构", "51"),
        "lab": ("social_organisation", "演示检验机构", "51"),
        "club": ("social_organisation", "演示评审会", "51"),
        "firm": ("enterprise", "演示米业", "91"),
        "other": ("enterprise", "演示果业", "91"),
    }
    for n, (name, (kind, zh, authority)) in enumerate(others.items(), 2):
        order = RegisterParty(kind, zh, None, made_code(authority, n), "120112")
        parties[name] = run(register_party, order).id
    run(publish, PublishScheme(SCHEME, VERSION))
    people = {name: _person(run, name) for name in (*STAFF, "grower", "stranger")}
    for name, party in (("grower", "firm"), ("stranger", "other")):
        run(grant_membership, GrantMembership(people[name], parties[party], "operator"))
    staff(run, parties, people)
    firm = parties["firm"]
    product = run(
        register_product,
        RegisterProduct(
            firm, "RICE-1", "演示大米", "Demo rice", "grain", "mass",
            net=("5", "公斤"), expected=("72", "吨"),
        ),
    )  # fmt: skip
    base = RegisterBase(firm, "一号田", "Field one", "120112102", ("120", "亩"))
    return Hall(node, parties, people, product.id, run(register_base, base).id)


def _plan(
    subject: Subject, work: Any, command: PlanInspection, actor: Actor, now: datetime
) -> InspectionResult:
    return plan(work, command, subject, actor, now)


def open_submitted(node: Any) -> Hall:
    """The hall with one application that was submitted."""
    hall = open_hall(node)
    hall.case_id = hall.submitted()
    return hall


def open_deciding(node: Any) -> Hall:
    """The hall with one application that waits for nothing but the decision."""
    hall = open_hall(node)
    hall.case_id = hall.decidable()
    return hall


def _person(run: Any, name: str) -> str:
    return str(run(create_person, CreatePerson(f"demo.{name}", "$argon2id$demo")).id)


def staff(run: Any, parties: dict[str, str], people: dict[str, str], code: str = SCHEME) -> None:
    """Appoint the parties for a scheme and put the people's competence on record."""
    for party, function in FUNCTIONS.items():
        run(appoint, AppointBody(parties[party], code, function))
    for name, (_, _, task) in STAFF.items():
        if task is not None:
            run(grant_competence, GrantCompetence(people[name], code, task, UNTIL))
