"""What every story needs: the runner, the calendar of the season, parties and short verbs.

Stories are dated in the season 2026. They are moved by whole years so that their last day lies
before today; marks that are "ending soon" are dated from today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from stdnum.cn import uscc

from certification.certificates.service import Decided, GrantCertificate
from certification.consequences.model import Verb
from certification.consequences.service import (
    ConfirmConsequence,
    ConsequenceResult,
    ProposeConsequence,
)
from identity.actor import SYSTEM, Actor
from identity.parties.model import Party, RegisterParty
from identity.parties.service import register_party
from ledger.work import Work
from runtime.clock import BEIJING, beijing_date
from runtime.refusal import Refusal
from trace.bases.service import BaseRegistered, RegisterBase, register_base
from trace.events.service import EventResult
from trace.labels.keys import LabelKeys
from trace.labels.lookup import PrintedLabel, printed_labels, require_run
from trace.labels.model import Span
from trace.labels.service import RunPrinted
from trace.lots.service import LotOpened, OpenLot
from trace.products.service import (
    ProductRegistered,
    RegisterProduct,
    register_product,
    require_product,
)
from trace.steps.service import LotAmount, RecordStep, record_step
from web.node import Node
from workflows.change_certificate import grant_certificate
from workflows.confirm_consequence import confirm_consequence, propose_consequence
from workflows.open_lot import open_lot
from workflows.print_labels import PrintLabels, print_labels

Command = TypeVar("Command")
Result = TypeVar("Result")

SEASON = 2026
LICENCE_YEARS = 3
LAST_DAY = date(SEASON, 11, 6)
BRAND_OFFICERS = ("pinpai", "pinpai2")
"""The logins of the two who suspend and revoke together."""


@dataclass(frozen=True)
class Scan:
    """One code of the demo: the verdict that its page shows, and its address."""

    what: str
    address: str


@dataclass(frozen=True)
class Printed:
    """A print run and its first labels."""

    run: RunPrinted
    labels: tuple[PrintedLabel, ...]


@dataclass
class Stage:
    """A node on which stories are told; it collects what the command line prints at the end."""

    node: Node
    year: int
    operator: Party
    scans: list[Scan] = field(default_factory=list)
    refusals: list[tuple[str, Refusal]] = field(default_factory=list)
    actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """The address under which the demo is served."""
        return self.node.settings.base_url.rstrip("/")

    def day(self, month: int, day: int, hour: int = 9) -> datetime:
        """Give a moment of the season, in Beijing time."""
        return datetime(self.year, month, day, hour, tzinfo=BEIJING)

    def run(
        self,
        use_case: Callable[[Work, Command, Actor, datetime], Result],
        command: Command,
        actor: Actor = SYSTEM,
    ) -> Result:
        """Run a use case through the one runner."""
        return self.node.unit.run(use_case, command, actor=actor)

    def refused(
        self,
        name: str,
        use_case: Callable[[Work, Command, Actor, datetime], object],
        command: Command,
    ) -> None:
        """Run a use case that has to be refused, and keep what it said."""
        try:
            self.run(use_case, command)
        except Refusal as refusal:
            self.refusals.append((name, refusal))
            return
        raise RuntimeError(f"the demo expected a refusal: {name}")

    def party(self, kind: str, name_zh: str, name_en: str, number: int, region: str) -> Party:
        """Register an invented organisation; `number` (below 10^8) makes its code."""
        code = invented_code(number)
        return self.run(register_party, RegisterParty(kind, name_zh, name_en, code, region))

    def household(self, host: Party, name_zh: str, phone: str) -> Party:
        """Register an invented household under its host."""
        return self.run(
            register_party,
            RegisterParty("household", name_zh, host_party=host.id, phone=phone),
        )

    def base(self, command: RegisterBase) -> BaseRegistered:
        """Register a base."""
        return self.run(register_base, command)

    def product(self, command: RegisterProduct) -> ProductRegistered:
        """Register a product."""
        return self.run(register_product, command)

    def lot(
        self, owner: Party, product: str, code: str, at: datetime, base: BaseRegistered | None
    ) -> LotOpened:
        """Open a lot."""
        base_id = base.id if base else None
        return self.run(open_lot, OpenLot(owner.id, product, code, at, base_id))

    def step(
        self, party: Party, step: str, at: datetime, *, details: dict[str, str] | None = None,
        lots: tuple[LotAmount, ...] = (), inputs: tuple[LotAmount, ...] = (),
        outputs: tuple[LotAmount, ...] = (), operator: str | None = None, note: str | None = None,
    ) -> EventResult:  # fmt: skip
        """Record a step of the chain."""
        command = RecordStep(
            party.id, step, at, self.base_url, lots, inputs, outputs,
            operator=operator, note=note, details=details or {},
        )  # fmt: skip
        return self.run(record_step, command)

    def order(
        self, owner: Party, product: str, count: int, lot: str | None, *, with_mark: bool = True
    ) -> PrintLabels:
        """Make an order for labels."""
        settings = self.node.settings
        return PrintLabels(
            owner.id, product, count, settings.base_url, settings.demo, lot, with_mark=with_mark
        )

    def labels(self, order: PrintLabels) -> Printed:
        """Print labels; gives the first ten."""
        run: RunPrinted = self.run(print_labels, order)
        with self.node.database.read() as session:
            keys = LabelKeys(self.node.vault)
            row = require_run(session, run.id)
            span = Span(1, min(run.count, 10))
            labels = printed_labels(row, keys, self.node.log_keys.origin, span)
            return Printed(run, tuple(labels))

    def licence(
        self, scheme: str, number: str, holder: Party, product: str, end: date, pieces: str
    ) -> Decided:
        """Grant a licence with a print permit, for the scheme's whole term that ends on a day."""
        years = 1 if scheme == "xiangli" else LICENCE_YEARS
        start = end.replace(year=end.year - years) + timedelta(days=1)
        command = GrantCertificate(
            number=number.format(year=start.year),
            scheme=scheme,
            holder=holder.id,
            products=(self.product_id(product),),
            from_date=start,
            to_date=end,
            effective_at=datetime.combine(start, time(), BEIJING),
            reason="演示：评定通过",
            quantity=pieces,
            unit="piece",
        )
        return self.run(grant_certificate, command)

    def consequence(
        self, verb: Verb, cert_id: str, at: datetime, reason: str, ground: str | None = None
    ) -> ConsequenceResult:
        """Propose as one officer of the brand office what a second one confirms."""
        command = ProposeConsequence(cert_id, verb.value, at, reason, ground=ground)
        first, second = (self.actors[login] for login in BRAND_OFFICERS)
        proposed = self.run(propose_consequence, command, first)
        return self.run(
            confirm_consequence, ConfirmConsequence(proposed.id, proposed.radius), second
        )

    def lasting(self, end: date, days: int = 60) -> date:
        """Give a last day that still lies ahead: labels are printed today, whatever the season."""
        return max(end, days_ahead(self.node.clock.now(), days))

    def product_id(self, code: str) -> str:
        """Give the id of a product of the demo."""
        with self.node.database.read() as session:
            return require_product(session, code, "/product").id

    def scan(self, what: str, address: str) -> None:
        """Keep a code for the list that the command line prints."""
        self.scans.append(Scan(what, address))


def season_for(today: date) -> int:
    """Give the year into which the stories are moved: their last day lies before today."""
    year = today.year
    return year if date(year, LAST_DAY.month, LAST_DAY.day) < today else year - 1


def invented_code(number: int) -> str:
    """Give a credit code of a division that does not exist (digits 3 to 8 = 999999)."""
    body = f"91999999{number:08d}X"
    return body + str(uscc.calc_check_digit(body))


def days_ahead(now: datetime, days: int) -> date:
    """Give the date so many days from today, in Beijing."""
    return beijing_date(now) + timedelta(days=days)
