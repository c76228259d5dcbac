"""One operation of the interface: who may ask, what it takes, what it gives, in one declaration.

The steps of every request, in this order:
 1. who asks, by token or by session (401), and whether a token has the operation's scope (403)
 2. content type, encoding, bytes and fields of the body, and the questions of the address (4xx)
 3. the view makes the command and runs the use case
 4. the result, a frozen dataclass, is written as JSON; its description is drawn from its type
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn, TypeVar

import msgspec
from flask import Response, jsonify, request
from flask_smorest import Blueprint  # type: ignore[import-untyped]  # it ships no types
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from identity.actor import Actor
from identity.roles import Scope, require_scope
from ledger.work import Work
from public_api.api.fields import Shape
from public_api.bodies import body_bytes, body_json
from public_api.plain import plain
from public_api.refusals import PublicRefusal
from runtime.json_pointer import pointer_text
from runtime.refusal import Reason, Refusal
from web.node import current_node
from web.sign_in import current_actor

Command = TypeVar("Command")
Result = TypeVar("Result")
View = Callable[..., Any]

PREFIX = "/api/v1"
REFERENCE = "#/components/schemas/{name}"
ANSWERS: dict[str, type] = {}
"""The types of all answers, by name; the description of each is drawn from it."""

PROBLEM = {"$ref": "#/components/responses/Problem"}
_PROBLEMS = ("400", "401", "403", "404", "409", "413", "415", "422", "503")
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key gives the first answer again; with another body it is 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_LANG = {
    "name": "lang",
    "in": "query",
    "required": False,
    "description": "Language of sentences in problem documents.",
    "schema": {"type": "string", "enum": ["zh", "en"]},
}


class StrictParser(FlaskParser):
    """Reads bodies with the strict reader, and turns what a shape refuses into refusals."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def load_json(self, req: Any, schema: Schema) -> Any:
        """Return the body."""
        return body_json()

    def load_querystring(self, req: Any, schema: Schema) -> Any:
        """Return the questions of the address; of a repeated one the first, without `lang`."""
        return {key: value for key, value in request.args.items() if key != "lang"}

    def handle_error(
        self, error: ValidationError, req: Any, schema: Schema, **_about: Any
    ) -> NoReturn:
        """Raise what the shape refused as one refusal with all its fields."""
        raise Refusal(*_reasons(error.messages))


def _reasons(messages: Any) -> list[Reason]:
    """List faults by place; webargs nests them under the location: {"json": {field: [name]}}."""
    return [
        Reason(PublicRefusal[message], pointer_text(path))
        for fields_of in messages.values()
        for path, message in _leaves(fields_of, ())
    ]


def _leaves(messages: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, Mapping):
        steps = ((path if key == "_schema" else (*path, key), of) for key, of in messages.items())
        return [leaf for step, of in steps for leaf in _leaves(of, step)]
    return [(path, str(message)) for message in messages]


@dataclass(frozen=True)
class Of:
    """The answer with status 201 and where the new thing can be read."""

    result: Any
    location: str


class Noun(Blueprint):  # type: ignore[misc]
    """The operations of one noun."""

    ARGUMENTS_PARSER = StrictParser()

    def operation(
        self,
        method: str,
        rule: str,
        scope: Scope | None,
        gives: type,
        *,
        takes: type[Shape] | None = None,
        asks: type[Shape] | None = None,
        file: tuple[str, ...] = (),
        sent: tuple[str, ...] = (),
        most_bytes: int | None = None,
    ) -> Callable[[View], View]:
        """Declare an operation.

        `gives` is the type of its answer; with `file` it answers one of these content types
        instead. With `sent` the body is a file of one of these types, of `most_bytes` where that is
        more than other bodies may have. The view gets the actor, then the body, then the questions,
        then the address's parts.
        """

        def declared(view: View) -> View:
            read = view
            if takes is not None:
                read = self.arguments(takes, location="json")(read)
            if asks is not None:
                read = self.arguments(asks, location="query")(read)

            @wraps(read)
            def answered(**parts: str) -> Any:
                actor = current_actor()
                if scope is not None:
                    require_scope(actor, scope)
                body = (body_bytes(sent, most_bytes),) if sent else ()
                return _answer(read(actor, *body, **parts))

            about = _about(view.__name__, method, scope, gives, file, self.name)
            if sent:
                about["requestBody"] = {"required": True, "content": {kind: {} for kind in sent}}
            documented = self.doc(**about)(answered)
            self.route(rule, methods=[method])(documented)
            return view

        return declared


def _about(
    name: str, method: str, scope: Scope | None, gives: type, file: tuple[str, ...], noun: str
) -> dict[str, Any]:
    ANSWERS[gives.__name__] = gives
    status = "201" if name.startswith("create_") else "200"
    schema = {"$ref": REFERENCE.format(name=gives.__name__)}
    content: dict[str, Any] = {kind: {} for kind in file}
    content = content or {"application/json": {"schema": schema}}
    answers: dict[str, Any] = dict.fromkeys(_PROBLEMS, PROBLEM)
    answers[status] = {"description": "Done", "content": content}
    if status == "201":
        answers[status]["headers"] = {"Location": {"schema": {"type": "string"}}}
    scopes = [] if scope is None else [scope.value]
    return {
        "operationId": f"{noun}_{name}",
        "parameters": [_KEY, _LANG] if method == "POST" else [_LANG],
        "responses": answers,
        "security": [{"token": scopes}, {"session": []}],
    }


def run(
    use_case: Callable[[Work, Command, Actor, datetime], Result], command: Command, actor: Actor
) -> Result:
    """Run a use case through the one runner, under the request's idempotency key."""
    key = request.headers.get("Idempotency-Key")
    return current_node().unit.run(use_case, command, actor=actor, idempotency_key=key)


def _answer(result: Any) -> Response:
    if isinstance(result, Response):
        return result
    status, headers = 200, {}
    if isinstance(result, Of):
        status, headers = 201, {"Location": f"{PREFIX}{result.location}"}
        result = result.result
    response = jsonify(plain(result))
    response.status_code = status
    response.headers.update({**headers, "Cache-Control": "no-store"})
    return response


def described_answers() -> dict[str, Any]:
    """Give the JSON Schemas of all answers, by name."""
    _, components = msgspec.json.schema_components(tuple(ANSWERS.values()), ref_template=REFERENCE)
    return components
