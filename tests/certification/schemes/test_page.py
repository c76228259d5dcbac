"""docs/schemes.md: its example is a scheme, and every member of the format stands in it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

import pytest

from certification.numbers.model import FORMS
from certification.schemes import model
from certification.schemes.catalogue import vocabulary
from certification.schemes.model import AnswerKind, Comparison, Nature, StepState
from certification.schemes.reader import read_scheme
from certification.schemes.simulation import simulate
from certification.schemes.track_reader import ROLES_AT
from certification.schemes.vocabulary import MEDIA
from ecotrace import PROJECT

PAGE = (PROJECT / "docs" / "schemes.md").read_text(encoding="utf-8")
SCHEME, LIMITS = (tomllib.loads(each) for each in re.findall(r"```toml\n(.*?)```", PAGE, re.S))

DERIVED = {"fields", "notice", "deadline", "opens", "conversions", "kind", "verified", "name"}
"""Members that a file writes otherwise: as keys of tables, or under the words below."""


def test_the_example_is_read_and_walked():
    scheme = read_scheme(SCHEME, vocabulary(), LIMITS)
    assert simulate(scheme).faults == ()
    assert (scheme.documents["product_report"].max_age_months, len(scheme.limits)) == (6, 1)
    assert [choice for choice, _ in scheme.fields["conversion_kind"].choices] == ["annual_crop"]


@pytest.mark.parametrize(
    "noun",
    [
        "Scheme", "Numbering", "Track", "Step", "Deadline", "Notice", "Window", "Limit",
        "CheckItem", "Fee", "Ground", "Conversion", "Grade", "Region",
    ],
)  # fmt: skip
def test_every_member_is_shown(noun):
    text = "\n".join(re.findall(r"```toml\n(.*?)```", PAGE, re.S))
    members = {each.name for each in fields(getattr(model, noun))} - DERIVED
    assert {name for name in members if not re.search(rf"\b{name}\b", text)} == set()


def test_every_word_is_explained():
    kinds = re.search(r"A field has `kind` \((.*?)\)", PAGE)
    assert kinds is not None
    assert re.findall(r"`(\w+)`", kinds[1]) == [each.value for each in AnswerKind]
    assert [each.value for each in Nature if f"| `{each.value}` |" not in PAGE] == []
    assert [each for each in FORMS if f"| `{each}` |" not in PAGE] == []
    assert [each for each in MEDIA if f"`{each}`" not in PAGE] == []
    assert [each.value for each in Comparison if each.value not in PAGE] == []


@pytest.mark.parametrize("state", list(StepState))
def test_every_step_has_its_line(state):
    (role,) = ROLES_AT[state]
    assert f"| `{state.value}` | `{role}` | {model.TASKS[state].value} |" in PAGE


@pytest.mark.parametrize("nature", list(Nature))
def test_who_may_say_it(nature):
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{nature.value}` |"))
    assert line.endswith("| yes |") is nature.may_say_certified
