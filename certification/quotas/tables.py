"""The accounts of each certificate, and the lines under which a quantity was granted.

The guard row exists before anybody locks it (it is inserted with the grant), so that two printers
meet on it and never on an absent row. The check constraints repeat the model's invariants: a
writer that forgot the lock would still be refused by the database.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from certification.quotas.model import Unit
from runtime.database import Base, Instant, TableClass, table

_LEFT = (
    "COALESCE(granted, 0) + received - given - printed"
    " + CASE bound WHEN 'approved_output' THEN void ELSE 0 END"
)


class QuotaRow(Base):
    """Derived: one account of a certificate, rebuilt by `certification.quotas.replay`.

    The account that bears the certificate's own id is its guard. `parent` is None for guard and
    lines; `granted` and `unit` are None where the account counts nothing.
    """

    __tablename__ = "certification_quotas"
    __table_args__ = table(
        TableClass.DERIVED,
        CheckConstraint("void >= 0 AND void <= printed", name="void_within_printed"),
        CheckConstraint("given >= 0 AND received >= 0", name="movements_not_negative"),
        CheckConstraint(f"unit IS NULL OR {_LEFT} >= 0", name="printed_within_granted"),
        CheckConstraint(f"NOT closed OR {_LEFT} = 0", name="nothing_left_when_closed"),
        CheckConstraint(
            "sold_void >= 0 AND sold_void <= sold AND sold - sold_void <= COALESCE(granted, 0)",
            name="sold_within_granted",
        ),
        CheckConstraint(
            "CASE WHEN parent IS NULL THEN (granted IS NULL) = (unit IS NULL)"
            " ELSE granted IS NULL AND unit IS NOT NULL END",
            name="unit_with_quantity",
        ),
        Index(None, "cert_id"),
    )

    account_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    cert_id: Mapped[str] = mapped_column(String(26))
    parent: Mapped[str | None] = mapped_column(ForeignKey("certification_quotas.account_id"))
    bound: Mapped[str] = mapped_column(String(20))
    unit: Mapped[Unit | None] = mapped_column(String(8))
    granted: Mapped[int | None] = mapped_column(BigInteger)
    given: Mapped[int] = mapped_column(BigInteger, default=0)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    printed: Mapped[int] = mapped_column(BigInteger, default=0)
    void: Mapped[int] = mapped_column(BigInteger, default=0)
    sold: Mapped[int] = mapped_column(BigInteger, default=0)
    sold_void: Mapped[int] = mapped_column(BigInteger, default=0)
    closed: Mapped[bool] = mapped_column(default=False)


class LineRow(Base):
    """One line of a certificate: so much of one product in one season, with its own account.

    `office`, `document` and `reason` are None where the grant itself opened it and says them.
    """

    __tablename__ = "certification_lines"
    __table_args__ = table(
        TableClass.REGISTER,
        Index("uq_certification_lines_n", "cert_id", "n", unique=True),
        Index("uq_certification_lines_season", "cert_id", "product", "season", unique=True),
        history=True,
    )

    line_id: Mapped[str] = mapped_column(
        ForeignKey("certification_quotas.account_id"), primary_key=True
    )
    cert_id: Mapped[str] = mapped_column(String(26))
    n: Mapped[int] = mapped_column()
    product: Mapped[str] = mapped_column(String(26))
    season: Mapped[str] = mapped_column(String(13))
    unit: Mapped[Unit] = mapped_column(String(8))
    granted: Mapped[int] = mapped_column(BigInteger)
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(Text)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class LineAmendmentRow(Base):
    """A later decision about what a line grants, in order; the last one holds."""

    __tablename__ = "certification_line_amendments"
    __table_args__ = table(TableClass.REGISTER, history=True)

    line_id: Mapped[str] = mapped_column(
        ForeignKey("certification_lines.line_id"), primary_key=True
    )
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    granted: Mapped[int] = mapped_column(BigInteger)
    typed_value: Mapped[str] = mapped_column(String(40))
    typed_unit: Mapped[str] = mapped_column(String(16))
    amended_at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str | None] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
