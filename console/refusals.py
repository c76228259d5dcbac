"""What a form itself refuses, in rank order; everything else is refused by the use case."""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class FormRefusal(RefusalCode):
    """Faults of what was typed, before any rule has looked at it."""

    FIELD_MISSING = Sentence(422, "请填写此项", "Please fill in this field")
    CHOICE_MISSING = Sentence(422, "请选择一项", "Please choose")
    CHOICE_UNKNOWN = Sentence(422, "没有这个选项，请重新选择", "There is no such choice")
    FILE_MISSING = Sentence(422, "请选择文件", "Please choose a file")
    NUMBER_MALFORMED = Sentence(422, "请填写整数", "Please type a whole number")
    MOMENT_MALFORMED = Sentence(
        422,
        "时间格式有误，例如 2026-10-18 09:30",
        "This is no time; write it like 2026-10-18 09:30",
    )
    DAY_MALFORMED = Sentence(
        422, "日期格式有误，例如 2026-10-18", "This is no date; write it like 2026-10-18"
    )
    REGION_MALFORMED = Sentence(
        422, "区划代码须为 6、9 或 12 位数字", "A region code is a number of 6, 9 or 12 digits"
    )
    TOO_MANY_LABELS = Sentence(
        422,
        "一次最多下载 {most:,} 枚，请分几次下载",
        "One download holds {most:,} labels at most; take several",
    )
    DELIVERY_MALFORMED = Sentence(
        422,
        "手机发来的检查记录格式不正确",
        "What the phone sent is not a record of an inspection",
    )
    FORM_REPEATED = Sentence(
        409,
        "这张表已经提交过，内容却改了。请核对，确认无误后再提交一次",
        "This form was sent before with other contents. Check it, then send it once more",
    )
