"""Names of the divisions of China by their code.

County codes have 6 digits (GB/T 2260), town codes 9, village codes 12 (the statistical codes that
extend them); provinces are 2 digits and prefectures 4. The table is of one year, named in its file
(`2023.tsv`, with its source); a code that it does not hold is unknown to us, not wrong.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

TABLE_YEAR = 2023
_CODE = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}\Z")
_LEVELS = (2, 4, 6, 9)


@cache
def _names() -> dict[str, str]:
    text = files(__name__).joinpath(f"{TABLE_YEAR}.tsv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {code: name for code, _, name in (line.partition("\t") for line in lines)}


def is_region_code(code: str) -> bool:
    """Tell whether the text has the form of a county, town or village code."""
    return _CODE.match(code) is not None


def region_words(code: str) -> str:
    """Return the place in words, widest first, such as 天津市津南区小站镇.

    Levels that the table does not hold are left out; an unknown province gives "".
    """
    names = _names()
    if code[:2] not in names:
        return ""
    return "".join(names.get(code[:level], "") for level in _LEVELS if level <= len(code))


def divisions_within(code: str) -> list[tuple[str, str]]:
    """Return (code, name) of the next level below a province, prefecture or county, by code."""
    below = [level for level in (*_LEVELS, 12) if level > len(code)]
    for level in below[:2]:
        found = [(c, n) for c, n in _names().items() if len(c) == level and c.startswith(code)]
        if found:
            return found
    return []
