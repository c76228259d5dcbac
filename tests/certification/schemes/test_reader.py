"""Scheme files: every rule of the format broken once, and refused by its place."""

from __future__ import annotations

import copy
import shutil
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from certification.schemes.catalogue import DATA, read_file, read_folder, vocabulary
from certification.schemes.errors import SchemeError
from certification.schemes.reader import read_scheme
from certification.schemes.vocabulary import read_vocabulary

GONE = object()
"""Stands for a member that is taken out."""


def parsed(code: str, version: str, name: str = "scheme.toml") -> dict[str, Any]:
    return tomllib.loads((DATA / code / version / name).read_text(encoding="utf-8"))


BRAND, PLAIN, GREEN = parsed("jnjp", "2026-2"), parsed("jnjp", "2026-1"), parsed("green", "2026-2")
LIMITS = parsed("jnjp", "2026-2", "limits.toml")
FIELDS = read_file(DATA / "fields.toml")


def edited(document: dict[str, Any], dotted: str, value: object) -> dict[str, Any]:
    """A copy with one member changed; numbers in the path count from 1."""
    document = copy.deepcopy(document)
    *path, name = dotted.split(".")
    place: Any = document
    for step in path:
        place = place[int(step) - 1] if isinstance(place, list) else place[step]
    key: Any = int(name) - 1 if isinstance(place, list) else name
    if value is GONE:
        del place[key]
    else:
        place[key] = value
    return document


def refused(document: dict[str, Any], limits: dict[str, Any] | None = LIMITS) -> str:
    with pytest.raises(SchemeError) as error:
        read_scheme(document, vocabulary(), limits)
    return error.value.place


@pytest.mark.parametrize(
    "path, value, place",
    [
        ("code", GONE, "code"),
        ("fee", 5, "fee"),
        ("format", 3, "format"),
        ("code", "JNJP", "code"),
        ("nature", "medal", "nature"),
        ("version", "1", "version"),
        ("effective", "2026-01-01", "effective"),
        ("units", ["box"], "units.box"),
        ("units", [], "units"),
        ("units", ["mg", "mg"], "units"),
        ("number_pattern", "JNJP-.*", "number_pattern"),
        ("number_pattern", "JNJP-([", "number_pattern"),
        ("name", "津农精品", "name"),
        ("name.en", GONE, "name.en"),
        ("name.zh", " ", "name.zh"),
        ("verb.zh", "认证", "verb"),
        ("document.en", "certificate", "document"),
        ("parameters.bar_years", GONE, "parameters.bar_years"),
        ("parameters.colour", {}, "parameters.colour"),
        ("parameters.validity_years", 3, "parameters.validity_years"),
        ("parameters.validity_years.value", 0, "parameters.validity_years.value"),
        ("parameters.validity_years.value", True, "parameters.validity_years.value"),
        ("parameters.quantity_bound.value", "x", "parameters.quantity_bound.value"),
        ("parameters.bar_years.source", "", "parameters.bar_years.source"),
        ("parameters.bar_years.verified", "no", "parameters.bar_years.verified"),
    ],
)
@pytest.mark.parametrize("document", [PLAIN, BRAND], ids=["format 1", "format 2"])
def test_the_head_of_either_format(document, path, value, place):
    assert refused(edited(document, path, value)) == place


