"""Certificates, their scope and their decisions; rows are only inserted.

Every row's truth is committed in the log entry `payload_id`; `certification.replay` compares.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certification.quotas.model import Unit
from runtime.database import Base, Instant, TableClass, table


class CertificateRow(Base):
    """One certificate or licence as it was granted."""

    __tablename__ = "certification_certificates"
    __table_args__ = table(
        TableClass.REGISTER,
        CheckConstraint("to_date IS NULL OR to_date >= from_date", name="dates_in_order"),
        Index(None, "holder"),
        Index(None, "to_date"),
        history=True,
    )

    cert_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    scheme: Mapped[str] = mapped_column(String(16))
    scheme_version: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str] = mapped_column(String(26))
    from_date: Mapped[date] = mapped_column(Date)
    to_date: Mapped[date | None] = mapped_column(Date)
    bound: Mapped[str] = mapped_column(String(20))
    granted: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[Unit | None] = mapped_column(String(8))
    typed_value: Mapped[str | None] = mapped_column(String(40))
    typed_unit: Mapped[str | None] = mapped_column(String(16))


class ScopeRow(Base):
    """One product or base that a certificate names; `subject` is an id of another area."""

    __tablename__ = "certification_scopes"
    __table_args__ = table(TableClass.REGISTER, Index(None, "subject"), history=True)

    cert_id: Mapped[str] = mapped_column(
        ForeignKey("certification_certificates.cert_id"), primary_key=True
    )
    noun: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(String(26), primary_key=True)


class ChangeRow(Base):
    """One decision about a certificate, in the order in which they were recorded."""

    __tablename__ = "certification_changes"
    __table_args__ = table(TableClass.REGISTER, history=True)

    cert_id: Mapped[str] = mapped_column(
        ForeignKey("certification_certificates.cert_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(8))
    effective_at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    annuls: Mapped[int | None] = mapped_column()
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
