"""How texts and questions are cut, and that a question finds every text that holds it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certification.certificates.model import State
from certification.search.model import (
    Question,
    Sought,
    folded,
    main_region,
    parse,
    region_tokens,
    tokens_of,
)
from certification.search.service import fts5_query, index_words, sought_text, tsquery
from certification.search.targets import choices_counted, targets
from runtime.refusal import Refusal

TOKENS = [
    ("小站稻", ["小站", "站稻", "稻"]),
    ("稻", ["稻"]),
    ("Demo Co-op 1", ["demo", "co", "op", "1"]),
    ("ＲＩＣＥ５ｋｇ", ["rice5kg"]),
    ("香梨RICE米", ["香梨", "梨", "rice", "米"]),
    ("𠮷野家", ["𠮷野", "野家", "家"]),
    ("café", ["café"]),
    ("——…「」", []),
    ("", []),
    ("a_b", ["a", "b"]),
]


@pytest.mark.parametrize(("text", "tokens"), TOKENS)
def test_texts_are_cut_into_bigrams_and_words(text, tokens):
    assert list(tokens_of(text)) == tokens


QUESTIONS = [
    ("小站稻", [Sought("小站"), Sought("站稻")]),
    ("稻", [Sought("稻", True)]),
    ("rice", [Sought("rice", True)]),
    ("r", [Sought("r")]),
    ("co-op", [Sought("co"), Sought("op", True)]),
    ("小站 rice", [Sought("小站"), Sought("rice", True)]),
]


@pytest.mark.parametrize(("words", "sought"), QUESTIONS)
def test_a_question_asks_for_tokens_that_an_entry_has(words, sought):
    assert list(parse(Question(words)).tokens) == sought


def test_marked_tokens_ask_for_scheme_place_and_rare_states():
    asked = parse(Question("稻", scheme="jnjp", place="120000", state="revoked"))
    assert [each.token for each in asked.tokens] == ["稻", "§r12", "§sjnjp", "§drevoked"]
    assert parse(Question(state="active")).tokens == ()
    assert list(region_tokens("120112102205")) == [
        "§r12", "§r1201", "§r120112", "§r120112102", "§r120112102205",
    ]  # fmt: skip
    assert list(region_tokens("")) == []


PLACES = [("370500", "3705"), ("120000", "12"), ("120112", "120112"), ("1201", "1201"),
          ("120112102", "120112102"), ("1200", "12")]  # fmt: skip


@pytest.mark.parametrize(("place", "stem"), PLACES)
def test_zeros_at_the_end_of_a_region_stand_for_all_of_it(place, stem):
    assert parse(Question(place=place)).tokens == (Sought(f"§r{stem}"),)


REFUSED = [
    ({"words": "——"}, "/q"),
    ({"words": "x" * 61}, "/q"),
    ({"words": "a b c d e f g"}, "/q"),
    ({"number": "a_b"}, "/number"),
    ({"number": "号"}, "/number"),
    ({"scheme": "J"}, "/scheme"),
    ({"place": "01"}, "/place"),
    ({"place": "1201123"}, "/place"),
    ({"state": "unknown"}, "/state"),
    ({"state": "x"}, "/state"),
    ({"after": "p"}, "/after"),
    ({"after": "nA~b"}, "/after"),
    ({"number": "A", "after": "p3"}, "/after"),
    ({"words": "稻", "after": "p1' OR 1=1"}, "/after"),
]


@pytest.mark.parametrize(("question", "pointer"), REFUSED)
def test_malformed_questions_name_their_part(question, pointer):
    with pytest.raises(Refusal) as caught:
        parse(Question(**question))
    assert caught.value.first.code.code == "search_malformed"
    assert caught.value.first.pointer == pointer


def test_the_cursor_belongs_to_the_order():
    assert parse(Question("稻", after="p17")).before == 17
    assert parse(Question(number="J", after="nJNJP-1~jnjp")).behind == ("JNJP-1", "jnjp")
    assert parse(Question(number="J", place="12")).by_number is False


LETTERS = st.text(
    st.sampled_from("小站稻合作社香梨RICErice12 -—「」ＡＢ王𠮷é_'\"*&|!:()\\%§"), max_size=30
)


@settings(max_examples=300)
@given(LETTERS, st.data())
def test_every_part_of_a_text_that_may_be_asked_for_finds_it(text, data):
    """Words, or the beginning of the last word, as they stand in the text."""
    runs = folded(text).split(" ")
    piece = data.draw(st.sampled_from(runs))
    if not list(tokens_of(piece)):
        return
    asked = parse(Question(piece)) if len(piece) <= 60 else None
    if asked is None:
        return
    words = index_words([text], ["120112"], "jnjp", State.ACTIVE).split(" ")
    for each in asked.tokens:
        held = any(w.startswith(each.token) for w in words) if each.begins else each.token in words
        assert held, each
    assert all(part in sought_text([text]) for part in asked.pieces)


@settings(max_examples=300)
@given(LETTERS)
def test_no_text_leaves_the_quotes_of_a_query(text):
    """What the databases' languages mean something by never comes out of a text."""
    tokens = [Sought(each) for each in tokens_of(text)]
    for token in tokens:
        assert not set("'\"\\*&|!:() §").intersection(token.token)
    assert fts5_query(tokens).count('"') == 2 * len(tokens)
    assert tsquery(tokens).count("'") == 2 * len(tokens)


def test_the_shipped_targets_are_read_with_their_source():
    found = {each.key: each for each in targets()}
    assert {key: each.count for key, each in found.items()} == {
        "regional_brands": 10, "certificates": 220, "jnjp_brands": 200,
    }  # fmt: skip
    assert all(each.source and not each.verified for each in found.values())
    assert choices_counted() == {"brand_class"}
    assert main_region(None, ["12"]) == "12"
    assert main_region("37", ["12"]) == "37"
    assert main_region(None, []) == ""
