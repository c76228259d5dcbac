"""Pages in Chromium: what the phone's check does with what is drawn, and how pages behave.

A page is altered on its way to the browser, as a lying or broken server would send it.
"""

from __future__ import annotations

import gzip
import re
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import qrcode  # type: ignore[import-untyped]
from PIL import Image

from tests.browser_script.browser import DIST
from tests.browser_script.sample_app import CRABS, OTHER_LOT, OTHER_PRODUCT, RICE
from tests.browser_script.sample_pages import crabs, rice
from tests.browser_script.story import HOST
from tests.fixtures.browsers import Pages, barriers, fits, heard

pytestmark = pytest.mark.browser

GOOD = "main[data-proof=good]"
BAD = "main[data-proof=bad]"


def until(page: Any, holds: Callable[[], Any]) -> None:
    """Wait in the test, not in the page: its policy lets nobody evaluate text."""
    for _ in range(200):
        if holds():
            return
        page.wait_for_timeout(25)
    raise AssertionError("it did not come about within five seconds")


def open_page(page: Any, site: str, path: str, lang: str = "zh") -> None:
    page.goto(f"{site}/{path}?lang={lang}")


def altered(page: Any, path: str, change: Callable[[str], str]) -> None:
    """Have the page changed on its way."""

    def alter(route: Any) -> None:
        response = route.fetch()
        body = response.text()
        changed = change(body)
        assert changed != body, "nothing was altered"
        route.fulfill(response=response, body=changed)

    page.route(f"**/{path}?*", alter)


@pytest.mark.parametrize("path", [RICE, CRABS])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_honest_page_passes(phone: Any, site: str, path: str, lang: str) -> None:
    open_page(phone, site, path, lang)
    phone.wait_for_selector(GOOD)
    said = phone.inner_text("#check")
    assert ("尚无见证" if lang == "zh" else "not yet witnessed") in said
    assert HOST in said
    assert "verify-proof" in said
    assert phone.locator("del").count() == 0


def test_the_check_names_log_and_time(phone: Any, site: str) -> None:
    open_page(phone, site, RICE)
    phone.wait_for_selector(GOOD)
    sentence = phone.inner_text("#check .check-sentence")
    pattern = (
        r"本机已核对：与 log\.example\.org/rice 日志 2026年11月20日 \d\d:\d\d 的登记一致"
        "（仅由该日志签名，尚无见证）"
    )
    assert re.fullmatch(pattern, sentence)


def test_every_proved_fact_is_marked_and_the_others_say_so(phone: Any, site: str) -> None:
    open_page(phone, site, RICE)
    phone.wait_for_selector(GOOD)
    facts = phone.locator("[data-fact]")
    assert facts.count() > 30
    assert phone.locator("[data-fact]:not(.is-checked)").count() == 0
    assert phone.locator("[data-voucher]:not(.is-checked)").count() == 0
    phone.click("details.more summary")
    assert "未入日志" in phone.inner_text("details.more")


def test_one_altered_word_turns_the_page_red(phone: Any, site: str) -> None:
    altered(phone, RICE, lambda html: html.replace(">天津市津南区小站镇<", ">天津市津南区大站镇<"))
    open_page(phone, site, RICE)
    phone.wait_for_selector(BAD)
    assert phone.inner_text(".verdict-proof .check-sentence") == "核对未通过：信息与登记不一致"
    assert phone.inner_text("dd del") == "天津市津南区大站镇"
    assert phone.inner_text("dd ins") == "天津市津南区小站镇"
    box = phone.locator(".verdict-proof").bounding_box()
    assert box["y"] + box["height"] < 400, "the red bar stands on the first screen"


def marks_of(html: str) -> list[str]:
    return re.findall(r'data-(?:fact|label|voucher)="[fv]\d+">', html)


def marks_that_may_be_altered(phone: Any, site: str, every: int) -> list[str]:
    """Put one letter behind each (nth) mark in turn; give those that left the page as it was."""
    request = urllib.request.Request(f"{site}/{RICE}?lang=zh", headers={"Accept": "text/html"})
    with urllib.request.urlopen(request) as answer:
        html = answer.read().decode()
    assert len(marks_of(html)) > 60
    served = {"body": html}
    as_html = "text/html; charset=utf-8"
    phone.route(
        f"**/{RICE}?*", lambda route: route.fulfill(body=served["body"], content_type=as_html)
    )
    passed = []
    for mark in marks_of(html)[::every]:
        served["body"] = html.replace(mark, f"{mark}伪", 1)
        open_page(phone, site, RICE)
        phone.wait_for_selector("main[data-proof]")
        if phone.get_attribute("main", "data-proof") != "bad":
            passed.append(mark)
    return passed


def test_facts_labels_and_vouchers_are_watched(phone: Any, site: str) -> None:
    assert marks_that_may_be_altered(phone, site, every=9) == []


