"""What is wrong with one event.

The tables of `shapes` say what an event may hold; besides that its texts must be clean
(`trace.text`) and what has happened must not lie ahead.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from trace.epcis.document import ReceivedEvent
from trace.epcis.findings import Examination, Finding
from trace.epcis.kinds import texts
from trace.epcis.refusals import EpcisRefusal
from trace.epcis.shapes import EVENTS

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a partner's clock may be ahead of ours before his event is one of the future."""


def check_event(event: ReceivedEvent, now: datetime | None = None) -> tuple[Finding, ...]:
    """Give everything that is wrong with an event, lowest rank first; nothing: it may be taken.

    Without `now` times are not held against the clock.
    """
    latest = None if now is None else now + CLOCK_TOLERANCE
    check = Examination(event.index, event.pointer, event.context.namespaces, latest)
    value = event.value
    if not isinstance(value, dict):
        check.fault(EpcisRefusal.WRONG_TYPE, (), expected="object")
        return check.findings()
    kind = value.get("type")
    shape = EVENTS.get(kind) if isinstance(kind, str) else None
    if "type" not in value:
        check.fault(EpcisRefusal.FIELD_MISSING, ("type",))
    elif shape is None:
        check.fault(EpcisRefusal.EVENT_TYPE_UNKNOWN, ("type",))
    else:
        shape(check, value, ())
    texts(check, value, ())
    return check.findings()
