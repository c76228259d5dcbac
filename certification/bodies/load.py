"""How many cases a party works on (ISO/IEC 17065:2012 7.3).

A case is a noun above this one. Its rows are only counted here, and this is the one place that
does: nothing about a case is decided by it but whether a further one may be accepted.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from certification.cases.tables import CaseRow, StandingRow, StepRow
from certification.process.standing import CaseState

_FINAL = tuple(state.value for state in CaseState if state.is_final)


def cases_running(session: Session, scheme: str, party: str) -> int:
    """The running cases of a scheme in which a party acted, those of its own left out."""
    query = (
        select(func.count(StandingRow.case_id.distinct()))
        .join(StepRow, StepRow.case_id == StandingRow.case_id)
        .join(CaseRow, CaseRow.case_id == StandingRow.case_id)
        .where(StandingRow.scheme == scheme, StandingRow.state.not_in(_FINAL))
        .where(StepRow.party == party, CaseRow.holder != party)
    )
    return session.scalar(query) or 0
