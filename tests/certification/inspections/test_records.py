"""What records come to: the same, in whatever order and however often they are delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certification.inspections.model import (
    CheckAnswer,
    Checked,
    CheckRecord,
    Clash,
    Exif,
    PhotoClaim,
    Position,
    Result,
    body_digest,
    body_of,
    finish_reasons,
    fold_records,
    is_position,
    photo_differences,
    record_reasons,
)
from certification.schemes.model import CheckItem, Severity, Words

NOON = datetime(2026, 10, 1, 4, tzinfo=UTC)
A, B = "A" * 22, "B" * 22
SHOWN, LOST = "a" * 64, "b" * 64


def record(
    client: str, sequence: int, minute: int, photos: str = "", late: bool = False, **said: str
) -> CheckRecord:
    """A record by client, sequence and minute of the phone's clock; photos are of item `a`."""
    answers = tuple(CheckAnswer(item, result) for item, result in sorted(said.items()))
    claims = tuple(PhotoClaim(letter * 64, "a") for letter in photos)
    made_at = NOON + timedelta(minutes=minute)
    digest = body_digest(body_of(made_at, answers, claims))
    return CheckRecord(client, sequence, made_at, answers, claims, digest, NOON, "p", late)


P, F, N = Result.PASS, Result.FAIL, Result.NOT_APPLICABLE
TABLE = [
    ("one record", [record(A, 1, 0, a="pass")], {"a": P}, "", "", 0),
    ("a later one of the same phone counts", [
        record(A, 1, 0, a="fail"), record(A, 2, 1, a="pass"),
    ], {"a": P}, "", "", 0),
    ("by its sequence, whatever its clock says", [
        record(A, 1, 9, a="fail"), record(A, 2, 1, a="pass"),
    ], {"a": P}, "", "", 0),
    ("an item that the later one leaves out stays", [
        record(A, 1, 0, a="fail", b="pass"), record(A, 2, 1, a="pass"),
    ], {"a": P, "b": P}, "", "", 0),
    ("two phones: the later clock, and that they differ", [
        record(A, 7, 0, a="fail"), record(B, 1, 5, a="pass"),
    ], {"a": P}, "", "a", 0),
    ("two phones agree", [
        record(A, 1, 0, a="pass"), record(B, 1, 5, a="pass"),
    ], {"a": P}, "", "", 0),
    ("a clash that answers alike", [
        record(A, 1, 0, a="pass"), record(A, 1, 0, a="pass", b="fail"),
    ], {"a": P, "b": F}, "", "", 1),
    ("a clash that does not", [
        record(A, 1, 0, a="pass", b="pass"), record(A, 1, 0, a="fail", b="pass"),
    ], {"b": P}, "a", "", 1),
    ("and is answered once more", [
        record(A, 1, 0, a="pass"), record(A, 1, 0, a="fail"), record(A, 2, 0, a="not_applicable"),
    ], {"a": N}, "", "", 1),
    ("or by another phone, later", [
        record(A, 1, 0, a="pass"), record(A, 1, 0, a="fail"), record(B, 1, 5, a="fail"),
    ], {"a": F}, "", "a", 1),
    ("a late one counts nothing", [
        record(A, 1, 0, a="pass"), record(A, 2, 1, late=True, a="fail"),
    ], {"a": P}, "", "", 0),
]  # fmt: skip


@pytest.mark.parametrize("name, records, results, disputed, differing, clashes", TABLE)
def test_what_counts(name, records, results, disputed, differing, clashes) -> None:
    checked = fold_records(records, ())
    assert dict(checked.results) == results, name
    assert checked.disputed == frozenset(disputed), name
    assert checked.differing == frozenset(differing), name
    assert len(checked.clashes) == clashes, name


def test_both_bodies_of_a_clash_are_shown() -> None:
    first, second = record(A, 3, 0, a="pass"), record(A, 3, 1, a="pass")
    (clash,) = fold_records([first, second, first], ()).clashes
    assert clash == Clash(A, 3, tuple(sorted({first.digest, second.digest})))


def test_photos_that_have_not_arrived_are_named() -> None:
    checked = fold_records([record(A, 1, 0, "ab", a="pass")], {SHOWN})
    assert checked.photos == {"a": frozenset({SHOWN, LOST})}
    assert checked.missing_photos == {LOST}


results = st.sampled_from(["pass", "fail", "not_applicable"])
made = st.builds(
    lambda client, sequence, minute, said, photos: record(client, sequence, minute, photos, **said),
    st.sampled_from([A, B, "C" * 22]),
    st.integers(1, 4),
    st.integers(-3, 3),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), results, max_size=3),
    st.sampled_from(["", "a", "b", "ab"]),
)


@st.composite
def deliveries(draw):
    """Some records, and two ways to deliver them: any order, each at least once."""
    records = draw(st.lists(made, max_size=7))
    ways = []
    for _ in range(2):
        again = draw(st.lists(st.sampled_from(records), max_size=6)) if records else []
        ways.append(draw(st.permutations([*records, *again])))
    return ways


def delivered(way: list[CheckRecord]) -> Checked:
    """As the service does it: a body that is there already is not kept again."""
    kept: list[CheckRecord] = []
    for place, each in enumerate(way):
        key = (each.client_id, each.sequence, each.digest)
        if key not in {(k.client_id, k.sequence, k.digest) for k in kept}:
            kept.append(replace(each, received_at=NOON + timedelta(hours=place)))
    return fold_records(kept, {SHOWN})


