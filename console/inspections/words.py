"""Inspections in the reader's words: kinds, states with their colour, results, steps, draws."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from certification.bodies.model import RELATION_WORDS
from certification.draws.model import NOT_WITNESSED, DrawEvent, DrawState
from certification.draws.model import STATE_WORDS as DRAW_STATE_WORDS
from certification.inspections.model import (
    InspectionEvent,
    InspectionState,
    Kind,
    NonconformityState,
    Result,
)
from certification.schemes.model import Severity
from web.language import current_language, t

KIND_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.INITIAL: ("初次检查", "Initial visit"),
    Kind.SURVEILLANCE: ("监督检查", "Surveillance visit"),
    Kind.UNANNOUNCED: ("飞行检查（不事先通知）", "Unannounced visit"),
}

_STATES: Mapping[InspectionState, tuple[str, str, str]] = {
    InspectionState.PLANNED: ("已安排", "Planned", "plain"),
    InspectionState.UNDER_WAY: ("检查中", "Under way", "amber"),
    InspectionState.FINISHED: ("已办结", "Finished", "green"),
    InspectionState.CANCELLED: ("已取消", "Cancelled", "plain"),
}

RESULT_WORDS: Mapping[Result, tuple[str, str]] = {
    Result.PASS: ("符合", "Meets the rule"),
    Result.FAIL: ("不符合", "Does not"),
    Result.NOT_APPLICABLE: ("不适用", "Not applicable"),
}

SEVERITY_WORDS: Mapping[Severity, tuple[str, str]] = {
    Severity.MINOR: ("一般不符合项", "Minor"),
    Severity.MAJOR: ("严重不符合项", "Major"),
}

_FOUND: Mapping[NonconformityState, tuple[str, str, str]] = {
    NonconformityState.OPEN: ("待整改", "To be put right", "red"),
    NonconformityState.CORRECTED: ("已整改，待验证", "Waits for verification", "amber"),
    NonconformityState.CLOSED: ("已关闭", "Closed", "green"),
}

_EVENTS: Mapping[InspectionEvent, tuple[str, str]] = {
    InspectionEvent.PLAN: ("安排检查", "Planned"),
    InspectionEvent.MOVE: ("改期或换人", "Moved"),
    InspectionEvent.CANCEL: ("取消", "Cancelled"),
    InspectionEvent.RECORD: ("收到检查记录", "Record received"),
    InspectionEvent.PHOTO: ("收到照片", "Photo received"),
    InspectionEvent.FIND: ("开具不符合项", "Nonconformity opened"),
    InspectionEvent.CORRECT: ("提交整改措施", "Corrective action"),
    InspectionEvent.REJECT: ("整改不予认可", "Action not accepted"),
    InspectionEvent.CLOSE: ("关闭不符合项", "Nonconformity closed"),
    InspectionEvent.FINISH: ("检查办结", "Finished"),
}

_DRAW_EVENTS: Mapping[DrawEvent, tuple[str, str]] = {
    DrawEvent.OPEN: ("开始摇号，抽查名单加密登记", "Opened; the population is committed"),
    DrawEvent.COMMIT: ("登记随机数的哈希值", "Hash of a nonce committed"),
    DrawEvent.REVEAL: ("公开随机数", "Nonce revealed"),
    DrawEvent.REPLACE: ("逾期单位被更换，重新摇号", "A late office was replaced; started again"),
    DrawEvent.RESULT: ("得出结果", "Result"),
}

DIFFERENCE_WORDS: Mapping[str, tuple[str, str]] = {
    "time": ("相机与手机的时间不同", "Camera and phone tell different times"),
    "place": ("相机与手机的位置不同", "Camera and phone tell different places"),
}


def kind_name(kind: Kind) -> str:
    """Name a kind of visit."""
    return t(*KIND_WORDS[kind])


def inspection_badge(state: InspectionState) -> tuple[str, str]:
    """Give the words of a visit's state and the colour of its badge."""
    zh, en, colour = _STATES[state]
    return t(zh, en), colour


def found_badge(state: NonconformityState) -> tuple[str, str]:
    """Give the words of a nonconformity's state and the colour of its badge."""
    zh, en, colour = _FOUND[state]
    return t(zh, en), colour


def result_name(result: str) -> str:
    """Name the answer to an item."""
    return t(*RESULT_WORDS[Result(result)])


def severity_name(severity: str) -> str:
    """Name the severity of a nonconformity."""
    return t(*SEVERITY_WORDS[Severity(severity)])


def event_name(event: InspectionEvent) -> str:
    """Name what was done about a visit."""
    return t(*_EVENTS[event])


def draw_event_name(event: DrawEvent) -> str:
    """Name what was done about a draw."""
    return t(*_DRAW_EVENTS[event])


def draw_badge(state: DrawState) -> tuple[str, str]:
    """Give the words of a draw's state and the colour of its badge."""
    words = DRAW_STATE_WORDS[state].text(current_language())
    return words, "green" if state is DrawState.DRAWN else "amber"


def difference_name(kind: str) -> str:
    """Say what camera and phone tell differently."""
    return t(*DIFFERENCE_WORDS[kind])


def clocks_apart(apart: timedelta) -> str:
    """Name a phone's clock that is far from ours."""
    days = apart.days
    return t(
        f"手机时间与服务器时间相差 {days} 天", f"Phone and server clocks differ by {days} days"
    )


def not_witnessed() -> str:
    """Say that nobody has cosigned the log."""
    return NOT_WITNESSED.text(current_language())


def relation_pairs() -> list[tuple[str, str]]:
    """Offer what an inspector may have to do with a holder."""
    lang = current_language()
    return [(each.value, words.text(lang)) for each, words in RELATION_WORDS.items()]


def phone_words() -> dict[str, str]:
    """Give the sentences that the phone's script says; what is in braces it fills in."""
    return {
        "waiting": t(
            "还有 {records} 份记录、{photos} 张照片等待发送",
            "{records} records and {photos} photos wait to be sent",
        ),
        "sent": t("没有等待发送的内容", "Nothing waits to be sent"),
        "offline": t(
            "现在没有网络，联网后自动发送", "No network now; it is sent when there is one"
        ),
        "signed_out": t(
            "登录已失效：请联网重新登录，内容仍在手机上",
            "You are signed out: sign in again; everything is still on this phone",
        ),
        "busy": t("服务器忙，稍后自动重试", "The server is busy; it is tried again"),
        "nothing": t("没有新的内容", "Nothing is new"),
        "refused": t("未被接收，仍留在手机上：{why}", "Not taken, still on this phone: {why}"),
        "clash": t(
            "{count} 份记录与另一份编号相同而内容不同，两份都已保留，请到检查页查看",
            "{count} records clash with another of the same number; both are kept, see the visit",
        ),
        "late": t(
            "{count} 份记录在检查办结后才送达，已保留但不计入",
            "{count} records came after the visit was over; kept, but not counted",
        ),
        "photos": t("已拍 {count} 张，提交后发送", "{count} photos, sent when you hand in"),
        "shrinking": t("正在压缩照片…", "Making the photo smaller…"),
        "no_picture": t("这不是照片，请重新选择", "This is no photo; choose another"),
    }


def inspection_words() -> dict[str, Any]:
    """Give the templates everything above."""
    functions = (
        kind_name, inspection_badge, found_badge, result_name, severity_name, event_name,
        draw_event_name, draw_badge, difference_name, clocks_apart, not_witnessed, relation_pairs,
        phone_words,
    )  # fmt: skip
    return {each.__name__: each for each in functions}
