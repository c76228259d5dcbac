"""Counters of the numbers that are made here; a row exists before it is locked."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, TableClass, table


class NumberCounterRow(Base):
    """The newest serial of a scheme's numbers in a year.

    Unprotected: a counter may run ahead of what was granted, and that no number is given twice is
    kept by the certificates themselves.
    """

    __tablename__ = "certification_number_counters"
    __table_args__ = table(
        TableClass.UNPROTECTED, CheckConstraint("newest >= 0", name="newest_not_negative")
    )

    scheme: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[int]
