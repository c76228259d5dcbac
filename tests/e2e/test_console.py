"""The first minute at the desks: grower, brand office, regulator.

Each does with clicks and labels what somebody there does every day, on a phone and on a desk
screen, in Chinese and in English.
"""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Desk, Opener
from tests.e2e.screens import (
    PHONES,
    SCREENS,
    Screen,
    check_page,
    keep_picture,
    on_first_screen,
    sign_in,
)
from tests.e2e.serving import Demo, stated

pytestmark = pytest.mark.browser


def figure(page: Page, label: str) -> str:
    """Give the number that stands at a label of a row of figures."""
    found = page.locator(".figure", has_text=label).first.inner_text()
    return re.sub(r"\s+", " ", found)


# ---- grower ------------------------------------------------------------------------------------


def record_transport(page: Page, screen: Screen, note: str, at: str) -> None:
    """Record a step from the big button on: lot, step, details."""
    bigs = page.get_by_role("navigation", name=screen.say("要做什么", "What to do"))
    bigs.get_by_text(screen.say("记一笔", "Record"), exact=True).click()
    page.wait_for_url("**/console/record/")
    page.get_by_role("link", name=re.compile(r"XZM\d+")).click()
    page.get_by_role("link", name=screen.say("运输", "Transport")).click()
    page.get_by_label(screen.say("时间", "Time"), exact=True).fill(at)
    page.get_by_label(screen.say("备注", "Note")).fill(note)
    check_page(page, screen)
    page.get_by_role("button", name=screen.say("记下", "Record it")).click()
    recorded = page.get_by_role("heading", name=screen.say("已记下", "Recorded"))
    expect(recorded).to_be_visible()
    page.get_by_role("link", name=screen.say("完成", "Done")).click()


def test_a_grower_records_the_same_again_in_three_taps(
    shop: Demo, visitor: Opener, screen: Screen
) -> None:
    page = visitor(screen)
    sign_in(page, shop.base_url, "nongmin", screen)
    bigs = page.get_by_role("navigation", name=screen.say("要做什么", "What to do"))
    words = screen.say("记一笔 开合格证 打标签 看扫码", "Record Certificate Labels Scans").split()
    for word in words:
        assert on_first_screen(bigs.get_by_text(word, exact=True), screen), word
    check_page(page, screen)
    record_transport(page, screen, f"送到{screen}", f"2026-11-0{1 + SCREENS.index(screen)}T08:00")
    keep_picture(page, "grower", screen)
    last = page.get_by_role("link", name=screen.say("和上次一样", "Same as last time"))
    assert last.locator("strong").inner_text().startswith(screen.say("运输", "Transport"))

    last.click()  # tap 1: the same again
    assert f"送到{screen}" in page.locator("main").inner_text()
    check_page(page, screen)
    page.get_by_role("button", name=screen.say("没错，记下", "Right, record it")).click()  # tap 2
    recorded = page.get_by_role("heading", name=screen.say("已记下", "Recorded"))
    expect(recorded).to_be_visible()
    expect(page.get_by_text(screen.say("已排入日志", "In the log"))).to_be_visible()
    check_page(page, screen)
    page.get_by_role("link", name=screen.say("完成", "Done")).click()  # tap 3: home again
    expect(bigs).to_be_visible()


@pytest.mark.parametrize("screen", PHONES, ids=str)
def test_every_big_button_leads_to_a_whole_page(shop: Demo, desk: Desk, screen: Screen) -> None:
    page = desk("nongmin", screen)
    for word in screen.say(
        "记一笔 开合格证 打标签 看扫码", "Record Certificate Labels Scans"
    ).split():
        page.get_by_role("navigation", name=screen.say("要做什么", "What to do")).get_by_text(
            word, exact=True
        ).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check_page(page, screen)
        page.goto(f"{shop.base_url}/console/")


@pytest.mark.parametrize("screen", PHONES, ids=str)
def test_a_wrong_password_says_no_more_than_that(
    shop: Demo, visitor: Opener, screen: Screen
) -> None:
    page = visitor(screen)
    page.goto(f"{shop.base_url}/console/record/")
    assert "/console/sign-in" in page.url
    check_page(page, screen)
    page.get_by_label(screen.say("登录名或邮箱", "User name or e-mail")).fill("nobody-here")
    page.get_by_label(screen.say("密码", "Password")).fill("wrong")
    page.get_by_role("button", name=screen.say("登录", "Sign in")).click()
    expect(page.locator(".notice-red")).to_be_visible()
    check_page(page, screen)


def test_producers_do_not_claim_first_scans(shop: Demo, desk: Desk) -> None:
    address = shop.fresh()
    page = desk("nongmin", PHONES[0])
    page.goto(address)
    assert page.get_by_role("heading", level=1).inner_text() == "已查到登记信息"
    assert stated(address) == "found_first"


