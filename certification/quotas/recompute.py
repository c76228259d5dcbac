"""A stranger's reader: every balance of every certificate, line and print permit from public facts.

It shares no code with the writer: entries are cut and read by the checker (`ledger.checker`), and
the sums are made here anew. Nothing is asked of a database, and nothing that is committed is
needed. Whether the export itself is sound is the checker's question (`ecotrace verify --log`).

Rules (docs/log-format.md, `trace.labels.entries`, `certification.permits.entries`):

1. What a certificate grants is in its last grant or amendment that was not annulled, or in its
   `certification.line.open` entries, each with an account of its own, of which the last
   `certification.line.amend` counts.
2. An entry that moves a quantity names the stream of every account that it changes. Labels are
   booked on the `prmt:` stream that the entry's permit number names, else on its `line:` stream,
   else on its `cert:` stream.
3. left = granted + received - given - printed, plus void where `bound` is approved_output.
4. What a void frees on a closed permit goes to the nearest open account above it.
5. Every `left` that an entry states must be the one computed here, and none falls below zero.
   Nothing is printed, opened or moved while the certificate's last stated state is not `active`,
   nor on a permit that is frozen or closed.

What breaks a rule is a `Contradiction`; the books go on as the entry says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from ledger.checker.entry import read_entry
from ledger.checker.paths import cut

Kind = Literal["certificate", "line", "permit"]
_OUTPUT: Final = "approved_output"
_DECISION: Final = "certification.certificate."


@dataclass(frozen=True)
class Statement:
    """The public part of one entry; `name` is what reports call it (index or payload id)."""

    name: str
    type: str
    streams: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass
class Balance:
    """One account as the public entries make it; amounts in `unit` (None: it counts nothing).

    `number` is the certificate's, `permit` the permit's own, `line` the place of a line.
    """

    account_id: str
    cert_id: str
    kind: Kind
    number: str
    bound: str
    unit: str | None = None
    granted: int | None = None
    parent: str | None = None
    permit: str | None = None
    line: int | None = None
    season: str = ""
    given: int = 0
    received: int = 0
    printed: int = 0
    void: int = 0
    frozen: bool = False
    closed: bool = False

    @property
    def left(self) -> int:
        """Rule 3."""
        held = (self.granted or 0) + self.received - self.given - self.printed
        return held + (self.void if self.bound == _OUTPUT else 0)


@dataclass(frozen=True)
class Contradiction:
    """An entry that breaks a rule: which account and fact, what it says, what was computed."""

    name: str
    account_id: str
    column: str
    said: str
    found: str


@dataclass
class _Certificate:
    """What the decisions about one certificate say: `granted` by their place in its list."""

    state: str = ""
    decisions: int = 0
    granted: dict[int, int] = field(default_factory=dict)


class _Unreadable(Exception):
    """A fact that is missing, of another kind, or names what is not there."""

    def __init__(self, column: str, said: object, found: str) -> None:
        super().__init__(column)
        self.column, self.said, self.found = column, str(said), found


class Books:
    """All accounts, grown entry by entry in the order of the log."""

    def __init__(self) -> None:
        self.balances: dict[str, Balance] = {}
        self.contradictions: list[Contradiction] = []
        self._certificates: dict[str, _Certificate] = {}
        self._permits: dict[str, str] = {}

    def apply(self, statement: Statement) -> None:
        """Take one entry into the books; those that move no quantity are passed over."""
        deed = _DEEDS.get(statement.type)
        if statement.type.startswith(_DECISION):
            deed = Books._decide
        if deed is None:
            return
        try:
            deed(self, statement)
        except _Unreadable as fault:
            self._contradict(statement, "-", fault.column, fault.said, fault.found)

    def of_certificate(self, cert_id: str) -> list[Balance]:
        """The accounts of one certificate, its own first."""
        found = [each for each in self.balances.values() if each.cert_id == cert_id]
        return sorted(found, key=lambda each: (each.kind, each.line or 0, each.permit or ""))

    def _decide(self, statement: Statement) -> None:
        cert_id = _stream(statement, "cert")
        known = self._certificates.setdefault(cert_id, _Certificate())
        known.decisions += 1
        facts, n = statement.facts, known.decisions
        if statement.type == f"{_DECISION}grant":
            unit = facts.get("unit")
            number, bound = str(facts.get("number")), str(facts.get("bound"))
            self.balances[cert_id] = Balance(cert_id, cert_id, "certificate", number, bound, unit)
        if "granted" in facts:
            known.granted[n] = _whole(statement, "granted")
        if "annuls" in facts and len(known.granted) > 1:
            known.granted.pop(_whole(statement, "annuls"), None)
        known.state = str(facts.get("state", known.state))
        self._set_granted(statement, cert_id, known)

    def _set_granted(self, statement: Statement, cert_id: str, known: _Certificate) -> None:
        balance = self._account(statement, cert_id)
        if known.granted:
            balance.granted = known.granted[max(known.granted)]
            self._check_not_below(statement, balance, "granted")

    def _open_line(self, statement: Statement) -> None:
        cert_id, line_id = _stream(statement, "cert"), _stream(statement, "line")
        guard = self._account(statement, cert_id)
        self.balances[line_id] = Balance(
            line_id,
            cert_id,
            "line",
            guard.number,
            guard.bound,
            str(statement.facts.get("unit")),
            _whole(statement, "granted"),
            line=_whole(statement, "line"),
            season=str(statement.facts.get("season", "")),
        )

    def _amend_line(self, statement: Statement) -> None:
        line = self._account(statement, _stream(statement, "line"))
        line.granted = _whole(statement, "granted")
        self._check_left(statement, line, "left")
        self._check_not_below(statement, line, "granted")

    def _open_permit(self, statement: Statement) -> None:
        cert_id, permit_id = _stream(statement, "cert"), _stream(statement, "prmt")
        giver = self._account(statement, _stream(statement, "line", cert_id))
        number = str(statement.facts.get("permit"))
        if number in self._permits:
            raise _Unreadable("permit", number, "opened before")
        self._permits[number] = permit_id
        self.balances[permit_id] = Balance(
            permit_id,
            cert_id,
            "permit",
            giver.number,
            giver.bound,
            giver.unit,
            parent=giver.account_id,
            permit=number,
            season=giver.season,
        )
        self._require_active(statement, cert_id)
        self._move(statement, giver, self.balances[permit_id], ("from_left", "left"))

    def _move_permit(self, statement: Statement) -> None:
        self._require_active(statement, _stream(statement, "cert"))
        giver, taker = self._permit(statement, "permit"), self._permit(statement, "to")
        self._require_in_use(statement, giver)
        self._require_in_use(statement, taker)
        self._move(statement, giver, taker, ("left", "to_left"))

    def _close_permit(self, statement: Statement) -> None:
        permit = self._permit(statement, "permit")
        taker = self._above(permit)
        units = _whole(statement, "units")
        if units != permit.left or permit.closed:
            found = "closed" if permit.closed else str(permit.left)
            self._contradict(statement, permit.account_id, "units", str(units), found)
        self._move(statement, permit, taker, ("-", "to_left"))
        permit.closed = True

    def _freeze(self, statement: Statement) -> None:
        permit = self._permit(statement, "permit")
        permit.frozen = statement.type.endswith(".freeze")

    def _print(self, statement: Statement) -> None:
        if "printed" not in statement.facts:
            return
        account = self._booked_on(statement)
        account.printed += _whole(statement, "printed")
        self._require_active(statement, account.cert_id)
        self._require_in_use(statement, account)
        self._check_left(statement, account, "left")
        self._check_not_below(statement, account, "printed")

    def _void(self, statement: Statement) -> None:
        if "void" not in statement.facts:
            return
        account = self._booked_on(statement)
        account.void += _whole(statement, "void")
        if account.void > account.printed:
            printed = str(account.printed)
            self._contradict(statement, account.account_id, "void", str(account.void), printed)
        if account.closed and account.left > 0:
            taker = self._above(account)
            taker.received += account.left
            account.given += account.left
            self._check_named(statement, taker)
            self._check_left(statement, taker, "parent_left")
        self._check_left(statement, account, "left")

    def _move(
        self, statement: Statement, giver: Balance, taker: Balance, said: tuple[str, str]
    ) -> None:
        units = _whole(statement, "units")
        giver.given += units
        taker.received += units
        for account, column in zip((giver, taker), said, strict=True):
            self._check_named(statement, account)
            if column != "-":
                self._check_left(statement, account, column)
        self._check_not_below(statement, giver, "units")

    def _booked_on(self, statement: Statement) -> Balance:
        """Rule 2."""
        if "permit" in statement.facts:
            return self._permit(statement, "permit")
        cert_id = _stream(statement, "cert")
        return self._account(statement, _stream(statement, "line", cert_id))

    def _permit(self, statement: Statement, column: str) -> Balance:
        number = statement.facts.get(column)
        account_id = self._permits.get(str(number), "")
        if account_id not in statement.streams:
            raise _Unreadable(column, number, "no permit among the streams")
        return self.balances[account_id]

    def _account(self, statement: Statement, account_id: str) -> Balance:
        if account_id not in self.balances:
            raise _Unreadable("streams", account_id, "no such account")
        return self.balances[account_id]

    def _above(self, account: Balance) -> Balance:
        """Rule 4."""
        above = self.balances[account.parent or account.cert_id]
        return self._above(above) if above.closed else above

    def _require_active(self, statement: Statement, cert_id: str) -> None:
        known = self._certificates.get(cert_id, _Certificate())
        if known.state != "active":
            self._contradict(statement, cert_id, "state", statement.type, known.state)

    def _require_in_use(self, statement: Statement, account: Balance) -> None:
        if account.closed or account.frozen:
            found = "closed" if account.closed else "frozen"
            self._contradict(statement, account.account_id, "state", statement.type, found)

    def _check_named(self, statement: Statement, account: Balance) -> None:
        if account.account_id not in statement.streams:
            streams = ", ".join(statement.streams)
            self._contradict(statement, account.account_id, "streams", streams, account.account_id)

    def _check_left(self, statement: Statement, account: Balance, column: str) -> None:
        said, found = str(statement.facts.get(column)), str(account.left)
        if said != found:
            self._contradict(statement, account.account_id, column, said, found)

    def _check_not_below(self, statement: Statement, account: Balance, column: str) -> None:
        if account.left < 0:
            said = str(account.left)
            self._contradict(statement, account.account_id, column, said, "not below 0")

    def _contradict(
        self, statement: Statement, account_id: str, column: str, said: str, found: str
    ) -> None:
        fault = Contradiction(statement.name, account_id, column, said, found)
        self.contradictions.append(fault)


_DEEDS: Mapping[str, Callable[[Books, Statement], None]] = {
    "certification.line.open": Books._open_line,
    "certification.line.amend": Books._amend_line,
    "certification.permit.open": Books._open_permit,
    "certification.permit.move": Books._move_permit,
    "certification.permit.freeze": Books._freeze,
    "certification.permit.thaw": Books._freeze,
    "certification.permit.close": Books._close_permit,
    "trace.run.print": Books._print,
    "trace.run.void": Books._void,
}


def _stream(statement: Statement, kind: str, otherwise: str | None = None) -> str:
    """The one stream of a kind that an entry names; `otherwise` where it names none."""
    found = [each for each in statement.streams if each.startswith(f"{kind}:")]
    if not found and otherwise is not None:
        return otherwise
    if len(found) != 1:
        raise _Unreadable("streams", ", ".join(found), f"one {kind}:")
    return found[0]


def _whole(statement: Statement, column: str) -> int:
    value = statement.facts.get(column)
    if type(value) is not int or value < 0:
        raise _Unreadable(column, value, "a whole number")
    return value


def statements(bundles: Iterable[bytes]) -> Iterator[Statement]:
    """The statements about certificates in entry bundles, given in order from the first.

    Raises `ValueError` for a bundle that cannot be cut, `ledger.checker.report.CheckFault` for an
    entry that has no form.
    """
    index = 0
    for bundle in bundles:
        entries = cut(bundle)
        if entries is None:
            raise ValueError(f"the bundle of entry {index} cannot be cut")
        for content in entries:
            # Most entries are about something else; a stream cannot be spelled otherwise.
            if b'"cert:' in content:
                payload = read_entry(content)[0]["payload"]
                streams = tuple(payload["streams"])
                yield Statement(str(index), payload["type"], streams, payload["facts"])
            index += 1


def recompute(told: Iterable[Statement]) -> Books:
    """The books after all statements, in the order of the log."""
    books = Books()
    for statement in told:
        books.apply(statement)
    return books
