"""What changed between two versions of a scheme, in words, before the new one takes effect.

Both versions are laid out as dotted places with plain values; lists whose members have a name
(steps by state, limits, checklist, fees by key) are compared by that name, so that a step put in
between is one addition and not a change of all that follow. `next` and `on_fail` show the order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from certification.schemes.model import Scheme, Words, entry_name

_LABELS: Mapping[str, Words] = {
    "about": Words("说明", "About"),
    "applicants": Words("申请人", "Applicants"),
    "bound": Words("数量规则", "Quantity rule"),
    "categories": Words("产品类别", "Product categories"),
    "checklist": Words("检查表", "Checklist"),
    "conversions": Words("转换期", "Conversion"),
    "document": Words("证书名称", "Name of the document"),
    "documents": Words("材料", "Documents"),
    "effective": Words("生效日期", "Effective from"),
    "fees": Words("收费", "Fees"),
    "fields": Words("申请表字段", "Fields"),
    "gives": Words("结果", "Gives"),
    "grades": Words("等级", "Grades"),
    "grounds": Words("撤销事由", "Grounds of revocation"),
    "issued_by": Words("编号由谁赋予", "Who gives numbers"),
    "limits": Words("限量", "Limits"),
    "mark_rules": Words("用标规则", "Rules of mark use"),
    "name": Words("名称", "Name"),
    "nature": Words("法律性质", "Legal nature"),
    "number_pattern": Words("编号格式", "Form of numbers"),
    "numbering": Words("编号", "Numbering"),
    "office": Words("主管单位", "Office"),
    "parameters": Words("参数", "Parameters"),
    "recorded_until": Words("补录截止日", "Recorded until"),
    "region": Words("地域", "Region"),
    "standards": Words("标准", "Standards"),
    "tracks": Words("办理流程", "Tracks"),
    "units": Words("计量单位", "Units"),
    "verb": Words("动词", "Verb"),
}


@dataclass(frozen=True)
class Change:
    """One changed place; `old` None: added, `new` None: removed."""

    place: str
    old: str | None
    new: str | None

    def text(self, lang: str) -> str:
        """The change in a sentence of `zh` or `en`."""
        member, _, rest = self.place.partition(".")
        label = _LABELS.get(member, Words(member, member)).text(lang)
        where = f"{label} {rest}".strip()
        if lang == "en":
            return f"{where}: {_sentence_en(self.old, self.new)}"
        return f"{where}：{_sentence_zh(self.old, self.new)}"


def _sentence_en(old: str | None, new: str | None) -> str:
    if old is None:
        return f"added, {new}"
    return f"removed, was {old}" if new is None else f"{old} becomes {new}"


def _sentence_zh(old: str | None, new: str | None) -> str:
    if old is None:
        return f"新增 {new}"
    return f"删去，原为 {old}" if new is None else f"由 {old} 改为 {new}"


def differences(old: Scheme, new: Scheme) -> tuple[Change, ...]:
    """Every changed place between two versions, in the order of their places; the version aside."""
    before, after = dict(_laid_out(old, "")), dict(_laid_out(new, ""))
    places = sorted((before.keys() | after.keys()) - {"version"})
    return tuple(
        Change(place, before.get(place), after.get(place))
        for place in places
        if before.get(place) != after.get(place)
    )


def _laid_out(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every plain value inside a value with its dotted place."""
    if is_dataclass(value):
        for each in fields(value):
            yield from _laid_out(getattr(value, each.name), f"{place}.{each.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _laid_out(each, f"{place}.{key}")
    elif isinstance(value, tuple | list):
        for number, each in enumerate(value, 1):
            yield from _laid_out(each, f"{place}.{entry_name(each) or number}")
    elif value is not None:
        yield place, _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if not isinstance(value, Decimal) else format(value, "f")
