"""What a granted case becomes: one certificate, amendment, confirmation or print permit.

The outcome is made in the transaction of the decision, after every guard has held. What the decider
leaves open is taken from the application and from the scheme: the number from the scheme's own
counter, the longest term that it allows, products and bases as applied for, the first day of the
mark from the conversion period. A case and its certificate meet in no log entry; each is named in
the committed record of the other.

An annual check of a scheme whose certificates do not lapse without it confirms nothing in the
certificate's history: its outcome is the passed check itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from certification.cases.facts import number_taken
from certification.cases.forms import (
    BASES,
    PERMIT_QUANTITY,
    PRODUCTS,
    amount,
    named,
)
from certification.cases.model import OUTCOME_OF, Answers, Granted, GrantTerms, OutcomeKind
from certification.cases.register import Opened
from certification.certificates import service as certificates
from certification.certificates.commands import (
    AmendCertificate,
    ConfirmCertificate,
    GrantCertificate,
    GrantLine,
)
from certification.certificates.model import latest_end
from certification.certificates.register import Certificate, find
from certification.numbers.service import next_number
from certification.permits.service import OpenPermit, open_permit
from certification.process.deadlines import months_before
from certification.process.standing import Amount
from certification.refusals import CertificationRefusal
from certification.schemes.model import Scheme, TrackKind
from identity.actor import Actor
from identity.roles import Role
from ledger.work import Work
from runtime.clock import beijing_date
from runtime.quantities import QuantityError, parse
from runtime.refusal import Reason, Refusal, refuse


@dataclass(frozen=True)
class Decision:
    """A grant on its way: the case, its answers, the terms, by whom, when and why."""

    opened: Opened
    answers: Answers
    terms: GrantTerms
    actor: Actor
    now: datetime
    reason: str

    @property
    def scheme(self) -> Scheme:
        """The version under which the case began."""
        return self.opened.process.scheme

    @property
    def today(self) -> date:
        """The legal day of the decision."""
        return beijing_date(self.now)

    @property
    def cert_id(self) -> str:
        """The certificate that the case is about."""
        cert_id = self.opened.case.cert_id
        if cert_id is None:
            refuse(CertificationRefusal.CERTIFICATE_NEEDED)
        return cert_id


def granting(terms: GrantTerms, answers: Answers, track: TrackKind) -> Amount | None:
    """What would be granted, in whole units; lines of one unit are added up.

    Raises Refusal QUANTITY_INVALID.
    """
    pairs = [(line.quantity, line.unit) for line in terms.lines]
    if terms.quantity is not None or terms.unit is not None:
        pairs.append((terms.quantity or "", terms.unit or ""))
    permit = answers.get(PERMIT_QUANTITY)
    if not pairs and track is TrackKind.PRINT_PERMIT and permit is not None:
        pairs.append((permit.value, permit.unit or ""))
    try:
        amounts = [amount(parse(value, unit)) for value, unit in pairs]
    except QuantityError as error:
        raise Refusal(Reason(CertificationRefusal.QUANTITY_INVALID, "/terms/quantity")) from error
    if not amounts or len({each.unit for each in amounts}) > 1:
        return None
    return Amount(sum(each.units for each in amounts), amounts[0].unit)


def make_outcome(work: Work, decision: Decision) -> Granted:
    """Make what the case is granted. Raises Refusal: those of certificates, numbers, permits."""
    return _MAKERS[OUTCOME_OF[decision.opened.case.track]](work, decision)


def _certificate(work: Work, decision: Decision) -> Granted:
    terms, scheme, case = decision.terms, decision.scheme, decision.opened.case
    from_date = terms.from_date or decision.today
    made = certificates.grant(
        work,
        GrantCertificate(
            number=terms.number or _number(work, scheme, decision.today.year),
            scheme=case.scheme,
            holder=case.holder,
            products=named(decision.answers, PRODUCTS),
            from_date=from_date,
            to_date=terms.to_date or latest_end(scheme, from_date),
            effective_at=decision.now,
            reason=decision.reason,
            bases=named(decision.answers, BASES),
            quantity=terms.quantity,
            unit=terms.unit,
            document=terms.document,
            basis="case",
            case_id=case.case_id,
            lines=tuple(
                GrantLine(each.product, each.season, each.quantity, each.unit)
                for each in terms.lines
            ),
            mark_from=_mark_from(decision),
            confirm_by=terms.confirm_by or _confirm_by(scheme, from_date),
            body=decision.actor.party,
        ),
        decision.actor,
        decision.now,
    )
    return Granted("certificate", made.cert_id, made.number, made.n)


def _number(work: Work, scheme: Scheme, year: int) -> str:
    return next_number(work, scheme, year, lambda number: number_taken(work, scheme.code, number))


def _confirm_by(scheme: Scheme, day: date) -> date | None:
    """A year from `day`, where certificates lapse unless they are confirmed."""
    return months_before(day, -12) - timedelta(days=1) if scheme.confirm_yearly else None


def _mark_from(decision: Decision) -> date | None:
    """The end of the conversion period, or a later day that the decider names; None without one."""
    since, kind = decision.answers.get("conversion_since"), decision.answers.get("conversion_kind")
    given = decision.terms.mark_from
    months = None if kind is None else decision.scheme.conversion_months.get(kind.value)
    if since is None or months is None:
        return given
    converted = months_before(date.fromisoformat(since.value), -months)
    latest = max(converted, given or converted)
    return latest if latest > decision.today else given


def _amendment(work: Work, decision: Decision) -> Granted:
    terms, renewal = decision.terms, decision.opened.case.track is TrackKind.RENEWAL
    present = find(work, decision.cert_id, decision.now, decision.now)
    from_date, to_date = (
        _renewed(decision, present) if renewal else (terms.from_date, terms.to_date)
    )
    confirm_by = terms.confirm_by
    if renewal and from_date is not None:
        confirm_by = confirm_by or _confirm_by(decision.scheme, from_date)
    made = certificates.amend(
        work,
        AmendCertificate(
            cert_id=decision.cert_id,
            effective_at=decision.now,
            reason=decision.reason,
            document=terms.document,
            case_id=decision.opened.case.case_id,
            products=_changed(named(decision.answers, PRODUCTS), present.products),
            bases=_changed(named(decision.answers, BASES), present.bases),
            mark_from=_mark_from(decision),
            from_date=from_date,
            to_date=to_date,
            endless=renewal and to_date is None,
            confirm_by=confirm_by,
            quantity=terms.quantity,
            unit=terms.unit,
        ),
        decision.actor,
        decision.now,
    )
    return Granted("amendment", decision.cert_id, made.number, made.n)


def _renewed(decision: Decision, present: Certificate) -> tuple[date, date | None]:
    """The days of the next term: it begins on the day after the present one, unless said."""
    following = None if present.to_date is None else present.to_date + timedelta(days=1)
    from_date = decision.terms.from_date or following or decision.today
    return from_date, decision.terms.to_date or latest_end(decision.scheme, from_date)


def _changed(asked: tuple[str, ...], present: tuple[str, ...]) -> tuple[str, ...] | None:
    """A list that an application names, None where it names none or the present one."""
    return None if not asked or set(asked) == set(present) else asked


def _confirmation(work: Work, decision: Decision) -> Granted:
    present = find(work, decision.cert_id, decision.now, decision.now)
    if present.confirm_by is None:
        return Granted("confirmation", present.cert_id, present.number, None)
    made = certificates.confirm(
        work,
        ConfirmCertificate(
            cert_id=decision.cert_id,
            effective_at=decision.now,
            confirm_by=decision.terms.confirm_by or months_before(present.confirm_by, -12),
            reason=decision.reason,
            document=decision.terms.document,
            case_id=decision.opened.case.case_id,
        ),
        decision.actor,
        decision.now,
    )
    return Granted("confirmation", decision.cert_id, made.number, made.n)


def _permit(work: Work, decision: Decision) -> Granted:
    terms, case = decision.terms, decision.opened.case
    line = terms.lines[0] if terms.lines else None
    asked = decision.answers.get(PERMIT_QUANTITY)
    typed = (line.quantity, line.unit) if line else (terms.quantity, terms.unit)
    if typed == (None, None) and asked is not None:
        typed = (asked.value, asked.unit)
    made = open_permit(
        work,
        OpenPermit(
            cert_id=decision.cert_id,
            holder=terms.permit_holder or case.holder,
            quantity=typed[0] or "",
            unit=typed[1] or "",
            reason=decision.reason,
            product=None if line is None else line.product,
            season="" if line is None else line.season,
            document=terms.document,
            case_id=case.case_id,
        ),
        _for_the_office(decision.actor),
        decision.now,
    )
    return Granted("permit", made.permit_id, made.number, None)


def _for_the_office(actor: Actor) -> Actor:
    """The decider of a case, who was let through by its guards, asking in the office's name."""
    return replace(actor, roles=actor.roles | {Role.BRAND_OFFICER})


_MAKERS: Mapping[OutcomeKind, Callable[[Work, Decision], Granted]] = {
    "certificate": _certificate,
    "amendment": _amendment,
    "confirmation": _confirmation,
    "permit": _permit,
}
