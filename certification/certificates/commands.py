"""What is asked of certificates: the commands of `certificates.service`, and its answer.

Quantities are as typed (`"46.8"`, `"吨"`); days are Beijing days. `case_id` names the case whose
decision this is; it is committed, never public. Every `reason` and `document` is committed too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Basis = Literal["recorded", "case"]
"""How a certificate came here: recorded (补录) from a document, or granted by a case of ours."""


@dataclass(frozen=True)
class GrantLine:
    """One line of a grant: `quantity` `unit` of a product in a season ("" for the whole term)."""

    product: str
    season: str
    quantity: str
    unit: str


@dataclass(frozen=True)
class MarkDay:
    """Goods of this product or from this base carry no mark before `mark_from` (conversion)."""

    subject: str
    mark_from: date


@dataclass(frozen=True)
class GrantCertificate:
    """Grant a certificate or licence.

    `quantity` and `unit` are both None where the scheme bounds no quantity, and where `lines`
    bound it. `to_date` is the last day; None where the right has no end of its own. `mark_from`
    holds for the whole scope, `mark_days` for single products and bases. `confirm_by` is the first
    day by which a yearly confirmation is due; `body` the party that answers for the certificate.
    `scheme_version` is that under which a case began; None: the newest.
    """

    number: str
    scheme: str
    holder: str
    products: tuple[str, ...]
    from_date: date
    to_date: date | None
    effective_at: datetime
    reason: str
    bases: tuple[str, ...] = ()
    quantity: str | None = None
    unit: str | None = None
    document: str | None = None
    basis: Basis = "recorded"
    case_id: str | None = None
    lines: tuple[GrantLine, ...] = ()
    mark_from: date | None = None
    mark_days: tuple[MarkDay, ...] = ()
    confirm_by: date | None = None
    body: str | None = None
    scheme_version: str | None = None


@dataclass(frozen=True)
class ChangeCertificate:
    """Suspend, resume, revoke or cancel a certificate from `effective_at` on."""

    cert_id: str
    effective_at: datetime
    reason: str
    document: str | None = None
    case_id: str | None = None


@dataclass(frozen=True)
class AmendCertificate:
    """Change scope, term or quantity from `effective_at` on; None: stays as it is.

    `products` and `bases` each replace the whole list; what stays in scope keeps its first day of
    the mark unless another is given. A term is set where `from_date` or `to_date` or `confirm_by`
    is given; the others then stay
    those of the present term, and `endless` sets a term without an end. A renewal gives both
    days.
    """

    cert_id: str
    effective_at: datetime
    reason: str
    document: str | None = None
    case_id: str | None = None
    products: tuple[str, ...] | None = None
    bases: tuple[str, ...] | None = None
    mark_from: date | None = None
    mark_days: tuple[MarkDay, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    endless: bool = False
    confirm_by: date | None = None
    quantity: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class ConfirmCertificate:
    """Confirm a certificate for a further year: it now lapses after `confirm_by`."""

    cert_id: str
    effective_at: datetime
    confirm_by: date
    reason: str
    document: str | None = None
    case_id: str | None = None


@dataclass(frozen=True)
class SucceedCertificate:
    """Supersede a certificate, or pass it on: `successor` is the number that takes its place.

    `successor_scheme` None: a certificate of the same scheme.
    """

    cert_id: str
    effective_at: datetime
    successor: str
    reason: str
    document: str | None = None
    case_id: str | None = None
    successor_scheme: str | None = None


@dataclass(frozen=True)
class TransferBody:
    """Let the party `to` answer for a certificate; the new body signs. Nothing else changes."""

    cert_id: str
    effective_at: datetime
    to: str
    reason: str
    document: str | None = None
    move_id: str | None = None


@dataclass(frozen=True)
class AnnulChange:
    """Declare decision number `annuls` of a certificate an error; it then never counted."""

    cert_id: str
    annuls: int
    reason: str
    document: str | None = None


@dataclass(frozen=True)
class Decided:
    """A decision that was recorded: number `n` of the certificate, state at the present moment."""

    cert_id: str
    number: str
    n: int
    state: str
    payload_id: str