@pytest.mark.parametrize(
    "path, value, place",
    [
        # who, for what, in which words
        ("about", GONE, "about"),
        ("about.zh", "经认证的品牌", "about"),
        ("mark_rules.1.zh", "认证有效期内使用", "mark_rules.1"),
        ("mark_rules", [], "mark_rules"),
        ("fees.use.words.zh", "认证费", "fees.use.words"),
        ("applicants", [], "applicants"),
        ("applicants", ["village"], "applicants.village"),
        ("categories", ["stone"], "categories.stone"),
        ("gives", "medal", "gives"),
        ("standards", ["§"], "standards.§"),
        ("parameters.retention_years", GONE, "parameters.retention_years"),
        ("parameters.new_applications.value", 1, "parameters.new_applications.value"),
        # numbers
        ("numbering.form", "roman", "numbering.form"),
        ("numbering.number_template", GONE, "numbering.number_template"),
        ("numbering.number_template", "JNJP-{serial}", "numbering.number_template"),
        ("numbering.number_template", "JNJP-{year}-{serial:05d}", "numbering.number_template"),
        ("numbering.permit_template", GONE, "numbering.permit_template"),
        ("issued_by", "elsewhere", "numbering.number_template"),
        # tracks
        ("tracks.initial", GONE, "tracks.initial"),
        ("tracks.renewal", GONE, "tracks.renewal"),
        ("tracks.print_permit", GONE, "tracks.print_permit"),
        ("tracks.party", {}, "tracks.party"),
        ("tracks.initial.needs_active", True, "tracks.initial.needs_active"),
        ("tracks.renewal.needs_active", False, "tracks.renewal.needs_active"),
        ("tracks.renewal.window", GONE, "tracks.renewal.window"),
        ("tracks.initial.asks", ["shoe_size"], "tracks.initial.asks.shoe_size"),
        ("tracks.initial.may_ask", ["products"], "tracks.initial.may_ask.products"),
        ("tracks.initial.reply_working_days", 0, "tracks.initial.reply_working_days"),
        ("tracks.initial.steps", [], "tracks.initial.deadlines.submitted"),
        ("tracks.initial.steps.1", GONE, "tracks.initial.deadlines.submitted"),
        ("tracks.initial.steps.2.state", "nap", "tracks.initial.steps.2.state"),
        ("tracks.initial.steps.2.role", "decider", "tracks.initial.steps.2.role"),
        ("tracks.initial.steps.2.function", "choir", "tracks.initial.steps.2.function"),
        ("tracks.initial.steps.2.next", "heaven", "tracks.initial.steps.2.next"),
        # a state that nothing leads to, a way back, a way around the decision
        ("tracks.initial.steps.2.next", "lab_test", "tracks.initial.steps.3.state"),
        ("tracks.initial.steps.3.next", "desk_review", "tracks.initial.steps.3.next"),
        ("tracks.initial.steps.2.next", "granted", "tracks.initial.steps.2.next"),
        ("tracks.initial.steps.2.on_fail", "refused", "tracks.initial.steps.2.on_fail"),
        ("tracks.initial.steps.7.next", "refused", "tracks.initial.steps.7.next"),
        ("tracks.initial.steps.7.on_fail", "granted", "tracks.initial.steps.7.on_fail"),
        # deadlines and notices
        (
            "tracks.initial.deadlines.site_check.after_working_days",
            21,
            "tracks.initial.deadlines.site_check.working_days",
        ),
        (
            "tracks.initial.deadlines.site_check.working_days",
            -1,
            "tracks.initial.deadlines.site_check.working_days",
        ),
        (
            "tracks.initial.deadlines.site_check.source",
            " ",
            "tracks.initial.deadlines.site_check.source",
        ),
        (
            "tracks.change.deadlines.site_check",
            BRAND["tracks"]["initial"]["deadlines"]["site_check"],
            "tracks.change.deadlines.site_check",
        ),
        ("tracks.initial.notice", GONE, "tracks.initial.notice"),
        ("tracks.change.notice", BRAND["tracks"]["initial"]["notice"], "tracks.change.notice"),
        ("tracks.initial.notice.days", 0, "tracks.initial.notice.days"),
        ("tracks.initial.notice.day_kind", "moon", "tracks.initial.notice.day_kind"),
        ("tracks.initial.notice.on_upheld", "decision", "tracks.initial.notice.on_upheld"),
        ("tracks.initial.notice.on_upheld", "public_notice", "tracks.initial.notice.on_upheld"),
        ("tracks.renewal.window.opens_months", 3, "tracks.renewal.window.opens_months"),
        # what steps need
        ("checklist", [], "checklist"),
        ("checklist.1.severity", "fatal", "checklist.1.severity"),
        ("checklist.1.clause", "", "checklist.1.clause"),
        ("fees.use.fen", -5, "fees.use.fen"),
        ("fees.use.fen", 1.5, "fees.use.fen"),
        ("fees.use.due_at", "granted", "fees.use.due_at"),
        ("grounds.quality.bar_years", 0, "grounds.quality.bar_years"),
        ("region.codes", ["Tianjin"], "region.codes.Tianjin"),
        ("region.box", {"west": "9", "south": "1", "east": "8", "north": "2"}, "region.box.east"),
        ("region.box", {"west": "9", "south": "3", "east": "10", "north": "2"}, "region.box.north"),
        ("region.box", {"west": 9, "south": "3", "east": "10", "north": "4"}, "region.box.west"),
        ("documents", {"county_letter": {"max_age_months": 3}}, "documents.county_letter"),
        ("documents", {"commitment": {"max_age_months": 0}}, "documents.commitment.max_age_months"),
    ],
)
def test_format_2(path, value, place):
    assert refused(edited(BRAND, path, value)) == place


@pytest.mark.parametrize(
    "path, value, place",
    [
        ("limits.1.value", 0.2, "limits.1.value"),
        ("limits.1.value", GONE, "limits.1.value"),
        ("limits.1.comparison", "not_detected", "limits.1.value"),
        ("limits.1.unit", "mg per kg", "limits.1.unit"),
        ("limits.1.categories", ["stone"], "limits.1.categories.stone"),
        ("limits.1.grades", ["AA"], "limits.1.grades.AA"),
        ("limits.2.key", "grain_cadmium", "limits.2.key"),
        ("limits.1.source", "", "limits.1.source"),
        ("limits.1.words.en", GONE, "limits.1.words.en"),
        ("surprise", 1, "surprise"),
    ],
)
def test_limits(path, value, place):
    assert refused(BRAND, edited(LIMITS, path, value)) == place


