"""The stage of the tests about labels, scans and certificates: a co-op with products and lots.

Quantities are put into a lot's guard row directly; how they come there is tested with the events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from stdnum.cn import uscc

from identity.actor import SYSTEM, Actor
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from ledger.work import Work
from tests.fixtures.nodes import ORIGIN, transaction
from trace.labels.keys import LabelKeys
from trace.labels.model import CertificateLimit, Limit, MarkRight, PrintAllowance
from trace.labels.service import PrintRun, RunPrinted, print_run
from trace.lots.service import OpenLot, open_lot
from trace.lots.tables import LotBalance
from trace.products.service import RegisterProduct, register_product
from web.node import Node

URL = "https://trace.example"
BAG_MG = 5_000_000


def credit_code(n: int) -> str:
    """A credit code of a division that does not exist (999999), with its check character."""
    body = f"93999999MA{n:07d}"
    return body + uscc.calc_check_digit(body)


@dataclass(frozen=True)
class Stage:
    """Who and what there is: a co-op, another firm, a household, rice in bags, crabs in pieces."""

    node: Node
    coop: str
    rival: str
    household: str
    rice: str
    crabs: str

    @property
    def keys(self) -> LabelKeys:
        """The node's label keys."""
        return LabelKeys(self.node.vault)

    def do(self, use_case: Any, command: Any, actor: Actor = SYSTEM) -> Any:
        """Run a use case in a transaction of its own."""
        return self.node.unit.run(use_case, command, actor=actor)

    def lot(self, product: str, code: str, received: int, owner: str | None = None) -> str:
        """Open a lot that has received so many mg or pieces."""
        now = self.node.clock.now()
        opened = self.do(open_lot, OpenLot(owner or self.coop, product, code, now))
        with transaction(self.node) as work:
            work.get_one(LotBalance, opened.id).received = received
        return str(opened.id)

    def print(self, count: int, lot: str | None = None, **changes: Any) -> RunPrinted:
        """Print a run of rice labels, or of what the changes say."""
        printed: RunPrinted = self.do(print_run, self.order(count, lot, **changes))
        return printed

    def order(self, count: int, lot: str | None = None, **changes: Any) -> PrintRun:
        """The command that `print` runs."""
        allowance = PrintAllowance(URL, demo=False)
        return replace(PrintRun(self.coop, "rice", count, allowance, lot), **changes)

    def balance(self, lot: str) -> LotBalance:
        """A lot's guard row."""
        with self.node.database.read() as session:
            return session.get_one(LotBalance, lot)


def certified(granted: int, printed: int, unit: Any = "piece", number: str = "JNJP-2026-1") -> Any:
    """An allowance that a certificate bounds."""
    limit = Limit(unit, granted, printed, granted - printed)
    certificate = CertificateLimit("cert:" + "c" * 20, number, limit)
    return PrintAllowance(
        URL, demo=False, mark=MarkRight(certificate.cert_id), certificate=certificate
    )


def set_stage(node: Node) -> Stage:
    """Register everybody and everything."""
    now = node.clock.now()
    with transaction(node) as work:
        register_operator(work, _firm(1, "演示平台", "public_office"), SYSTEM, now)
    with transaction(node) as work:
        coop = register_party(work, _firm(2, "演示合作社", "cooperative"), SYSTEM, now).id
        rival = register_party(work, _firm(3, "演示公司", "enterprise"), SYSTEM, now).id
        person = RegisterParty("household", "王小明", host_party=coop, phone="13800138000")
        household = register_party(work, person, SYSTEM, now).id
        rice = _product(work, coop, "rice", "grain", ("5", "公斤"), now)
        crabs = _product(work, coop, "crabs", "aquatic", None, now)
    return Stage(node, coop, rival, household, rice, crabs)


def _firm(n: int, name: str, kind: str) -> RegisterParty:
    return RegisterParty(kind, name, code=credit_code(n), region="120112")


def _product(work: Work, owner: str, code: str, category: str, net: Any, now: Any) -> str:
    command = RegisterProduct(
        owner=owner,
        code=code,
        name_zh=f"演示{code}",
        name_en=code,
        category=category,
        measure="mass" if net else "pieces",
        net=net,
    )
    return register_product(work, command, SYSTEM, now).id


__all__ = ["ORIGIN", "URL", "Stage", "certified", "set_stage"]
