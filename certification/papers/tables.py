"""Papers that were issued; rows are only inserted.

Their digests are committed in their log entries; `papers.replay` compares. The files themselves are
sealed documents of the holder and can be erased with the holder's key (`ledger.openings`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class PaperRow(Base):
    """One sealed PDF of a certificate, as it stood after its decision `n`."""

    __tablename__ = "certification_papers"
    __table_args__ = table(
        TableClass.REGISTER, Index(None, "cert_id"), Index(None, "digest"), history=True
    )

    paper_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    cert_id: Mapped[str] = mapped_column(ForeignKey("certification_certificates.cert_id"))
    n: Mapped[int] = mapped_column()
    digest: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column()
    issued_at: Mapped[datetime] = mapped_column(Instant)
    office: Mapped[str | None] = mapped_column(String(26))
    payload_id: Mapped[str] = mapped_column(String(43), unique=True)
