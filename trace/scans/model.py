"""The verdict of the scan page, and who may claim the first scan.

A verdict is decided from facts alone, in this order of rank; the first that applies is the
headline, and all that apply are listed:

    red    recalled  void  altered  mistyped  unknown  not_in_use
           mark_revoked  mark_suspended  mark_expired
    amber  copy_suspected  mark_ended_since
    green  found_first  found_again  found

Invariants:
- the same facts at the same moment give the same verdicts; only `now` may change them between two
  changes of facts, and never before `next_change_at`
- what is on record is said to be on record, also beside a red verdict; of a code that is mistyped
  or unknown nothing is
- no sentence promises what a register cannot know: never 正品, 保真, 绝对安全
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from runtime.clock import BEIJING

Lang = Literal["zh", "en"]


class Colour(StrEnum):
    """How a verdict is coloured; the sentence says the same, for those who cannot see it."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class Code(StrEnum):
    """The verdicts, in rank order."""

    RECALLED = "recalled"
    VOID = "void"
    ALTERED = "altered"
    MISTYPED = "mistyped"
    UNKNOWN = "unknown"
    NOT_IN_USE = "not_in_use"
    MARK_REVOKED = "mark_revoked"
    MARK_SUSPENDED = "mark_suspended"
    MARK_EXPIRED = "mark_expired"
    COPY_SUSPECTED = "copy_suspected"
    MARK_ENDED_SINCE = "mark_ended_since"
    FOUND_FIRST = "found_first"
    FOUND_AGAIN = "found_again"
    FOUND = "found"

    @property
    def rank(self) -> int:
        """The place in the order, from 0."""
        return list(Code).index(self)

    @property
    def colour(self) -> Colour:
        """Red stops, amber warns, green tells."""
        if self.rank <= Code.MARK_EXPIRED.rank:
            return Colour.RED
        return Colour.AMBER if self.rank <= Code.MARK_ENDED_SINCE.rank else Colour.GREEN


SENTENCES: dict[Code, tuple[str, str]] = {
    Code.RECALLED: ("本批产品正在召回，请停止食用", "Being recalled: do not eat"),
    Code.VOID: ("此码已作废", "Void"),
    Code.ALTERED: ("编码与登记不符，标签可能被改动", "Label altered"),
    Code.MISTYPED: ("编码有误，请核对后重输", "Code mistyped"),
    Code.UNKNOWN: ("未查到此码，请勿据此判断产品来源", "Not on record"),
    Code.NOT_IN_USE: ("此码尚未启用", "Not yet in use"),
    Code.MARK_REVOKED: ("标志使用已撤销", "Mark revoked"),
    Code.MARK_SUSPENDED: ("标志使用已暂停", "Mark suspended"),
    Code.MARK_EXPIRED: ("包装时标志使用期已过", "Mark had expired when packed"),
    Code.COPY_SUSPECTED: ("此码疑似被复制，请谨慎购买", "Copy suspected"),
    Code.MARK_ENDED_SINCE: ("包装时标志有效，现已到期", "Valid when packed, ended now"),
    Code.FOUND_FIRST: ("已查到登记信息，首次查询", "On record. First scan"),
    Code.FOUND_AGAIN: (
        "已查到登记信息，第 {n:,} 次查询，首次 {time}{city}",
        "On record. Scan {n:,}; first {time}{city}",
    ),
    Code.FOUND: ("已查到登记信息", "On record"),
}

MARK_EXPIRED_VARIANTS: dict[str, tuple[str, str]] = {
    "early": ("包装时标志使用期尚未开始", "Mark was not yet valid when packed"),
    "barred": ("包装时标志正停止使用", "Mark was suspended or revoked when packed"),
    "unpacked": ("标志使用期已过", "Mark has expired"),
}
"""Other ways in which a mark was not valid, under the code `mark_expired`."""

CAVEAT = (
    "核验的是登记记录，不等于对货品本身的检测",
    "What is checked is the record; that is no test of the goods themselves",
)
"""Stands under every verdict."""

FORBIDDEN_WORDS = ("正品", "保真", "绝对安全")


class SerialState(StrEnum):
    """What the address says of a serial, once its tag is checked and its number looked up."""

    ABSENT = "absent"  # an address of a product or lot
    MISTYPED = "mistyped"  # no tag, or a tag that fails
    OUTSIDE = "outside"  # a right tag, outside every run
    PRINTED = "printed"


class FirstScan(StrEnum):
    """What is known of the first scan when the page is made."""

    CLAIMED = "claimed"  # this visitor is the first
    EARLIER = "earlier"
    UNSTATED = "unstated"  # not claimed, not decided in time, or not asked


