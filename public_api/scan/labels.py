"""What the fields of a step are called on the scan page, and how their values are written."""

from __future__ import annotations

from collections.abc import Mapping

from web.language import Words

DETAILS: Mapping[str, tuple[Words, str]] = {
    "variety": (Words("品种", "Variety"), "text"),
    "areaTyped": (Words("面积", "Area"), "text"),
    "headCount": (Words("投放数量", "Number stocked"), "text"),
    "inputKind": (Words("投入品类别", "Kind of input"), "code:input_kind"),
    "inputName": (Words("投入品", "Input"), "text"),
    "registration": (Words("登记证号", "Registration"), "text"),
    "dose": (Words("用量", "Dose"), "text"),
    "doseUnit": (Words("用量单位", "Unit of dose"), "text"),
    "intervalDays": (Words("安全间隔期（天）", "Days before harvest"), "text"),
    "moisturePercent": (Words("水分（%）", "Moisture (%)"), "text"),
    "sugarPercent": (Words("含糖（%）", "Sugar (%)"), "text"),
    "growthDays": (Words("生长天数", "Days of growth"), "text"),
    "temperatureC": (Words("温度（℃）", "Temperature (°C)"), "text"),
    "humidityPercent": (Words("湿度（%）", "Humidity (%)"), "text"),
    "process": (Words("工艺", "Process"), "text"),
    "laboratory": (Words("检测机构", "Laboratory"), "text"),
    "reportNumber": (Words("报告编号", "Report number"), "text"),
    "items": (Words("检测项目", "Items tested"), "text"),
    "pack": (Words("包装规格", "Pack"), "text"),
    "pieces": (Words("件数", "Pieces"), "text"),
}
"""By the name of the extension field; fields that are absent here are not shown."""

ROLES: Mapping[str, Words] = {
    "producer": Words("生产", "Grown or made by"),
    "inspection": Words("检测", "Tested by"),
    "certificate": Words("用标许可", "Licence by"),
}
