"""Frozen dataclasses as JSON can say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from runtime import base64url
from runtime.clock import instant_text


def plain(value: Any) -> Any:
    """Give a frozen dataclass as JSON can say it: instants in UTC, bytes as base64url."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64url.encode(value)
    return value.value if isinstance(value, Enum) else value
