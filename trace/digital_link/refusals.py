"""Why an address is no Digital Link of ours, in rank order."""

from __future__ import annotations

from runtime.refusal import Refusal, RefusalCode, Sentence


class LinkRefusal(RefusalCode):
    """GS1 Digital Link: URI Syntax; a resolver answers 400 to bad syntax (Conformant Resolver)."""

    ADDRESS_TOO_LONG = Sentence(
        414,
        "地址最多 {limit} 个字符，现有 {length} 个",
        "The address may have {limit} characters and has {length}",
    )
    ADDRESS_MALFORMED = Sentence(
        400,
        "地址格式有误：只能由 /标识符代码/值 成对组成",
        "The address is malformed: it is made of /identifier/value pairs",
    )
    PERCENT_MALFORMED = Sentence(
        400,
        "地址中的百分号转义有误",
        "A percent escape in the address is malformed",
    )
    KEY_UNKNOWN = Sentence(
        400,
        "地址开头不是可作主键的标识符代码",
        "The address does not begin with the number of a primary key",
    )
    GTIN_LENGTH = Sentence(
        400,
        "商品条码（GTIN）在地址中须补零为 14 位，现有 {length} 位",
        "A GTIN in an address has 14 digits, padded with zeros; this one has {length}",
    )
    CHECK_DIGIT = Sentence(
        400,
        "标识符 {ai} 的校验位有误，编码可能抄错",
        "The check digit of {ai} is wrong; the code may be mistyped",
    )
    VALUE_MALFORMED = Sentence(
        400,
        "标识符 {ai} 的值长度或字符不合规定",
        "The value of {ai} has a wrong length or characters",
    )
    QUALIFIER_NOT_ALLOWED = Sentence(
        400,
        "标识符 {key} 之后有不能跟随它的标识符",
        "{key} is followed by something that may not follow it",
    )
    QUALIFIER_ORDER = Sentence(
        400,
        "标识符 {ai} 重复或顺序有误",
        "{ai} is repeated or out of order",
    )
    ATTRIBUTE_NOT_ALLOWED = Sentence(
        400,
        "标识符 {ai} 不能写在问号之后",
        "{ai} may not stand in the query string",
    )
    ATTRIBUTE_REPEATED = Sentence(
        400,
        "标识符 {ai} 在问号之后出现了多次",
        "{ai} stands more than once in the query string",
    )


class LinkRefused(Refusal):
    """An address or identifier is refused; its reasons are `LinkRefusal`s."""
