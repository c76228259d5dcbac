"""What partners write in events: EPC URNs and Digital Links of every host."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from tests.trace.digital_link.links import links
from trace.digital_link import link
from trace.digital_link.epc_uri import canonical_uri, constrained_uri, read_identifier

GS1 = "https://id.gs1.org"


@pytest.mark.parametrize(
    ("urn", "address"),
    [
        ("id:sgtin:4012345.012345.12", "/01/04012345123456/21/12"),
        ("id:sgtin:4012345.012345.1.2", "/01/04012345123456/21/1.2"),
        ("id:sgtin:4012345.012345.A%2FB", "/01/04012345123456/21/A%2FB"),
        ("id:sgtin:4012345.012345.a+b", "/01/04012345123456/21/a%2Bb"),
        ("id:sscc:4012345.0000000333", "/00/040123450000003338"),
        ("id:sgln:4012345.00011.987", "/414/4012345000115/254/987"),
        ("id:sgln:4012345.00011.0", "/414/4012345000115"),
        ("id:sgln:012345678901..0", "/414/0123456789012"),
        ("id:grai:4012345.66666.87", "/8003/0401234566666387"),
        ("id:grai:012345678901..87", "/8003/0012345678901287"),
        ("id:giai:4012345.AAbb", "/8004/4012345AAbb"),
        ("id:gsrn:4012345.9876540000", "/8018/401234598765400000"),
        ("id:gsrnp:4012345.0000098765", "/8017/401234500000987658"),
        ("id:gdti:4012345.55555.98", "/253/401234555555498"),
        ("id:cpi:4012345.ABC.123", "/8010/4012345ABC/8011/123"),
        ("id:cpi:4012345.A%2F%23-1.123", "/8010/4012345A%2F%23-1/8011/123"),
        ("id:sgcn:4012345.99999.44", "/255/401234599999044"),
        ("id:ginc:4012345.333", "/401/4012345333"),
        ("id:gsin:4012345.999987654", "/402/40123459999876541"),
        ("id:itip:4012345.012345.01.02.999", "/8006/040123451234560102/21/999"),
        ("id:upui:4012345.012345.AB12", "/01/04012345123456/235/AB12"),
        ("id:pgln:4012345.00225", "/417/4012345002256"),
        ("class:lgtin:4012345.012345.998877", "/01/04012345123456/10/998877"),
        ("idpat:sgtin:4012345.012345.*", "/01/04012345123456"),
        ("idpat:grai:4012345.66666.*", "/8003/04012345666663"),
        ("idpat:gdti:4012345.55555.*", "/253/4012345555554"),
        ("idpat:sgcn:4012345.99999.*", "/255/4012345999990"),
        ("idpat:cpi:4012345.ABC.*", "/8010/4012345ABC"),
        ("idpat:itip:4012345.012345.01.02.*", "/8006/040123451234560102"),
        ("idpat:upui:4012345.012345.*", "/01/04012345123456"),
    ],
)
def test_every_scheme(urn, address):
    assert canonical_uri(f"urn:epc:{urn}") == GS1 + address
    assert constrained_uri(f"urn:epc:{urn}") == GS1 + address


@pytest.mark.parametrize(
    "urn",
    [
        "",
        "id:sgtin",
        "id:sgtin:4012345.012345",
        "id:sgtin:4012345.01234.12",
        "id:sgtin:4012345.0123456.12",
        "id:sgtin:40123.01234567.12",
        "id:sgtin:4012345678901.2.12",
        "id:sgtin:4012345.012345.",
        "id:sgtin:4012345.012345." + "1" * 21,
        "id:sgtin:4012345.012345.a b",
        "id:sgtin:4012345.012345.%00",
        "id:sgtin:4012345.012345.%C3%A9",
        "id:sgtin:4012345.01234x.12",
        "id:sgtin:4012345.０12345.12",
        "id:sscc:4012345.0000000333.1",
        "id:cpi:4012345.abc.123",
        "id:cpi:4012345.ABC",
        "id:itip:4012345.012345.01.999",
        "id:unknown:1.2.3",
        "pat:sgtin:4012345.012345.*",
        "idpat:sgtin:4012345.012345.12",
        "idpat:sgtin:4012345.*.*",
        "idpat:sscc:4012345.*",
        "class:lgtin:4012345.012345",
    ],
)
def test_what_is_no_key(urn):
    assert canonical_uri(f"urn:epc:{urn}") is None
    assert constrained_uri(f"urn:epc:{urn}") is None


@pytest.mark.parametrize(
    ("address", "canonical", "constrained"),
    [
        ("https://id.gs1.org/01/04012345999990/21/X", "/01/04012345999990/21/X", None),
        ("http://id.gs1.de/01/04012345999990/21/X", "/01/04012345999990/21/X", None),
        ("https://a.b:8080/x/y/01/04012345999990", "/01/04012345999990", None),
        ("https://a.b/01/4012345999990", "/01/04012345999990", None),
        ("https://a.b/01/040123459999/", "/01/00040123459999", None),
        ("https://a.b/gtin/04012345999990/ser/X", "/01/04012345999990/21/X", None),
        (
            "https://a.b/01/04012345999990/22/V/10/L/21/S?17=271130&x=1#f",
            "/01/04012345999990/22/V/10/L/21/S?17=271130",
            "/01/04012345999990/21/S",
        ),
        (
            "https://a.b/01/04012345999990/22/V/10/L",
            "/01/04012345999990/22/V/10/L",
            "/01/04012345999990/10/L",
        ),
        ("https://a.b/01/04012345999991", "/01/04012345999991", None),  # a wrong check digit
        ("https://a.b/01/04012345999990/10/A%2fB", "/01/04012345999990/10/A%2FB", None),
        (
            "https://a.b/417/4012345002256/7040/1ABC",
            "/417/4012345002256/7040/1ABC",
            "/417/4012345002256",
        ),
        ("https://a.b/01/04012345999990?17=xx", "/01/04012345999990", None),
    ],
)
def test_addresses(address, canonical, constrained):
    assert canonical_uri(address) == GS1 + canonical
    assert constrained_uri(address) == GS1 + (constrained or canonical)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Order of Standards",
        "urn:epcglobal:cbv:bt:5200001000008:4711",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "http://transaction.acme.com/po/12345678",
        "https://accreditation-council.example.org/certificate/ABC12345",
        "https://a.b/01/040123459999901",
        "https://a.b/01/04012345999990/21/S/10/L",
        "https://a.b/8004/abcd",
        "https://a.b/01/04012345999990/21",
        "https://a.b",
        "https://a.b/",
        "https:///01/04012345999990",
        "ftp://a.b/01/04012345999990",
        "https://trace.example/p/rice/10/L",
        "https://a.b/01/04012345999990/10/" + "A" * 3000,
    ],
)
def test_other_identifiers_are_left_alone(text):
    assert canonical_uri(text) is None
    assert constrained_uri(text) is None


@given(links().filter(lambda made: made.key != "p"))
def test_what_our_own_links_say_is_read_back(made):
    found = read_identifier(link.address(made, "https://trace.example/some/where"))
    assert found is not None
    assert link.canonical(found) == link.canonical(made)
    assert canonical_uri(link.canonical(made)) == link.canonical(made)


@given(some.text(max_size=60))
@example("urn:epc:id:sgtin:")
@example("http://[")
@example("https://a/01/%")
def test_whatever_is_written_is_read_or_left(text):
    for prefix in ("", "urn:epc:", "urn:epc:id:sgtin:", "https://a.b/01/", "https://"):
        found = constrained_uri(prefix + text)
        assert found is None or found.startswith(f"{GS1}/")


SGTIN = re.compile(r"[0-9]{7}\.[0-9]{6}\.[A-Za-z0-9!\"%&'()*+,\-./:;<=>?_]{1,20}")


@given(some.from_regex(SGTIN, fullmatch=True))
def test_the_reference_reads_urns_the_same(reference_normaliser, body):
    prefix, reference, serial = body.split(".", 2)
    # What may stand in a URN as it is; the rest is escaped (Tag Data Standard, A.5).
    escaped = re.sub(r"[\"%&/<>?]", lambda match: quote(match[0], safe=""), serial)
    urn = f"urn:epc:id:sgtin:{prefix}.{reference}.{escaped}"
    assert constrained_uri(urn) == reference_normaliser(urn)


def test_the_reference_reads_all_identifiers_of_the_vectors_the_same(vectors, reference_normaliser):
    found: set[str] = set()
    for folder in ("epcis/valid", "epcis/invalid", "epcis-hash"):
        for file in sorted((vectors / folder).iterdir()):
            found |= set(re.findall(r'"((?:urn:|https?:)[^"]*)"', file.read_text("utf-8")))
    assert len(found) > 200
    differing = {uri for uri in found if constrained_uri(uri) != reference_normaliser(uri)}
    assert differing == set()
