"""Publishing rule packs, and picking the one that judges an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.keys.service import operator_signer, signer_for
from identity.roles import Role, require_role
from ledger.outbox import Draft, record
from ledger.work import Work
from points import entries
from points.packs.errors import PackError
from points.packs.model import Pack, pack_for, read_pack
from points.packs.tables import PackRow
from points.refusals import PointsRefusal
from runtime import base64url
from runtime.ids import new_id
from runtime.refusal import Reason, Refusal, refuse
from runtime.strict_json import Json

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class PublishPack:
    """Publish a pack: the whole TOML file as text, so that its digest can be recomputed."""

    content: str


@dataclass(frozen=True)
class PublishedPack:
    """A published pack; `digest` is base64url of the SHA-256 of the file."""

    code: str
    version: int
    digest: str
    payload_id: str


def shipped() -> dict[str, str]:
    """The contents of the packs that ship, by code; nothing is in force until it is published."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(DATA.glob("*.toml"))}


def publish(work: Work, command: PublishPack, actor: Actor, now: datetime) -> PublishedPack:
    """Check a pack with all its examples, keep its bytes, and put its digest into the log.

    Publishing the same file again gives the first answer; another file under the same code and
    version is refused.
    """
    require_role(actor, Role.POINTS_OFFICER)
    content = command.content.encode("utf-8")
    pack = _checked(content)
    statement = select(PackRow).where(PackRow.code == pack.code, PackRow.version == pack.version)
    known = work.scalar(statement)
    if known is not None and known.digest != pack.digest:
        refuse(PointsRefusal.PACK_TAKEN, "/content")
    return _published(known or _insert(work, pack, content, actor, now))


def _checked(content: bytes) -> Pack:
    try:
        return read_pack(content)
    except PackError as error:
        numbers = {"place": error.place, "expected": error.expected}
        reason = Reason(PointsRefusal.PACK_INVALID, "/content", numbers)
        raise Refusal(reason) from error


def _insert(work: Work, pack: Pack, content: bytes, actor: Actor, now: datetime) -> PackRow:
    pack_id = new_id("pack", work.randomness)
    facts: dict[str, Json] = {
        "pack": base64url.encode(pack.digest),
        "code": pack.code,
        "version": pack.version,
    }
    draft = Draft(
        type=entries.PACK_PUBLISH,
        streams=(pack_id,),
        effective_at=now,
        facts=facts,
        secrets=(),
    )
    signer = operator_signer(work) if actor.party is None else signer_for(work, actor.party)
    row = PackRow(
        digest=pack.digest,
        pack_id=pack_id,
        code=pack.code,
        version=pack.version,
        content=content,
        recorded_at=now,
        payload_id=record(work, draft, signer, now).payload_id,
    )
    work.add(row)
    work.flush()
    return row


def _published(row: PackRow) -> PublishedPack:
    digest = base64url.encode(row.digest)
    return PublishedPack(row.code, row.version, digest, row.payload_id)


def published_packs(session: Session) -> tuple[Pack, ...]:
    """All published packs, oldest first, each checked against its digest while it is parsed."""
    rows = session.scalars(select(PackRow).order_by(PackRow.recorded_at, PackRow.pack_id))
    return tuple(_parsed(row.content, row.digest) for row in rows)


@lru_cache(maxsize=64)
def _parsed(content: bytes, digest: bytes) -> Pack:
    pack = read_pack(content)
    if pack.digest != digest:
        raise AssertionError(f"stored pack {pack.code} differs from its digest")
    return pack


def pack_at(session: Session, region: str | None, at: datetime) -> Pack:
    """The published pack that judges an event of `at` in a region (I12); refuses where none is."""
    return pack_for(published_packs(session), region, at)
