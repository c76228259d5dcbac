"""Giving points for a fact that another area traced."""

from __future__ import annotations

from datetime import datetime

from identity.actor import Actor
from identity.parties.model import Party
from identity.parties.service import find_party
from identity.roles import Role, require_role
from ledger.work import Work
from points.accounts import service as accounts
from points.awards.model import TracedFact, check
from points.packs.model import Counted, Pack, cap_key, count, rule_for
from points.packs.service import pack_at
from points.postings import service as postings
from points.postings.model import lapses_at
from points.postings.service import Cause, Transferred
from points.refusals import PointsRefusal
from runtime.refusal import refuse


def award(work: Work, command: TracedFact, actor: Actor, now: datetime) -> Transferred:
    """Give the points that the pack of the fact's date gives for it, once per source and event.

    Refuses natural persons, facts that no rule knows, rules that take, and exhausted caps.
    """
    require_role(actor, Role.POINTS_OFFICER)
    fact = check(command, now)
    transfer_id, mine = postings.claim(work, command.source, command.event_id, command.digest())
    if not mine:
        return postings.first_answer(work, transfer_id)
    subject = organisation(work, command.subject)
    pack = pack_at(work, subject.region, command.at)
    rule = rule_for(pack, fact)
    if rule.takes:
        refuse(PointsRefusal.NOT_AN_AWARD, "/kind")
    account_id = accounts.open_account(work, subject.id, now)
    accounts.lock(work, account_id)
    used = postings.used_milli(work, account_id, rule.code, cap_key(rule, command.at))
    counted = count(rule, fact, used)
    expires_at = lapses_at(command.at, rule.lasts_months)
    cause = cause_of(command, pack, counted)
    return postings.post_award(
        work, account_id, transfer_id, counted.amount_milli, expires_at, cause, actor, now
    )


def organisation(work: Work, party: str) -> Party:
    """The party of an account; refuses unknown parties and natural persons."""
    found = find_party(work, party)
    if found is None:
        refuse(PointsRefusal.SUBJECT_UNKNOWN, "/subject")
    if found.natural:
        refuse(PointsRefusal.NATURAL_PERSON, "/subject")
    return found


def cause_of(fact: TracedFact, pack: Pack, counted: Counted) -> Cause:
    """What the transfer will say about why it was made."""
    return Cause(
        source=fact.source,
        event_id=fact.event_id,
        digest=fact.digest(),
        pack=pack.digest,
        rule=counted.rule.code,
        cap_key=counted.cap_key,
        effective_at=fact.at,
        details={"fact": fact.record(), "full_milli": counted.full_milli},
    )
