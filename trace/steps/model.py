"""From the fields of a form to a step of the farm vocabulary.

A form says the step by its code, lots with quantities as typed, and details by the names of the
step's fields (`trace.epcis.farm`). Details are texts; they are read as the field's type says.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from runtime.refusal import refuse
from trace.epcis.farm import STEPS, FarmStep, Goods, Step
from trace.refusals import TraceRefusal

_BY_CODE: Mapping[str, type[Step]] = {each.step.value: each for each in STEPS}
_INTEGER = re.compile(r"-?[0-9]{1,15}\Z")
_GOODS = ("lots", "inputs", "outputs")


def step_named(code: str) -> type[Step]:
    """Return the kind of step of this code. Raises Refusal STEP_UNKNOWN."""
    if code not in set(FarmStep):
        refuse(TraceRefusal.STEP_UNKNOWN, "/step")
    return _BY_CODE[code]


def make_step(
    code: str, goods: Mapping[str, tuple[Goods, ...]], details: Mapping[str, str]
) -> Step:
    """Make the step of a form; empty details count as absent.

    `goods` has the parts `lots`, `inputs`, `outputs`, as far as the step has them. Raises Refusal:
    STEP_UNKNOWN, DETAIL_UNKNOWN, DETAIL_MALFORMED, PART_UNWANTED.
    """
    kind = step_named(code)
    types_of = typing.get_type_hints(kind)
    known = {each.name for each in fields(kind)}
    for part, each in goods.items():
        if each and part not in known:
            refuse(TraceRefusal.PART_UNWANTED, f"/{part}")
    values: dict[str, Any] = {part: each for part, each in goods.items() if part in known}
    for name, text in details.items():
        if name not in known or name in _GOODS:
            refuse(TraceRefusal.DETAIL_UNKNOWN, f"/details/{name[:40]}")
        if text.strip():
            values[name] = _read(text.strip(), types_of[name], f"/details/{name}")
    return kind(**values)


def _read(text: str, type_of: Any, pointer: str) -> Any:
    wanted = _without_none(type_of)
    try:
        if wanted is bool:
            return {"true": True, "false": False}[text]
        if wanted is int:
            return int(text if _INTEGER.match(text) else "")
        return date.fromisoformat(text) if wanted is date else text
    except (KeyError, ValueError):
        refuse(TraceRefusal.DETAIL_MALFORMED, pointer)


def _without_none(type_of: Any) -> Any:
    if isinstance(type_of, types.UnionType):
        return next(each for each in typing.get_args(type_of) if each is not type(None))
    return type_of
