"""The description is valid, says what is true, and no request drawn from it breaks the service."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from public_api.api.fields import Shape
from tests.fixtures.pictures import png
from tests.public_api.market import Market, make_site

# What only reads says the same on both kinds of database.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DOCUMENTS = {"application/pdf", "image/png", "image/jpeg"}
FILES = {
    "/api/v1/artworks/{scheme}": {"image/png"},
    "/api/v1/evidence": DOCUMENTS,
    "/api/v1/inspections/{inspection}/photos": {"image/png", "image/jpeg"},
    "/api/v1/certificates/papers/check": {"application/pdf"},
}
METHODS = ("get", "post", "put", "patch", "delete")


def described(market: Market) -> dict[str, Any]:
    spec: dict[str, Any] = market.ask("GET", "/openapi.json", by=None).json
    return spec


@pytest.fixture
def spec(market):
    return described(market)


def operations(spec: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


@on_sqlite
def test_it_is_openapi_3_1(spec):
    OpenAPIV31SpecValidator(spec).validate()
    assert spec["openapi"].startswith("3.1")


@on_sqlite
def test_it_names_every_operation_that_there_is(market, spec):
    told = {(method.upper(), path) for path, method, _ in operations(spec)}
    rules = {
        (method, rule.rule.replace("<code:", "{").replace(">", "}"))
        for rule in market.site.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert told == rules
    assert len(told) > 35


@on_sqlite
def test_operations_have_names_of_their_own_and_say_their_scope(spec):
    names = [operation["operationId"] for _, _, operation in operations(spec)]
    assert len(names) == len(set(names))
    for path, _, operation in operations(spec):
        assert operation["summary"], path
        assert {"token", "session"} == {k for each in operation["security"] for k in each}


@on_sqlite
def test_problems_are_described_as_they_are_sent(spec):
    problem = spec["components"]["responses"]["Problem"]["content"]
    assert set(problem) == {"application/problem+json"}
    for path, _, operation in operations(spec):
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert answer == {"$ref": "#/components/responses/Problem"}, path


@on_sqlite
def test_bodies_take_nothing_that_they_do_not_name(spec):
    bodies = [name for name in spec["components"]["schemas"] if name.endswith("Body")]
    bodies += [name for name in spec["components"]["schemas"] if name in ("Party", "Product")]
    for path, _method, operation in operations(spec):
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            if path in FILES:
                assert set(content) == FILES[path]
                continue
            assert set(content) == {"application/json"}, path
            name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert spec["components"]["schemas"][name]["additionalProperties"] is False
    assert Shape.Meta.unknown == "raise"


@on_sqlite
def test_fields_say_the_types_that_they_take(spec):
    schemas = spec["components"]["schemas"]
    run = next(s for s in schemas.values() if "with_mark" in s.get("properties", {}) and
               "additionalProperties" in s)  # fmt: skip
    assert run["properties"]["count"]["type"] == "integer"
    assert run["properties"]["with_mark"]["type"] == "boolean"
    assert run["properties"]["product"]["pattern"].startswith("^")
    step = next(s for s in schemas.values() if "details" in s.get("properties", {}))
    assert step["properties"]["details"]["additionalProperties"] == {"type": "string"}
    assert step["properties"]["lots"]["items"]
    assert step["properties"]["at"]["format"] == "date-time"


# ---- requests drawn from it ---------------------------------------------------------------------

TEXT = st.text(max_size=30)
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.lists(TEXT, max_size=3),
    st.dictionaries(TEXT, TEXT, max_size=2), st.just(2**80), st.just("x" * 5000),
    st.just("\x00"), st.just("\u202e"), st.just("9999-12-31T23:59:59Z"), st.just("2199-12-31"),
)  # fmt: skip


class Drawing:
    """Draws values from schemas of the description; now and then odd ones."""

    def __init__(self, market: Market, spec: dict[str, Any]) -> None:
        self.schemas = spec["components"]["schemas"]
        self.known = st.sampled_from(
            [market.coop, market.rival, market.villager, market.base, market.lot, market.cert_id,
             "L1", "RICE-5KG", "JNJP", "jnjp", "run:none", "org:none"]
        )  # fmt: skip

    def value(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        return st.one_of(self.right(schema), self.right(schema), self.right(schema), ODD)

    def right(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "$ref" in schema:
            return self.right(self.schemas[schema["$ref"].rpartition("/")[2]])
        kinds = schema.get("type", "object")
        kind = next(each for each in kinds if each != "null") if isinstance(kinds, list) else kinds
        if "enum" in schema:
            return st.sampled_from([each for each in schema["enum"] if each is not None])
        if kind == "string":
            return self.text(schema)
        if kind == "integer":
            return st.integers(-(2**63), 2**63) | st.integers(0, 20)
        if kind == "boolean":
            return st.booleans()
        if kind == "array":
            least, most = schema.get("minItems", 0), min(schema.get("maxItems", 3), 3)
            return st.lists(self.value(schema.get("items", {})), min_size=least, max_size=most)
        return self.object(schema)

    def object(self, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
        properties = {name: self.value(each) for name, each in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        if not properties:
            return st.dictionaries(st.sampled_from(["facility", "chain", "type", "x"]), TEXT)
        return st.fixed_dictionaries(
            {name: each for name, each in properties.items() if name in required},
            optional={name: each for name, each in properties.items() if name not in required},
        )

    def text(self, schema: dict[str, Any]) -> st.SearchStrategy[str]:
        if schema.get("format") == "date-time":
            return st.sampled_from(["2026-10-20T12:00:00+08:00", "1900-01-01T00:00:00+14:00",
                                    "2199-12-31T23:59:59Z", "2026-10-31T12:00:00Z"])  # fmt: skip
        if "19|20|21" in schema.get("pattern", ""):
            return st.sampled_from(["2026-10-20", "1900-01-01", "2199-12-31", "2024-02-29"])
        plain = st.sampled_from(["1", "10", "0", "公斤", "件", "亩", "370505", "演示", "x.y", "梨"])
        return st.one_of(self.known, plain, TEXT)


def body_of(drawing: Drawing, content: dict[str, Any]) -> st.SearchStrategy[tuple[bytes, str]]:
    """Draw a body of a type that an operation takes: JSON, or a file of one of several types."""
    if "application/json" in content:
        drawn = drawing.value(content["application/json"]["schema"])
        written = drawn.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
    else:
        written = st.binary(max_size=60) | st.just(png(20, 20))
    return st.tuples(written, st.sampled_from(sorted(content)))


def test_no_request_breaks_the_service(market):
    market.site.config["PROPAGATE_EXCEPTIONS"] = False
    spec = described(market)
    drawing = Drawing(market, spec)
    # What is drawn from stays the same; to make it anew for each example would take longest.
    asked = [
        (path, method, body_of(drawing, operation["requestBody"]["content"])
         if "requestBody" in operation else st.just((None, None)))
        for path, method, operation in operations(spec)
    ]  # fmt: skip
    askers = st.sampled_from(["coop", "coop", "office", "office", "rival", "blind"])

    @settings(
        max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
    )
    @given(data=st.data())
    def ask_everything(data):
        for path, method, bodies in asked:
            address = path
            while "{" in address:
                name = address.partition("{")[2].partition("}")[0]
                address = address.replace("{" + name + "}", data.draw(drawing.known))
            body, kind = data.draw(bodies)
            headers = {} if kind is None else {"Content-Type": kind}
            answer = market.ask(method.upper(), address, body, data.draw(askers), headers=headers)
            assert answer.status_code < 500 or answer.json["code"] == "busy", (
                method, address, body, answer.data,
            )  # fmt: skip
            if answer.status_code >= 400:
                assert answer.mimetype == "application/problem+json"
                assert answer.json["status"] == answer.status_code

    ask_everything()


@on_sqlite
def test_wrong_methods_are_405_with_those_that_are_right(market, spec):
    for path, item in spec["paths"].items():
        address = path.replace("{", "x").replace("}", "")
        for method in METHODS:
            if method not in item:
                answer = market.ask(method.upper(), address)
                assert answer.status_code == 405, (method, path)
                assert set(answer.headers["Allow"].split(", ")) >= {
                    each.upper() for each in item if each in METHODS
                }


@on_sqlite
def test_the_site_can_be_put_together_twice(market):
    assert make_site(market.node).url_map is not market.site.url_map
