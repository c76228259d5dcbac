"""The guard row of each certificate.

The row exists before anybody locks it (it is inserted with the grant), so that two printers meet
on it and never on an absent row. The check constraints repeat the model's invariants: a writer
that forgot the lock would still be refused by the database.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from certification.quotas.model import Unit
from runtime.database import Base, TableClass, table


class QuotaRow(Base):
    """Derived: granted, printed and void of one certificate, rebuilt by `certification.replay`."""

    __tablename__ = "certification_quotas"
    __table_args__ = table(
        TableClass.DERIVED,
        CheckConstraint("void >= 0 AND void <= printed", name="void_within_printed"),
        CheckConstraint(
            "granted IS NULL OR printed - CASE bound WHEN 'approved_output' THEN void ELSE 0 END"
            " <= granted",
            name="printed_within_granted",
        ),
        CheckConstraint("(granted IS NULL) = (unit IS NULL)", name="unit_with_quantity"),
    )

    cert_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    bound: Mapped[str] = mapped_column(String(20))
    unit: Mapped[Unit | None] = mapped_column(String(8))
    granted: Mapped[int | None] = mapped_column(BigInteger)
    printed: Mapped[int] = mapped_column(BigInteger)
    void: Mapped[int] = mapped_column(BigInteger)
