"""The rows about certificates against the model of certificates: every state, every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

from certification.certificates.model import (
    Change,
    ChangeKind,
    History,
    State,
    Term,
    check_change,
    decided_state,
)
from certification.process.matrix import states
from certification.process.table import CERTIFICATE_ROWS, Next, Noun
from runtime.refusal import Refusal

BEGAN = datetime(2026, 1, 5, tzinfo=UTC)
NOW = BEGAN + timedelta(days=30)
# The changes after the grant that make each state.
MAKING = {
    State.ACTIVE: (),
    State.SUSPENDED: (ChangeKind.SUSPEND,),
    State.REVOKED: (ChangeKind.REVOKE,),
    State.CANCELLED: (ChangeKind.CANCEL,),
    State.SUPERSEDED: (ChangeKind.SUPERSEDE,),
    State.TRANSFERRED: (ChangeKind.PASS_ON,),
}
# A quantity is reduced by an amendment; both begin with a certificate that is there.
AS = {"reduce": ChangeKind.AMEND}
BEGINNING = {"record", "grant", "annul"}


def history(state: State) -> History:
    kinds = (ChangeKind.GRANT, *MAKING[state])
    changes = [
        Change(n, kind, BEGAN + timedelta(days=n), BEGAN + timedelta(days=n))
        for n, kind in enumerate(kinds, 1)
    ]
    return History((Term(1, date(2026, 1, 1), date(2028, 12, 31)),), tuple(changes))


def possible(state: State, kind: ChangeKind) -> bool:
    try:
        check_change(history(state), kind, NOW, NOW)
    except Refusal:
        return False
    return True


def test_every_state_and_change_of_a_certificate_is_as_the_rows_say():
    said = {(row.state, row.event) for row in CERTIFICATE_ROWS if row.event not in BEGINNING}
    events = {event for _, event in said}
    for state, event in product(MAKING, sorted(events)):
        kind = AS.get(event) or ChangeKind(event)
        assert ((state.value, event) in said) == possible(state, kind), (state, event)
    known = {kind.value for kind in ChangeKind} | set(AS) | {"record"}
    assert {row.event for row in CERTIFICATE_ROWS} == known


def test_what_a_change_leads_to_is_what_the_rows_say():
    for row in CERTIFICATE_ROWS:
        if row.event in BEGINNING or row.event in AS:
            continue
        before = history(State(row.state))
        n = len(before.changes) + 1
        change = Change(n, ChangeKind(row.event), NOW, NOW)
        after = replace(before, changes=(*before.changes, change))
        expected = row.state if row.next == Next.SAME else row.next
        assert decided_state(after).value == expected, row


def test_states_of_certificates_and_appeals_have_their_names():
    assert set(states(Noun.CERTIFICATE)) - {"unknown"} == {state.value for state in MAKING}
    assert states(Noun.APPEAL) == (
        "none",
        "filed",
        "acknowledged",
        "upheld",
        "overturned",
        "withdrawn",
    )
