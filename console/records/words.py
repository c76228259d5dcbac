"""The fields of each step as a form asks for them.

The step itself (`trace.epcis.farm`) says which details there are and how each is read; here stand
their names, units and suggestions, which part of the step the chosen lot is, and whether a
quantity is asked. A test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trace.epcis.farm import FarmStep
from web.language import Words

Kind = Literal["text", "decimal", "whole", "date", "choice", "tick"]
Part = Literal["lots", "inputs", "outputs"]
Asked = Literal["needed", "optional", "no"]


@dataclass(frozen=True)
class Detail:
    """One field: its name in the step, what people call it, how it is typed.

    `unit_field` is the detail that holds the unit of this one, with its choices in `units`.
    """

    name: str
    words: Words
    kind: Kind = "text"
    unit: Words | None = None
    hint: Words | None = None
    options: tuple[tuple[str, Words], ...] = ()
    unit_field: str = ""
    units: tuple[tuple[str, Words], ...] = ()


_QUANTITY, _NOTHING = Words("数量", "Quantity"), Words("")


@dataclass(frozen=True)
class StepShape:
    """How a form asks for a step.

    `main` is the part of the step that the chosen lot is, `quantity` whether its quantity is asked,
    `others` how many rows the other part has, `asked` what that part is called.
    """

    main: Part
    quantity: Asked
    details: tuple[Detail, ...] = ()
    other: Part | None = None
    rows: int = 0
    main_words: Words = _QUANTITY
    other_words: Words = _NOTHING
    hint: Words | None = None


_PERCENT = Words("%", "%")
_CELSIUS = Words("℃", "°C")
_MOISTURE = Detail("moisture_percent", Words("水分", "Moisture"), "decimal", _PERCENT)
_KINDS_OF_INPUT = (
    ("fertiliser", Words("肥料", "Fertiliser")),
    ("pesticide", Words("农药", "Pesticide")),
    ("veterinary_drug", Words("兽药（渔药）", "Veterinary drug")),
    ("feed", Words("饲料", "Feed")),
    ("other", Words("其他", "Other")),
)
_RESULTS = (("true", Words("合格", "Passed")), ("false", Words("不合格", "Failed")))
_DOSE_UNITS = (
    ("公斤/亩", Words("公斤/亩", "kg per mu")),
    ("克/亩", Words("克/亩", "g per mu")),
    ("毫升/亩", Words("毫升/亩", "ml per mu")),
    ("公斤", Words("公斤", "kg")),
    ("克", Words("克", "g")),
    ("毫升", Words("毫升", "ml")),
)
_AREA_UNITS = (
    ("亩", Words("亩", "mu")), ("m²", Words("平方米", "m²")), ("公顷", Words("公顷", "ha"))
)  # fmt: skip

SHAPES: Mapping[FarmStep, StepShape] = {
    FarmStep.SEED_OR_STOCKING: StepShape(
        "outputs", "no",
        (
            Detail("variety", Words("品种", "Variety"),
                   hint=Words("例如 津原89", "Such as 津原89")),
            Detail("seed_source", Words("种源", "Source of seed")),
            Detail("area_typed", Words("面积", "Area"), "decimal",
                   unit_field="area_unit", units=_AREA_UNITS),
            Detail("head_count", Words("投放数量", "Number stocked"), "whole",
                   Words("只（尾）", "head")),
        ),
        other="inputs", rows=1, other_words=Words("种苗来自批次", "Lots of seed"),
    ),
    FarmStep.INPUT: StepShape(
        "lots", "no",
        (
            Detail("input_kind", Words("类别", "Kind"), "choice", options=_KINDS_OF_INPUT),
            Detail("input_name", Words("投入品名称", "Name of the input")),
            Detail("registration", Words("登记证号", "Registration number"),
                   hint=Words("包装上的登记证号", "As printed on the pack")),
            Detail("dose", Words("用量", "Dose"), "decimal",
                   unit_field="dose_unit", units=_DOSE_UNITS),
            Detail("method", Words("方法", "Method")),
            Detail("interval_days", Words("安全间隔期（休药期）", "Days before harvest"), "whole",
                   Words("天", "days")),
        ),
    ),
    FarmStep.HARVEST: StepShape(
        "outputs", "needed",
        (
            _MOISTURE,
            Detail("sugar_percent", Words("含糖", "Sugar"), "decimal", _PERCENT),
            Detail("growth_days", Words("生长天数", "Days of growth"), "whole",
                   Words("天", "days")),
            Detail("head_count", Words("头数（只数）", "Head count"), "whole"),
        ),
        other="inputs", rows=1, other_words=Words("长自批次", "Grown from lots"),
    ),
    FarmStep.STORAGE: StepShape(
        "lots", "no",
        (
            Detail("facility", Words("仓库", "Store")),
            Detail("temperature_c", Words("温度", "Temperature"), "decimal", _CELSIUS),
            Detail("humidity_percent", Words("湿度", "Humidity"), "decimal", _PERCENT),
        ),
    ),
    FarmStep.TRANSPORT: StepShape(
        "lots", "no",
        (
            Detail("carrier", Words("承运方", "Carrier")),
            Detail("vehicle", Words("车牌号", "Vehicle")),
            Detail("temperature_c", Words("温度", "Temperature"), "decimal", _CELSIUS),
        ),
    ),
    FarmStep.PROCESSING: StepShape(
        "inputs", "needed",
        (
            Detail("process", Words("工艺", "Process"), hint=Words("例如 碾米", "Such as milling")),
            Detail("line", Words("生产线", "Line")),
            _MOISTURE,
        ),
        other="outputs", rows=1,
        main_words=Words("投入", "Goes in"), other_words=Words("产出", "Comes out"),
    ),
    FarmStep.INSPECTION: StepShape(
        "lots", "no",
        (
            Detail("passed", Words("结果", "Result"), "choice", options=_RESULTS),
            Detail("laboratory", Words("检测机构", "Laboratory")),
            Detail("report_number", Words("报告编号", "Report number")),
            Detail("items", Words("检测项目", "Items tested")),
            _MOISTURE,
            Detail("report_sha256", Words("报告文件的 SHA-256", "SHA-256 of the report's file"),
                   hint=Words("64 位小写十六进制", "64 hexadecimal digits, small letters")),
        ),
    ),
    FarmStep.PACKING: StepShape(
        "outputs", "optional",
        (
            Detail("pack", Words("包装规格", "Pack"),
                   hint=Words("例如 5 公斤袋", "Such as 5 kg bag")),
            Detail("pieces", Words("件数", "Pieces"), "whole"),
            Detail("best_before", Words("保质期至", "Best before"), "date"),
        ),
        other="inputs", rows=2,
        main_words=Words("装成", "Packed as"),
        other_words=Words("由哪些批次装成", "Packed from lots"),
        hint=Words(
            "本批次的货已经登记在内时，数量不填；由别的批次装成时，两边都填。",
            "Leave the quantity blank when the goods are in this lot already; fill in both sides "
            "when they come from other lots.",
        ),
    ),
    FarmStep.SALE: StepShape(
        "lots", "needed",
        (
            Detail("buyer_name", Words("买方", "Buyer")),
            Detail("channel", Words("渠道", "Channel"),
                   hint=Words("例如 批发", "Such as wholesale")),
            Detail("retail", Words("直接卖给消费者", "Sold to consumers"), "tick"),
        ),
    ),
    FarmStep.SPLIT: StepShape(
        "inputs", "needed", other="outputs", rows=3,
        main_words=Words("从本批次分出", "Taken from this lot"),
        other_words=Words("分到", "Put into"),
    ),
    FarmStep.MERGE: StepShape(
        "outputs", "needed", other="inputs", rows=3,
        main_words=Words("合成本批次", "Becomes this lot"),
        other_words=Words("由哪些批次合成", "Merged from"),
    ),
}  # fmt: skip

NOT_ASKED = frozenset({"area_m2", "origin", "destination", "seller", "buyer", "document", "parent"})
"""Details that a form leaves to machines: addresses of places and parties, and what is computed."""
