"""Registered artworks; rows are only inserted. The pictures lie in the node's file store.

Every row's truth is stated and committed in the log entry `payload_id`;
`certification.artworks.replay` compares rows, entries and files.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class ArtworkRow(Base):
    """One picture that a brand office registered for the mark of a scheme; the newest counts."""

    __tablename__ = "certification_artworks"
    __table_args__ = table(
        TableClass.REGISTER, Index(None, "scheme", "registered_at"), history=True
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    scheme: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    office: Mapped[str] = mapped_column(String(26))
    registered_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
