"""`/openapi.json`: the description, and how it is put together.

Mended here is what the generators get wrong (each is held by a test): problem documents are
`application/problem+json`; answers are described from their types; custom fields say their JSON
types. The generators work on an application of their own that serves nobody, so that errors are
answered by `web.problems` alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from apispec import APISpec
from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]  # it ships no types
from marshmallow import fields as kinds

from public_api.api import (
    appeal_nouns,
    artwork_nouns,
    body_nouns,
    case_nouns,
    certificate_nouns,
    chain_nouns,
    consequence_nouns,
    draw_nouns,
    evidence_nouns,
    identity_nouns,
    inspection_nouns,
    lab_nouns,
    label_nouns,
    office_nouns,
    permit_nouns,
    register_nouns,
    scheme_nouns,
)
from public_api.api.fields import (
    ID,
    Anything,
    Day,
    Flag,
    IdConverter,
    Listed,
    Moment,
    Part,
    Text,
    Texts,
    Typed,
    Whole,
    WholeInQuery,
)
from public_api.api.operation import described_answers
from web import problems

NOUNS = (
    identity_nouns.me,
    identity_nouns.parties,
    identity_nouns.clients,
    register_nouns.brands,
    register_nouns.products,
    register_nouns.bases,
    chain_nouns.lots,
    chain_nouns.steps,
    chain_nouns.recalls,
    label_nouns.labels,
    label_nouns.conformity,
    scheme_nouns.schemes,
    body_nouns.appointments,
    body_nouns.competences,
    case_nouns.cases,
    case_nouns.declarations,
    evidence_nouns.evidence,
    evidence_nouns.answers,
    lab_nouns.labs,
    lab_nouns.reports,
    inspection_nouns.inspections,
    draw_nouns.draws,
    certificate_nouns.certificates,
    permit_nouns.permits,
    permit_nouns.transaction_certificates,
    consequence_nouns.consequences,
    consequence_nouns.moves,
    appeal_nouns.appeals,
    artwork_nouns.artworks,
    office_nouns.points,
    office_nouns.credit_records,
)
VERSION = "1.0.0"
_TYPES: dict[type[kinds.Field[Any]], str] = {
    Text: "string", Moment: "string", Day: "string", Whole: "integer", WholeInQuery: "integer",
    Flag: "boolean", Listed: "array", Typed: "array", Texts: "object", Anything: "object",
    Part: "object",
}  # fmt: skip
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `reasons` lists everything that stands against the request, by rank.",
    "required": ["type", "title", "status", "detail", "code", "reasons"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                    "pointer": {"type": "string"},
                    "numbers": {"type": "object"},
                },
            },
        },
    },
}


def install(app: Flask) -> None:
    """Register all nouns. The description is put together now, not for whoever first asks."""
    description()
    app.url_map.converters["code"] = IdConverter
    for noun in NOUNS:
        app.register_blueprint(noun)


@cache
def description() -> dict[str, Any]:
    """Return the description of the interface, put together once in a process.

    It says the same in every application.
    """
    app = Flask("ecotrace", static_folder=None)
    app.url_map.converters["code"] = IdConverter
    app.config.update(API_TITLE="ecotrace", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    api = Api(app)
    for field, kind in _TYPES.items():
        api.register_field(field, kind, "date-time" if field is Moment else None)
    api.register_converter(IdConverter, lambda _converter: {"type": "string", "pattern": ID})
    converter = api.ma_plugin.converter
    converter.add_attribute_function(_inside)
    for noun in NOUNS:
        api.register_blueprint(noun)
    return _mended(api.spec)


def _inside(converter: Any, field: kinds.Field[Any], **_about: Any) -> dict[str, Any]:
    """Describe what stands inside lists and objects."""
    if isinstance(field, Listed):
        return {"items": converter.field2property(field.inner)}
    if isinstance(field, Part):
        described: dict[str, Any] = converter.resolve_nested_schema(field.shape)
        return {"type": None, **described} if "$ref" not in described else described
    if isinstance(field, Texts):
        return {"additionalProperties": {"type": "string"}}
    return {}


def _mended(spec: APISpec) -> dict[str, Any]:
    described: dict[str, Any] = spec.to_dict()
    components = described["components"]
    components["schemas"].update({"Problem": _PROBLEM_SCHEMA, **described_answers()})
    components["responses"] = {
        "Problem": {
            "description": "Refused; `code` says why.",
            "content": {
                problems.PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    }
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "API token (ect_…)"},
        "session": {"type": "apiKey", "in": "cookie", "name": "session"},
    }
    for path in described["paths"].values():
        for method, operation in path.items():
            if method != "parameters":
                operation["responses"] = _responses(operation["responses"])
    return described


def _responses(responses: dict[str, Any]) -> dict[str, Any]:
    """Keep our answers; what the generators add beside them is described by `Problem`."""
    return {
        status: answer if "content" in answer else {"$ref": "#/components/responses/Problem"}
        for status, answer in responses.items()
        if status != "default"
    }
