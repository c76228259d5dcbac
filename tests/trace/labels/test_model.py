"""The rules of a print run, as tables of cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trace.labels.model import (
    RUN_SIZE_MAX,
    Binding,
    CertificateLimit,
    Limit,
    MarkRight,
    PrintAllowance,
    PrintOrder,
    RunFacts,
    Span,
    VoidReason,
    bind_faults,
    bound_lots,
    decide_print,
    fit_for_print,
    freed_by_lot,
    mark_shown,
    void_faults,
)

FIVE_KG = 5_000_000
URL = "https://trace.example"


def certificate(limit: Limit) -> CertificateLimit:
    return CertificateLimit("cert:x", "JNJP-2026-1", limit)


def allowance(
    *, cert: Limit | None = None, lot: Limit | None = None, mark: MarkRight | None = None
):
    bound = None if cert is None else certificate(cert)
    return PrintAllowance(URL, demo=False, mark=mark, certificate=bound, lot=lot)


def said(allowed: PrintAllowance, order: PrintOrder, lang: str = "zh") -> list[str]:
    reasons = sorted(decide_print(allowed, order), key=lambda reason: reason.code.rank)
    return [reason.text(lang) for reason in reasons]


# unit, granted, printed, left, asked, net content -> what is said
OVER = [
    ("piece", 9_360, 0, 9_360, 9_360, None, None),
    (
        "piece",
        9_360,
        9_360,
        0,
        1,
        None,
        "一共核准 9,360 件，已印 9,360 件，本次 1 件，超出 1 件",
    ),
    # 46,800 kg certified are 9,360 bags of 5 kg: it counts in bags
    ("mg", 46_800_000_000, 0, 46_800_000_000, 9_360, FIVE_KG, None),
    (
        "mg",
        46_800_000_000,
        46_800_000_000,
        0,
        1,
        FIVE_KG,
        "一共核准 9,360 件，已印 9,360 件，本次 1 件，超出 1 件",
    ),
    # 46,801 kg are no whole number of bags: it counts in kilograms
    (
        "mg",
        46_801_000_000,
        46_800_000_000,
        1_000_000,
        1,
        FIVE_KG,
        "一共核准 46801 公斤，已印 46800 公斤，本次 5 公斤，超出 4 公斤",
    ),
    # 100 of 10,000 boxes were void and free again
    ("piece", 10_000, 10_000, 100, 100, None, None),
    (
        "piece",
        10_000,
        10_000,
        100,
        101,
        None,
        "一共核准 10,000 件，已印 10,000 件，本次 101 件，超出 1 件",
    ),
    ("mg", 46_800_000_000, 0, 46_800_000_000, 1, None, "此产品没有登记每件净含量，不能按件贴标"),
]


@pytest.mark.parametrize("unit, granted, printed, left, asked, net, sentence", OVER)
def test_a_certificate_bounds_labels(unit, granted, printed, left, asked, net, sentence):
    limit = Limit(unit, granted, printed, left)
    heard = said(allowance(cert=limit), PrintOrder(asked, net))
    assert heard == ([] if sentence is None else [sentence])


@pytest.mark.parametrize("unit, granted, printed, left, asked, net, sentence", OVER)
def test_a_lot_bounds_labels_in_the_same_way(unit, granted, printed, left, asked, net, sentence):
    heard = said(allowance(lot=Limit(unit, granted, printed, left)), PrintOrder(asked, net))
    expected = [] if sentence is None else [sentence.replace("一共核准", "本批次可贴")]
    assert heard == expected


@given(
    some.integers(0, 10**6), some.integers(0, 10**6), some.integers(1, 10**6), some.integers(1, 9)
)
def test_the_last_label_that_is_left_may_be_printed_and_not_one_more(granted, printed, net, more):
    left = max(0, granted - printed) * net
    limit = Limit("mg", granted * net, printed * net, left)
    whole = left // net
    if whole >= 1:
        assert decide_print(allowance(cert=limit), PrintOrder(whole, net)) == ()
    assert decide_print(allowance(cert=limit), PrintOrder(whole + more, net))


@pytest.mark.parametrize("count", [0, -1, RUN_SIZE_MAX + 1, 2**70])
def test_a_run_has_at_least_one_label_and_at_most_seven_digits_of_them(count):
    assert said(allowance(), PrintOrder(count, None), "en") == [
        "One run prints 1 to 9,999,999 labels"
    ]


READY, BARE = MarkRight("cert:x", "ab" * 32), MarkRight("cert:x")


@pytest.mark.parametrize(
    "asked, right, demo, codes",
    [
        (False, None, False, []),
        (False, BARE, False, []),
        (True, READY, False, []),
        (True, READY, True, []),
        (True, BARE, True, []),  # a demo has a sample of its own
        (True, BARE, False, ["artwork_missing"]),
        (True, None, False, ["mark_not_allowed"]),
        (True, None, True, ["mark_not_allowed"]),
    ],
)
def test_the_mark_is_printed_only_while_it_may_be_used_and_has_an_artwork(
    asked, right, demo, codes
):
    allowed = PrintAllowance(URL, demo=demo, mark=right)
    reasons = decide_print(allowed, PrintOrder(1, None, with_mark=asked))
    assert [reason.code.code for reason in reasons] == codes


@pytest.mark.parametrize(
    "artwork, allowed, demo, shown",
    [
        ("ab" * 32, True, False, "artwork"),
        ("ab" * 32, True, True, "sample"),
        (None, True, True, "sample"),
        (None, True, False, ""),
        ("ab" * 32, False, False, ""),
        ("ab" * 32, False, True, ""),
        (None, False, True, ""),
    ],
)
def test_what_a_label_shows_for_its_mark(artwork, allowed, demo, shown):
    assert mark_shown(artwork, allowed=allowed, demo=demo) == shown


def test_every_reason_is_given():
    limit = Limit("piece", 10, 10, 0)
    closed = PrintAllowance(None, False, None, certificate(limit), limit)
    reasons = decide_print(closed, PrintOrder(2, None, with_mark=True))
    assert {reason.code.code for reason in reasons} == {
        "base_url_not_public",
        "mark_not_allowed",
        "over_certified",
        "over_lot",
    }


ADDRESSES = [
    # address, in the demo, for real
    ("https://trace.example", True, True),
    ("https://trace.example/", True, True),
    ("https://trace.example:8443", True, True),
    ("https://xn--jvr189m.example", True, True),
    ("https://a.b.c.example.", True, True),
    ("http://trace.example", True, False),
    ("http://127.0.0.1:8000", True, False),
    ("https://127.0.0.1", True, False),
    ("https://10.0.0.7:8443", True, False),
    ("https://[::1]", True, False),
    ("https://[2001:db8::1]", True, False),
    ("https://2130706433", True, False),
    ("https://0x7f.1", True, False),
    ("https://127.1", True, False),
    ("https://localhost", True, False),
    ("https://LOCALHOST", True, False),
    ("https://localhost.", True, False),
    ("https://demo.localhost:8000", True, False),
    ("https://printer.local", True, False),
    ("https://node.internal", True, False),
    ("https://trace", True, False),
    ("https://trace..example", True, False),
    (None, False, False),
    ("", False, False),
    ("trace.example", False, False),
    ("//trace.example", False, False),
    ("ftp://trace.example", False, False),
    ("javascript:alert(1)", False, False),
    ("https://", False, False),
    ("https://user@trace.example", False, False),
    ("https://user:secret@trace.example", False, False),
    ("https://trace.example?x=1", False, False),
    ("https://trace.example/#x", False, False),
    ("https://trace.example\\@evil.example", False, False),
    (" https://trace.example", False, False),
    ("https://trace.example\n", False, False),
    ("https://trace.example:99999", False, False),
    ("https://trace.example:0", False, False),
    ("https://[::1", False, False),
    ("https://trace.example/sub", False, False),
    ("https://追溯.example", False, False),
    ("https://trace example", False, False),
    ("https://trace.example<b>", False, False),
]


@pytest.mark.parametrize("address, in_demo, for_real", ADDRESSES)
def test_which_addresses_may_be_printed(address, in_demo, for_real):
    assert fit_for_print(address, demo=True) is in_demo
    assert fit_for_print(address, demo=False) is for_real


@given(some.text(max_size=40))
def test_no_address_is_a_fault(text):
    fit_for_print(text, demo=False)
    fit_for_print("https://" + text, demo=False)


RUN = RunFacts(
    "prod:x",
    100,
    bindings=(Binding(Span(1, 40), "lot:a"), Binding(Span(41, 60), "lot:b")),
    voids=(Span(10, 12), Span(55, 55)),
)


@pytest.mark.parametrize(
    "position, lot, void",
    [
        (1, "lot:a", False),
        (10, "lot:a", True),
        (12, "lot:a", True),
        (13, "lot:a", False),
        (40, "lot:a", False),
        (41, "lot:b", False),
        (55, "lot:b", True),
        (60, "lot:b", False),
        (61, None, False),
        (100, None, False),
    ],
)
def test_what_became_of_a_label(position, lot, void):
    assert (RUN.lot_at(position), RUN.is_void(position)) == (lot, void)


@pytest.mark.parametrize(
    "first, last, product, codes",
    [
        (61, 100, "prod:x", []),
        (61, 61, "prod:x", []),
        (60, 61, "prod:x", ["label_already_bound"]),
        (1, 100, "prod:x", ["label_already_bound", "label_already_void"]),
        (61, 100, "prod:y", ["label_other_product"]),
        (0, 1, "prod:x", ["label_range_malformed"]),
        (100, 101, "prod:x", ["label_range_malformed"]),
        (70, 69, "prod:x", ["label_range_malformed"]),
        (-5, -1, "prod:x", ["label_range_malformed"]),
    ],
)
def test_binding(first, last, product, codes):
    reasons = list(bind_faults(RUN, Span(first, last), product))
    assert sorted(reason.code.code for reason in reasons) == codes
    assert all(reason.text(lang) for reason in reasons for lang in ("zh", "en"))


@pytest.mark.parametrize(
    "first, last, reason, codes",
    [
        (1, 9, "misprinted", []),
        (61, 100, "lost", []),
        (1, 10, "misprinted", ["label_already_void"]),
        (12, 12, "withdrawn", ["label_already_void"]),
        (1, 101, "damaged", ["label_range_malformed"]),
        (1, 9, "stolen", ["void_reason_unknown"]),
        (1, 101, "", ["label_range_malformed", "void_reason_unknown"]),
    ],
)
def test_voiding(first, last, reason, codes):
    reasons = list(void_faults(RUN, Span(first, last), reason))
    assert sorted(each.code.code for each in reasons) == codes
    assert all(each.text(lang) for each in reasons for lang in ("zh", "en"))


@pytest.mark.parametrize(
    "first, last, reason, freed",
    [
        (1, 9, VoidReason.MISPRINTED, {"lot:a": 9}),
        (36, 45, VoidReason.DAMAGED, {"lot:a": 5, "lot:b": 5}),
        (61, 100, VoidReason.MISPRINTED, {}),
        # a lost label may stand on goods anywhere; goods that came back stand behind none
        (1, 9, VoidReason.LOST, {}),
        (1, 9, VoidReason.WITHDRAWN, {}),
    ],
)
def test_what_void_labels_free(first, last, reason, freed):
    assert freed_by_lot(RUN, Span(first, last), reason) == freed


def test_lots_of_labels():
    assert bound_lots(RUN.bindings, Span(40, 41)) == ["lot:a", "lot:b"]
    assert bound_lots(RUN.bindings, Span(61, 100)) == []