# ---- brand office ------------------------------------------------------------------------------


def test_a_clerk_sees_what_ends_and_what_is_left(desk: Desk, screen: Screen) -> None:
    page = desk("pinpai", screen)
    page.get_by_role("link", name=screen.say("快到期", "Ending soon")).click()
    ending = page.locator("section", has_text=screen.say("90 天内到期", "Ending within 90 days"))
    holder = screen.say("演示小站稻", "Demo Xiaozhan")
    licence = ending.get_by_role("link", name=re.compile(holder))
    expect(licence).to_be_visible()
    days = re.search(screen.say(r"还有 (\d+) 天", r"(\d+) days left"), licence.inner_text())
    assert days
    assert int(days[1]) in (59, 60)
    check_page(page, screen)
    keep_picture(page, "brand-office", screen)
    licence.click()
    for zh, en, number in (
        ("认定数量", "Certified", "9,360"),
        ("已打印", "Printed", "9,360"),
        ("剩余", "Left", "0"),
    ):
        assert number in figure(page, screen.say(zh, en)), en
    check_page(page, screen)


def test_one_label_too_many_is_refused_with_its_numbers(desk: Desk, screen: Screen) -> None:
    """The co-operative asks for bag 9,361; the clerk's register stays as it was."""
    page = desk("hezuoshe", screen)
    page.get_by_role("link", name=screen.say("打标签", "Labels")).click()
    page.get_by_role("link", name=re.compile(r"XZM\d+")).first.click()
    page.get_by_label(screen.say("打多少枚", "How many labels")).fill("1")
    page.get_by_label(screen.say("印上标志", "Print the mark")).check()
    page.get_by_role("button", name=screen.say("打标签", "Print")).click()
    said = page.locator("main").inner_text()
    wanted = screen.say(
        "一共核准 9,360 件，已印 9,360 件，本次 1 件，超出 1 件",
        "9,360 pieces certified, 9,360 printed, 1 asked for: 1 over",
    )
    assert wanted in said
    check_page(page, screen)
    keep_picture(page, "over-issue", screen)


# ---- regulator ---------------------------------------------------------------------------------


def test_a_recall_is_seen_red_on_a_second_phone_within_a_second(
    shop: Demo, visitor: Opener, desk: Desk, screen: Screen
) -> None:
    """Previewed by one officer, confirmed by another, seen by whoever scans, and ended again."""
    label = shop.scans["mark_suspended"]
    second_phone = visitor(PHONES[0])
    second_phone.goto(label)
    assert second_phone.locator("main").get_attribute("data-verdict") == "mark_suspended"
    first, second = desk("jianguan1", screen), desk("jianguan2", screen)

    first.get_by_role("link", name=screen.say("查批次", "Find a lot")).click()
    first.wait_for_url("**/console/recalls/lots")
    check_page(first, screen)
    lot = re.findall(r"/10/([^/]+)/", label)[0]
    first.get_by_label(screen.say("批次号、产品或单位", "Lot, product or firm")).fill(lot)
    first.get_by_role("button", name=screen.say("查", "Find")).click()
    first.get_by_role("link", name=re.compile(lot)).first.click()
    assert "1,000" in figure(first, screen.say("枚标签会变红", "labels turn red"))
    check_page(first, screen)
    first.get_by_label(screen.say("召回原因", "Reason, in Chinese")).fill("抽检不合格，演示")
    first.get_by_role("button", name=screen.say("提出，交另一人确认", "Propose; a second")).click()
    expect(
        first.get_by_text(screen.say("您提出的召回", "You proposed this recall"))
    ).to_be_visible()
    assert first.get_by_role("button", name=screen.say("确认，马上召回", "Confirm")).count() == 0
    second_phone.reload()
    assert second_phone.locator("main").get_attribute("data-verdict") == "mark_suspended"

    second.goto(first.url)
    check_page(second, screen)
    second.get_by_text(screen.say("确认召回", "Confirm the recall"), exact=True).click()
    keep_picture(second, "regulator", screen)
    confirm = second.get_by_role("button", name=screen.say("确认，马上召回", "Confirm, recall now"))
    confirm.click()
    began = time.monotonic()
    second_phone.reload()
    while second_phone.locator("main").get_attribute("data-verdict") != "recalled":
        assert time.monotonic() - began < 1, "not red within a second"
        second_phone.reload()
    headline = second_phone.get_by_role("heading", level=1).inner_text()
    assert headline == "本批产品正在召回，请停止食用"
    second_phone.wait_for_selector("main[data-proof=good]")

    check_page(second, screen)
    second.get_by_text(screen.say("结束召回", "End the recall"), exact=True).first.click()
    second.get_by_role("button", name=screen.say("结束召回", "End it")).click()
    second_phone.reload()
    assert second_phone.locator("main").get_attribute("data-verdict") == "mark_suspended"
