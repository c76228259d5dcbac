"""What the public face itself refuses, in rank order: the request, then its body, then its fields.

Everything about the matter is refused by the areas; the codes for bytes that are no acceptable JSON
are those of EPCIS documents, so that a reader meets one code for one fault.
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence
from trace.epcis.refusals import EpcisRefusal
from trace.text import TextRefusal


class PublicRefusal(RefusalCode):
    """The order of the members is their rank."""

    # the request
    CONTENT_TYPE_UNSUPPORTED = Sentence(
        415, "请求内容须为 {expected}", "The content must be {expected}"
    )
    CONTENT_ENCODING_UNSUPPORTED = Sentence(
        415, "不接受压缩的请求内容", "Compressed content is not accepted"
    )
    HEADER_MALFORMED = Sentence(
        400, "请求头 {name} 的值不正确", "The value of the header {name} is not known"
    )

    # the bytes of a body
    TOO_LARGE = EpcisRefusal.TOO_LARGE.sentence
    TOO_DEEP = EpcisRefusal.TOO_DEEP.sentence
    TOO_MANY = EpcisRefusal.TOO_MANY.sentence
    NOT_UTF8 = EpcisRefusal.NOT_UTF8.sentence
    BOM = EpcisRefusal.BOM.sentence
    SYNTAX = EpcisRefusal.SYNTAX.sentence
    DUPLICATE_KEY = EpcisRefusal.DUPLICATE_KEY.sentence
    LONE_SURROGATE = EpcisRefusal.LONE_SURROGATE.sentence
    NUMBER_RANGE = EpcisRefusal.NUMBER_RANGE.sentence
    CONTROL_TEXT = TextRefusal.CONTROL_TEXT.sentence
    BODY_NOT_OBJECT = Sentence(422, "请求内容须为 JSON 对象", "The body must be a JSON object")

    # its fields
    FIELD_MISSING = Sentence(422, "缺少此项", "This field is required")
    FIELD_UNKNOWN = Sentence(422, "没有这一项", "There is no such field")
    FIELD_MALFORMED = Sentence(
        422,
        "此项的类型、格式或范围不符合接口说明",
        "The field does not have the type, form or range that the interface asks for",
    )

    # questions to /epcis
    QUERY_PARAMETER_UNKNOWN = Sentence(
        400, "不支持此查询参数", "This query parameter is not supported"
    )
    QUERY_PARAMETER_MALFORMED = Sentence(
        400, "查询参数的值不正确", "The value of this query parameter is malformed"
    )
    EVENT_UNKNOWN = Sentence(404, "没有这个事件", "There is no such event")
    CAPTURE_UNKNOWN = Sentence(
        404, "没有这次采集，或结果已过期", "There is no such capture, or its result has expired"
    )
    EVENT_ERASED = Sentence(
        410, "此事件的内容已依法删除", "The content of this event has been erased"
    )