@settings(max_examples=150)
@given(deliveries())
def test_every_order_and_repetition_comes_to_the_same(ways) -> None:
    one, other = map(delivered, ways)
    assert one == other
    bodies = {(each.client_id, each.sequence, each.digest) for each in ways[0]}
    clashing = sum(len(clash.digests) for clash in one.clashes)
    alone = len({key[:2] for key in bodies}) - len(one.clashes)
    assert clashing + alone == len(bodies), "a body was lost"
    answered = {answer.item for each in ways[0] for answer in each.answers}
    assert set(one.results) | one.disputed == answered
    assert not set(one.results) & one.disputed


# ---- what is refused ----------------------------------------------------------------------------

LIST = (
    CheckItem("a", Words("甲", "A"), "clause", Severity.MAJOR, photo=True),
    CheckItem("b", Words("乙", "B"), "clause", Severity.MINOR),
)
ANSWER, PHOTO = CheckAnswer("a", "pass"), PhotoClaim(SHOWN, "a")
REFUSED = [
    (A, 1, [ANSWER], [PHOTO], []),
    ("", 1, [ANSWER], [], ["record_key_malformed"]),
    ("A" * 21 + "!", 1, [ANSWER], [], ["record_key_malformed"]),
    (A, 0, [ANSWER], [], ["record_key_malformed"]),
    (A, 2**31, [ANSWER], [], ["record_key_malformed"]),
    (A, 1, [], [], ["record_empty"]),
    (A, 1, [CheckAnswer("z", "pass")], [], ["check_item_unknown"]),
    (A, 1, [ANSWER, CheckAnswer("a", "fail")], [], ["check_item_repeated"]),
    (A, 1, [CheckAnswer("a", "")], [], ["check_result_unknown"]),
    (A, 1, [CheckAnswer("a", "good")], [], ["check_result_unknown"]),
    (A, 1, [CheckAnswer("a", "fail", "无‮声")], [], ["text_unseen"]),
    (A, 1, [CheckAnswer("a", "fail", "长" * 501)], [], ["text_too_long"]),
    (A, 1, [], [PhotoClaim("A" * 64, "a")], ["photo_digest_malformed"]),
    (A, 1, [], [PhotoClaim(SHOWN, "z")], ["check_item_unknown"]),
    (A, 1, [], [PhotoClaim(SHOWN, "a", None, Position("91", "0"))], ["position_malformed"]),
    (A, 1, [], [PHOTO] * 41, ["photos_too_many"]),
]


@pytest.mark.parametrize("client, sequence, answers, photos, codes", REFUSED)
def test_what_a_record_must_not_be(client, sequence, answers, photos, codes) -> None:
    found = record_reasons(LIST, client, sequence, answers, photos)
    assert [each.code.code for each in found] == codes


FINISHED = [
    ([record(A, 1, 0, "a", a="pass", b="fail")], {SHOWN}, []),
    ([record(A, 1, 0, a="pass", b="pass")], {SHOWN}, ["check_photo_missing"]),
    ([record(A, 1, 0, "b", a="pass", b="pass")], {SHOWN}, ["check_photo_missing"]),
    ([record(A, 1, 0, a="not_applicable", b="pass")], set(), []),
    ([record(A, 1, 0, b="pass")], {SHOWN}, ["check_unanswered"]),
    ([], set(), ["check_unanswered", "check_unanswered"]),
    ([record(A, 1, 0, "a", a="pass", b="pass"), record(A, 1, 1, b="fail")], {SHOWN},
     ["check_disputed"]),
]  # fmt: skip


@pytest.mark.parametrize("records, kept, codes", FINISHED)
def test_what_is_not_finished(records, kept, codes) -> None:
    found = finish_reasons(LIST, fold_records(records, kept), kept)
    assert [each.code.code for each in found] == codes


# ---- clocks and places --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "days, named", [(0, False), (2, False), (-2, False), (2.01, True), (-3, True), (9000, True)]
)
def test_a_clock_that_is_off_is_named_and_not_refused(days, named) -> None:
    off = replace(record(A, 1, 0, a="pass"), received_at=NOON + timedelta(days=days)).clock_off
    assert (off is not None) is named
    assert off is None or off == abs(timedelta(days=days))


def claimed(at: datetime | None, place: tuple[str, str] | None) -> PhotoClaim:
    return PhotoClaim(SHOWN, "a", at, place and Position(*place))


HERE, NORTH, FAR_NORTH = ("38.9012", "117.4321"), ("38.9090", "117.4321"), ("38.9112", "117.4321")
PLACES = [
    (None, None, NOON, HERE, ()),
    ("2026-10-01T12:30:00", HERE, NOON, HERE, ()),
    ("2026-10-01T04:00:00+00:00", None, NOON, None, ()),
    ("2026-10-01T04:00:00", None, NOON, None, ("time",)),
    ("2026-99-01T04:00:00", None, NOON, None, ()),
    (None, NORTH, None, HERE, ()),
    (None, FAR_NORTH, None, HERE, ("place",)),
    (None, ("38.9012", "117.4420"), None, HERE, ()),
    (None, ("0", "179.9999"), None, ("0", "-179.9999"), ()),
    ("2026-09-01T12:00:00", ("0", "0"), NOON, HERE, ("time", "place")),
]


@pytest.mark.parametrize("taken, at_camera, at, at_phone, named", PLACES)
def test_camera_and_phone_are_compared(taken, at_camera, at, at_phone, named) -> None:
    exif = Exif(taken, at_camera and Position(*at_camera))
    assert photo_differences(exif, claimed(at, at_phone)) == named


@pytest.mark.parametrize(
    "latitude, longitude, right",
    [
        ("0", "0", True), ("-90", "180", True), ("90.0000001", "0", False), ("0", "180.1", False),
        ("", "0", False), ("1e1", "0", False), ("١", "0", False), ("38.90123456", "117", False),
    ],
)  # fmt: skip
def test_a_place_lies_on_the_globe(latitude, longitude, right) -> None:
    assert is_position(Position(latitude, longitude)) is right