class MarkState(StrEnum):
    """The state of a right to use a mark."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True)
class MarkPeriod:
    """One mark that the goods carry: its term and the decisions about it.

    The term is [begins_at, ends_at); `changes` are (effective from, state), in order of time.
    `ends_at` None: the right has no end of its own.
    """

    begins_at: datetime
    ends_at: datetime | None
    changes: tuple[tuple[datetime, MarkState], ...] = ()

    def decided_at(self, at: datetime) -> MarkState:
        """Give what had been decided by this moment, whatever the term."""
        past = [state for since, state in self.changes if since <= at]
        return past[-1] if past else MarkState.ACTIVE

    def in_term(self, at: datetime) -> bool:
        """Whether the moment lies in the term."""
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)

    def valid_at(self, at: datetime) -> bool:
        """Whether the mark might be put on goods at this moment."""
        return self.in_term(at) and self.decided_at(at) is MarkState.ACTIVE

    def moments(self) -> Iterator[datetime]:
        """Yield the moments at which time alone may change something."""
        yield self.begins_at
        if self.ends_at is not None:
            yield self.ends_at
        yield from (since for since, _ in self.changes)


@dataclass(frozen=True)
class ScanFacts:
    """Everything that the verdict depends on but the time.

    `address_lot` and `label_lot` are lot ids: of the lot that the address names (None: it names
    none, "": it names one that is not registered) and of the lot that the label is bound to.
    `in_use_from` is the lot's first sale or dispatch. `recalled` says that an ordered recall covers
    the lot. `n` counts this scan.
    """

    product_known: bool
    lot_known: bool = True
    serial: SerialState = SerialState.ABSENT
    address_lot: str | None = None
    label_lot: str | None = None
    void: bool = False
    recalled: bool = False
    in_use_from: datetime | None = None
    packed_at: datetime | None = None
    marks: tuple[MarkPeriod, ...] = ()
    copy_suspected: bool = False
    first: FirstScan = FirstScan.UNSTATED
    first_at: datetime | None = None
    first_city: str | None = None
    n: int = 1


@dataclass(frozen=True)
class Verdict:
    """One verdict with its sentences; codes, not sentences, are what machines compare."""

    code: Code
    zh: str
    en: str

    @property
    def colour(self) -> Colour:
        """Red, amber or green."""
        return self.code.colour

    def text(self, lang: str) -> str:
        """Give the sentence in `zh` or `en`."""
        return self.en if lang == "en" else self.zh


def verdicts(facts: ScanFacts, now: datetime) -> tuple[Verdict, ...]:
    """Give every verdict that applies, the headline first; there is always one.

    The steps: 1. is this one of our codes at all; if it is: 2. what is true of this label; 3. what
    is true of its marks; 4. what the register says of its scans; in any case: 5. is its lot
    recalled.
    """
    found = [*_of_code(facts)]
    if not found:
        found = [*_of_label(facts, now), *_of_marks(facts, now), _of_scans(facts)]
    if facts.recalled:
        # Whoever mistypes a serial of a recalled lot holds a piece of it all the same.
        found.append(_verdict(Code.RECALLED))
    unique = {each.code: each for each in reversed(found)}
    return tuple(sorted(unique.values(), key=lambda each: each.code.rank))


def headline(facts: ScanFacts, now: datetime) -> Verdict:
    """Give the verdict that the page shows largest."""
    return verdicts(facts, now)[0]


def next_change_at(facts: ScanFacts, now: datetime) -> datetime | None:
    """Give the next moment at which time alone changes the verdicts; None: never."""
    moments = {moment for mark in facts.marks for moment in mark.moments()}
    if facts.in_use_from is not None:
        moments.add(facts.in_use_from)
    before = verdicts(facts, now)
    later = (moment for moment in sorted(moments) if moment > now)
    return next((moment for moment in later if verdicts(facts, moment) != before), None)


def _verdict(code: Code, sentences: tuple[str, str] | None = None) -> Verdict:
    zh, en = sentences or SENTENCES[code]
    return Verdict(code, zh, en)


def _of_code(facts: ScanFacts) -> Iterator[Verdict]:
    if facts.serial is SerialState.MISTYPED:
        yield _verdict(Code.MISTYPED)
    outside = facts.serial is SerialState.OUTSIDE
    lot_missing = facts.serial is SerialState.ABSENT and not facts.lot_known
    if not facts.product_known or outside or lot_missing:
        yield _verdict(Code.UNKNOWN)


def _of_label(facts: ScanFacts, now: datetime) -> Iterator[Verdict]:
    if facts.serial is not SerialState.PRINTED:
        return
    if facts.void:
        yield _verdict(Code.VOID)
    named, bound = facts.address_lot, facts.label_lot
    if named is not None and bound is not None and named != bound:
        yield _verdict(Code.ALTERED)
    if facts.in_use_from is None or now < facts.in_use_from:
        yield _verdict(Code.NOT_IN_USE)
    if facts.copy_suspected:
        yield _verdict(Code.COPY_SUSPECTED)


def _of_marks(facts: ScanFacts, now: datetime) -> Iterator[Verdict]:
    for mark in facts.marks:
        yield from _of_mark(mark, facts.packed_at, now)


def _of_mark(mark: MarkPeriod, packed_at: datetime | None, now: datetime) -> Iterator[Verdict]:
    decided = mark.decided_at(now)
    if decided is MarkState.REVOKED:
        yield _verdict(Code.MARK_REVOKED)
    elif decided is MarkState.SUSPENDED:
        yield _verdict(Code.MARK_SUSPENDED)
    ended = mark.ends_at is not None and mark.ends_at <= now
    if packed_at is None:
        if ended:
            yield _verdict(Code.MARK_EXPIRED, MARK_EXPIRED_VARIANTS["unpacked"])
    elif not mark.valid_at(packed_at):
        yield _verdict(Code.MARK_EXPIRED, _why_not_valid(mark, packed_at))
    elif ended:
        yield _verdict(Code.MARK_ENDED_SINCE)


def _why_not_valid(mark: MarkPeriod, packed_at: datetime) -> tuple[str, str] | None:
    if packed_at < mark.begins_at:
        return MARK_EXPIRED_VARIANTS["early"]
    return MARK_EXPIRED_VARIANTS["barred"] if mark.in_term(packed_at) else None


def _of_scans(facts: ScanFacts) -> Verdict:
    if facts.first is FirstScan.CLAIMED:
        return _verdict(Code.FOUND_FIRST)
    if facts.first is FirstScan.EARLIER and facts.first_at is not None:
        local = facts.first_at.astimezone(BEIJING)
        time = f"{local:%Y-%m-%d %H:%M}"
        city = facts.first_city
        zh, en = SENTENCES[Code.FOUND_AGAIN]
        return _verdict(
            Code.FOUND_AGAIN,
            (
                zh.format(n=facts.n, time=time, city=f" {city}" if city else ""),
                en.format(n=facts.n, time=time, city=f", {city}" if city else ""),
            ),
        )
    return _verdict(Code.FOUND)


@dataclass(frozen=True)
class ScanRequest:
    """What decides whether a visitor may be told "first".

    `purpose` joins the headers Sec-Purpose, Purpose, X-Purpose and X-Moz; `producer` says that
    somebody is signed in who may print or sell these goods.
    """

    method: str
    wants: Literal["html", "json", "linkset"]
    user_agent: str = ""
    purpose: str = ""
    producer: bool = False


_AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)

LINK_CHECKERS = (
    # search engines
    "googlebot",
    "google-inspectiontool",
    "googleother",
    "adsbot-google",
    "bingbot",
    "bingpreview",
    "baiduspider",
    "sogou web spider",
    "sogou inst spider",
    "360spider",
    "haosouspider",
    "yisouspider",
    "bytespider",
    "petalbot",
    "yandexbot",
    "duckduckbot",
    "applebot",
    # previews in chats, mail and social networks
    "facebookexternalhit",
    "facebookcatalog",
    "meta-externalagent",
    "twitterbot",
    "linkedinbot",
    "slackbot",
    "slack-imgproxy",
    "telegrambot",
    "discordbot",
    "whatsapp/",
    "skypeuripreview",
    "dingtalkbot",
    "larkurl2png",
    "feishu-linkpreview",
    "weibobot",
    "mpcrawler",
    "pinterestbot",
    "redditbot",
    "line-poker",
    "viber/link",
    "iframely",
    "embedly",
    # safety and availability checks
    "safebrowsing",
    "google-safety",
    "urlscan",
    "virustotal",
    "proofpoint",
    "barracuda",
    "mimecast",
    "uptimerobot",
    "pingdom",
    "statuscake",
    "checkmarknetwork",
    "linkchecker",
    "w3c-checklink",
    "w3c_validator",
    "lychee/",
)
"""Parts of user agents (lower case) of programs that open links before or instead of a person."""


def may_claim(request: ScanRequest, facts: ScanFacts, now: datetime) -> bool:
    """Whether this request may claim the label's first scan.

    Never: another method than GET (a HEAD only looks), a page fetched ahead of a person, a known
    link checker, JSON or linkset, the producer's own people, a label that is not printed and bound
    or not yet in use, and one that is void or does not match its address.
    """
    if request.method != "GET" or request.wants != "html" or request.producer:
        return False
    if _AHEAD.search(request.purpose) or is_link_checker(request.user_agent):
        return False
    if facts.serial is not SerialState.PRINTED or not facts.product_known:
        return False
    blocking = (Code.VOID, Code.ALTERED, Code.NOT_IN_USE)
    return not any(each.code in blocking for each in verdicts(facts, now))


def is_link_checker(user_agent: str) -> bool:
    """Whether a program opens this link that is known to check or preview links."""
    lower = user_agent.lower()
    return any(each in lower for each in LINK_CHECKERS)
