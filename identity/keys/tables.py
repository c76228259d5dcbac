"""Registered keys, who signs for whom, who runs the platform, and open challenges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class PartyKeyRow(Base):
    """A key of a party; `actor` is the SHA-256 of the public key, as entries name it."""

    __tablename__ = "party_keys"
    __table_args__ = table(TableClass.REGISTER, UniqueConstraint("party", "number"), history=True)

    actor: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    party: Mapped[str] = mapped_column(ForeignKey("parties.id"))
    number: Mapped[int] = mapped_column(Integer)
    public_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    custody: Mapped[str] = mapped_column(String(8))
    since_at: Mapped[datetime] = mapped_column(Instant)
    payload_id: Mapped[str] = mapped_column(String(43))


class RepresentationRow(Base):
    """The organisation that signs for a natural person."""

    __tablename__ = "representations"
    __table_args__ = table(TableClass.REGISTER, history=True)

    party: Mapped[str] = mapped_column(ForeignKey("parties.id"), primary_key=True)
    signed_by: Mapped[str] = mapped_column(ForeignKey("parties.id"))


class PlatformOperatorRow(Base):
    """The party that runs this platform: one row, for ever."""

    __tablename__ = "platform_operator"
    __table_args__ = table(
        TableClass.REGISTER, CheckConstraint("id = 1", name="single"), history=True
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    party: Mapped[str] = mapped_column(ForeignKey("parties.id"))


class KeyChallengeRow(Base):
    """A challenge that has not been answered yet; removed when it is, or after its end."""

    __tablename__ = "key_challenges"
    __table_args__ = table(TableClass.UNPROTECTED)

    challenge: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    party: Mapped[str] = mapped_column(ForeignKey("parties.id"))
    until_at: Mapped[datetime] = mapped_column(Instant)