def test_a_test_needs_limits_and_a_report():
    assert refused(BRAND, None) == "limits"
    asks = [key for key in BRAND["tracks"]["initial"]["asks"] if key != "product_report"]
    assert refused(edited(BRAND, "tracks.initial.asks", asks)) == "tracks.initial.asks"


def test_grades_are_chosen_among_those_of_the_scheme():
    without = edited(GREEN, "grades", [])
    limits = parsed("green", "2026-2", "limits.toml")
    assert refused(without, {"limits": limits["limits"][:5]}) == "grades"


@pytest.mark.parametrize(
    "path, value, place",
    [
        ("format", 2, "format"),
        ("extra", {}, "extra"),
        ("fields.products.kind", "novel", "fields.products.kind"),
        ("fields.products.units", ["公斤"], "fields.products.units"),
        ("fields.base_area.units", ["parsec"], "fields.base_area.units.parsec"),
        ("fields.base_area.units", GONE, "fields.base_area.units"),
        ("fields.water_source.choices", GONE, "fields.water_source.choices"),
        ("fields.water_source.choices.river.en", GONE, "fields.water_source.choices.river.en"),
        ("fields.farmers_count.high", 0, None),
        ("fields.farmers_count.low", 2_000_000, "fields.farmers_count.high"),
        ("fields.products.hint.zh", "", "fields.products.hint.zh"),
        ("documents.base_map.media", [], "documents.base_map.media"),
        ("documents.base_map.media", ["text/html"], "documents.base_map.media.text/html"),
        ("documents.products", FIELDS["documents"]["base_map"], "documents.products"),
        ("documents.Base", FIELDS["documents"]["base_map"], "documents.Base"),
    ],
)
def test_the_vocabulary(path, value, place):
    document = edited(FIELDS, path, value)
    if place is None:
        assert read_vocabulary(document).fields["farmers_count"].high == 0
        return
    with pytest.raises(SchemeError) as error:
        read_vocabulary(document)
    assert error.value.place == place


# --- Folders --------------------------------------------------------------------------------------


def folder_of(tmp_path: Path, code: str = "jnjp", version: str = "2026-2") -> Path:
    shutil.copy(DATA / "fields.toml", tmp_path)
    shutil.copytree(DATA / "jnjp" / "2026-2", tmp_path / code / version)
    return tmp_path


def test_a_folder_is_read_whole(tmp_path):
    found = read_folder(folder_of(tmp_path))
    assert found["jnjp"]["2026-2"].scheme.effective == date(2025, 1, 1)


@pytest.mark.parametrize(
    "code, version, place", [("other", "2026-2", "code"), ("jnjp", "2026-3", "version")]
)
def test_a_folder_is_named_after_what_it_holds(tmp_path, code, version, place):
    with pytest.raises(SchemeError) as error:
        read_folder(folder_of(tmp_path, code, version))
    assert error.value.place == place


@pytest.mark.parametrize("content", [b"code = ", b"\xff\xfe"])
def test_what_is_no_toml(tmp_path, content):
    (folder_of(tmp_path) / "jnjp" / "2026-2" / "limits.toml").write_bytes(content)
    with pytest.raises(SchemeError) as error:
        read_folder(tmp_path)
    assert error.value.place == "limits.toml"


def test_a_vocabulary_is_needed(tmp_path):
    with pytest.raises(SchemeError) as error:
        read_folder(tmp_path)
    assert error.value.place == "fields.toml"


def test_comments_change_no_digest_and_meaning_does(tmp_path):
    folder = folder_of(tmp_path)
    file = folder / "jnjp" / "2026-2" / "scheme.toml"
    before = read_folder(folder)["jnjp"]["2026-2"].digest
    text = file.read_text(encoding="utf-8")
    file.write_text(f"# 另一条说明\n{text}", encoding="utf-8")
    assert read_folder(folder)["jnjp"]["2026-2"].digest == before
    file.write_text(text.replace("working_days = 20", "working_days = 21", 1), encoding="utf-8")
    assert read_folder(folder)["jnjp"]["2026-2"].digest != before


def test_a_key_that_a_scheme_does_not_ask_changes_no_digest(tmp_path):
    folder = folder_of(tmp_path)
    before = read_folder(folder)["jnjp"]["2026-2"].digest
    more = (
        '\n[fields.novelty]\nkind = "text"\nwords = { zh = "新", en = "New" }\n'
        'hint = { zh = "新", en = "New" }\n'
    )
    with (folder / "fields.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    assert read_folder(folder)["jnjp"]["2026-2"].digest == before


def test_fractions_have_no_canonical_form(tmp_path):
    folder = folder_of(tmp_path)
    file = folder / "jnjp" / "2026-2" / "scheme.toml"
    file.write_text(file.read_text("utf-8").replace("fen = 0", "fen = 0.0"), encoding="utf-8")
    with pytest.raises(SchemeError) as error:
        read_folder(folder)
    assert error.value.place == "fees.use.fen"
