"""Which scheme counts: the files that ship, and the versions that were published.

A file that breaks a rule stops the program at start: a mark shown under a wrong legal name would
be worse than no mark.

Publishing. A version is in force from the later of two moments: its own `effective` day (00:00
Beijing) and its publication. Publishing checks and simulates it, keeps its content, and puts its
digest into the log; cases that run keep the version under which they began. What was published is
never replaced: another content needs another version, and `check_published` refuses to start on
files that no longer say what was published.

Refused: SCHEME_UNKNOWN, SCHEME_VERSION_UNKNOWN, SCHEME_NOT_IN_FORCE, SCHEME_NOT_WHOLE (a file of
format 1 has no steps), SCHEME_PUBLISHED_OTHERWISE, SCHEME_VERSION_PASSED.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.refusals import CertificationRefusal
from certification.schemes.catalogue import (
    DATA,
    Shipped,
    catalogue,
    newest,
    read_folder,
    vocabulary,
)
from certification.schemes.entries import PUBLISH
from certification.schemes.errors import SchemeChanged
from certification.schemes.model import Scheme, version_order
from certification.schemes.simulation import simulate
from certification.schemes.tables import SchemeRow
from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from identity.roles import Role, require_role
from ledger.outbox import Draft, record
from ledger.work import Work
from runtime import base64url
from runtime.clock import day_end
from runtime.ids import new_id
from runtime.refusal import refuse

__all__ = [
    "DATA",
    "PublishScheme",
    "PublishShipped",
    "PublishedAll",
    "PublishedScheme",
    "check_published",
    "in_force",
    "publish",
    "publish_shipped",
    "published",
    "read_folder",
    "scheme",
    "schemes",
    "shipped",
    "versions",
    "vocabulary",
]


@dataclass(frozen=True)
class PublishScheme:
    """Publish a version that ships."""

    code: str
    version: str


@dataclass(frozen=True)
class PublishShipped:
    """Publish the newest version of every scheme that is not published yet."""


@dataclass(frozen=True)
class PublishedScheme:
    """A published version; `digest` is base64url, `in_force_from` the moment it counts from."""

    code: str
    version: str
    digest: str
    payload_id: str
    in_force_from: datetime


@dataclass(frozen=True)
class PublishedAll:
    """What one `PublishShipped` published, by code."""

    published: tuple[PublishedScheme, ...]


# --- What ships ----------------------------------------------------------------------------------


@cache
def schemes() -> Mapping[str, Scheme]:
    """The newest version of every scheme that ships, by code."""
    return MappingProxyType({code: newest(each).scheme for code, each in catalogue().items()})


def scheme(code: str, version: str | None = None) -> Scheme:
    """The scheme of a code, its newest version unless one is named; refuses an unknown one."""
    return shipped(code, version).scheme


def shipped(code: str, version: str | None = None) -> Shipped:
    """As `scheme`, with the content of its files. Raises Refusal as `scheme` does."""
    found = catalogue().get(code)
    if found is None:
        refuse(CertificationRefusal.SCHEME_UNKNOWN, "/scheme")
    if version is None:
        return newest(found)
    if version not in found:
        refuse(CertificationRefusal.SCHEME_VERSION_UNKNOWN, "/version")
    return found[version]


def versions(code: str) -> tuple[str, ...]:
    """The versions of a scheme that ship, the oldest first. Raises Refusal SCHEME_UNKNOWN."""
    found = catalogue().get(code)
    if found is None:
        refuse(CertificationRefusal.SCHEME_UNKNOWN, "/scheme")
    return tuple(found)


# --- What was published --------------------------------------------------------------------------


def in_force(session: Session, code: str, at: datetime) -> Scheme:
    """The version under which a case that begins at `at` runs: the newest that counts then.

    Raises Refusal: SCHEME_UNKNOWN, SCHEME_NOT_IN_FORCE.
    """
    ships = versions(code)
    rows = session.scalars(select(SchemeRow).where(SchemeRow.code == code))
    counting = [row.version for row in rows if _in_force_from(row) <= at and row.version in ships]
    if not counting:
        refuse(CertificationRefusal.SCHEME_NOT_IN_FORCE, "/scheme")
    return scheme(code, max(counting, key=version_order))


def published(session: Session, code: str | None = None) -> tuple[PublishedScheme, ...]:
    """The published versions, of one scheme or of all, the oldest first."""
    query = select(SchemeRow).order_by(SchemeRow.recorded_at, SchemeRow.scheme_id)
    if code is not None:
        query = query.where(SchemeRow.code == code)
    return tuple(_published(row) for row in session.scalars(query))


def check_published(session: Session) -> None:
    """Raise SchemeChanged for a published version whose shipped file is another or is gone."""
    for row in session.scalars(select(SchemeRow).order_by(SchemeRow.code, SchemeRow.version)):
        ships = catalogue().get(row.code, {}).get(row.version)
        if ships is None or ships.digest != row.digest:
            found = None if ships is None else base64url.encode(ships.digest)
            raise SchemeChanged(row.code, row.version, base64url.encode(row.digest), found)


def publish(work: Work, command: PublishScheme, actor: Actor, now: datetime) -> PublishedScheme:
    """Check, simulate and publish a version; the same one again gives the first answer."""
    require_role(actor, Role.BRAND_OFFICER, Role.ADMIN)
    version = shipped(command.code, command.version)
    known = _row(work, command.code, command.version)
    if known is not None and known.digest != version.digest:
        refuse(CertificationRefusal.SCHEME_PUBLISHED_OTHERWISE, "/version")
    if known is None:
        _check_publishable(work, version.scheme)
        known = _insert(work, version, actor, now)
    return _published(known)


def publish_shipped(
    work: Work, command: PublishShipped, actor: Actor, now: datetime
) -> PublishedAll:
    """Publish the newest version of every whole scheme; what is published already stays."""
    whole = [each for each in schemes().values() if each.tracks]
    orders = [PublishScheme(each.code, each.version) for each in whole]
    return PublishedAll(tuple(publish(work, order, actor, now) for order in orders))


def _row(session: Session, code: str, version: str) -> SchemeRow | None:
    return session.scalar(
        select(SchemeRow).where(SchemeRow.code == code, SchemeRow.version == version)
    )


def _check_publishable(session: Session, scheme: Scheme) -> None:
    if not scheme.tracks or simulate(scheme).faults:
        refuse(CertificationRefusal.SCHEME_NOT_WHOLE, "/version")
    earlier = session.scalars(select(SchemeRow.version).where(SchemeRow.code == scheme.code))
    if any(version_order(each) > version_order(scheme.version) for each in earlier):
        refuse(CertificationRefusal.SCHEME_VERSION_PASSED, "/version")


def _insert(work: Work, version: Shipped, actor: Actor, now: datetime) -> SchemeRow:
    scheme = version.scheme
    scheme_id = new_id("schm", work.randomness)
    draft = Draft(
        type=PUBLISH,
        streams=(scheme_id,),
        effective_at=now,
        facts={
            "scheme": scheme.code,
            "version": scheme.version,
            "digest": base64url.encode(version.digest),
            "effective": scheme.effective.isoformat(),
        },
        secrets=(),
    )
    signer = operator_signer(work) if actor.party is None else signer_for(work, actor.party)
    row = SchemeRow(
        scheme_id=scheme_id,
        code=scheme.code,
        version=scheme.version,
        effective=scheme.effective,
        digest=version.digest,
        content=version.content,
        recorded_at=now,
        payload_id=record(work, draft, signer, now).payload_id,
    )
    work.add(row)
    work.flush()
    return row


def _published(row: SchemeRow) -> PublishedScheme:
    digest = base64url.encode(row.digest)
    return PublishedScheme(row.code, row.version, digest, row.payload_id, _in_force_from(row))


def _in_force_from(row: SchemeRow) -> datetime:
    begins = day_end(row.effective - timedelta(days=1))
    return max(begins, row.recorded_at)
