"""Why the log's door says no, in the order in which the reasons answer.

The first block is about the bytes, the second about what they say, the third about who says it,
the fourth about the state of the log. The same codes serve a verifier that takes an entry apart.
"""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class LedgerRefusal(RefusalCode):
    """Refusals of the log; the order is the rank."""

    ENTRY_TOO_LARGE = Sentence(
        413,
        "条目最长可达 {size} 字节，超过上限 {limit} 字节",
        "The entry can reach {size} bytes, over the limit of {limit}",
    )
    NOT_JSON = Sentence(
        400,
        "不是严格的 JSON（{problem}，第 {offset} 字节）",
        "Not strict JSON ({problem} at byte {offset})",
    )
    NOT_CANONICAL = Sentence(
        422,
        "不是规范化的字节（RFC 8785）",
        "Not the canonical bytes (RFC 8785) of its value",
    )
    UNKNOWN_MEMBER = Sentence(422, "含有未知成员 {member}", "Member {member} is unknown")
    MISSING_MEMBER = Sentence(422, "缺少成员 {member}", "Member {member} is missing")
    MALFORMED_VALUE = Sentence(422, "格式不对，应为：{wanted}", "Malformed; wanted: {wanted}")

    OUTSIDE_PROFILE = Sentence(
        422,
        "超出日志允许的内容：文字须为 NFC，键须为 ASCII，不得有小数",
        "Outside of the log's profile: text in NFC, keys in ASCII, no fractions",
    )
    WRONG_ORIGIN = Sentence(
        422,
        "属于日志 {found}，不是本日志 {wanted}",
        "Made for log {found}, not for {wanted}",
    )
    RESERVED_TYPE = Sentence(
        422,
        "类型 {type} 保留给日志自身",
        "Type {type} is reserved for the log itself",
    )
    UNKNOWN_TYPE = Sentence(422, "条目类型 {type} 未登记", "Entry type {type} is not declared")
    UNDECLARED_FACT = Sentence(
        422,
        "类型 {type} 不公开字段 {field}",
        "Type {type} does not publish field {field}",
    )
    MISSING_FACT = Sentence(
        422,
        "类型 {type} 缺少公开字段 {field}",
        "Type {type} needs the public field {field}",
    )
    MALFORMED_FACT = Sentence(
        422,
        "公开字段 {field} 的值不在允许的范围内",
        "The value of public field {field} is not allowed",
    )
    UNDECLARED_COMMITMENT = Sentence(
        422,
        "类型 {type} 不承诺字段 {field}",
        "Type {type} does not commit field {field}",
    )
    TOO_MANY_STREAMS = Sentence(
        422,
        "涉及 {count} 条流，单个条目最多 {limit} 条",
        "{count} streams, an entry names at most {limit}",
    )
    MALFORMED_STREAM = Sentence(
        422,
        "流编号须排序、不重复，且不超过 26 个字符",
        "Stream ids are sorted, distinct and at most 26 long",
    )
    MALFORMED_CONTINUATION = Sentence(
        422,
        "续条与主条目不相符",
        "A continuation does not fit the entry that it continues",
    )

    MALFORMED_KEY = Sentence(422, "不是有效的 Ed25519 公钥", "Not a valid Ed25519 public key")
    SMALL_ORDER_KEY = Sentence(
        422,
        "公钥的阶过小，不能登记",
        "The public key has a small order and cannot be registered",
    )
    WRONG_ACTOR = Sentence(
        422,
        "actor 不是该公钥的 SHA-256",
        "The actor is not the SHA-256 of the public key",
    )
    BAD_SIGNATURE = Sentence(422, "签名验证失败", "The signature does not verify")
    UNKNOWN_KEY = Sentence(403, "公钥未在日志登记", "The key is not registered in the log")
    WRONG_KEY_PURPOSE = Sentence(
        403,
        "用途为 {purpose} 的密钥不能签署此条目",
        "A key for {purpose} may not sign this entry",
    )
    WRONG_KEY_CUSTODY = Sentence(
        403,
        "平台托管的密钥不能在平台之外签署",
        "A key in the platform's custody does not sign outside of it",
    )
    UNKNOWN_CHECKPOINT = Sentence(
        422,
        "seen 不是本日志签出过的检查点（大小 {size}）",
        "seen is no checkpoint that this log signed (size {size})",
    )
    OPENING_MISSING = Sentence(
        422,
        "承诺 {field} 没有附上开启值",
        "No opening came with commitment {field}",
    )
    OPENING_MISMATCH = Sentence(
        422,
        "开启值与承诺 {field} 不符",
        "The opening does not match commitment {field}",
    )

    KEY_REGISTERED = Sentence(409, "该公钥已经登记", "The key is already registered")
    REPEATED_PAYLOAD = Sentence(
        409,
        "同一签名内容已经入账",
        "This signed payload is already in the log",
    )
    LOG_EXISTS = Sentence(409, "日志已经建立", "The log is already initialised")
    LOG_MISSING = Sentence(
        503,
        "日志尚未建立（先运行 init）",
        "The log is not initialised (run init)",
    )
