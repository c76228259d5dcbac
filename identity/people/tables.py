"""Accounts, memberships and failed sign-ins.

`people` has the columns that Flask-Security 5.9 asks for; the class that it works with is made of
this one in `web.sign_in`, so that command line and checker need no Flask. Flask-Security may write
a refreshed password hash here and commits that for itself; everything else goes through a use case.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, Instant, TableClass, table


class PersonRow(Base):
    """An account; `login` and `email` are stored as `people.model.login_name` spells them."""

    __tablename__ = "people"
    __table_args__ = table(TableClass.UNPROTECTED)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    login: Mapped[str] = mapped_column(String(32), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean)
    # What a session cookie names; another value ends all sessions of the account.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Instant)


class MembershipRow(Base):
    """A role that an account holds for a party; `until_at` is set when it ends."""

    __tablename__ = "memberships"
    __table_args__ = table(TableClass.UNPROTECTED, Index(None, "person"), Index(None, "party"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"))
    party: Mapped[str] = mapped_column(ForeignKey("parties.id"))
    role: Mapped[str] = mapped_column(String(24))
    region: Mapped[str | None] = mapped_column(String(12))
    since_at: Mapped[datetime] = mapped_column(Instant)
    until_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInFailureRow(Base):
    """A failed sign-in: when, and a keyed digest of the name; kept for the length of the window."""

    __tablename__ = "sign_in_failures"
    __table_args__ = table(
        TableClass.UNPROTECTED, Index(None, "name_digest", "at"), Index(None, "at")
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime] = mapped_column(Instant)
