"""Schemes as data: what each asks, by which steps, under which parameters, and which are published.

Everything about a scheme is public; any token that may read the registers reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from certification.schemes import service
from certification.schemes.model import (
    CheckItem,
    Conversion,
    DocumentRule,
    Fee,
    FieldRule,
    Grade,
    Ground,
    Parameter,
    Scheme,
    Track,
    Words,
)
from certification.schemes.service import PublishedScheme, PublishScheme
from identity.actor import Actor
from identity.roles import Scope
from public_api.api.fields import Shape, Text
from public_api.api.operation import Noun, run
from web.node import current_node

schemes = Noun(
    "schemes",
    __name__,
    url_prefix="/api/v1/schemes",
    description="Schemes of brands, labels and awards (品牌与标志制度)",
)
VERSION = r"^[0-9]{4}-[0-9]{1,3}$"


@dataclass(frozen=True)
class SchemeLine:
    """A scheme that ships, in its newest version."""

    code: str
    version: str
    effective: date
    nature: str
    gives: str
    name: Words
    office: Words
    statement: Words


@dataclass(frozen=True)
class SchemeList:
    """All schemes that ship, by code."""

    schemes: tuple[SchemeLine, ...]


@dataclass(frozen=True)
class SchemeRead:
    """One version of a scheme; `parameters` say where each number was found, and if it was read."""

    code: str
    version: str
    effective: date
    nature: str
    gives: str
    issued_by: str
    recorded_until: date | None
    name: Words
    office: Words
    verb: Words
    document: Words
    statement: Words
    number_pattern: str
    number_template: str | None
    permit_template: str | None
    units: tuple[str, ...]
    applicants: tuple[str, ...]
    categories: tuple[str, ...]
    grades: tuple[Grade, ...]
    standards: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    tracks: tuple[Track, ...]
    fields: tuple[FieldRule, ...]
    documents: tuple[DocumentRule, ...]
    checklist: tuple[CheckItem, ...]
    mark_rules: tuple[Words, ...]
    fees: tuple[Fee, ...]
    grounds: tuple[Ground, ...]
    conversions: tuple[Conversion, ...]
    limits: int


@dataclass(frozen=True)
class SchemeVersions:
    """The versions of a scheme that ship, and those that were published, the oldest first."""

    code: str
    shipped: tuple[str, ...]
    published: tuple[PublishedScheme, ...]


class VersionAsked(Shape):
    """Which version is asked for."""

    version = Text(pattern=VERSION, most=8, load_default=None, about="The newest where absent")


class PublishBody(Shape):
    """Which version is published."""

    version = Text(pattern=VERSION, most=8, load_default=None, about="The newest where absent")


@schemes.operation("GET", "", Scope.QUERY, SchemeList)
def list_schemes(actor: Actor) -> Any:
    """List the schemes."""
    return SchemeList(tuple(map(_line, service.schemes().values())))


@schemes.operation("GET", "/<code:scheme>", Scope.QUERY, SchemeRead, asks=VersionAsked)
def get_scheme(actor: Actor, asked: dict[str, Any], scheme: str) -> Any:
    """Give a scheme: forms, steps with their days, parameters with their sources."""
    return _read(service.scheme(scheme, asked["version"]))


@schemes.operation("GET", "/<code:scheme>/versions", Scope.QUERY, SchemeVersions)
def list_versions(actor: Actor, scheme: str) -> Any:
    """List the versions of a scheme; each publication names its entry in the log."""
    with current_node().database.read() as session:
        shipped = service.versions(scheme)
        return SchemeVersions(scheme, shipped, service.published(session, scheme))


@schemes.operation(
    "POST", "/<code:scheme>/publication", Scope.CERTIFY, PublishedScheme, takes=PublishBody
)
def publish(actor: Actor, body: dict[str, Any], scheme: str) -> Any:
    """Publish a version: applications that begin from now on are handled by it."""
    version = body["version"] or service.scheme(scheme).version
    return run(service.publish, PublishScheme(scheme, version), actor)


def _statement(scheme: Scheme) -> Words:
    return Words(scheme.statement("zh"), scheme.statement("en"))


def _line(scheme: Scheme) -> SchemeLine:
    return SchemeLine(
        scheme.code, scheme.version, scheme.effective, scheme.nature.value, scheme.gives.value,
        scheme.name, scheme.office, _statement(scheme),
    )  # fmt: skip


def _read(scheme: Scheme) -> SchemeRead:
    return SchemeRead(
        code=scheme.code,
        version=scheme.version,
        effective=scheme.effective,
        nature=scheme.nature.value,
        gives=scheme.gives.value,
        issued_by=scheme.issued_by.value,
        recorded_until=scheme.recorded_until,
        name=scheme.name,
        office=scheme.office,
        verb=scheme.verb,
        document=scheme.document,
        statement=_statement(scheme),
        number_pattern=scheme.number_pattern,
        number_template=scheme.number_template,
        permit_template=scheme.permit_template,
        units=scheme.units,
        applicants=scheme.applicants,
        categories=scheme.categories,
        grades=scheme.grades,
        standards=scheme.standards,
        parameters=tuple(scheme.parameters.values()),
        tracks=tuple(scheme.tracks.values()),
        fields=tuple(scheme.fields.values()),
        documents=tuple(scheme.documents.values()),
        checklist=scheme.checklist,
        mark_rules=scheme.mark_rules,
        fees=scheme.fees,
        grounds=scheme.grounds,
        conversions=scheme.conversions,
        limits=len(scheme.limits),
    )
