"""The key database: one key per subject, and the platform's own secrets.

It lies apart from the business database (a file or a PostgreSQL database of its own), because its
backups end earlier: destroying a subject's key is what makes sealed records unreadable. What lies
here is encrypted under the master key, bound to the row's name.

- A subject's key is committed here before the business transaction that first uses it. Calls
  commit for themselves; no transaction of the caller reaches this database.
- Keys are never kept in memory between calls: each call reads the row, so that a destroyed key is
  gone in every process with the next call. A call is one SELECT by primary key.
- `sweep` removes keys that no opening uses. Each row says when its key was last handed out, to
  within `HANDED_OUT_GRAIN`, and a key handed out within the grace period is left alone, whether
  or not an opening shows it yet: the business transaction that asked for it may still be open.
  A business transaction must therefore end within `GRACE_MIN - HANDED_OUT_GRAIN`.
- SQLite overwrites deleted rows (`secure_delete`) and empties its write-ahead log after each
  destruction; PostgreSQL needs its vacuum and the expiry of its own log.

Broken promises raise `VaultError`: a row that does not open under this master key, a secret's
name that is taken, a key that keeps vanishing while it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from runtime.clock import Clock, SystemClock
from runtime.database import NAMING, SQLITE_PRAGMAS, Instant, sqlite_engine, usable_url
from runtime.randomness import Randomness
from runtime.sealing import KEY_BYTES, NONCE_BYTES, SealBroken, seal, unseal

GRACE_MIN = timedelta(hours=1)
HANDED_OUT_GRAIN = timedelta(minutes=10)

_TRIES = 8
_SWEEP_CHUNK = 500

METADATA = MetaData(naming_convention=NAMING)
SUBJECT_KEYS = Table(
    "subject_keys",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("handed_out_at", Instant, nullable=False, index=True),
)
SECRETS = Table(
    "secrets",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)


# Each sealed record asks once; a statement that is made beforehand takes half the time.
_HANDED_OUT = select(SUBJECT_KEYS.c.sealed, SUBJECT_KEYS.c.handed_out_at).where(
    SUBJECT_KEYS.c.subject == bindparam("wanted")
)


class VaultError(RuntimeError):
    """The key database does not hold what it must."""


class Vault:
    """The key database at an address, opened with its master key (32 bytes)."""

    def __init__(
        self, url: str, master_key: bytes, randomness: Randomness, clock: Clock | None = None
    ) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(master_key)}")
        self.engine = _open(url)
        self._master_key = master_key
        self._randomness = randomness
        self._clock = clock or SystemClock()

    def create_tables(self) -> None:
        """Create what is missing."""
        METADATA.create_all(self.engine)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def subject_key(self, subject: str) -> bytes:
        """Give the subject's key for sealing; make and commit one when there is none."""
        for _ in range(_TRIES):
            key = self._hand_out(subject) or self._create(subject)
            if key is not None:
                return key
        raise VaultError("a subject's key vanishes whenever it is asked for")

    def find_key(self, subject: str) -> bytes | None:
        """Give the subject's key for opening, or None once it was destroyed; make none."""
        sealed = self._sealed(SUBJECT_KEYS, subject)
        return None if sealed is None else self._opened("subject", subject, sealed)

    def find_keys(self, subjects: Collection[str]) -> dict[str, bytes]:
        """`find_key` for some thousands with one SELECT; a destroyed key is not among them."""
        row = SUBJECT_KEYS.c
        query = select(row.subject, row.sealed).where(row.subject.in_(subjects))
        with self.engine.connect() as connection:
            found = connection.execute(query).all()
        return {subject: self._opened("subject", subject, sealed) for subject, sealed in found}

    def has(self, subject: str) -> bool:
        """Tell whether the subject has a key."""
        return self._sealed(SUBJECT_KEYS, subject) is not None

    def destroy(self, subject: str) -> bool:
        """Destroy the subject's key now and for every process; False when there was none."""
        with self.engine.connect() as connection:
            gone = connection.execute(
                delete(SUBJECT_KEYS).where(SUBJECT_KEYS.c.subject == subject)
            ).rowcount
        self._forget_the_log()
        return gone > 0

    def sweep(self, used: Callable[[Iterable[str]], set[str]], older_than: timedelta) -> int:
        """Remove keys that no opening uses and that were last handed out before the grace period.

        `used` gets some subjects and gives those of them that still have openings. Returns how
        many keys were removed; raises `ValueError` when `older_than` is below `GRACE_MIN`.
        """
        if older_than < GRACE_MIN:
            raise ValueError(f"the grace period is at least {GRACE_MIN}")
        limit = self._clock.now() - older_than
        removed = sum(
            self._remove_idle(set(chunk) - used(chunk), limit) for chunk in self._idle(limit)
        )
        self._forget_the_log()
        return removed

    def store_secret(self, name: str, secret: bytes) -> None:
        """Keep a secret of the platform; raise `VaultError` when the name holds another one."""
        try:
            self._insert(SECRETS, "secret", name, secret)
        except IntegrityError:
            if self.secret(name) != secret:
                raise VaultError(f"the secret {name!r} exists and is another one") from None

    def secret(self, name: str) -> bytes | None:
        """Give a secret of the platform, or None."""
        sealed = self._sealed(SECRETS, name)
        return None if sealed is None else self._opened("secret", name, sealed)

    def _hand_out(self, subject: str) -> bytes | None:
        """Give an existing key and note that it was handed out; None when there is none."""
        row = SUBJECT_KEYS.c
        with self.engine.connect() as connection:
            found = connection.execute(_HANDED_OUT, {"wanted": subject}).one_or_none()
            if found is None:
                return None
            now = self._clock.now()
            if now - found.handed_out_at >= HANDED_OUT_GRAIN:
                # A sweep may remove the row between the two statements: then this notes nothing.
                noted = connection.execute(
                    update(SUBJECT_KEYS)
                    .where(row.subject == subject, row.sealed == found.sealed)
                    .values(handed_out_at=now)
                ).rowcount
                if not noted:
                    return None
        return self._opened("subject", subject, found.sealed)

    def _create(self, subject: str) -> bytes | None:
        """Make and commit a key; None when another process was first."""
        key = self._randomness.token(KEY_BYTES)
        try:
            self._insert(SUBJECT_KEYS, "subject", subject, key, handed_out_at=self._clock.now())
        except IntegrityError:
            return None
        return key

    def _idle(self, limit: datetime) -> Iterator[list[str]]:
        """Give, in chunks, the subjects whose keys were last handed out before `limit`."""
        row = SUBJECT_KEYS.c
        after = ""
        while True:
            query = select(row.subject).where(row.handed_out_at < limit, row.subject > after)
            with self.engine.connect() as connection:
                chunk = list(connection.scalars(query.order_by(row.subject).limit(_SWEEP_CHUNK)))
            if not chunk:
                return
            yield chunk
            after = chunk[-1]

    def _remove_idle(self, subjects: set[str], limit: datetime) -> int:
        """Remove keys unless they were handed out since they were found idle."""
        row = SUBJECT_KEYS.c
        with self.engine.connect() as connection:
            return connection.execute(
                delete(SUBJECT_KEYS).where(row.subject.in_(subjects), row.handed_out_at < limit)
            ).rowcount

    def _sealed(self, table: Table, name: str) -> bytes | None:
        """Read the sealed bytes of a row."""
        key_column = table.primary_key.columns[0]
        with self.engine.connect() as connection:
            return connection.scalar(select(table.c.sealed).where(key_column == name))

    def _insert(
        self, table: Table, purpose: str, name: str, plaintext: bytes, **values: datetime
    ) -> None:
        """Seal and insert a row; raise `IntegrityError` when the name is taken."""
        nonce = self._randomness.token(NONCE_BYTES)
        sealed = nonce + seal(self._master_key, nonce, plaintext, _context(purpose, name))
        row = {table.primary_key.columns[0].name: name, "sealed": sealed, **values}
        with self.engine.connect() as connection:
            connection.execute(insert(table).values(row))

    def _opened(self, purpose: str, name: str, sealed: bytes) -> bytes:
        """Open the sealed bytes of a row."""
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return unseal(self._master_key, nonce, ciphertext, _context(purpose, name))
        except SealBroken as broken:
            raise VaultError(f"a {purpose} does not open under this master key") from broken

    def _forget_the_log(self) -> None:
        """Empty SQLite's write-ahead log, which still holds what was just overwritten."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _open(url: str) -> Engine:
    """Make an engine on which each statement commits for itself."""
    address = usable_url(url)
    if address.get_backend_name() == "sqlite":
        engine = sqlite_engine(address, (*SQLITE_PRAGMAS, "secure_delete=ON"))
    else:
        engine = create_engine(address, pool_pre_ping=True, hide_parameters=True)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _context(purpose: str, name: str) -> bytes:
    """Name what is sealed, so that a row moved under another name does not open."""
    return f"ecotrace/vault/{purpose}/v1\0{name}".encode()
