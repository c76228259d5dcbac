"""Writing and searching the trail."""

from __future__ import annotations

import re

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from identity.actor import Actor
from identity.audit.model import PAGE_MAX, AuditLine, AuditQuery, AuditRow, key_digest
from identity.audit.tables import AuditTableRow
from identity.refusals import IdentityRefusal
from identity.roles import Role
from runtime.refusal import refuse

__all__ = ["AuditRow", "search_audit", "write_audit"]

_NUMBER_MAX = 2**63 - 1
# What ids, dotted names and codes are made of; PostgreSQL refuses NUL in a comparison.
_WORD = re.compile(r"[\x21-\x7e]{1,120}")


def write_audit(session: Session, row: AuditRow) -> None:
    """Add one row to the trail, in the caller's transaction."""
    session.execute(
        insert(AuditTableRow).values(
            at=row.at,
            party=row.actor.party,
            person=row.actor.person,
            client=row.actor.client,
            channel=row.actor.channel,
            use_case=row.use_case,
            outcome=row.outcome,
            key_digest=key_digest(row.key),
            targets=list(row.targets),
            payload_ids=list(row.payload_ids),
        )
    )


def search_audit(session: Session, query: AuditQuery, actor: Actor) -> tuple[AuditLine, ...]:
    """List rows of the trail, newest first, at most `PAGE_MAX`.

    An administrator sees all rows, everybody else those of the own party. Raises Refusal:
    OTHER_PARTY, NOT_ALLOWED.
    """
    if Role.ADMIN not in actor.roles:
        if actor.party is None:
            refuse(IdentityRefusal.NOT_ALLOWED)
        if query.party != actor.party:
            refuse(IdentityRefusal.OTHER_PARTY)
    words = (query.party, query.person, query.client, query.use_case, query.outcome)
    if any(word is not None and not _WORD.fullmatch(word) for word in words):
        return ()
    limit = max(1, min(query.limit, PAGE_MAX))
    rows = session.scalars(_matching(query).order_by(AuditTableRow.number.desc()).limit(limit))
    return tuple(_line(row) for row in rows)


def _matching(query: AuditQuery) -> Select[AuditTableRow]:
    """Return the rows that a search asks for, without order."""
    statement = select(AuditTableRow)
    for name in ("party", "person", "client", "use_case", "outcome"):
        if (wanted := getattr(query, name)) is not None:
            statement = statement.where(getattr(AuditTableRow, name) == wanted)
    if query.since is not None:
        statement = statement.where(AuditTableRow.at >= query.since)
    if query.until is not None:
        statement = statement.where(AuditTableRow.at < query.until)
    if query.before is not None:
        statement = statement.where(AuditTableRow.number < min(query.before, _NUMBER_MAX))
    return statement


def _line(row: AuditTableRow) -> AuditLine:
    return AuditLine(
        number=row.number,
        at=row.at,
        party=row.party,
        person=row.person,
        client=row.client,
        channel=row.channel,
        use_case=row.use_case,
        outcome=row.outcome,
        key_digest=row.key_digest,
        targets=tuple(row.targets),
        payload_ids=tuple(row.payload_ids),
    )
