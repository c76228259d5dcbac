"""What strangers see of a step: never who did it, what was noted, who bought or carried it."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from tests.trace.labels.stage import URL
from trace.epcis.document import received
from trace.epcis.farm import NAMESPACES, STEPS, Amount, Goods, Occasion, build_event
from trace.epcis.understood import understood
from trace.events.shown import shown

SECRET = "秘密"
LOTS = (
    Goods("p/rice", "L1", Amount("mass", 2_500_000, "5", "斤"), "小站稻"),
    Goods("06901234567892", "L2", Amount("pieces", 7), None),
)
HIDDEN = ("operator", "note", "carrier", "vehicle", "buyer", "seller", "seedSource", "facility")


@st.composite
def steps(draw: st.DrawFn) -> Any:
    """Any step with all its details filled, the texts of people marked as secret."""
    kind = draw(st.sampled_from(STEPS))
    types = get_type_hints(kind)
    values: dict[str, Any] = {}
    for each in fields(kind):
        if each.name in ("lots", "inputs", "outputs"):
            values[each.name] = LOTS
        elif each.name == "parent" or each.name == "document":
            continue
        elif each.name in ("origin", "destination", "seller", "buyer"):
            values[each.name] = "https://other.example/" + each.name
        elif each.name in ("buyer_name", "carrier", "vehicle", "seed_source", "facility", "line"):
            values[each.name] = SECRET + draw(st.sampled_from("甲乙丙"))
        elif types[each.name] == int | None:
            values[each.name] = draw(st.integers(0, 10**6))
        elif types[each.name] is bool:
            values[each.name] = draw(st.booleans())
        elif types[each.name] == date | None:
            values[each.name] = date(2027, 1, 1)
        else:
            values[each.name] = {"report_sha256": "ab" * 32, "input_kind": "feed"}.get(
                each.name, str(draw(st.integers(1, 99)))
            )
    return kind(**values)


@given(steps(), st.integers(0, 10**6))
def test_nobody_is_named_to_strangers(step: Any, seconds: int) -> None:
    at = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    occasion = Occasion(at, URL + "/registry/x", operator=SECRET + "人", note=SECRET + "事")
    record = understood(received(build_event(step, occasion, URL), NAMESPACES))
    seen = shown(record)
    assert SECRET in str(record)
    assert SECRET not in str(seen)
    assert "other.example" not in str(seen)
    assert not set(seen["details"]) & set(HIDDEN)
    pairs = {name for name, value in seen["details"].items() if isinstance(value, list)}
    assert pairs == {"areaTyped", "dose", "headCount", "pieces"} & set(seen["details"])
    assert seen["step"] == step.step.value
    made = step.step.value in (
        "seed_or_stocking", "harvest", "processing", "packing", "split", "merge",
    )  # fmt: skip
    goods = [{"lot": "L1", "typed": ["5", "斤"]}, {"lot": "L2", "typed": ["7", "件"]}]
    assert seen.get("goods") == (goods if made else None)
    result = {True: "passed", False: "failed", None: None}[getattr(step, "passed", None)]
    assert seen.get("result") == result