@pytest.mark.deep
def test_every_single_fact_label_and_voucher_is_watched(phone: Any, site: str) -> None:
    assert marks_that_may_be_altered(phone, site, every=1) == []


ALTERATIONS: list[tuple[str, Callable[[str], str]]] = [
    ("headline", lambda html: html.replace("已查到登记信息，第", "正规产品，第")),
    (
        "another verdict",
        lambda html: html.replace('data-verdict="found_again"', 'data-verdict="found"'),
    ),
    ("mark taken off", lambda html: re.sub(r' data-fact="f\d+"', "", html, count=1)),
    ("mark made up", lambda html: html.replace("阴凉干燥处", '<span data-fact="f999">阴凉</span>')),
    ("bundle cut", lambda html: html.replace('{"v":1,', '{"v":2,')),
    ("bundle broken", lambda html: html.replace('{"v":1,', '{"v":1,,')),
    ("signature", lambda html: re.sub(r'\\"sig\\":\\"(.)', r'\\"sig\\":\\"_', html, count=1)),
    (
        "stream",
        lambda html: re.sub(r'"streams":\[\["(lot:[^"]+)",(\d+)', r'"streams":[["\1",1', html),
    ),
]


@pytest.mark.parametrize(
    "change", [change for _, change in ALTERATIONS], ids=[n for n, _ in ALTERATIONS]
)
def test_other_alterations_turn_red(phone: Any, site: str, change: Callable[[str], str]) -> None:
    altered(phone, RICE, change)
    open_page(phone, site, RICE)
    phone.wait_for_selector(BAD)


def test_a_hidden_recall_turns_red(phone: Any, site: str) -> None:
    def hide(html: str) -> str:
        found = html.replace('data-verdict="recalled"', 'data-verdict="found"')
        return found.replace("本批产品正在召回，请停止食用", "已查到登记信息")

    altered(phone, CRABS, hide)
    open_page(phone, site, CRABS)
    phone.wait_for_selector(BAD)
    assert "recalled" in phone.inner_text(".verdict-proof")


@pytest.mark.parametrize("path", [OTHER_PRODUCT, OTHER_LOT])
def test_a_proof_of_another_thing_turns_red(phone: Any, site: str, path: str) -> None:
    open_page(phone, site, path)
    phone.wait_for_selector(BAD)
    assert "address" in phone.inner_text(".verdict-proof")


def test_an_altered_label_keeps_its_own_verdict(phone: Any, site: str) -> None:
    """The page says itself that the address is not that of the record; the record still is."""

    def say_so(html: str) -> str:
        red = html.replace('data-verdict="found_again"', 'data-verdict="altered"')
        return re.sub(r'(verdict-sentence">)[^<]+', r"\1编码与登记不符，标签可能被改动", red)

    altered(phone, OTHER_LOT, say_so)
    open_page(phone, site, OTHER_LOT)
    phone.wait_for_selector(GOOD)


def test_markup_in_a_fact_stays_text(phone: Any, site: str) -> None:
    evil = "&lt;img src=x onerror=alert(1)&gt;"
    altered(phone, RICE, lambda html: html.replace(">天津市津南区小站镇<", f">{evil}<"))
    open_page(phone, site, RICE)
    phone.wait_for_selector(BAD)
    assert phone.locator("img[src=x]").count() == 0


def test_without_script_the_verdict_stands(pages: Pages, site: str) -> None:
    options = {"viewport": {"width": 390, "height": 740}, "java_script_enabled": False}
    with pages.lend(options) as page:
        open_page(page, site, RICE)
        assert "已查到登记信息，第 3 次查询" in page.inner_text("#verdict")
        assert page.inner_text("#check") == f"此浏览器不能在本机核对；以上结论由 {HOST} 给出"


def test_a_browser_that_cannot_read_the_script_says_so(phone: Any, site: str) -> None:
    """Without BigInt the script is a syntax error: here it is one for Chromium too."""
    phone.route(
        "**/check.js*",
        lambda route: route.fulfill(body="var x = 1n1;", content_type="text/javascript"),
    )
    with phone.expect_event("pageerror"):
        open_page(phone, site, RICE)
    assert "此浏览器不能在本机核对" in phone.inner_text("#check")
    assert phone.get_attribute("main", "data-proof") is None


def test_the_first_screen_has_what_matters(phone: Any, site: str) -> None:
    """390 by 740: verdict, product, base in words, packed on, who vouches."""
    open_page(phone, site, RICE)
    phone.wait_for_selector(GOOD)
    wanted = ["#verdict h1", "h2.product", ".facts-head .fact:nth-child(1) dd"]
    wanted += [".facts-head .fact:nth-child(2) dd", ".vouching .fact:nth-child(1) dd"]
    for selector in wanted:
        box = phone.locator(selector).bounding_box()
        assert box is not None, selector
        assert box["y"] + box["height"] <= 740, selector


