"""What is wrong with a signed answer, whatever it is about; each kind of answer adds its own."""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class AnswerFault(RefusalCode):
    """What a check finds wrong with any signed answer, in rank order."""

    TOKEN_MALFORMED = Sentence(422, "不是 JWS 紧凑格式", "Not a compact JWS")
    HEADER_WRONG = Sentence(
        422,
        "头部不符：alg 须为 EdDSA，typ 须为此类答复的类型",
        "Wrong header: alg is EdDSA and typ is that of this kind of answer",
    )
    KEY_UNKNOWN = Sentence(
        422, "所给公钥中没有签名所用的密钥", "None of the given keys is the one named in the answer"
    )
    SIGNATURE_WRONG = Sentence(422, "签名不符", "The signature does not verify")
    NONCE_WRONG = Sentence(422, "nonce 与所问不符", "The nonce is not the one that was sent")
    PAYLOAD_MALFORMED = Sentence(
        422, "内容格式不符：{member}", "The content is malformed: {member}"
    )
    LOG_KEY_UNKNOWN = Sentence(
        422, "所给公钥中没有此日志的密钥", "None of the given keys belongs to this log"
    )
    CHECKPOINT_WRONG = Sentence(
        422, "检查点签名或来源不符", "The checkpoint's signature or origin is wrong"
    )
    ENTRY_MALFORMED = Sentence(422, "日志条目格式不符", "A log entry is malformed")
    PROOF_WRONG = Sentence(
        422, "条目不在检查点所签的日志中", "An entry is not in the log that the checkpoint signs"
    )
    OPENING_WRONG = Sentence(
        422, "公开内容与日志中的承诺不符", "A disclosed content does not match its commitment"
    )
