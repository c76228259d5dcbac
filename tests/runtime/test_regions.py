"""Places in words: the towns of the demo stories, and codes that nobody knows."""

from __future__ import annotations

import pytest

from runtime.regions import divisions_within, is_region_code, region_words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("120112102", "天津市津南区小站镇"),
        ("652801205", "新疆维吾尔自治区巴音郭楞蒙古自治州库尔勒市哈拉玉宫乡"),
        ("370505105", "山东省东营市垦利区黄河口镇"),
        ("370505105201", "山东省东营市垦利区黄河口镇"),
        ("110101", "北京市东城区"),
        ("990101", ""),
    ],
)
def test_words_of_a_code(code: str, words: str) -> None:
    assert region_words(code) == words


@pytest.mark.parametrize("code", ["", "12", "1201", "12011", "1201121", "０２０１１２", "012012"])
def test_other_lengths_are_no_region_codes(code: str) -> None:
    assert not is_region_code(code)


def test_towns_of_a_district() -> None:
    assert ("120112102", "小站镇") in divisions_within("120112")
    assert ("120112", "津南区") in divisions_within("12")
