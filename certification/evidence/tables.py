"""Evidence and where it was handed in; rows are only inserted.

No name of a file and no answer stands here: these are opened from the entry (`payload_id`), with
the holder's key. The files lie sealed in the file store (`ledger.openings.sealed_files`).
`certification.evidence.replay` compares rows, entries and openings.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class EvidenceRow(Base):
    """One document or set of answers that a holder gave, for any number of applications."""

    __tablename__ = "certification_evidence"
    __table_args__ = table(
        TableClass.REGISTER, Index(None, "holder", "document"), Index(None, "digest"), history=True
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    holder: Mapped[str] = mapped_column(String(26))
    document: Mapped[str | None] = mapped_column(String(40))
    digest: Mapped[str | None] = mapped_column(String(64))
    media: Mapped[str | None] = mapped_column(String(32))
    size_bytes: Mapped[int | None]
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    fields: Mapped[Any] = mapped_column(JsonText)
    kept_at: Mapped[datetime] = mapped_column(Instant)
    kept_by: Mapped[str] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)


class AttachmentRow(Base):
    """A piece of evidence that was handed in for a case."""

    __tablename__ = "certification_attachments"
    __table_args__ = table(TableClass.REGISTER, Index(None, "evidence_id"), history=True)

    case_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    evidence_id: Mapped[str] = mapped_column(
        ForeignKey("certification_evidence.id"), primary_key=True
    )
    attached_at: Mapped[datetime] = mapped_column(Instant)
    attached_by: Mapped[str] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
