"""A brand office with two packing houses, and the verbs of the tests about quantities.

desk = grow(open_desk)
permit = desk.open(decided.cert_id, "4")
desk.print(permit.permit_id, 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from certification.bodies.service import AppointBody, appoint
from certification.permits.service import (
    ChangePermit,
    MovePermit,
    OpenPermit,
    move_permit,
    open_permit,
)
from certification.quotas import service as quotas
from certification.quotas.model import Account
from certification.replay import replay
from certification.uses import service as uses
from identity.actor import SYSTEM, Actor
from identity.keys.service import signer_for
from identity.parties.model import RegisterParty
from identity.parties.service import register_party
from ledger.outbox import Draft, record
from tests.certification.conftest import Office, open_office
from tests.identity.codes import made_code

RUN = "run:AAAAAAAAAAAAAAAAAAAA"
GREEN = {"number": "GF370505261234", "scheme": "green", "quantity": "10", "unit": "公斤"}
KG = 1_000_000


@dataclass(frozen=True)
class Book:
    """Labels for `units` to be printed on an account, or to be void."""

    account_id: str
    kind: str
    units: int


def book(work: Any, command: Book, actor: Actor, now: Any) -> Any:
    """What the label area does around `uses`: book, and log what was booked."""
    deed = uses.take if command.kind == "print" else uses.make_void
    balance = deed(work, command.account_id, command.units, now)
    column = "printed" if command.kind == "print" else "void"
    facts = {
        "number": balance.number,
        "unit": balance.unit,
        column: command.units,
        "left": balance.left,
        "permit": balance.permit,
        "parent_left": balance.taker_left,
    }
    said = {name: value for name, value in facts.items() if value is not None}
    streams = {RUN, balance.cert_id, balance.account_id, balance.taker or RUN}
    draft = Draft(f"trace.run.{command.kind}", tuple(streams), now, said, ())
    record(work, draft, signer_for(work, actor.party or ""), now)
    return balance


@dataclass
class Desk(Office):
    """The office of `conftest`, and the packing houses that it gives permits to."""

    packer: str
    second: str

    def open(self, cert_id: str, quantity: str, holder: str | None = None, **more: Any) -> Any:
        unit = more.pop("unit", "件")
        asked = OpenPermit(cert_id, holder or self.packer, quantity, unit, "按计划准印", **more)
        return self.run(open_permit, asked)

    def move(self, giver: str, taker: str, quantity: str, unit: str = "件") -> Any:
        return self.run(move_permit, MovePermit(giver, taker, quantity, unit, "调剂"))

    def change(self, use_case: Any, permit: str) -> Any:
        return self.run(use_case, ChangePermit(permit, "监督检查"))

    def print(self, account_id: str, units: int) -> Any:
        return self.run(book, Book(account_id, "print", units))

    def void(self, account_id: str, units: int) -> Any:
        return self.run(book, Book(account_id, "void", units))

    def accounts(self, cert_id: str) -> dict[str, Account]:
        with self.read() as session:
            return {each.account_id: each for each in quotas.accounts(session, [cert_id])[cert_id]}

    def differences(self) -> list[tuple[str, str]]:
        with self.read() as session:
            found = replay(session, self.node.vault)
        return [(each.table, each.column) for each in found]


def open_desk(node: Any) -> Desk:
    office = open_office(node)
    party = str(office.actor.party)
    houses = []
    for n, name in ((2, "演示一号包装厂"), (3, "演示二号包装厂")):
        house = RegisterParty("enterprise", name, None, made_code("91", n), "120112")
        houses.append(node.unit.run(register_party, house, actor=SYSTEM).id)
    for scheme in ("jnjp", "green", "gi"):
        node.unit.run(appoint, AppointBody(party, scheme, "office"), actor=SYSTEM)
    return Desk(office.node, office.actor, office.firm, *houses)
