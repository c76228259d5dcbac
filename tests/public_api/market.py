"""A small market: an office that runs the platform, two co-operatives, and tokens for all."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from certification.certificates.service import GrantCertificate
from identity.actor import SYSTEM, Actor
from identity.clients.model import CreateClient, new_token
from identity.clients.service import create_client
from identity.parties.model import RegisterParty
from identity.parties.service import register_operator, register_party
from identity.roles import SCOPES
from points.packs.service import PublishPack, publish, shipped
from public_api import faces
from runtime.clock import BEIJING
from runtime.key_file import make_key_file
from tests.identity.codes import made_code
from trace.bases.service import RegisterBase, register_base
from trace.brands.service import RegisterBrand, register_brand
from trace.lots.service import OpenLot
from trace.products.service import RegisterProduct, register_product
from trace.scans.service import ScanCounter
from trace.steps.service import LotAmount, RecordStep, record_step
from web import face, sign_in, tokens
from workflows.change_certificate import grant_certificate
from workflows.open_lot import open_lot

OCT_18 = datetime(2026, 10, 18, 9, tzinfo=BEIJING)
EPCIS = "application/ld+json"
OFFICE_ROLES = ("brand_officer", "regulator", "points_officer", "admin")


def make_site(node) -> Flask:
    """The public face of a node, without background work."""
    app = Flask("ecotrace", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = node.settings.max_body_bytes
    app.config["PROPAGATE_EXCEPTIONS"] = True
    face.prepare(app, node)
    sign_in.install(app)
    tokens.install(app)
    faces.install(app, node, ScanCounter())
    return app


@dataclass
class Market:
    """The node with what was registered on it; `site` is there once somebody visits."""

    node: Any
    site: Flask = None  # type: ignore[assignment]
    office: str = ""
    coop: str = ""
    rival: str = ""
    villager: str = ""
    base: str = ""
    product: str = ""
    lot: str = ""
    cert_id: str = ""
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, use_case, command, actor: Actor = SYSTEM):
        return self.node.unit.run(use_case, command, actor=actor)

    def token(self, party: str, scopes=tuple(SCOPES), roles=()) -> str:
        made = new_token(self.node.randomness)
        until = self.node.clock.now() + timedelta(days=30)
        doors = tuple(map(str, scopes))
        command = CreateClient(party, "tests", made.digest, doors, until, tuple(roles))
        self.run(create_client, command)
        return made.text

    def ask(self, method: str, path: str, body: Any = None, by: str | None = "coop", **more: Any):
        """Send a request; a body that is bytes goes as it is, anything else as JSON."""
        headers = dict(more.pop("headers", {}))
        if by is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(by, by)}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        client = self.site.test_client(use_cookies=False)
        return client.open(path, method=method, data=body, headers=headers, **more)

    def post(self, path: str, body: Any = None, by: str | None = "coop", **more: Any):
        return self.ask("POST", f"/api/v1{path}", {} if body is None else body, by, **more)

    def get(self, path: str, by: str | None = "coop", **more: Any):
        return self.ask("GET", f"/api/v1{path}", None, by, **more)

    def page(self, path: str, lang: str = "zh"):
        headers = {"Accept": "text/html", "Accept-Language": lang}
        return self.ask("GET", path, by=None, headers=headers)


def open_market(node) -> Market:
    """Register everybody and everything that the tests talk about; nobody has put up a site."""
    make_key_file(node.settings.secret_key_file, node.randomness)
    market = Market(node)
    code = made_code("11", 1)
    office = RegisterParty("public_office", "演示办公室", "Demo office", code, "120000")
    market.office = market.run(register_operator, office).id
    for name, number in (("coop", 1), ("rival", 2)):
        command = RegisterParty(
            "cooperative", f"演示合作社{number}", f"Demo co-op {number}", made_code("93", number),
            "120112",
        )  # fmt: skip
        setattr(market, name, market.run(register_party, command).id)
    household = RegisterParty("household", "王二小", host_party=market.coop, phone="13900000000")
    market.villager = market.run(register_party, household).id
    market.run(register_brand, RegisterBrand("JNJP", "津农精品", "Jinnong", "120000", market.coop))
    base = RegisterBase(market.coop, "一号基地", "Base 1", "120112102", ("120", "亩"), "演示村")
    market.base = market.run(register_base, base).id
    rice = RegisterProduct(
        market.coop, "RICE-5KG", "小站稻米", "Rice", "grain", "mass", brand="JNJP",
        net=("5", "公斤"), region="120112102",
    )  # fmt: skip
    market.product = market.run(register_product, rice).id
    _fill(market)
    for name in ("coop", "rival"):
        market.tokens[name] = market.token(getattr(market, name), roles=("operator",))
    market.tokens["office"] = market.token(market.office, roles=OFFICE_ROLES)
    market.tokens["blind"] = market.token(market.coop, scopes=("credit",))
    market.tokens["asker"] = market.token(market.coop, scopes=("query",))
    return market


def _fill(market: Market) -> None:
    lot = OpenLot(market.coop, "RICE-5KG", "L1", OCT_18 - timedelta(days=100), market.base)
    market.lot = market.run(open_lot, lot).id
    harvest = RecordStep(
        market.coop, "harvest", OCT_18, market.node.settings.base_url,
        outputs=(LotAmount("L1", "1000", "公斤"),),
    )  # fmt: skip
    market.run(record_step, harvest)
    grant = GrantCertificate(
        "JNJP-2026-0001", "jnjp", market.coop, (market.product,), OCT_18.date(),
        OCT_18.date().replace(year=2028), OCT_18, "演示：评定通过", (market.base,), "100", "件",
    )  # fmt: skip
    market.cert_id = market.run(grant_certificate, grant).cert_id
    market.run(publish, PublishPack(shipped()["tianjin"]))


def event(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An event about goods that are not registered here."""
    value = {
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "shipping",
        "eventTime": "2026-10-20T08:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [f"https://id.gs1.org/01/09521234543213/21/{number}"],
        "readPoint": {"id": "https://id.gs1.org/414/9521321000010"},
    }
    return {**value, **changes}


CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def document(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An EPCIS document of these events."""
    value = {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-10-21T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }
    return {**value, **changes}
