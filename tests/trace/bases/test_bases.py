"""Registering production bases: area, region and outline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.chain import refused
from tests.trace.labels.stage import Stage
from trace.bases.model import AREA_POINTS_MAX, outline_faults
from trace.bases.service import RegisterBase, bases_of, register_base

RING = [["117.1", "39.0"], [118, 39], ["118", "40"], ["117.1", "39.0"]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


GOOD = [
    polygon(RING),
    polygon(RING, RING),
    {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
    polygon([["-180", "-90"], [180, 90], [0, 0], ["-180", "-90"]]),
]
BAD: list[Any] = [
    None, 7, [], {}, {"type": "Polygon"}, {"type": "Point", "coordinates": [1, 2]},
    {"type": ["Polygon"], "coordinates": [RING]}, {**polygon(RING), "crs": 1},
    polygon(), polygon(None), polygon([]), polygon(RING[:3]), polygon([*RING[:3], [0, 0]]),
    {"type": "MultiPolygon", "coordinates": [RING]}, {"type": "MultiPolygon", "coordinates": {}},
    polygon([[181, 0], [0, 0], [1, 1], [181, 0]]), polygon([[0, 91], [0, 0], [1, 1], [0, 91]]),
    polygon([[1], [0], [1], [1]]),
    *(polygon([[x, 0], [0, 0], [1, 1], [x, 0]]) for x in (1.5, "1e1", "nan", True, None)),
    *(polygon([[x, 0], [0, 0], [1, 1], [x, 0]]) for x in ("１", "1_0")),
    polygon([RING[0]] * (AREA_POINTS_MAX + 1)),
]  # fmt: skip


@pytest.mark.parametrize("outline", GOOD)
def test_outlines(outline: Any) -> None:
    assert list(outline_faults(outline)) == []


@pytest.mark.parametrize("outline", BAD, ids=str)
def test_what_is_no_outline(outline: Any) -> None:
    assert len(list(outline_faults(outline))) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(json_values, st.sampled_from(["Polygon", "MultiPolygon"]))
def test_no_json_value_breaks_the_reader(value: Any, kind: str) -> None:
    list(outline_faults(value))
    list(outline_faults({"type": kind, "coordinates": value}))


def test_what_a_base_needs(stage: Stage) -> None:
    good = RegisterBase(
        stage.coop, "基地", "Base", "120112", ("120.55", "亩"), outline=polygon(RING)
    )
    cases: list[tuple[dict[str, Any], str]] = [
        ({"name_zh": ""}, "NAME_MISSING"),
        ({"village_zh": "x" * 61}, "TEXT_TOO_LONG"),
        ({"region": "99"}, "REGION_MALFORMED"),
        ({"area": ("0", "亩")}, "QUANTITY_MALFORMED"),
        ({"area": ("1.234", "亩")}, "QUANTITY_MALFORMED"),
        ({"area": ("-1", "亩")}, "QUANTITY_MALFORMED"),
        ({"area": ("5", "公斤")}, "WRONG_UNIT"),
        ({"outline": {}}, "OUTLINE_MALFORMED"),
    ]
    for changes, code in cases:
        command = replace(good, **changes)
        assert refused(lambda c=command: stage.do(register_base, c)) == [code], changes
    stage.do(register_base, good)
    with stage.node.database.read() as session:
        (base,) = bases_of(session, stage.coop)
    assert (base.area_m2, base.area_typed, base.outline) == (80367, "120.55 亩", polygon(RING))
