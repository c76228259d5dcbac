"""The one vocabulary of application fields and documents, which every scheme asks by key.

Because all schemes ask the same things under the same keys, an answer or a document that an
applicant gave once serves the next application ("evidence once"). A scheme may shorten the age
that it accepts of a document and narrow the grades that may be chosen; it never redefines a key.

Invariants: a key names either a field or a document; texts are given in both languages; choices
stand exactly at fields of kind `choice`, units exactly at quantities; accepted media types are
those that the evidence store can check by content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from certification.schemes.model import AnswerKind, DocumentRule, FieldRule, Words
from certification.schemes.table import Table
from runtime.quantities import UNITS

NAME = "fields"
FORMAT = 1
MEDIA = ("application/pdf", "image/jpeg", "image/png")
LENGTH_MAX = 2000
_UNIT_NAMES = frozenset(unit.names[0] for unit in UNITS)
_WHOLE_MAX = 2**53 - 1


@dataclass(frozen=True)
class Vocabulary:
    """What applications may be asked, by key; `entries` are the parsed members behind the rules."""

    fields: Mapping[str, FieldRule]
    documents: Mapping[str, DocumentRule]
    entries: Mapping[str, Mapping[str, Any]]

    def knows(self, key: str) -> bool:
        """True for the key of a field or of a document."""
        return key in self.fields or key in self.documents


def read_vocabulary(document: Mapping[str, Any]) -> Vocabulary:
    """Build the vocabulary from a parsed file; raises SchemeError naming the place."""
    top = Table(NAME, document)
    top.require(top.take("format") == FORMAT, "format", str(FORMAT), document["format"])
    fields = {key: _field(key, table) for key, table in top.tables("fields")}
    documents = {key: _document(key, table) for key, table in top.tables("documents")}
    for key in sorted(fields.keys() & documents.keys()):
        top.refuse(f"documents.{key}", "another key than any field's", key)
    top.closed()
    entries = {**document.get("fields", {}), **document.get("documents", {})}
    return Vocabulary(fields, documents, entries)


def _field(key: str, table: Table) -> FieldRule:
    kind = table.choice("kind", AnswerKind)
    rule = FieldRule(
        key=key,
        kind=kind,
        words=table.words("words"),
        hint=table.words("hint"),
        personal=table.flag("personal") if table.has("personal") else False,
        length_max=table.whole("length_max", 1, LENGTH_MAX) if table.has("length_max") else 200,
        low=table.whole("low", 0, _WHOLE_MAX) if table.has("low") else None,
        high=table.whole("high", 0, _WHOLE_MAX) if table.has("high") else None,
        units=table.texts("units", _UNIT_NAMES),
        choices=_choices(table),
    )
    _check_form(table, rule)
    table.closed()
    return rule


def _choices(table: Table) -> tuple[tuple[str, Words], ...]:
    if not table.has("choices"):
        return ()
    words = table.table("choices")
    keys = [key for key, _ in table.tables("choices")]
    return tuple((key, words.words(key)) for key in keys)


def _check_form(table: Table, rule: FieldRule) -> None:
    quantity = rule.kind is AnswerKind.QUANTITY
    table.require(bool(rule.units) == quantity, "units", "units exactly for a quantity")
    choice = rule.kind is AnswerKind.CHOICE
    table.require(bool(rule.choices) == choice, "choices", "choices exactly for a choice")
    ordered = rule.low is None or rule.high is None or rule.low <= rule.high
    table.require(ordered, "high", "no less than low", rule.high)


def _document(key: str, table: Table) -> DocumentRule:
    rule = DocumentRule(
        key=key,
        words=table.words("words"),
        media=table.texts("media", MEDIA),
        max_age_months=table.whole("max_age_months", 1, 600)
        if table.has("max_age_months")
        else None,
        lab_report=table.flag("lab_report") if table.has("lab_report") else False,
        personal=table.flag("personal") if table.has("personal") else False,
    )
    table.require(bool(rule.media), "media", "at least one media type")
    table.closed()
    return rule
