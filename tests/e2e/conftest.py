"""One demo, filled and served, for all tests of this folder; what they scan of it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.operator_desk import Command, Said, run
from tests.e2e.screens import SCREENS, Screen, sign_in
from tests.e2e.serving import Demo, fill, served
from tests.fixtures.browsers import Pages

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep these tests in one process, so that one demo is served; others run beside them."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("e2e"))


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A filled demo as it is at its beginning: it is copied, and nothing else is done with it."""
    return fill(tmp_path_factory.mktemp("filled") / "data")


@pytest.fixture(scope="session")
def shop(filled: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A filled demo on a port of its own."""
    demo = filled.twin(tmp_path_factory.mktemp("shop") / "data")
    with served(demo):
        yield demo


@pytest.fixture(scope="session")
def told(filled: Demo, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A filled demo that nobody serves."""
    return filled.twin(tmp_path_factory.mktemp("told") / "data")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in this process."""

    def told_to(*words: str | Path, **wanted: str | Path) -> Said:
        monkeypatch.setattr("sys.argv", ["ecotrace", *map(str, words)])
        return run(*words, **wanted)

    return told_to


@pytest.fixture(params=SCREENS, ids=str)
def screen(request: pytest.FixtureRequest) -> Screen:
    """A phone and a desk, each in Chinese and in English."""
    found: Screen = request.param
    return found


Opener = Callable[..., Page]


@pytest.fixture
def visitor(pages: Pages) -> Iterator[Opener]:
    """Open a page of somebody who shares no cookie with anybody: `visitor(screen, **options)`."""
    with ExitStack() as stack:

        def opened(screen: Screen = SCREENS[0], **options: Any) -> Page:
            return stack.enter_context(pages.lend({**screen.options, **options}))

        yield opened


Desk = Callable[[str, Screen], Page]
_signed_in: dict[str, list[Any]] = {}


@pytest.fixture
def desk(shop: Demo, visitor: Opener) -> Desk:
    """Open the console of somebody who signed in once and has not closed his browser since."""

    def opened(login: str, screen: Screen) -> Page:
        page = visitor(screen)
        if login in _signed_in:
            page.context.add_cookies(_signed_in[login])
            page.goto(f"{shop.base_url}/console/")
        else:
            sign_in(page, shop.base_url, login, screen)
            # The cookie of the session, without that of the language.
            cookies = page.context.cookies()
            _signed_in[login] = [each for each in cookies if each.get("name") != "lang"]
        return page

    return opened
