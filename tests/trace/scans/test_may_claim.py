"""Who may be told "first": a person's browser that opens the page of a label in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from trace.scans.model import (
    LINK_CHECKERS,
    ScanFacts,
    ScanRequest,
    SerialState,
    is_link_checker,
    may_claim,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOLD = datetime(2026, 10, 28, tzinfo=UTC)
LABEL = ScanFacts(
    product_known=True,
    serial=SerialState.PRINTED,
    address_lot="lot:a",
    label_lot="lot:a",
    in_use_from=SOLD,
)
PERSON = ScanRequest("GET", "html")

PHONES = [
    (
        "Mozilla/5.0 (Linux; Android 10; MI 8 Build/QKQ1; wv) AppleWebKit/537.36 (KHTML, like "
        "Gecko) Version/4.0 Chrome/78.0.3904.62 XWEB/2759 MMWEBSDK/201201 Mobile Safari/537.36 "
        "MicroMessenger/7.0.22.1820 WeChat/arm64 NetType/4G Language/zh_CN"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 14_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN"
    ),
    (
        "Mozilla/5.0 (Linux; U; Android 9; zh-cn) AppleWebKit/537.36 Chrome/66.0 MQQBrowser/11.2 "
        "Mobile Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/114 Mobile Safari/537.36 "
        "AlipayClient/10.5.6"
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "HeadlessChrome/156.0.0.0 Safari/537.36"
    ),
    "Mozilla/5.0 (Linux; Android 11) AppleWebKit/537.36 Chrome/91 Mobile Safari/537.36 baiduboxapp",
    "Dalvik/2.1.0 (Linux; U; Android 8.1.0; vivo 1807)",
    "",
]

MACHINES = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (compatible; Bytespider)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0 A",
    "TelegramBot (like TwitterBot)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "LinkChecker/10.2 (+https://linkchecker.github.io/linkchecker/)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
]


def test_a_person_with_a_phone_may_claim():
    assert may_claim(PERSON, LABEL, NOW)


@pytest.mark.parametrize("agent", PHONES)
def test_browsers_of_people_may_claim(agent):
    assert may_claim(replace(PERSON, user_agent=agent), LABEL, NOW)


@pytest.mark.parametrize("agent", MACHINES)
def test_programs_that_open_links_may_not(agent):
    assert is_link_checker(agent)
    assert not may_claim(replace(PERSON, user_agent=agent), LABEL, NOW)


REQUESTS: list[dict[str, Any]] = [
    {"method": "HEAD"},
    {"method": "OPTIONS"},
    {"method": "POST"},
    {"method": "get"},
    {"wants": "json"},
    {"wants": "linkset"},
    {"purpose": "prefetch"},
    {"purpose": "prefetch;prerender"},
    {"purpose": "Prerender"},
    {"purpose": "preview"},
    {"producer": True},
]


@pytest.mark.parametrize("change", REQUESTS, ids=str)
def test_requests_that_never_claim(change):
    assert not may_claim(replace(PERSON, **change), LABEL, NOW)


LABELS: list[tuple[dict[str, Any], bool]] = [
    ({"serial": SerialState.ABSENT}, False),
    ({"serial": SerialState.MISTYPED}, False),
    ({"serial": SerialState.OUTSIDE}, False),
    ({"product_known": False}, False),
    ({"in_use_from": None}, False),
    ({"in_use_from": datetime(2026, 11, 2, tzinfo=UTC)}, False),
    ({"in_use_from": NOW}, True),
    ({"void": True}, False),
    ({"label_lot": "lot:b"}, False),
    ({"address_lot": ""}, False),
    ({"address_lot": None}, True),
    # whoever opens a recalled bag is still the first who looks
    ({"recalled": True}, True),
    ({"copy_suspected": True}, True),
]


@pytest.mark.parametrize("change, allowed", LABELS, ids=str)
def test_labels_that_can_be_claimed(change, allowed):
    assert may_claim(PERSON, replace(LABEL, **change), NOW) is allowed


def test_the_list_is_written_as_it_is_compared():
    assert all(each == each.lower().strip() for each in LINK_CHECKERS)
    assert len(set(LINK_CHECKERS)) == len(LINK_CHECKERS)
