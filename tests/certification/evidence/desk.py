"""Applicants with their evidence: a firm, its household, another firm, and an office."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from certification.evidence.intake import Upload, prepare
from certification.evidence.model import Answer
from certification.evidence.service import Attach, KeepEvidence, attach, keep_evidence
from certification.schemes.model import (
    AnswerKind,
    DocumentRule,
    FieldRule,
    Scheme,
    Track,
    TrackKind,
    Words,
)
from certification.schemes.service import scheme
from certification.schemes.vocabulary import Vocabulary
from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from tests.fixtures.pictures import png
from tests.identity.codes import made_code

PICTURE = png(40, 30)
PICTURES = ("image/jpeg", "image/png")
CASE, OTHER_CASE = "case:AAAAAAAAAAAAAAAAAAAA", "case:BAAAAAAAAAAAAAAAAAAA"


def words(text: str) -> Words:
    return Words(text, text)


def field(key: str, kind: AnswerKind, **more: Any) -> FieldRule:
    return FieldRule(key, kind, words(key), words(key), **more)


FIELDS = {
    each.key: each
    for each in (
        field("contact", AnswerKind.TEXT, personal=True, length_max=10),
        field("employees", AnswerKind.INTEGER, low=1, high=500),
        field("area", AnswerKind.QUANTITY, units=("亩", "公顷")),
        field("founded", AnswerKind.DATE),
        field("irrigated", AnswerKind.YES_NO),
        field("grade", AnswerKind.CHOICE, choices=(("a", words("A")), ("aa", words("AA")))),
        field("place", AnswerKind.REGION),
        field("products", AnswerKind.PRODUCTS),
        field("bases", AnswerKind.BASES),
        field("code", AnswerKind.CREDIT_CODE),
        field("phone", AnswerKind.PHONE),
    )
}
DOCUMENTS = {
    each.key: each
    for each in (
        DocumentRule("licence", words("营业执照"), ("application/pdf", *PICTURES)),
        DocumentRule("map", words("地块图"), PICTURES),
        DocumentRule("statement", words("承诺书"), PICTURES, max_age_months=6),
        DocumentRule("report", words("检验报告"), PICTURES, max_age_months=12, lab_report=True),
    )
}
VOCABULARY = Vocabulary(FIELDS, DOCUMENTS, {})


def asking(*asks: str, kind: TrackKind = TrackKind.INITIAL) -> Scheme:
    """A scheme of which one track asks these keys."""
    track = Track(kind, (), asks)
    return replace(
        scheme("jnjp"),
        tracks={kind: track},
        fields={key: FIELDS[key] for key in asks if key in FIELDS},
        documents={key: DOCUMENTS[key] for key in asks if key in DOCUMENTS},
    )


@dataclass
class Desk:
    """A node with the people; each method does what they do there."""

    node: Any
    office: Actor
    firm: str
    other: str
    household: str

    def acting(self, party: str, *roles: str, person: str | None = None) -> Actor:
        """Somebody of a party, at the console."""
        return replace(self.office, party=party, roles=frozenset(roles), person=person)

    def keep(
        self,
        document: str | None = "licence",
        *,
        name: str = "营业执照.png",
        content: bytes | None = PICTURE,
        holder: str | None = None,
        actor: Actor | None = None,
        answers: Mapping[str, str | tuple[str, str]] | None = None,
        key: str | None = None,
        **days: Any,
    ) -> Any:
        """Keep a file, or answers where `content` is None."""
        actor = actor or self.acting(self.firm, "operator")
        given = tuple(
            Answer(name, *((value,) if isinstance(value, str) else value))
            for name, value in (answers or {}).items()
        )
        order = KeepEvidence(holder or self.firm, document, answers=given, **days)
        run = partial(self.node.unit.run, actor=actor, idempotency_key=key)
        if content is None:
            return run(partial(keep_evidence, None), order)
        node = self.node
        with node.database.read() as session:
            prepared = prepare(
                session, node.vault, node.randomness, node.files,
                order, Upload(name, content), actor, node.clock.now(),
            )  # fmt: skip
        return run(partial(keep_evidence, prepared.file), prepared.command)

    def attach(
        self, evidence: str, case: str = CASE, holder: str | None = None, actor: Actor | None = None
    ) -> Any:
        command = Attach(case, evidence, holder)
        return self.node.unit.run(attach, command, actor=actor or self.acting(self.firm))

    def read(self) -> Any:
        return self.node.database.read()


def open_desk(node: Any) -> Desk:
    """The office, two firms, and a household under the first."""

    def registered(*facts: Any, **more: Any) -> str:
        found = node.unit.run(register_party, RegisterParty(*facts, **more), actor=SYSTEM)
        return str(found.id)

    place = RegisterParty("public_office", "演示品牌办公室", None, made_code("11", 1), "120000")
    operator = node.unit.run(register_operator, place, actor=SYSTEM)
    firm = registered("enterprise", "演示米业", None, made_code("91", 1), "120112")
    other = registered("enterprise", "演示果业", None, made_code("91", 2), "120112")
    household = registered(
        "household", "村民甲", None, None, None, host_party=firm, phone="13800000000"
    )
    roles = frozenset({"brand_officer"})
    office = Actor(party=operator.id, person=None, roles=roles, scopes=SYSTEM.scopes)
    return Desk(node, office, firm, other, household)
