"""Why a document or an event is not taken, in rank order.

First what keeps the bytes from being read at all, then what is wrong with the document, then with
an event: first what we could misunderstand, then shape, then content. EPCIS 2.0 answers 400 to
what does not validate and 413 to what is over the announced limits (REST bindings, /capture).
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence
from trace.text import TextRefusal


class EpcisRefusal(RefusalCode):
    """The order of the members is their rank."""

    # the bytes: the codes of `runtime.strict_json`
    TOO_LARGE = Sentence(
        413, "文件超过 {limit} 字节的上限", "The document is over the limit of {limit} bytes"
    )
    TOO_DEEP = Sentence(400, "JSON 嵌套过深", "The JSON is nested too deep")
    TOO_MANY = Sentence(413, "JSON 中的元素过多", "The JSON has too many elements")
    NOT_UTF8 = Sentence(400, "文件不是 UTF-8 编码", "The document is not UTF-8")
    BOM = Sentence(400, "JSON 开头不得有字节顺序标记", "JSON may not begin with a byte order mark")
    SYNTAX = Sentence(400, "文件不是有效的 JSON", "The document is not JSON")
    DUPLICATE_KEY = Sentence(400, "同一对象中有重复的字段", "An object has one field twice")
    LONE_SURROGATE = Sentence(400, "文字中有不成对的代理码位", "A text holds half a surrogate pair")
    NUMBER_RANGE = Sentence(400, "数字过长或过大", "A number is too long or too large")

    # the document
    NOT_EPCIS = Sentence(
        400,
        "不是 EPCIS 文件：type 须为 EPCISDocument 或 EPCISQueryDocument",
        "Not an EPCIS document: type must be EPCISDocument or EPCISQueryDocument",
    )
    VERSION_UNSUPPORTED = Sentence(
        400, "仅支持 EPCIS 2.0（schemaVersion 2.x）", "Only EPCIS 2.0 is read (schemaVersion 2.x)"
    )
    TOO_MANY_EVENTS = Sentence(
        413,
        "一份文件最多 {limit} 个事件，现有 {events} 个",
        "A document may have {limit} events and has {events}",
    )

    # the event: what could be understood differently
    CONTEXT_MALFORMED = Sentence(
        400,
        "@context 有误：只能是网址或前缀声明，且不得另行定义标准名称",
        "@context is malformed: addresses and prefixes only, and no standard name redefined",
    )
    NAMESPACE_MISSING = Sentence(
        400, "扩展字段须带命名空间前缀", "An extension field needs a namespace prefix"
    )
    NAMESPACE_UNDECLARED = Sentence(
        400,
        "扩展字段的前缀未在 @context 中声明",
        "The prefix of a field is not declared in @context",
    )
    KEY_NOT_ASCII = Sentence(
        400, "字段名只能用 ASCII 字符", "Field names may have ASCII characters only"
    )
    KEY_MALFORMED = Sentence(
        400, "扩展字段名含有不允许的字符", "A field name holds characters that it may not"
    )
    BIDI_TEXT = TextRefusal.BIDI_TEXT.sentence
    INVISIBLE_TEXT = TextRefusal.INVISIBLE_TEXT.sentence
    CONTROL_TEXT = TextRefusal.CONTROL_TEXT.sentence
    TEXT_NOT_NFC = TextRefusal.TEXT_NOT_NFC.sentence
    TEXT_TOO_LONG = TextRefusal.TEXT_TOO_LONG.sentence

    # the event: its shape
    EVENT_TYPE_UNKNOWN = Sentence(
        400, "不是 EPCIS 2.0 的五种事件之一", "Not one of the five event types of EPCIS 2.0"
    )
    FIELD_MISSING = Sentence(400, "缺少必填字段", "A required field is missing")
    IDENTIFIERS_MISSING = Sentence(
        400,
        "事件没有说明涉及哪些货品：标识列表缺失或为空",
        "The event does not say what it is about: its identifier lists are missing or empty",
    )
    FIELD_UNKNOWN = Sentence(400, "此处没有这个字段", "There is no such field here")
    FIELD_FORBIDDEN = Sentence(
        400, "此字段不能与事件的其他内容同时出现", "This field cannot stand beside the others"
    )
    WRONG_TYPE = Sentence(400, "字段类型应为 {expected}", "The field must be of type {expected}")

    # the event: its content
    LIST_EMPTY = Sentence(400, "列表不能为空", "The list may not be empty")
    LIST_REPEATS = Sentence(400, "列表中有重复的项", "The list names something twice")
    TIME_MALFORMED = Sentence(
        400,
        "时间须写成带时区的 ISO 8601 格式，如 2026-10-18T08:00:00+08:00",
        "A time is written with its offset, as 2026-10-18T08:00:00+08:00",
    )
    OFFSET_MALFORMED = Sentence(
        400, "时区偏移须写成 +08:00 的形式", "A time zone offset is written as +08:00"
    )
    TIME_IN_FUTURE = Sentence(400, "时间晚于现在", "The time lies in the future")
    URI_MALFORMED = Sentence(
        400, "须为 URI 形式的标识", "Must be an identifier in the form of a URI"
    )
    VOCABULARY_UNKNOWN = Sentence(
        400,
        "不是 CBV 2.0 {vocabulary} 词表中的词",
        "Not a word of the CBV 2.0 list of {vocabulary}",
    )
    VALUE_MALFORMED = Sentence(400, "字段的值不合规定", "The value does not fit its field")
    QUANTITY_NEGATIVE = Sentence(400, "数量不能小于零", "A quantity may not be below zero")
    QUANTITY_NOT_DECIMAL = Sentence(
        400, "数量须为普通小数，不用指数", "A quantity is a plain decimal without exponent"
    )
    QUANTITY_NOT_WHOLE = Sentence(
        400, "没有计量单位的数量是件数，须为整数", "A quantity without unit counts pieces, in whole"
    )
    UNIT_WITHOUT_QUANTITY = Sentence(400, "有计量单位却没有数量", "There is a unit but no quantity")
