"""Print runs, what they are bound to, what is void, and the counters that guard numbers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class LabelKey(Base):
    """A letter whose MAC key lies in the vault under `label-key:LETTER`.

    Unprotected: a row says only that a letter is in use and since when it may be in strange hands.
    Which letters are valid for which part of the log is stated by the signed policy.
    """

    __tablename__ = "label_keys"
    __table_args__ = table(TableClass.UNPROTECTED)

    letter: Mapped[str] = mapped_column(String(1), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    leaked_at: Mapped[datetime | None] = mapped_column(Instant)


class LabelRun(Base):
    """One print run, one row, whatever its size; the id is also its opaque stream in the log.

    `first` is the number of its first label. `base_url` and `lot_code` are what is printed in the
    address, for ever; `lot_code` is None when the run was printed before its lot was known. Where a
    certificate bounds the run, `account_id` is the account that it is booked on; None in a run from
    before accounts stands for the certificate's own. A run with the mark says under which
    certificate (`mark_cert_id`), and outside of a demo which artwork (`mark_artwork`, its SHA-256
    in hexadecimal) was the newest then.
    """

    __tablename__ = "label_runs"
    __table_args__ = table(
        TableClass.REGISTER,
        Index("uq_label_runs_numbers", "item", "letter", "first", unique=True),
        CheckConstraint("count > 0 AND first >= 0", name="has_labels"),
        history=True,
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    letter: Mapped[str] = mapped_column(String(1))
    item: Mapped[str] = mapped_column(String(22))
    product_id: Mapped[str] = mapped_column(ForeignKey("products.id"), index=True)
    owner_id: Mapped[str] = mapped_column(String(26), index=True)
    first: Mapped[int] = mapped_column(BigInteger)
    count: Mapped[int]
    base_url: Mapped[str] = mapped_column(Text)
    lot_code: Mapped[str | None] = mapped_column(String(20))
    net_mg: Mapped[int | None] = mapped_column(BigInteger)
    cert_id: Mapped[str | None] = mapped_column(String(26), index=True)
    cert_number: Mapped[str | None] = mapped_column(String(40))
    cert_unit: Mapped[str | None] = mapped_column(String(5))
    account_id: Mapped[str | None] = mapped_column(String(26), index=True)
    with_mark: Mapped[bool]
    mark_cert_id: Mapped[str | None] = mapped_column(String(26), index=True)
    mark_artwork: Mapped[str | None] = mapped_column(String(64))
    printed_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))


class LabelBinding(Base):
    """Labels from one position to another stand for goods of a lot (赋码)."""

    __tablename__ = "label_bindings"
    __table_args__ = table(TableClass.REGISTER, history=True)

    run_id: Mapped[str] = mapped_column(ForeignKey("label_runs.id"), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), index=True)
    bound_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))


class LabelVoid(Base):
    """Labels from one position to another are void, for ever."""

    __tablename__ = "label_voids"
    __table_args__ = table(TableClass.REGISTER, history=True)

    run_id: Mapped[str] = mapped_column(ForeignKey("label_runs.id"), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]
    reason: Mapped[str] = mapped_column(String(10))
    voided_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))


class LabelNumbers(Base):
    """The next free number of a letter for a product: the row that two printers wait for."""

    __tablename__ = "label_numbers"
    __table_args__ = table(
        TableClass.DERIVED, CheckConstraint("next >= 0 AND next <= 1073741824", name="has_30_bits")
    )

    letter: Mapped[str] = mapped_column(String(1), primary_key=True)
    item: Mapped[str] = mapped_column(String(22), primary_key=True)
    next: Mapped[int] = mapped_column(BigInteger)


class RunNumbers(Base):
    """The number of the newest print run of this log; one row, whose id is 1."""

    __tablename__ = "run_numbers"
    __table_args__ = table(TableClass.DERIVED, CheckConstraint("id = 1", name="one_row"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    newest: Mapped[int]


class RunTotals(Base):
    """How many labels of a run are bound and void: the row that is locked to change a run."""

    __tablename__ = "run_totals"
    __table_args__ = table(
        TableClass.DERIVED, CheckConstraint("bound >= 0 AND void >= 0", name="not_negative")
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("label_runs.id"), primary_key=True)
    bound: Mapped[int]
    void: Mapped[int]
