"""What became of a capture, read again later.

A capture runs under an idempotency key, the client's or one that is drawn for it, and the kept
first answer under that key is the job: nothing else has to be stored. A kept answer may be emptied
after thirty days; the events themselves stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.actor import Actor
from public_api.refusals import PublicRefusal
from runtime import base64url
from runtime.randomness import Randomness
from runtime.refusal import refuse
from trace.events.service import Captured, capture
from workflows import idempotency
from workflows.tables import FirstAnswer

_KEY_BYTES = 15


@dataclass(frozen=True)
class CaptureJob:
    """A finished capture: when, and each event's outcome."""

    id: str
    at: datetime
    captured: Captured


def new_job(randomness: Randomness) -> str:
    """Draw the id of a job for a client that gave no Idempotency-Key."""
    return "capture-" + base64url.encode(randomness.token(_KEY_BYTES))


def find_job(session: Session, actor: Actor, id: str) -> CaptureJob:
    """Give a job of this client. Raises Refusal CAPTURE_UNKNOWN."""
    query = select(FirstAnswer).filter_by(scope=idempotency.scope_of(actor), key=id)
    row = session.scalar(query.filter_by(use_case=idempotency.name_of(capture)))
    if row is None or row.answer is None:
        refuse(PublicRefusal.CAPTURE_UNKNOWN)
    return CaptureJob(id, row.at, idempotency.decode_answer(capture, row.answer))
