"""The table of API clients."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, JsonText, TableClass, table


class ClientRow(Base):
    """A client and the SHA-256 of its token."""

    __tablename__ = "clients"
    __table_args__ = table(TableClass.UNPROTECTED, Index(None, "party"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    party: Mapped[str] = mapped_column(ForeignKey("parties.id"))
    label: Mapped[str] = mapped_column(String(40))
    scopes: Mapped[list[str]] = mapped_column(JsonText)
    roles: Mapped[list[str]] = mapped_column(JsonText)
    region: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
