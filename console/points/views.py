"""Points officer: search parties, one account with its postings and recorded penalties."""

from __future__ import annotations

from flask import render_template, request

from console.doors import desk
from console.points.reading import account_holders, movements, records_of, with_balances
from console.reading import searched
from identity.parties.service import find_party, get_party, search_organisations
from identity.refusals import IdentityRefusal
from identity.roles import Role, covers
from points.accounts.service import balance_of
from points.credit.records.model import published_at
from runtime.refusal import refuse
from web.node import current_node
from web.paging import asked_page
from web.sign_in import current_actor

blueprint = desk("points", __name__, Role.POINTS_OFFICER)


@blueprint.get("/")
def index() -> str:
    """Search organisations by name or code; without words those that have an account."""
    words, region = searched(), current_actor().region
    with current_node().database.read() as session:
        if words:
            by_code = find_party(session, words)
            found = (by_code,) if by_code else search_organisations(session, words)
        else:
            found = tuple(get_party(session, each) for each in account_holders(session))
        within = [each for each in found if not each.natural and covers(region, each.region)]
        rows = with_balances(session, within)
        return render_template("console/points/index.html", rows=rows, words=words)


@blueprint.get("/<party>")
def show(party: str) -> str:
    """Show an account."""
    node, asked = current_node(), asked_page(request.args)
    with node.database.read() as session:
        found = find_party(session, party.replace("\x00", ""))
        if found is None or found.natural:
            refuse(IdentityRefusal.PARTY_UNKNOWN)
        if not covers(current_actor().region, found.region):
            refuse(IdentityRefusal.OTHER_REGION)
        balance = balance_of(session, found.id)
        rows = (
            movements(session, node.vault, balance.account_id, asked.offset, asked.limit)
            if balance
            else []
        )
        now = node.clock.now()
        return render_template(
            "console/points/show.html",
            party=found,
            balance=balance,
            page=asked.of(rows),
            records=[
                (each, proof, published_at(each, now))
                for each, proof in records_of(session, found.id)
            ],
        )
