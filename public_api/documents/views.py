"""The addresses of the description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from certification.refusals import CertificationRefusal
from identity.refusals import IdentityRefusal
from ledger.refusals import LedgerRefusal
from points.refusals import PointsRefusal
from public_api.api.description import description
from public_api.refusals import PublicRefusal
from runtime.refusal import RefusalCode
from trace.digital_link.refusals import LinkRefusal
from trace.epcis.refusals import EpcisRefusal
from trace.refusals import TraceRefusal
from trace.text import TextRefusal
from workflows.refusals import UnitRefusal

blueprint = Blueprint("documents", __name__)

AREAS: tuple[type[RefusalCode], ...] = (
    PublicRefusal, IdentityRefusal, UnitRefusal, TraceRefusal, TextRefusal, EpcisRefusal,
    LinkRefusal, CertificationRefusal, PointsRefusal, LedgerRefusal,
)  # fmt: skip


@dataclass(frozen=True)
class CodeRow:
    """One code; `first` says that no area before has the same."""

    code: str
    status: int
    zh: str
    en: str
    first: bool


@dataclass(frozen=True)
class FieldRow:
    """One field of a body."""

    name: str
    required: bool
    kind: str
    about: str


@dataclass(frozen=True)
class OperationRow:
    """One operation as the page shows it."""

    id: str
    method: str
    path: str
    summary: str
    scopes: tuple[str, ...]
    fields: tuple[FieldRow, ...]


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Give the OpenAPI 3.1 description."""
    response = jsonify(description())
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/docs")
def api() -> str:
    """Show the description to people."""
    spec = description()
    nouns: dict[str, list[OperationRow]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                row = _operation(spec, path, method, operation)
                nouns.setdefault(operation["tags"][0], []).append(row)
    tags = {tag["name"]: tag["description"] for tag in spec["tags"]}
    return render_template("docs/api.html", spec=spec, nouns=nouns, tags=tags)


@blueprint.get("/docs/problems")
def problems() -> str:
    """List every code that a problem document may have."""
    seen: set[str] = set()
    areas = [(area.__name__, list(_codes(area, seen))) for area in AREAS]
    return render_template("docs/problems.html", areas=areas)


def _codes(area: type[RefusalCode], seen: set[str]) -> Iterator[CodeRow]:
    for each in area:
        first = each.code not in seen
        seen.add(each.code)
        yield CodeRow(each.code, each.sentence.status, each.sentence.zh, each.sentence.en, first)


def _operation(
    spec: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> OperationRow:
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    schema = spec["components"]["schemas"].get(reference.rpartition("/")[2], {})
    required = set(schema.get("required", ()))
    return OperationRow(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        scopes=tuple(operation["security"][0]["token"]),
        fields=tuple(
            FieldRow(name, name in required, _kind(each), _about(each))
            for name, each in schema.get("properties", {}).items()
        ),
    )


def _kind(described: dict[str, Any]) -> str:
    kind = described.get("type", "object")
    return " | ".join(kind) if isinstance(kind, list) else str(kind)


def _about(described: dict[str, Any]) -> str:
    words = ", ".join(map(str, described.get("enum", ())))
    return " ".join(part for part in (described.get("description", ""), words) if part)
