"""Where openings, documents and keys of files lie: sealed under their subject's key, deletable."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from runtime.database import Base, TableClass, table


class OpeningRow(Base):
    """The openings of one entry that belong to one subject, sealed together."""

    __tablename__ = "openings"
    __table_args__ = table(TableClass.OPENING, Index(None, "subject"))

    payload_id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    record_salt: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)


class DocumentRow(Base):
    """A document as a partner sent it, sealed; found by the SHA-256 of its bytes."""

    __tablename__ = "documents"
    __table_args__ = table(TableClass.OPENING, Index(None, "subject"))

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    record_salt: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)


class SealedFileRow(Base):
    """Which sealed file of the file store holds a subject's file, found by the SHA-256 of both."""

    __tablename__ = "sealed_files"
    __table_args__ = table(TableClass.OPENING, Index(None, "subject"))

    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    record_salt: Mapped[bytes] = mapped_column(LargeBinary)
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_sha256: Mapped[str] = mapped_column(Text)
