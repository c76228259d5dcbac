"""The same key gives the first answer; another body under it is a conflict (409).

A key belongs to the actor who used it. The row is inserted before the use case runs and filled
after it, in the same transaction, so that of two requests with one key the second waits for the
first and then reads its answer. A refused request leaves no row: it may be sent again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, get_type_hints

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from identity.actor import Actor
from runtime.refusal import refuse
from workflows.refusals import UnitRefusal
from workflows.tables import FirstAnswer

SUBJECT = "platform:idempotency"
"""Under whose key in the vault digests of requests are made."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}\Z")


def scope_of(actor: Actor) -> str:
    """Return whose keys these are: the person, else the API client, else the party or channel."""
    return actor.person or actor.client or actor.party or actor.channel


def name_of(use_case: Callable[..., Any]) -> str:
    """Return the dotted name of a use case, as audit rows and answers keep it."""
    while isinstance(use_case, partial):
        use_case = use_case.func
    return f"{use_case.__module__}.{use_case.__qualname__}"


def digest_of(secret: bytes, use_case: Callable[..., Any], command: object) -> bytes:
    """Return the digest by which two requests under one key are held to be the same.

    It is keyed, because a command may hold a name and a phone number, which a bare hash would give
    away to whoever tries them all.
    """
    body = msgspec.json.encode(command, order="deterministic")
    return hmac.digest(secret, name_of(use_case).encode() + b"\x00" + body, "sha256")


def encode_answer(result: object) -> str:
    """Return a use case's result as the text that is kept."""
    return msgspec.json.encode(result).decode()


def decode_answer(use_case: Callable[..., Any], text: str) -> Any:
    """Return a kept answer as the type that the use case declares to return."""
    while isinstance(use_case, partial):
        use_case = use_case.func
    return msgspec.json.decode(text, type=get_type_hints(use_case)["return"])


def claim(
    session: Session, scope: str, key: str, use_case: str, digest: bytes, now: datetime
) -> str | None:
    """Take the key for this request, or return the first answer that was given under it.

    Raises Refusal: IDEMPOTENCY_KEY_MALFORMED, IDEMPOTENCY_CONFLICT.
    """
    if not _KEY.match(key):
        refuse(UnitRefusal.IDEMPOTENCY_KEY_MALFORMED, "Idempotency-Key")
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"scope": scope, "key": key, "digest": digest, "use_case": use_case, "at": now}
    statement = insert(FirstAnswer).values(row).on_conflict_do_nothing()
    if session.execute(statement.returning(FirstAnswer.key)).first() is not None:
        return None
    earlier = session.execute(
        select(FirstAnswer.digest, FirstAnswer.answer).filter_by(scope=scope, key=key)
    ).one()
    if earlier.digest != digest:
        refuse(UnitRefusal.IDEMPOTENCY_CONFLICT, "Idempotency-Key")
    return str(earlier.answer)


def keep(session: Session, scope: str, key: str, answer: str) -> None:
    """Fill the claimed row with the answer, in the transaction that made it true."""
    session.execute(
        update(FirstAnswer)
        .where(FirstAnswer.scope == scope, FirstAnswer.key == key)
        .values(answer=answer)
    )
