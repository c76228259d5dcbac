"""Certificates, what they name, and the decisions about them; rows are only inserted.

Every row's truth is committed in the log entry of its decision; `certificates.replay` compares.
What an amendment sets stands beside the grant and never in its place.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from certification.quotas.model import Unit
from runtime.database import Base, Instant, TableClass, table


class CertificateRow(Base):
    """One certificate or licence as it was granted.

    A number is unique within its scheme only: the credit code that GI users print in the mark is
    the number of each of their GI certificates.
    """

    __tablename__ = "certification_certificates"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("to_date IS NULL OR to_date >= from_date", name="dates_in_order"),
        UniqueConstraint("scheme", "number"),
        Index(None, "number"),
        Index(None, "holder"),
        Index(None, "to_date"),
        history=True,
    )

    cert_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[str] = mapped_column(String(32))
    scheme: Mapped[str] = mapped_column(String(16))
    scheme_version: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str] = mapped_column(String(26))
    from_date: Mapped[date] = mapped_column(Date)
    to_date: Mapped[date | None] = mapped_column(Date)
    confirm_by: Mapped[date | None] = mapped_column(Date)
    bound: Mapped[str] = mapped_column(String(20))
    granted: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[Unit | None] = mapped_column(String(8))
    typed_value: Mapped[str | None] = mapped_column(String(40))
    typed_unit: Mapped[str | None] = mapped_column(String(16))
    basis: Mapped[str] = mapped_column(String(8))
    body: Mapped[str | None] = mapped_column(String(26))


class AmendmentRow(Base):
    """What an amendment set: a term (where `from_date` is given), a quantity, or the scope.

    The scope itself is in the rows of `certification_scopes` with this `n`.
    """

    __tablename__ = "certification_amendments"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("to_date IS NULL OR to_date >= from_date", name="dates_in_order"),
        CheckConstraint("(granted IS NULL) = (unit IS NULL)", name="unit_with_quantity"),
        Index(None, "to_date"),
        history=True,
    )

    cert_id: Mapped[str] = mapped_column(
        ForeignKey("certification_certificates.cert_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_date: Mapped[date | None] = mapped_column(Date)
    to_date: Mapped[date | None] = mapped_column(Date)
    confirm_by: Mapped[date | None] = mapped_column(Date)
    granted: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[Unit | None] = mapped_column(String(8))
    typed_value: Mapped[str | None] = mapped_column(String(40))
    typed_unit: Mapped[str | None] = mapped_column(String(16))


class ScopeRow(Base):
    """One product or base that a certificate names since decision `n`.

    `subject` is an id of another area. The rows of one `n` are the whole scope from then on.
    """

    __tablename__ = "certification_scopes"
    __table_args__ = table(TableClass.REGISTER, Index(None, "subject"), history=True)

    cert_id: Mapped[str] = mapped_column(
        ForeignKey("certification_certificates.cert_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    noun: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(String(26), primary_key=True)
    mark_from: Mapped[date | None] = mapped_column(Date)


class ChangeRow(Base):
    """One decision about a certificate, in the order in which they were recorded.

    `confirm_by`, `successor` (a number, and its scheme) and `to` (a body) are there for the kinds
    that set them.
    """

    __tablename__ = "certification_changes"
    __table_args__ = table(TableClass.REGISTER, Index(None, "case_id"), history=True)

    cert_id: Mapped[str] = mapped_column(
        ForeignKey("certification_certificates.cert_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    annuls: Mapped[int | None] = mapped_column()
    confirm_by: Mapped[date | None] = mapped_column(Date)
    successor: Mapped[str | None] = mapped_column(String(32))
    successor_scheme: Mapped[str | None] = mapped_column(String(16))
    to: Mapped[str | None] = mapped_column("to_body", String(26))
    case_id: Mapped[str | None] = mapped_column(String(26))
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
