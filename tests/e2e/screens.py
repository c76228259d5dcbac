"""Screens on which people look at the system, what they see there, and pictures of it."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import Any

from PIL import Image
from playwright.sync_api import Locator, Page

from ecotrace import PROJECT
from tests.e2e.serving import PASSWORD
from tests.fixtures.browsers import barriers, fits, run

PICTURES = PROJECT / "docs" / "pictures"
PICTURE_HEIGHT_MAX = 1600


@dataclass(frozen=True)
class Screen:
    """A screen and the language of whoever looks at it."""

    width: int
    height: int
    lang: str

    @property
    def options(self) -> dict[str, Any]:
        """What a browser context needs to be such a screen."""
        locale = "en-GB" if self.lang == "en" else "zh-CN"
        return {"viewport": {"width": self.width, "height": self.height}, "locale": locale}

    def say(self, zh: str, en: str) -> str:
        """Give the text of a pair that stands on this screen."""
        return en if self.lang == "en" else zh

    def __str__(self) -> str:
        return f"{self.width}-{self.lang}"


PHONES = (Screen(390, 740, "zh"), Screen(390, 740, "en"))
DESKS = (Screen(1280, 900, "zh"), Screen(1280, 900, "en"))
SCREENS = (*PHONES, *DESKS)


def on_first_screen(part: Locator, screen: Screen) -> bool:
    """Tell whether all of it is seen without scrolling."""
    box = part.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= screen.height


def keep_picture(page: Page, persona: str, screen: Screen) -> None:
    """Keep a picture for docs/ when ECOTRACE_PICTURES is set; few colours keep it small."""
    if not os.environ.get("ECOTRACE_PICTURES"):
        return
    height = min(int(run(page, "document.documentElement.scrollHeight")), PICTURE_HEIGHT_MAX)
    page.set_viewport_size({"width": screen.width, "height": max(height, screen.height)})
    picture = Image.open(io.BytesIO(page.screenshot()))
    page.set_viewport_size({"width": screen.width, "height": screen.height})
    PICTURES.mkdir(parents=True, exist_ok=True)
    small = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(PICTURES / f"{persona}-{screen}.png", optimize=True)


def check_page(page: Page, screen: Screen) -> None:
    """Hold a page to what every page has to be: reachable for everybody, and no wider than told."""
    assert barriers(page) == [], page.url
    assert fits(page), page.url


def sign_in(page: Page, base_url: str, login: str, screen: Screen) -> None:
    """Sign in as a person does, and come to the first page of the console."""
    page.goto(f"{base_url}/console/sign-in")
    page.get_by_label(screen.say("登录名或邮箱", "User name or e-mail")).fill(login)
    page.get_by_label(screen.say("密码", "Password")).fill(PASSWORD)
    page.get_by_role("button", name=screen.say("登录", "Sign in")).click()
    page.wait_for_url("**/console/")
