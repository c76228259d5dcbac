"""The artwork of a mark over `/api/v1/artworks`."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from tests.certification.two_officers import decided
from tests.fixtures.pictures import BLUE, png
from tests.public_api.market import OCT_18, Market, make_site

MARK = png(120, 80)
PNG = {"Content-Type": "image/png"}


def send(market: Market, content: bytes, by: str | None = "office", scheme="jnjp", **headers):
    path = f"/artworks/{scheme}"
    return market.post(path, content, by, headers={**PNG, **headers})


def test_an_office_registers_a_picture_and_everybody_with_a_token_reads_what_it_is(market):
    made = send(market, MARK)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/artworks/jnjp")
    assert made.json == {
        "id": made.json["id"],
        "scheme": "jnjp",
        "sha256": hashlib.sha256(MARK).hexdigest(),
        "size_bytes": len(MARK),
        "width": 120,
        "height": 80,
        "office": market.office,
        "registered_at": made.json["registered_at"],
        "payload_id": made.json["payload_id"],
    }
    for by in ("coop", "rival", "asker"):
        assert market.get("/artworks/jnjp", by).json == made.json
    assert market.node.files.get(made.json["sha256"]) == MARK


def test_one_key_registers_once(market):
    one, two = (send(market, MARK, **{"Idempotency-Key": "a"}) for _ in range(2))
    assert one.json == two.json
    other = send(market, png(64, 64, BLUE), **{"Idempotency-Key": "a"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_conflict")


REFUSED = [
    (b"", {}, 422, "artwork_malformed"),
    (MARK[:-1], {}, 422, "artwork_malformed"),
    (png(15, 64), {}, 422, "artwork_sides"),
    (bytes((1 << 19) + 1), {}, 422, "artwork_too_large"),
    (bytes((1 << 20) + 1), {}, 413, None),
    (MARK, {"scheme": "none"}, 422, "scheme_unknown"),
    (MARK, {"by": "coop"}, 403, "not_allowed"),
    (MARK, {"by": "asker"}, 403, "scope_missing"),
    (MARK, {"by": None}, 401, "not_signed_in"),
    (MARK, {"Content-Type": "application/json"}, 415, "content_type_unsupported"),
    (MARK, {"Content-Type": "image/jpeg"}, 415, "content_type_unsupported"),
    (MARK, {"Content-Encoding": "gzip"}, 415, "content_encoding_unsupported"),
]


@pytest.mark.parametrize("content, changes, status, code", REFUSED)
def test_what_is_refused(market, content, changes, status, code):
    answer = send(market, content, **changes)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert code in (None, answer.json["code"])
    nothing = market.get("/artworks/jnjp")
    assert (nothing.status_code, nothing.json["code"]) == (404, "artwork_unknown")


def test_a_mark_is_printed_outside_of_a_demo_only_with_its_artwork(market):
    node = replace(market.node, settings=replace(market.node.settings, demo=False))
    earnest = replace(market, node=node, site=make_site(node))
    order = {"product": "RICE-5KG", "count": 2, "lot": "L1", "with_mark": True}
    early = earnest.post("/labels/runs", order)
    assert (early.status_code, early.json["code"]) == (409, "artwork_missing")
    assert earnest.get("/labels/runs").json["runs"] == []
    assert send(earnest, MARK).status_code == 201
    run = earnest.post("/labels/runs", order).json["id"]
    file = f"/labels/runs/{run}/file?format=svg"
    assert b"<image" in earnest.get(file).data
    decided(earnest.run, "suspend", market.cert_id, OCT_18)
    assert b"<image" not in earnest.get(file).data
