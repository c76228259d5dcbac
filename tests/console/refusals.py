"""A table of refused forms, sent one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.console.visitor import Visitor, error_at, problem_of

Case = tuple[dict[str, Any], int, str, str]
"""What is typed otherwise than right; status, code, and the field where it is shown ("": none)."""


def differences(
    visitor: Visitor, path: str, right: Mapping[str, Any], cases: Iterable[Case]
) -> list[str]:
    """Send each case and give those that were not refused as the table says."""
    found = []
    for typed, status, code, field in cases:
        page = visitor.post(path, **{**right, **typed})
        told = (page.status_code, problem_of(page), not field or bool(error_at(page, field)))
        if told != (status, code, True):
            found.append(f"{typed}: {told}, expected {(status, code, field)}")
    return found