def test_a_page_calls_nobody(phone: Any, site: str) -> None:
    with heard(phone, "request") as asked, heard(phone, "console") as refused:
        open_page(phone, site, RICE)
        phone.wait_for_selector(GOOD)
        phone.wait_for_timeout(200)
    assert RICE in asked[0].url
    assert all(each.url.startswith(f"{site}/static/") or RICE in each.url for each in asked)
    assert len(asked) <= 6
    assert [message.text for message in refused] == []


@pytest.mark.parametrize("path", [RICE, CRABS])
def test_all_but_pictures_is_at_most_60_kb(site: str, path: str) -> None:
    with urllib.request.urlopen(f"{site}/{path}") as answer:
        html = answer.read()
    parts = [html, (DIST / "check.js").read_bytes(), (DIST / "ecotrace.css").read_bytes()]
    assert html.startswith(b"<!doctype html>")
    assert sum(len(gzip.compress(part, 6)) for part in parts) <= 60 * 1024


PAGES = [RICE, CRABS, "p/none", "verify", "console", "refused", "nowhere"]


@pytest.mark.parametrize("width, lang", [(390, "zh"), (1280, "en")])
def test_pages_are_accessible_and_fit(phone: Any, site: str, width: int, lang: str) -> None:
    phone.set_viewport_size({"width": width, "height": 800})
    faults = []
    for path in PAGES:
        open_page(phone, site, path, lang)
        if path in (RICE, CRABS):
            phone.wait_for_selector(GOOD)
        faults += [(path, *each) for each in barriers(phone)]
        if not fits(phone):
            faults.append((path, "wider than the screen", ""))
    assert faults == []


def test_targets_are_large_enough_for_thumbs(phone: Any, site: str) -> None:
    small = []
    for path in ("console", RICE, "verify"):
        open_page(phone, site, path)
        for element in phone.locator(
            ".button, .big, input:not(.sr-only):not([type=radio]), select, .choice, "
            ".number-step, .top a"
        ).all():
            box = element.bounding_box() if element.is_visible() else None
            if box and box["height"] < 48:
                small.append(
                    (path, element.evaluate("e => e.outerHTML.slice(0, 90)"), box["height"])
                )
    assert small == []


def test_console_steps_a_number_and_sends_once(phone: Any, site: str) -> None:
    open_page(phone, site, "console")
    phone.click(".number-step >> nth=1")
    assert phone.input_value("#count") == "130"
    phone.click(".number-step >> nth=0")
    phone.click(".number-step >> nth=0")
    assert phone.input_value("#count") == "110"
    phone.fill("#count", "1200")
    phone.click(".number-step >> nth=1")
    assert phone.input_value("#count") == "1204"
    prevented = phone.evaluate(
        """() => {
          const form = document.querySelector("form.card");
          const send = () => {
            const event = new Event("submit", { bubbles: true, cancelable: true });
            form.dispatchEvent(event);
            return event.defaultPrevented;
          };
          return [send(), send()];
        }"""
    )
    assert prevented == [False, True]


def test_a_seed_code_is_read_from_a_picture(phone: Any, site: str, tmp_path: Path) -> None:
    open_page(phone, site, "console")
    phone.set_input_files("#seed-picture", picture(tmp_path, "SEED 津原89 LOT 1"))
    until(phone, lambda: phone.input_value("#seed"))
    assert phone.input_value("#seed") == "SEED 津原89 LOT 1"
    assert phone.inner_text("#seed-picture-status") == "已填入"


