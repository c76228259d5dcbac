"""Addresses: written and read back, spelled in one way, refused with their code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from hypothesis import given
from hypothesis import strategies as some

from tests.trace.digital_link.links import links
from trace.digital_link import link
from trace.digital_link.identifiers import IDENTIFIERS
from trace.digital_link.link import Link
from trace.digital_link.refusals import LinkRefusal, LinkRefused

GTIN = "09521234543213"
RICE = f"/01/{GTIN}"


def code_of(path: str, query: str = "") -> str:
    with pytest.raises(LinkRefused) as refused:
        link.parse(path, query)
    return refused.value.first.code.code


def test_the_example_of_the_module():
    assert link.parse(f"{RICE}/10/LOT1/21/7", "17=271130&lang=en") == Link(
        "01",
        GTIN,
        (("10", "LOT1"), ("21", "7")),
        attributes=(("17", "271130"),),
        parameters=(("lang", "en"),),
    )


@given(links())
def test_what_is_written_is_read_back(made):
    assert link.parse(link.path(made), link.query(made)) == made
    assert link.parse(link.path(made) + "/", link.query(made)) == made


@given(links())
def test_the_canonical_form_is_a_fixed_point(made):
    spelled = link.canonical(made)
    path, _, query = spelled.removeprefix("https://id.gs1.org").partition("?")
    again = link.parse(path, query)
    assert link.canonical(again) == spelled
    assert again == replace(made, attributes=tuple(sorted(made.attributes)), parameters=())


@given(links(), some.randoms())
def test_any_other_spelling_has_the_same_canonical_form(made, random):
    """Letters may be escaped though they need not be, and attributes come in any order."""

    def spelled(letter: str) -> str:
        escapes = [f"%{ord(letter):02x}", f"%{ord(letter):02X}"]
        return str(random.choice([*escapes, letter] if letter.isalnum() else escapes))

    pairs = [(made.key, made.value), *made.qualifiers]
    path = "".join(f"/{ai}/{''.join(map(spelled, value))}" for ai, value in pairs)
    shuffled = replace(made, attributes=tuple(reversed(made.attributes)))
    assert link.canonical(link.parse(path, link.query(shuffled))) == link.canonical(made)


@given(links().filter(lambda made: made.key != "p"))
def test_biip_reads_the_same(made):
    """Another reader, which looks at fewer rules and knows the query in its own way."""
    bare = replace(made, attributes=(), parameters=())
    found = GS1DigitalLinkURI.parse(link.canonical(bare)).element_strings
    assert [(one.ai.ai, one.value) for one in found] == [
        (bare.key, bare.value),
        *bare.qualifiers,
    ]


@pytest.mark.parametrize(
    ("path", "key", "qualifiers"),
    [
        (RICE, "01", ()),
        (f"{RICE}/", "01", ()),
        (f"{RICE}/22/2A/10/L/21/S", "01", (("22", "2A"), ("10", "L"), ("21", "S"))),
        (f"{RICE}/22/2A/21/S", "01", (("22", "2A"), ("21", "S"))),
        (f"{RICE}/235/TPX", "01", (("235", "TPX"),)),
        (f"{RICE}/10/A%2FB%25", "01", (("10", "A/B%"),)),
        (f"{RICE}/10/A%2fB", "01", (("10", "A/B"),)),
        (f"{RICE}/10/A+B!", "01", (("10", "A+B!"),)),
        ("/00/095201234567891235", "00", ()),
        ("/414/9521321000018/254/12", "414", (("254", "12"),)),
        ("/417/9521321000018", "417", ()),
        ("/p/rice-1/10/L-1/21/S", "p", (("10", "L-1"), ("21", "S"))),
    ],
)
def test_read(path, key, qualifiers):
    found = link.parse(path)
    assert (found.key, found.qualifiers) == (key, qualifiers)


def test_names_of_the_parts():
    found = link.parse(f"{RICE}/22/2A/10/L/21/S")
    assert (found.gtin, found.product, found.variant, found.lot, found.serial) == (
        GTIN,
        None,
        "2A",
        "L",
        "S",
    )
    found = link.parse("/p/rice")
    assert (found.gtin, found.product, found.lot, found.serial) == (None, "rice", None, None)


@pytest.mark.parametrize(
    ("code", "path", "query"),
    [
        ("address_malformed", "", ""),
        ("address_malformed", "/", ""),
        ("address_malformed", "/01", ""),
        ("address_malformed", RICE[1:], ""),
        ("address_malformed", f"{RICE}/10", ""),
        ("address_malformed", f"{RICE}//", ""),
        ("address_malformed", f"/{RICE}", ""),
        ("address_malformed", f"{RICE}/10//21/S", ""),
        ("address_malformed", f"{RICE}/10/A B", ""),
        ("address_malformed", f"{RICE}/10/批", ""),
        ("address_malformed", f"{RICE}/10/A\n", ""),
        ("address_malformed", f"{RICE}/10/A\x00", ""),
        ("address_malformed", f"{RICE}/10/A<b>", ""),
        ("address_malformed", RICE, "a=b c"),
        ("address_malformed", RICE, "a=b#c"),
        ("percent_malformed", f"{RICE}/10/A%", ""),
        ("percent_malformed", f"{RICE}/10/A%2", ""),
        ("percent_malformed", f"{RICE}/10/A%GG", ""),
        ("percent_malformed", f"{RICE}/10/%FF", ""),
        ("percent_malformed", f"{RICE}/10/%ED%A0%80", ""),
        ("percent_malformed", f"{RICE}/10/%C0%AF", ""),
        ("percent_malformed", RICE, "a=%zz"),
        ("percent_malformed", RICE, "a=%ff"),
        ("key_unknown", f"/gtin/{GTIN}", ""),
        ("key_unknown", "/10/LOT", ""),
        ("key_unknown", "/99/X", ""),
        ("key_unknown", "/../etc", ""),
        ("key_unknown", f"/P/{GTIN}", ""),
        ("gtin_length", "/01/9521234543213", ""),
        ("gtin_length", "/01/95212346", ""),
        ("check_digit", "/01/09521234543214", ""),
        ("check_digit", "/414/9521321000019", ""),
        ("check_digit", RICE, "02=09521234543214"),
        ("value_malformed", "/01/0952123454321A", ""),
        ("value_malformed", "/01/952", ""),
        ("value_malformed", f"{RICE}/10/{'A' * 21}", ""),
        ("value_malformed", f"{RICE}/10/%20", ""),
        ("value_malformed", f"{RICE}/10/%00", ""),
        ("value_malformed", f"{RICE}/10/%E6%89%B9", ""),
        ("value_malformed", f"{RICE}/10/..", ""),
        ("value_malformed", f"{RICE}/10/%2E", ""),
        ("value_malformed", f"{RICE}/10/%2e%2e", ""),
        ("value_malformed", "/8004/..", ""),
        ("value_malformed", "/p/rice_1", ""),
        ("value_malformed", f"/p/{'r' * 21}", ""),
        ("value_malformed", "/p/%41%2F", ""),
        ("value_malformed", RICE, "17=271301"),
        ("value_malformed", RICE, "17="),
        ("qualifier_not_allowed", f"{RICE}/254/1", ""),
        ("qualifier_not_allowed", f"{RICE}/lot/1", ""),
        ("qualifier_not_allowed", f"{RICE}/17/271130", ""),
        ("qualifier_not_allowed", "/00/095201234567891235/10/L", ""),
        ("qualifier_not_allowed", "/p/rice/22/A", ""),
        ("qualifier_order", f"{RICE}/21/S/10/L", ""),
        ("qualifier_order", f"{RICE}/10/L/22/A", ""),
        ("qualifier_order", f"{RICE}/10/L/10/L", ""),
        ("qualifier_order", f"{RICE}/10/L/235/T", ""),
        ("qualifier_order", "/p/rice/21/S/10/L", ""),
        ("attribute_not_allowed", RICE, "21=S"),
        ("attribute_not_allowed", RICE, "7040=1ABC"),
        ("attribute_repeated", RICE, "17=271130&17=271130"),
        ("attribute_repeated", RICE, "17=271130&a=b&1%37=271130"),
    ],
)
def test_refused(code, path, query):
    assert code_of(path, query) == code


def test_every_refusal_is_met_and_speaks_both_languages():
    met = {
        parameters[0]
        for mark in test_refused.pytestmark
        if mark.name == "parametrize"
        for parameters in mark.args[1]
    }
    assert met | {"address_too_long"} == {refusal.code for refusal in LinkRefusal}


@pytest.mark.parametrize("excess", [0, 1, 10**6])
def test_over_long_addresses(excess):
    query = "a=" + "b" * (link.ADDRESS_MAX - len(RICE) - 2 + excess)
    if excess:
        with pytest.raises(LinkRefused) as refused:
            link.parse(RICE, query)
        assert refused.value.status == 414
        assert str(link.ADDRESS_MAX) in refused.value.first.text("zh")
    else:
        assert link.parse(RICE, query).gtin == GTIN


def test_the_longest_address_of_the_table_is_not_over_long():
    value = "%" * 20
    made = link.make("01", GTIN, [("22", value), ("10", value), ("21", value)])
    assert len(link.path(made)) < 400


@given(some.text(max_size=80), some.text(max_size=40))
def test_whatever_is_sent_is_read_or_refused(path, query):
    try:
        found = link.parse(path, query)
    except LinkRefused as refused:
        assert refused.first.text("zh") != refused.first.text("en")
    else:
        assert link.parse(link.path(found), link.query(found)) == found


@pytest.mark.parametrize(
    ("place", "digit"),
    [(place, digit) for place in range(14) for digit in "0123456789" if digit != GTIN[place]],
)
def test_one_wrong_digit_in_a_gtin_is_refused(place, digit):
    assert code_of(f"/01/{GTIN[:place]}{digit}{GTIN[place + 1 :]}") == "check_digit"


@pytest.mark.parametrize(
    "arguments",
    [
        ("01", GTIN, [("10", "..")]),
        ("01", GTIN, [("10", "")]),
        ("01", GTIN, [("99", "A")]),
        ("", "", []),
        ("01", GTIN, [], [("ab", "1")]),
        ("01", GTIN, [], [], [("17", "271130")]),
    ],
)
def test_nothing_else_can_be_made(arguments):
    with pytest.raises(LinkRefused):
        link.make(*arguments)


def test_addresses_stand_under_the_base():
    made = link.make("p", "rice", [("10", "L")], [("17", "271130")], [("lang", "中")])
    assert (
        link.address(made, "https://trace.example")
        == "https://trace.example/p/rice/10/L?17=271130&lang=%E4%B8%AD"
    )
    assert link.canonical(made) == "/p/rice/10/L?17=271130"


def test_the_table_has_the_attributes_of_food():
    wanted = ["17", "15", "13", "3103", "422", "7007", "7030", "7039", "7230", "7239", "10"]
    assert all(IDENTIFIERS[ai].is_attribute for ai in wanted)
