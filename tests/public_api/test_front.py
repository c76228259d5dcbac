"""What stands in front of the application gives the application's own answers, and no others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from public_api.scan import desk, express
from public_api.scan.front import PURPOSES, put_in_front
from tests.public_api.market import OCT_18, Market
from trace.labels.keys import LabelKeys
from trace.labels.lookup import printed_labels, require_run
from trace.labels.model import Span
from trace.scans.tables import FirstScan
from trace.steps.service import LotAmount, RecordStep, record_step
from workflows.print_labels import PrintLabels, print_labels

LABELS = 20


@dataclass
class Street:
    """A market with labels of a lot that is on sale, and a site with and without its front."""

    market: Market
    paths: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Print labels, sell the goods, and put the front in its place."""
        node, market = self.market.node, self.market
        order = PrintLabels(market.coop, "RICE-5KG", LABELS, node.settings.base_url, True, "L1")
        for day, step in enumerate(("packing", "sale"), 1):
            row = (LotAmount("L1", "100" if step == "sale" else None, "公斤"),)
            goods: Any = {"lots": row} if step == "sale" else {"outputs": row}
            at = OCT_18 + timedelta(days=day)
            command = RecordStep(market.coop, step, at, node.settings.base_url, **goods)
            market.run(record_step, command)
        run = market.run(print_labels, order)
        with node.database.read() as session:
            keys, origin = LabelKeys(node.vault), node.log_keys.origin
            printed = printed_labels(require_run(session, run.id), keys, origin, Span(1, LABELS))
            for label in printed:
                self.paths.append(urlsplit(label.address).path)
                self.codes.append(label.code)
        self.inner = market.site.wsgi_app
        put_in_front(market.site, node)
        self.front = market.site.wsgi_app

    def ask(self, number: int, *, front: bool, **headers: str) -> tuple[str, dict[str, str]]:
        """Scan a label; gives the page with its own code left out, and the headers."""
        self.market.site.wsgi_app = self.front if front else self.inner  # type: ignore[method-assign]
        sent = {"Accept": "text/html", "Accept-Language": "zh", **headers}
        client = self.market.site.test_client(use_cookies=False)
        answer = client.get(self.paths[number], headers=sent)
        assert answer.status_code == 200
        kept = {name: value for name, value in answer.headers if name != "Content-Length"}
        kept["Link"] = kept["Link"].replace(self.paths[number], "LABEL")
        return answer.text.replace(self.codes[number], "CODE"), kept

    def claimed(self) -> int:
        """How many labels have had their first scan."""
        with self.market.node.database.read() as session:
            return session.scalar(select(func.count()).select_from(FirstScan)) or 0


@pytest.fixture
def street(market: Market, monkeypatch: pytest.MonkeyPatch) -> Street:
    """A claim may take as long as it needs here: on a busy disk 0.2 s do not always suffice."""
    for module in (desk, express):
        monkeypatch.setattr(module, "CLAIM_SECONDS", 30.0)
    return Street(market)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_its_answers_are_those_of_the_application(street: Street, lang: str) -> None:
    said = {"Accept-Language": lang}
    first = street.ask(0, front=False, **said)
    assert street.ask(1, front=True, **said) == first
    again = street.ask(0, front=False, **said)
    assert street.ask(1, front=True, **said) == again != first
    assert street.claimed() == 2


def test_a_page_that_was_never_drawn_is_left_to_the_application(street: Street) -> None:
    first = street.ask(0, front=True)
    assert street.claimed() == 1
    assert street.ask(1, front=False) == first


def test_it_does_not_enter_the_application_for_what_is_drawn(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.ask(0, front=False)  # what the lot's labels share is read
    first, again = street.ask(1, front=False), street.ask(1, front=False)  # and drawn

    def entered(*_: object) -> None:
        raise AssertionError("the application was entered")

    monkeypatch.setattr(street.front, "_inner", entered)
    assert (street.ask(2, front=True), street.ask(2, front=True)) == (first, again)


@pytest.mark.parametrize(
    ("headers", "claims"),
    [
        ({}, 1),
        *(({name: "prefetch"}, 0) for name in PURPOSES),
        ({"User-Agent": "facebookexternalhit/1.1"}, 0),
        ({"Accept": "application/json"}, 0),
        ({"Accept": "*/*"}, 1),
        ({"Cookie": "session=made-up"}, 1),
    ],
)
def test_who_claims_in_front_would_claim_within(
    street: Street, headers: dict[str, str], claims: int
) -> None:
    street.ask(0, front=False)
    for number, front in enumerate((False, True), 1):
        before = street.claimed()
        street.ask(number, front=front, **headers)
        assert street.claimed() - before == claims, front


def test_no_front_answers_for_a_token(street: Street) -> None:
    """The producer's own scans are not the first, and a token that is refused is told so."""
    street.ask(0, front=False)
    token = street.market.tokens["coop"]
    street.ask(1, front=True, Authorization=f"Bearer {token}")
    assert street.claimed() == 1


def test_no_page_shows_another_visitors_address(street: Street) -> None:
    """What is drawn once and kept names neither the label nor the query of who was first."""
    serials = [path.rpartition("/")[2] for path in street.paths]
    client = street.market.site.test_client(use_cookies=False)
    seen = {"Accept": "text/html"}
    client.get(f"{street.paths[0]}?utm=mine", headers=seen)
    for number in (1, 2, 1, 2, 0):
        page = client.get(street.paths[number], headers=seen).text
        assert "utm" not in page
        assert not [each for each in serials if each in page and each != serials[number]]
