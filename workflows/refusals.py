"""What the runner itself refuses, in rank order."""

from __future__ import annotations

from runtime.refusal import RefusalCode, Sentence


class UnitRefusal(RefusalCode):
    """Refusals that no rule of the domain decided."""

    IDEMPOTENCY_KEY_MALFORMED = Sentence(
        400,
        "Idempotency-Key 须为 1 到 200 个可见 ASCII 字符",
        "Idempotency-Key must be 1 to 200 visible ASCII characters",
    )
    IDEMPOTENCY_CONFLICT = Sentence(
        409,
        "此 Idempotency-Key 已用于另一请求",
        "This Idempotency-Key was used for another request",
    )
    STORAGE_FAILED = Sentence(
        503,
        "数据未能写入存储，本次请求没有生效，请稍后重试",
        "Storage did not accept the data; nothing of this request took effect, try again later",
    )
    BUSY = Sentence(
        503,
        "系统正忙，本次请求没有生效，请稍后重试",
        "The system is busy; nothing of this request took effect, try again later",
    )
