"""Registering and finding production bases."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.keys.service import signer_for
from identity.roles import Scope
from ledger.outbox import Draft, Secret, record
from ledger.work import Work
from runtime.ids import new_id
from runtime.quantities import QuantityError, parse
from runtime.refusal import refuse
from runtime.regions import is_region_code
from trace.acting import check_acting
from trace.bases.model import AREA_POINTS_MAX, outline_faults
from trace.bases.tables import ProductionBase
from trace.refusals import TraceRefusal
from trace.text import clean_text


@dataclass(frozen=True)
class RegisterBase:
    """What a producer declares of a base.

    `area` is typed, for example ("120", "亩"); `outline` is GeoJSON with decimals as strings or
    integers, or None where nobody has measured it yet.
    """

    owner: str
    name_zh: str
    name_en: str
    region: str
    area: tuple[str, str]
    village_zh: str = ""
    outline: dict[str, Any] | None = None


@dataclass(frozen=True)
class BaseRegistered:
    """The new base and the log entry that says so."""

    id: str
    payload_id: str


def register_base(work: Work, command: RegisterBase, actor: Actor, now: datetime) -> BaseRegistered:
    """Register a base.

    Raises Refusal: REGION_MALFORMED, OUTLINE_MALFORMED, QUANTITY_MALFORMED, WRONG_UNIT, texts.
    """
    check_acting(actor, command.owner, Scope.REGISTER)
    command = _cleaned(command)
    area_m2 = _check(command)
    id = new_id("base", work.randomness)
    secret = Secret("record", asdict(command), command.owner)
    draft = Draft("trace.base.register", (id,), now, {}, (secret,))
    recorded = record(work, draft, signer_for(work, command.owner), now)
    work.add(
        ProductionBase(
            id=id,
            owner_id=command.owner,
            name_zh=command.name_zh,
            name_en=command.name_en,
            region=command.region,
            village_zh=command.village_zh,
            area_m2=area_m2,
            area_typed=" ".join(command.area),
            outline=command.outline,
            recorded_at=now,
            payload_id=recorded.payload_id,
        )
    )
    work.flush()
    return BaseRegistered(id, recorded.payload_id)


def _cleaned(command: RegisterBase) -> RegisterBase:
    limits = (("name_zh", 60), ("name_en", 120), ("village_zh", 60))
    texts: dict[str, Any] = {
        name: clean_text(getattr(command, name), most, f"/{name}") for name, most in limits
    }
    return replace(command, **texts)


def _check(command: RegisterBase) -> int:
    if not command.name_zh.strip():
        refuse(TraceRefusal.NAME_MISSING, "/name_zh")
    if not is_region_code(command.region):
        refuse(TraceRefusal.REGION_MALFORMED, "/region", given=command.region[:16])
    if command.outline is not None:
        for fault in outline_faults(command.outline):
            refuse(TraceRefusal.OUTLINE_MALFORMED, f"/outline{fault}", most=AREA_POINTS_MAX)
    try:
        area = parse(*command.area)
    except QuantityError as error:
        given = " ".join(command.area)[:40]
        refuse(TraceRefusal.QUANTITY_MALFORMED, "/area", given=given, why=error.code)
    if area.exact == 0:
        refuse(TraceRefusal.QUANTITY_MALFORMED, "/area", given=" ".join(command.area), why="zero")
    if area.kind != "area":
        refuse(TraceRefusal.WRONG_UNIT, "/area", given=command.area[1][:12])
    return area.whole()


def require_base(session: Session, id: str, pointer: str) -> ProductionBase:
    """Return the base of this id. Raises Refusal BASE_UNKNOWN."""
    base = session.get(ProductionBase, id)
    if base is None:
        refuse(TraceRefusal.BASE_UNKNOWN, pointer, given=id[:32])
    return base


def bases_of(session: Session, owner: str) -> list[ProductionBase]:
    """Return a party's bases, by name."""
    query = select(ProductionBase).filter_by(owner_id=owner).order_by(ProductionBase.name_zh)
    return list(session.scalars(query))
