"""The first minute of a consumer: one scan, one page, and a proof that the phone has checked.

Prices, promises and trackers have no place on it; what it says is in
`domain/brands-labels-codes.md` §7.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.e2e.conftest import Opener
from tests.e2e.screens import PHONES, Screen, check_page, keep_picture, on_first_screen
from tests.e2e.serving import Demo, ask, stated
from tests.fixtures.browsers import barriers, heard

pytestmark = pytest.mark.browser

GOOD, BAD = "main[data-proof=good]", "main[data-proof=bad]"
PHONE = PHONES[0]
COLOURS = {
    "recalled": "red", "void": "red", "altered": "red", "mistyped": "red", "unknown": "red",
    "not_in_use": "red", "mark_revoked": "red", "mark_suspended": "red", "mark_expired": "red",
    "mark_ended_since": "amber", "found_first": "green", "found_again": "green", "lot": "green",
}  # fmt: skip
"""Every state of §7 that the demo reaches, and `lot`, an address without a serial."""

PAGE_BYTES_MAX = 60 * 1000

RICE = ("小站稻米 5 公斤", "Xiaozhan rice, 5 kg")
COOP = ("演示小站稻种植专业合作社", "Demo Xiaozhan Rice Co-operative")


def test_a_bag_in_a_second(shop: Demo, visitor: Opener, screen: Screen) -> None:
    page = visitor(screen)
    page.goto(shop.fresh())
    page.wait_for_selector(GOOD)
    verdict = page.get_by_role("heading", level=1)
    assert verdict.inner_text() == screen.say("已查到登记信息，首次查询", "On record. First scan")
    assert page.get_by_text(screen.say("谁登记、谁担保", "Who vouches"), exact=True).is_visible()
    for text in (screen.say(*RICE), "天津市津南区小站镇"):
        assert page.get_by_text(text, exact=True).first.is_visible()
    checked = page.locator("#check").inner_text()
    assert checked.startswith(screen.say("本机已核对", "Checked on this phone"))
    assert screen.say("尚无见证", "not yet witnessed") in checked
    assert page.get_by_role("link", name=screen.say("投诉举报", "Complain")).is_visible()
    check_page(page, screen)
    keep_picture(page, "consumer", screen)


@pytest.mark.parametrize("screen", PHONES, ids=str)
def test_the_first_screen_answers(shop: Demo, visitor: Opener, screen: Screen) -> None:
    """Verdict, product, base in words, packed on, who vouches: without scrolling."""
    page = visitor(screen)
    page.goto(shop.scans["lot"])
    page.wait_for_selector(GOOD)
    head = page.locator(".lot-head")
    for part in (
        page.get_by_role("heading", level=1),
        head.get_by_text(screen.say(*RICE), exact=True),
        head.get_by_text("天津市津南区小站镇", exact=True),
        head.get_by_text(re.compile(screen.say(r"20\d\d年10月28日", r"28 Oct 20\d\d"))),
        head.get_by_text(screen.say(*COOP)).first,
    ):
        assert on_first_screen(part, screen), part


def test_every_code_of_the_demo_shows_its_verdict(shop: Demo) -> None:
    assert sorted(shop.scans) == sorted(COLOURS)
    shown = {}
    for what, address in shop.scans.items():
        html = ask(address).text
        verdict = re.search(r'<main [^>]*tone-(\w+)" data-verdict="(\w+)"', html)
        assert verdict, what
        shown[what] = verdict.groups()
    wanted = {
        what: (colour, "found" if what == "lot" else what) for what, colour in COLOURS.items()
    }
    assert shown == wanted


@pytest.mark.parametrize("what", ["recalled", "mark_suspended", "mark_ended_since", "unknown"])
def test_other_verdicts_can_be_read_by_everybody(shop: Demo, visitor: Opener, what: str) -> None:
    page = visitor(PHONE)
    page.goto(shop.scans[what])
    assert barriers(page) == []
    for word in ("正品", "保真", "绝对安全"):
        assert word not in page.locator("body").inner_text()


def test_a_promise_that_nobody_can_keep_is_never_made(shop: Demo) -> None:
    for address in shop.scans.values():
        html = ask(address).text
        assert not re.search("正品|保真|绝对安全", html)
        assert "核验的是登记记录，不等于对货品本身的检测" in html


def test_machines_get_the_same_verdict(shop: Demo) -> None:
    for what in ("recalled", "mark_expired", "lot"):
        found = json.loads(ask(shop.scans[what], headers={"Accept": "application/json"}).body)
        assert found["verdict"] == ("found" if what == "lot" else what)
        assert found["verdicts"][0] == found["verdict"]
        assert isinstance(found["rank"], int)


# ---- the phone's own check ---------------------------------------------------------------------


def altered(page: Page, change: Callable[[str], str]) -> None:
    """Change the page on its way to the phone, as a lying server would send it."""

    def alter(route: Route) -> None:
        response = route.fetch()
        body = response.text()
        changed = change(body)
        assert changed != body, "nothing was altered"
        route.fulfill(response=response, body=changed)

    page.route("**/10/**", alter)


LIES: list[tuple[str, Callable[[str], str]]] = [
    ("place", lambda html: html.replace(">天津市津南区小站镇<", ">黑龙江省五常市<")),
    ("product", lambda html: re.sub(r'(<span data-fact="product">)[^<]+', r"\1五常大米", html)),
    ("voucher", lambda html: re.sub(r'(<span data-voucher="[^"]+">)', r"\1国家", html, count=1)),
    ("laboratory", lambda html: html.replace(">演示农产品检测中心<", ">国家检测中心<")),
    ("verdict", lambda html: re.sub(r"(<h1[^>]*>)[^<]+", r"\1正规产品", html)),
]


@pytest.mark.parametrize("lie", [lie for _, lie in LIES], ids=[name for name, _ in LIES])
def test_one_altered_word_turns_red(shop: Demo, visitor: Opener, lie: Callable[[str], str]) -> None:
    page = visitor(PHONE)
    altered(page, lie)
    page.goto(shop.scans["lot"])
    page.wait_for_selector(BAD)
    alarm = page.get_by_role("alert")
    assert alarm.inner_text().startswith("核对未通过：信息与登记不一致")
    assert on_first_screen(alarm, PHONE)


def test_a_recall_cannot_be_hidden(shop: Demo, visitor: Opener) -> None:
    def hide(html: str) -> str:
        html = html.replace('data-verdict="recalled"', 'data-verdict="found"')
        return html.replace("本批产品正在召回，请停止食用", "已查到登记信息")

    page = visitor(PHONE)
    altered(page, hide)
    page.goto(shop.scans["recalled"])
    page.wait_for_selector(BAD)


def test_without_script_the_verdict_stands(shop: Demo, visitor: Opener) -> None:
    page = visitor(PHONE, java_script_enabled=False)
    page.goto(shop.scans["recalled"])
    assert page.get_by_role("heading", level=1).inner_text() == "本批产品正在召回，请停止食用"
    host = urlsplit(shop.base_url).netloc
    assert page.locator("#check").inner_text() == f"此浏览器不能在本机核对；以上结论由 {host} 给出"


def test_a_page_is_small_and_calls_nobody(shop: Demo, browser: Browser) -> None:
    """At most 60 kB in all but pictures, and not one request to anybody else."""
    with browser.new_context(**PHONE.options) as unused:  # nothing in its cache
        page = unused.new_page()
        with heard(page, "response") as answers, heard(page, "console") as complaints:
            page.goto(shop.scans["lot"])
            page.wait_for_selector(GOOD)
            page.wait_for_load_state("networkidle")
        assert {urlsplit(each.url).netloc for each in answers} == {urlsplit(shop.base_url).netloc}
        parts = [each for each in answers if not each.headers["content-type"].startswith("image/")]
        assert len(parts) >= 3, "page, style, script"
        assert sum(len(gzip.compress(each.body(), 6)) for each in parts) <= PAGE_BYTES_MAX
        assert [message.text for message in complaints] == []


# ---- the first scan ----------------------------------------------------------------------------


def test_many_phones_at_once_one_is_first(shop: Demo) -> None:
    """A claim that cannot finish in time makes no statement; nobody else is told "first" then."""
    firsts = 0
    for _ in range(8):
        address = shop.fresh()
        with ThreadPoolExecutor(8) as phones:
            answers = list(phones.map(ask, [address] * 8))
        said = [re.findall(r'data-verdict="(\w+)"', each.text)[0] for each in answers]
        assert set(said) <= {"found_first", "found_again", "found"}
        assert said.count("found_first") == 1 or (
            said.count("found_first") == 0 and "found" in said
        )
        assert stated(address) == "found_again"
        firsts += said.count("found_first")
    assert firsts > 0


def test_two_people_with_two_browsers(shop: Demo, visitor: Opener) -> None:
    address = shop.fresh()
    first, second = visitor(PHONE), visitor(PHONES[1])
    first.goto(address)
    second.goto(address)
    assert first.get_by_role("heading", level=1).inner_text() == "已查到登记信息，首次查询"
    assert (
        second.get_by_role("heading", level=1).inner_text().startswith("On record. Scan 2; first")
    )


@pytest.mark.parametrize("screen", PHONES, ids=str)
def test_a_typed_code_answers_for_its_lot(shop: Demo, visitor: Opener, screen: Screen) -> None:
    """The code under the QR is typed where the QR cannot be read; it never claims the first scan."""
    address = shop.fresh()
    page = visitor(screen)
    scanned = ask(address, headers={"User-Agent": "Googlebot/2.1"}).text
    code = re.findall(r"<code>(\d+-\d{7}-\w)</code>", scanned)[0]
    page.goto(f"{shop.base_url}/t/")
    page.get_by_role("textbox").fill(code.lower())
    page.get_by_role("button", name=screen.say("查询", "Look up")).click()
    page.wait_for_selector("main[data-verdict=found]")
    check_page(page, screen)
    assert stated(address) == "found_first"
    page.goto(f"{shop.base_url}/t/")
    wrong = "A" if code[-1] != "A" else "B"
    page.get_by_role("textbox").fill(code[:-1] + wrong)
    page.get_by_role("button", name=screen.say("查询", "Look up")).click()
    page.wait_for_selector("main[data-verdict=mistyped]")
    check_page(page, screen)
