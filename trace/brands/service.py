"""Registering a brand."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.first_come import insert_unless_there
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.refusal import refuse
from runtime.regions import is_region_code
from trace.acting import check_acting
from trace.brands.tables import Brand
from trace.codes import check_code
from trace.refusals import TraceRefusal
from trace.text import clean_text


@dataclass(frozen=True)
class RegisterBrand:
    """What a brand office declares of its brand; `owner` is the party that owns it."""

    code: str
    name_zh: str
    name_en: str
    region: str
    owner: str


@dataclass(frozen=True)
class BrandRegistered:
    """The new brand and the log entry that says so."""

    id: str
    code: str
    payload_id: str


def register_brand(
    work: Work, command: RegisterBrand, actor: Actor, now: datetime
) -> BrandRegistered:
    """Register a brand.

    Raises Refusal: CODE_MALFORMED, NAME_MISSING, REGION_MALFORMED, CODE_TAKEN, text refusals.
    """
    check_acting(actor, command.owner, Scope.REGISTER)
    check_code(command.code, "/code")
    command = replace(
        command,
        name_zh=clean_text(command.name_zh, 60, "/name_zh"),
        name_en=clean_text(command.name_en, 120, "/name_en"),
    )
    if not command.name_zh:
        refuse(TraceRefusal.NAME_MISSING, "/name_zh")
    if not is_region_code(command.region):
        refuse(TraceRefusal.REGION_MALFORMED, "/region", given=command.region[:16])
    if find_brand(work, command.code) is not None:
        refuse(TraceRefusal.CODE_TAKEN, "/code", given=command.code)
    id = new_id("brand", work.randomness)
    draft = Draft(
        type="trace.brand.register",
        streams=(id,),
        effective_at=now,
        facts={},
        secrets=(Secret("record", asdict(command), command.owner),),
    )
    recorded = record(work, draft, signer_for(work, command.owner), now)
    row = {
        "id": id,
        "code": command.code,
        "name_zh": command.name_zh,
        "name_en": command.name_en,
        "region": command.region,
        "owner_id": command.owner,
        "recorded_at": now,
        "payload_id": recorded.payload_id,
    }
    if not insert_unless_there(work, Brand, row):
        refuse(TraceRefusal.CODE_TAKEN, "/code", given=command.code)
    return BrandRegistered(id, command.code, recorded.payload_id)


def find_brand(session: Session, code: str) -> Brand | None:
    """Return the brand of this code, or None."""
    return session.scalar(select(Brand).filter_by(code=code))
