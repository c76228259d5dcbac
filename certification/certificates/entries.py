"""Log entries about certificates: which facts are public for ever, and why they may stay so.

All have exactly one stream, `cert:`; all publish number, state (right after the decision, whatever
the term) and recorded_at, and commit `record` (office, document, reason, case, and what is named).

`certification.certificate.grant`
    facts scheme, from, to?, confirm_by?, bound, granted?, unit?, mark_from? (the latest first day
    of the mark in the scope), basis (recorded or case), body?; record: holder, scheme version,
    products, bases, days of marks, quantity as typed, lines
`.amend`
    facts from? (a term is set exactly where it stands), to?, confirm_by?, granted?, unit?,
    mark_from?; record: products, bases, days of marks, quantity as typed, where they are set
`.confirm`
    fact confirm_by
`.suspend`, `.resume`, `.revoke`, `.cancel`
    nothing more
`.supersede`, `.pass_on`
    facts successor (a number) and successor_scheme
`.transfer_body`
    fact to (the `org:` stream of the body that answers from now on)
`.annul`
    fact annuls (the place of the corrected decision in this list, from 1)

There is no entry for the end of a term: nobody decides it, and its days are in the grant. Entries
of the first format have neither recorded_at nor basis; for these the log's own time counts.
"""

from __future__ import annotations

from certification.certificates.model import ChangeKind, State
from ledger.entry_types import EntryType, Field

_NUMBER = Field("number", pattern="[A-Z0-9][A-Z0-9-]{3,31}")
_DECIDED = tuple(
    state.value for state in State if state not in (State.UNKNOWN, State.NOT_YET, State.EXPIRED)
)
_SCHEME = Field("code", pattern="[a-z][a-z0-9]{1,15}")
_PARTY = Field("code", pattern="org:[A-Za-z0-9_-]{20}")
_DAY = Field("date", optional=True)
_DECISION = {
    "number": _NUMBER,
    "state": Field("code", vocabulary=_DECIDED),
    "recorded_at": Field("instant"),
}
_TERM = {"to": _DAY, "confirm_by": _DAY, "mark_from": _DAY}
_QUANTITY = {
    "granted": Field("int", low=1, optional=True),
    "unit": Field("code", vocabulary=("mg", "piece"), optional=True),
}
_GRANT = {
    "scheme": _SCHEME,
    "from": Field("date"),
    "bound": Field("code", vocabulary=("approved_output", "print_permit", "unbounded")),
    "basis": Field("code", vocabulary=("recorded", "case")),
    "body": Field("code", pattern="org:[A-Za-z0-9_-]{20}", optional=True),
}
_SUCCESSOR = {"successor": _NUMBER, "successor_scheme": _SCHEME}

_BESIDE: dict[ChangeKind, dict[str, Field]] = {
    ChangeKind.GRANT: _GRANT | _TERM | _QUANTITY,
    ChangeKind.AMEND: {"from": _DAY} | _TERM | _QUANTITY,
    ChangeKind.CONFIRM: {"confirm_by": Field("date")},
    ChangeKind.SUPERSEDE: _SUCCESSOR,
    ChangeKind.PASS_ON: _SUCCESSOR,
    ChangeKind.TRANSFER_BODY: {"to": _PARTY},
    ChangeKind.ANNUL: {"annuls": Field("int", low=1)},
}
_WHY = (
    "Numbers and states of certificates are public registers by their own rules; quantities are "
    "public so that strangers can recompute what a certificate allows."
)


def entry_type(kind: ChangeKind) -> str:
    """The type of the entry of a decision."""
    return f"certification.certificate.{kind.value}"


ENTRY_TYPES = tuple(
    EntryType(entry_type(kind), _DECISION | _BESIDE.get(kind, {}), ("record",), _WHY)
    for kind in ChangeKind
)
KIND_OF: dict[str, ChangeKind] = {entry_type(kind): kind for kind in ChangeKind}