def test_a_picture_without_a_code_says_so(phone: Any, site: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    Image.new("RGB", (200, 200), "white").save(empty)
    open_page(phone, site, "console")
    phone.set_input_files("#seed-picture", str(empty))
    until(phone, lambda: phone.inner_text("#seed-picture-status"))
    assert phone.inner_text("#seed-picture-status") == "没有读到，请拍近一些"


def picture(folder: Path, text: str) -> str:
    file = folder / "code.png"
    qrcode.make(text).save(file)
    return str(file)


# -- /verify -----------------------------------------------------------------------------------


def verify(phone: Any, site: str, address: str, lang: str = "zh") -> str:
    open_page(phone, site, "verify", lang)
    phone.fill("#address", address)
    phone.click("form button")
    waiting = ("", "正在向发码机构取登记……", "Asking the issuing office …")
    until(phone, lambda: phone.inner_text(".verify-answer").strip() not in waiting)
    return str(phone.inner_text(".verify-answer"))


def test_verify_checks_an_address_against_the_pinned_key(phone: Any, site: str) -> None:
    said = verify(phone, site, f"{site}/{RICE}")
    assert "本机已核对" in said
    assert "小站稻 津原89 大米 5 公斤" in said
    assert "演示津南碾米厂（签名登记）" in said


def test_verify_says_recalled_first(phone: Any, site: str) -> None:
    assert verify(phone, site, f"{site}/{CRABS}").startswith("本批产品正在召回，请停止食用")


@pytest.mark.parametrize("path", [OTHER_PRODUCT, OTHER_LOT])
def test_verify_refuses_a_proof_of_another_thing(phone: Any, site: str, path: str) -> None:
    assert verify(phone, site, f"{site}/{path}").startswith("核对未通过")


FOREIGN = [
    "https://evil.example/p/xiaozhan-5kg/10/XZ2026-01",
    "http://127.0.0.1/p/xiaozhan-5kg",
    "http://127.0.0.1.evil.example/p/xiaozhan-5kg",
    "{site}@evil.example/p/xiaozhan-5kg",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("address", FOREIGN)
def test_verify_never_opens_a_foreign_address(phone: Any, site: str, address: str) -> None:
    with heard(phone, "request") as asked:
        said = verify(phone, site, address.replace("{site}", site))
    assert said.startswith(("不是我们的网址", "这不是一个网址"))
    assert asked
    assert all(each.url.startswith(f"{site}/") for each in asked)


def test_verify_refuses_an_altered_answer(phone: Any, site: str) -> None:
    def alter(route: Any) -> None:
        body = route.fetch().text().replace("\\u5c0f\\u7ad9\\u7a3b", "\\u5927\\u7ad9\\u7a3b")
        route.fulfill(body=body.replace("小站稻", "大站稻"), content_type="application/json")

    phone.route(f"**/{RICE}?*", alter)
    assert "核对未通过" in verify(phone, site, f"{site}/{RICE}")


def test_verify_says_when_the_office_cannot_be_reached(phone: Any, site: str) -> None:
    assert verify(phone, site, f"{site}/nowhere").startswith("发码机构没有给出证明")


def give_file(phone: Any, site: str, name: str, content: str) -> str:
    open_page(phone, site, "verify")
    file = {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    phone.set_input_files("#proof-file", file)
    until(phone, lambda: phone.inner_text(".verify-answer"))
    return str(phone.inner_text(".verify-answer"))


def test_verify_takes_a_proof_file(phone: Any, site: str) -> None:
    said = give_file(phone, site, "entry.tlog-proof", rice().log.proof_file(4))
    assert said.startswith("这一条登记在该日志中，证明成立")
    assert "identity.party.register" in said


PROOF_FILES: list[tuple[str, Callable[[str], str]]] = [
    ("foreign log", lambda text: text.replace("log.example.org/rice", "log.example.org/other")),
    ("index", lambda text: text.replace("index 4", "index 5")),
    ("size", lambda text: re.sub(r"\n\d+\n", "\n3\n", text)),
    ("no entry", lambda text: re.sub(r"extra .*\n", "", text)),
    ("entry", lambda text: re.sub(r"extra (....)", "extra eyJ2", text)),
    ("first line", lambda text: text.replace("@v1", "@v2")),
    ("signature", lambda text: text[:-8] + "AAAA" + text[-4:]),
    ("cut", lambda text: text[: len(text) // 2]),
    ("nonsense", lambda text: "正品"),
    ("bundle of nothing", lambda text: "{}"),
]


@pytest.mark.parametrize(
    "change", [change for _, change in PROOF_FILES], ids=[n for n, _ in PROOF_FILES]
)
def test_verify_refuses_a_mangled_proof_file(
    phone: Any, site: str, change: Callable[[str], str]
) -> None:
    said = give_file(phone, site, "entry.tlog-proof", change(rice().log.proof_file(4)))
    assert said.startswith(("核对未通过", "证明出自本节点没有固定的日志"))


def test_verify_takes_a_saved_answer(phone: Any, site: str) -> None:
    request = urllib.request.Request(f"{site}/{RICE}", headers={"Accept": "application/json"})
    with urllib.request.urlopen(request) as answer:
        saved = answer.read().decode()
    assert "本机已核对" in give_file(phone, site, "answer.json", saved)


def test_verify_reads_a_picture(phone: Any, site: str, tmp_path: Path) -> None:
    open_page(phone, site, "verify")
    phone.set_input_files("#picture", picture(tmp_path, f"{site}/{CRABS}"))
    phone.wait_for_selector(".verify-answer .verdict-red")
    assert "本批产品正在召回" in phone.inner_text(".verify-answer")


def test_verify_is_one_file() -> None:
    html = (DIST / "verify.html").read_text(encoding="utf-8")
    assert (
        re.findall(
            r"<script[^>]+src=|<link[^>]+stylesheet|@import|https?://(?!www\.w3\.org)[a-z]", html
        )
        == []
    )


def test_crabs_and_rice_tell_different_stories() -> None:
    assert rice().log.entries != crabs().log.entries
