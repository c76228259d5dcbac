"""The journal says what happened and nothing about anybody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from runtime.journal import configure


@pytest.fixture
def lines() -> Iterator[Any]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure("info", "json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_a_line_has_time_level_and_fields(lines: Any) -> None:
    structlog.get_logger().info("captured", count=3, code="too_deep")
    (line,) = lines()
    assert (line["event"], line["count"], line["code"]) == ("captured", 3, "too_deep")
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_levels_below_are_not_written(lines: Any) -> None:
    structlog.get_logger().debug("detail")
    assert lines() == []


def test_fields_outside_the_list_are_left_out_but_named(lines: Any) -> None:
    structlog.get_logger().info("signed in", name="王小明", phone="13812345678", job="sweep")
    (line,) = lines()
    assert line["left_out"] == ["name", "phone"]
    assert "王小明" not in json.dumps(line, ensure_ascii=False)
    assert line["job"] == "sweep"


@pytest.mark.parametrize(
    "personal",
    [
        "13812345678",
        "11010519491231002X",
        "192.0.2.17",
        "2001:db8::1:2",
        "wang@example.cn",
    ],
)
def test_texts_are_masked_also_those_of_other_libraries(lines: Any, personal: str) -> None:
    structlog.get_logger().info(f"from {personal}", reason=f"x {personal} y")
    logging.getLogger("other").warning("from %s", personal)
    ours, theirs = lines()
    assert ours["event"] == theirs["event"] == "from ***"
    assert ours["reason"] == "x *** y"


def test_an_exception_is_named_and_placed_but_not_quoted(lines: Any) -> None:
    for log in (structlog.get_logger(), logging.getLogger("other")):
        try:
            raise ValueError("王小明 13812345678")
        except ValueError:
            log.exception("failed")
    for line in lines():
        assert line["error"] == "ValueError"
        assert "left_out" not in line
        assert any("test_journal.py" in place for place in line["exception"])
        assert "王小明" not in json.dumps(line, ensure_ascii=False)


def test_the_form_for_people(lines: Any) -> None:
    stream = io.StringIO()
    configure("info", "console", stream)
    structlog.get_logger().info("served", port=8000)
    assert "served" in stream.getvalue()
    assert "port=8000" in stream.getvalue()
