"""My account."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from console.doors import desk, my_party
from console.reading import name_of_party
from console.sheet import Form, Line, Many, Sheet, Whole
from identity.clients.model import (
    VALID_DAYS_MAX,
    CreateClient,
    NewToken,
    RevokeClient,
    new_token,
)
from identity.clients.service import clients_of, create_client, revoke_client
from identity.roles import Role, Scope, require_role
from web.node import current_node
from web.sign_in import choose_standing, current_actor, my_standings

blueprint = desk("account", __name__)

SCOPES_OFFERED = {
    Scope.CAPTURE: ("登记环节、开合格证", "Record steps, issue certificates"),
    Scope.REGISTER: ("登记产品、基地", "Register products and bases"),
    Scope.LABELS: ("打印、赋码、作废标签", "Print, bind and void labels"),
    Scope.QUERY: ("查询", "Query"),
}
"""What a firm lets its own machines do."""

_DAYS_OFFERED = 90


class TokenForm(Form):
    """A token for a machine of the own party."""

    places = {"/until": "days", "/scopes": "scopes"}

    label = Line()
    scopes = Many()
    days = Whole()


class NothingForm(Form):
    """A button without fields."""


@blueprint.get("/")
def index() -> BaseResponse:
    """Show the account."""
    return _page(Sheet.fresh(TokenForm, {"days": _DAYS_OFFERED}))


@blueprint.post("/standing")
def stand() -> BaseResponse:
    """Act for another party or region. Raises Refusal NOT_ALLOWED."""
    number = request.form.get("standing", "")
    held = my_standings()
    if not (number.isascii() and number.isdigit() and int(number[:6]) < len(held)):
        raise BadRequest
    chosen = held[int(number[:6])]
    choose_standing(chosen.party, chosen.region)
    return redirect(url_for("console.home.index"), 303)


@blueprint.post("/tokens")
def create() -> BaseResponse:
    """Let a machine in; the token is shown on this answer and never again."""
    require_role(current_actor(), Role.OPERATOR)
    sheet, node = Sheet.of(TokenForm), current_node()
    with sheet.attempt():
        read, token = sheet.read(), new_token(node.randomness)
        until = node.clock.now() + timedelta(days=max(0, min(read["days"], VALID_DAYS_MAX + 1)))
        roles = (Role.OPERATOR.value,)
        command = CreateClient(
            my_party(), read["label"], token.digest, read["scopes"], until, roles
        )
        sheet.run(create_client, command)
        return _page(Sheet.fresh(TokenForm, {"days": _DAYS_OFFERED}), token)
    return _page(sheet)


@blueprint.post("/tokens/<client>/revoke")
def revoke(client: str) -> BaseResponse:
    """End a token now."""
    require_role(current_actor(), Role.OPERATOR)
    sheet = Sheet.of(NothingForm)
    with sheet.attempt():
        sheet.run(revoke_client, RevokeClient(client))
        return redirect(url_for(".index") + "#tokens", 303)
    return _page(Sheet.fresh(TokenForm, {"days": _DAYS_OFFERED}), refused=sheet)


def _page(
    sheet: Sheet, token: NewToken | None = None, refused: Sheet | None = None
) -> BaseResponse:
    """Draw the account; `token` is shown once, `refused` is another form that was refused."""
    actor, node = current_actor(), current_node()
    operator = Role.OPERATOR in actor.roles
    with node.database.read() as session:
        page = sheet.page(
            "console/account.html",
            standings=[(each, name_of_party(session, each.party)) for each in my_standings()],
            clients=clients_of(session, my_party()) if operator else None,
            scopes=SCOPES_OFFERED,
            token=token,
            now=node.clock.now(),
            problem=(refused or sheet).problem,
        )
    page.status_code = (refused or sheet).status
    return page
