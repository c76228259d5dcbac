"""Codes that people and addresses carry: products, lots, brands.

A code is 1 to 20 characters of `[A-Za-z0-9-]`. That is inside what GS1 allows for a batch (AI 10,
GS1 General Specifications 3.4.1: up to 20 characters of set 82) and needs no escaping in an
address.
"""

from __future__ import annotations

import re

from runtime.refusal import refuse
from trace.refusals import TraceRefusal

_CODE = re.compile(r"[A-Za-z0-9-]{1,20}\Z")


def check_code(value: str, pointer: str) -> None:
    """Raise Refusal CODE_MALFORMED unless the value is a code."""
    if not _CODE.match(value):
        refuse(TraceRefusal.CODE_MALFORMED, pointer, given=value[:24])
