"""The rules of inspections: visits, what was found, and what has to be put right.

Nouns. An *inspection* 检查 is one visit about a case or a certificate. Its *checklist* is that of
the scheme's version; each *item* is answered pass, fail or not applicable. A *record* 检查记录 is
what an inspector's phone wrote down, perhaps without network: some answers, and the digests of the
photos taken with them. It is known by the phone (client id) and the phone's own sequence, and
carries the phone's clock; the server's clock is kept beside it. A *nonconformity* 不符合项 is minor
or major and is put right by a *corrective action* 整改 of the holder.

States of an inspection: planned → under_way → finished; planned → cancelled. Of a nonconformity:
open → corrected → closed, or back to open where the action is not accepted (ISO/IEC 17065, 7.4).

Invariants, searched for by random deliveries in the tests:

1. what an inspection says depends on the set of its records and photos alone, never on the order
   or the number of times in which they were delivered
2. two different bodies under one client id and sequence are a *clash*: both stay and are shown;
   where they answer an item differently, it counts as unanswered until it is answered once more
3. of one phone the highest sequence counts for an item; of several phones the one whose clock says
   the later moment, and that they differed is shown
4. a record that arrives when the inspection is over is kept and shown as late, and counts nothing
5. nothing is finished with an unanswered item, or without the photo that an item asks for; each
   failed item leaves a nonconformity
6. nobody of the holder inspects, judges an action, or closes a nonconformity; none is closed
   without a corrective action

A phone's clock is never believed and never a reason to refuse: one that is more than
`CLOCK_MOST` away from the server's is named.

Refused: see `plan_reasons`, `record_reasons`, `finish_reasons`, `fit_reasons`.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from certification.refusals import CertificationRefusal as Code
from certification.schemes.model import CheckItem
from identity.names import text_reasons
from runtime.canonical import jcs
from runtime.clock import beijing_date, instant_text
from runtime.refusal import Reason
from runtime.strict_json import Json

CLOCK_MOST = timedelta(days=2)
"""How far a phone's clock may be from the server's before a page names it."""
PLAN_DAYS_MAX = 731
INSPECTORS_MAX = 6
PHOTOS_MAX = 40
"""Photos that one record may name."""
SEQUENCE_MAX = 2**31 - 1
NOTE_MAX, ACTION_MAX = 500, 1000
NO_INTEREST = "none"

_CLIENT = re.compile(r"[A-Za-z0-9_-]{22}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,7})?")
_MOMENT_TEXT = re.compile(r"[0-9T:.Z+-]{10,32}")


class Kind(StrEnum):
    """Why an inspection is made."""

    INITIAL = "initial"
    SURVEILLANCE = "surveillance"
    UNANNOUNCED = "unannounced"


class InspectionState(StrEnum):
    """Where an inspection stands."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """True where nothing that arrives counts any more."""
        return self in (InspectionState.FINISHED, InspectionState.CANCELLED)


class InspectionEvent(StrEnum):
    """What was done about an inspection; each is an entry of the log."""

    PLAN = "plan"
    MOVE = "move"
    CANCEL = "cancel"
    RECORD = "record"
    PHOTO = "photo"
    FIND = "find"
    CORRECT = "correct"
    REJECT = "reject"
    CLOSE = "close"
    FINISH = "finish"


class Result(StrEnum):
    """The answer to an item of the checklist."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class NonconformityState(StrEnum):
    """Where a nonconformity stands."""

    OPEN = "open"
    CORRECTED = "corrected"
    CLOSED = "closed"


@dataclass(frozen=True)
class Position:
    """A place in degrees, as decimal texts; south and west are negative."""

    latitude: str
    longitude: str


@dataclass(frozen=True)
class CheckAnswer:
    """The answer to one item; the note is what the inspector wrote beside it."""

    item: str
    result: str
    note: str = ""


@dataclass(frozen=True)
class PhotoClaim:
    """What the phone says of a photo: its SHA-256, the item that it is for, when and where."""

    digest: str
    item: str
    taken_at: datetime | None = None
    position: Position | None = None


@dataclass(frozen=True)
class CheckRecord:
    """One record as it was delivered; `made_at` is the phone's clock, `received_at` ours."""

    client_id: str
    sequence: int
    made_at: datetime
    answers: tuple[CheckAnswer, ...]
    photos: tuple[PhotoClaim, ...]
    digest: str
    received_at: datetime
    person: str | None
    late: bool = False

    @property
    def clock_off(self) -> timedelta | None:
        """How far the two clocks are apart, None within `CLOCK_MOST`."""
        apart = abs(self.received_at - self.made_at)
        return apart if apart > CLOCK_MOST else None


@dataclass(frozen=True)
class Clash:
    """Different bodies under one client id and sequence."""

    client_id: str
    sequence: int
    digests: tuple[str, ...]


@dataclass(frozen=True)
class Standpoint:
    """What one phone says last about an item; several results where bodies clash."""

    client_id: str
    made_at: datetime
    results: frozenset[str]


@dataclass(frozen=True)
class Checked:
    """What the records of an inspection come to.

    `results` are the items that count as answered; `disputed` those that clashing bodies answer
    differently; `differing` those that several phones answer differently. `photos` are the digests
    named for an item, `missing_photos` those of them that have not arrived.
    """

    results: Mapping[str, Result] = field(default_factory=dict)
    disputed: frozenset[str] = frozenset()
    differing: frozenset[str] = frozenset()
    clashes: tuple[Clash, ...] = ()
    photos: Mapping[str, frozenset[str]] = field(default_factory=dict)
    missing_photos: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Nonconformity:
    """Something that does not meet the rules, numbered within its inspection from 1.

    `item` is the item of the checklist, None where it is about something else. `evidence` is what
    the holder handed in with the corrective action.
    """

    no: int
    item: str | None
    severity: str
    state: NonconformityState
    opened_at: datetime
    correct_by: date | None = None
    evidence: str | None = None


# --- Records -----------------------------------------------------------------------------------


def body_of(
    made_at: datetime, answers: Iterable[CheckAnswer], photos: Iterable[PhotoClaim]
) -> dict[str, Json]:
    """The body of a record, the same whatever the order of its answers and photos."""
    told: list[Json] = [
        {"item": each.item, "result": each.result, "note": each.note}
        for each in sorted(answers, key=lambda each: each.item)
    ]
    shown: list[Json] = [
        _claim(each) for each in sorted(photos, key=lambda each: (each.digest, each.item))
    ]
    return {"made_at": instant_text(made_at), "answers": told, "photos": shown}


def _claim(photo: PhotoClaim) -> dict[str, Json]:
    at, place = photo.taken_at, photo.position
    return {
        "digest": photo.digest,
        "item": photo.item,
        "taken_at": None if at is None else instant_text(at),
        "position": None if place is None else [place.latitude, place.longitude],
    }


def body_digest(body: Mapping[str, Json]) -> str:
    """SHA-256 (hexadecimal) over the canonical JSON of a body: what tells two bodies apart."""
    return hashlib.sha256(jcs(dict(body))).hexdigest()


def fold_records(records: Iterable[CheckRecord], kept: Collection[str]) -> Checked:
    """What records come to, in whatever order they are given; `kept` are photos that are here.

    Late records count nothing.
    """
    counted = [each for each in records if not each.late]
    bodies: dict[tuple[str, int], dict[str, CheckRecord]] = defaultdict(dict)
    for each in counted:
        bodies[each.client_id, each.sequence][each.digest] = each
    said = _standpoints(bodies)
    winners = {item: max(points, key=_later) for item, points in said.items()}
    photos = _photos(counted)
    named = frozenset(digest for found in photos.values() for digest in found)
    return Checked(
        results={
            item: Result(next(iter(point.results)))
            for item, point in sorted(winners.items())
            if len(point.results) == 1
        },
        disputed=frozenset(item for item, point in winners.items() if len(point.results) > 1),
        differing=frozenset(item for item, points in said.items() if _differ(points)),
        clashes=tuple(
            Clash(*key, tuple(sorted(found)))
            for key, found in sorted(bodies.items())
            if len(found) > 1
        ),
        photos=photos,
        missing_photos=named - frozenset(kept),
    )


def _standpoints(
    bodies: Mapping[tuple[str, int], Mapping[str, CheckRecord]],
) -> dict[str, list[Standpoint]]:
    """What each phone says last, by item; sequences are walked upwards, so that the last stays."""
    last: dict[tuple[str, str], Standpoint] = {}
    for (client, _), found in sorted(bodies.items()):
        results: dict[str, set[str]] = defaultdict(set)
        for each in found.values():
            for answer in each.answers:
                results[answer.item].add(answer.result)
        made_at = max(each.made_at for each in found.values())
        for item, said in results.items():
            last[item, client] = Standpoint(client, made_at, frozenset(said))
    points: dict[str, list[Standpoint]] = defaultdict(list)
    for (item, _), point in last.items():
        points[item].append(point)
    return points


def _later(point: Standpoint) -> tuple[datetime, str]:
    return point.made_at, point.client_id


def _differ(points: Sequence[Standpoint]) -> bool:
    return len({point.results for point in points}) > 1


def _photos(records: Iterable[CheckRecord]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in records:
        for photo in each.photos:
            found[photo.item].add(photo.digest)
    return {item: frozenset(digests) for item, digests in sorted(found.items())}


def record_reasons(
    checklist: Sequence[CheckItem],
    client_id: str,
    sequence: int,
    answers: Sequence[CheckAnswer],
    photos: Sequence[PhotoClaim],
) -> Iterator[Reason]:
    """Yield what forbids a record to be kept: nothing about clocks, order or repetition does."""
    if not _CLIENT.fullmatch(client_id):
        yield Reason(Code.RECORD_KEY_MALFORMED, "/client_id")
    if not 1 <= sequence <= SEQUENCE_MAX:
        yield Reason(Code.RECORD_KEY_MALFORMED, "/sequence")
    if not answers and not photos:
        yield Reason(Code.RECORD_EMPTY, "/answers")
    known = {each.key for each in checklist}
    seen: set[str] = set()
    for place, answer in enumerate(answers):
        yield from _answer_reasons(answer, known, seen, f"/answers/{place}")
        seen.add(answer.item)
    if len(photos) > PHOTOS_MAX:
        yield Reason(Code.PHOTOS_TOO_MANY, "/photos", {"most": PHOTOS_MAX})
    for place, photo in enumerate(photos):
        yield from _photo_reasons(photo, known, f"/photos/{place}")


def _answer_reasons(
    answer: CheckAnswer, known: Collection[str], seen: Collection[str], pointer: str
) -> Iterator[Reason]:
    if answer.item not in known:
        yield Reason(Code.CHECK_ITEM_UNKNOWN, f"{pointer}/item")
    elif answer.item in seen:
        yield Reason(Code.CHECK_ITEM_REPEATED, f"{pointer}/item")
    if answer.result not in set(Result):
        yield Reason(Code.CHECK_RESULT_UNKNOWN, f"{pointer}/result")
    if answer.note:
        yield from text_reasons(answer.note, f"{pointer}/note", NOTE_MAX)


def _photo_reasons(photo: PhotoClaim, known: Collection[str], pointer: str) -> Iterator[Reason]:
    if photo.item not in known:
        yield Reason(Code.CHECK_ITEM_UNKNOWN, f"{pointer}/item")
    if not is_digest(photo.digest):
        yield Reason(Code.PHOTO_DIGEST_MALFORMED, f"{pointer}/digest")
    if photo.position is not None and not is_position(photo.position):
        yield Reason(Code.POSITION_MALFORMED, f"{pointer}/position")


def is_digest(text: str) -> bool:
    """Whether a text is a SHA-256 in hexadecimal."""
    return _DIGEST.fullmatch(text) is not None


def is_position(place: Position) -> bool:
    """Whether a place lies on the globe."""
    texts = (place.latitude, place.longitude)
    if not all(_DEGREES.fullmatch(text) for text in texts):
        return False
    return abs(float(place.latitude)) <= 90 and abs(float(place.longitude)) <= 180


# --- Plans and people --------------------------------------------------------------------------


@dataclass(frozen=True)
class Fitness:
    """What is known of a person who is to inspect, or inspects now."""

    competent: bool
    declared: str | None
    of_holder: bool


def plan_reasons(
    kind: str, day: date, inspectors: Sequence[str], checklist: Sequence[CheckItem], now: datetime
) -> Iterator[Reason]:
    """Yield what forbids a visit to be planned, apart from the people."""
    if kind not in set(Kind):
        yield Reason(Code.INSPECTION_KIND_UNKNOWN, "/kind")
    if not checklist:
        yield Reason(Code.CHECKLIST_MISSING)
    yield from day_reasons(day, now)
    yield from team_reasons(inspectors)


def day_reasons(day: date, now: datetime) -> Iterator[Reason]:
    """Yield what is wrong with the day of a visit; today is not past."""
    today = beijing_date(now)
    if day < today:
        yield Reason(Code.INSPECTION_DAY_PAST, "/day")
    elif (day - today).days > PLAN_DAYS_MAX:
        yield Reason(Code.INSPECTION_DAY_FAR, "/day", {"most": PLAN_DAYS_MAX})


def team_reasons(inspectors: Sequence[str]) -> Iterator[Reason]:
    """Yield what is wrong with the list of inspectors as such."""
    if not 1 <= len(inspectors) <= INSPECTORS_MAX or len(set(inspectors)) < len(inspectors):
        yield Reason(Code.INSPECTORS_INVALID, "/inspectors", {"most": INSPECTORS_MAX})


def fit_reasons(fitness: Fitness, pointer: str | None, *, acting: bool) -> Iterator[Reason]:
    """Yield why somebody cannot inspect: 17065 4.2 and 6.1.

    Who acts has declared to have no interest; who is only named may still do so, but is refused
    where a relation is on record.
    """
    if fitness.of_holder:
        yield Reason(Code.OWN_CASE, pointer)
    if fitness.declared is None and acting:
        yield Reason(Code.NO_DECLARATION, pointer)
    if not fitness.competent:
        yield Reason(Code.NOT_COMPETENT, pointer)
    if fitness.declared not in (None, NO_INTEREST):
        yield Reason(Code.CONFLICT_DECLARED, pointer)


# --- Finishing and nonconformities ---------------------------------------------------------------


def finish_reasons(
    checklist: Sequence[CheckItem], checked: Checked, kept: Collection[str]
) -> Iterator[Reason]:
    """Yield what an inspection still lacks, item by item."""
    for each in checklist:
        words: Mapping[str, str | int] = {"name_zh": each.words.zh, "name_en": each.words.en}
        pointer = f"/items/{each.key}"
        result = checked.results.get(each.key)
        if each.key in checked.disputed:
            yield Reason(Code.CHECK_DISPUTED, pointer, words)
        elif result is None:
            yield Reason(Code.CHECK_UNANSWERED, pointer, words)
        elif each.photo and result is not Result.NOT_APPLICABLE and not _shown(each, checked, kept):
            yield Reason(Code.CHECK_PHOTO_MISSING, pointer, words)


def _shown(item: CheckItem, checked: Checked, kept: Collection[str]) -> bool:
    return not checked.photos.get(item.key, frozenset()).isdisjoint(kept)


def failed_items(
    checklist: Sequence[CheckItem], checked: Checked, named: Collection[str | None]
) -> tuple[CheckItem, ...]:
    """The failed items about which no nonconformity was opened yet."""
    return tuple(
        each
        for each in checklist
        if checked.results.get(each.key) is Result.FAIL and each.key not in named
    )


def open_count(found: Iterable[Nonconformity]) -> int:
    """How many are not closed; one that waits for its judgement is open too."""
    return sum(each.state is not NonconformityState.CLOSED for each in found)


def calendar_of(days: Iterable[date], today: date) -> list[date]:
    """The Mondays of the weeks in which something is planned, the present week always."""
    mondays = {day - timedelta(days=day.weekday()) for day in (*days, today)}
    return sorted(mondays)


# --- Place and time of photos --------------------------------------------------------------------

TIMES_APART = timedelta(hours=1)
METRES_APART = 1000
_METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class Exif:
    """What the camera wrote into a photo.

    `taken` is the camera's own text `YYYY-MM-DDThh:mm:ss`, with an offset only where it gave one.
    """

    taken: str | None = None
    position: Position | None = None


def photo_differences(exif: Exif, claim: PhotoClaim) -> tuple[str, ...]:
    """Which of "time" and "place" camera and phone tell differently.

    A camera without an offset is read as Beijing time. Distances are those of a plane, near enough
    at 1 km.
    """
    found = []
    camera = _camera_instant(exif.taken)
    if camera and claim.taken_at and abs(camera - claim.taken_at) > TIMES_APART:
        found.append("time")
    if exif.position and claim.position and _metres(exif.position, claim.position) > METRES_APART:
        found.append("place")
    return tuple(found)


def _camera_instant(taken: str | None) -> datetime | None:
    if taken is None or not _MOMENT_TEXT.fullmatch(taken):
        return None
    try:
        at = datetime.fromisoformat(taken)
    except ValueError:
        return None
    return at if at.tzinfo is not None else datetime.fromisoformat(f"{taken}+08:00")


def _metres(one: Position, other: Position) -> float:
    north = float(one.latitude) - float(other.latitude)
    east = abs(float(one.longitude) - float(other.longitude)) % 360
    narrow = math.cos(math.radians(float(one.latitude)))
    return _METRES_PER_DEGREE * math.hypot(north, min(east, 360 - east) * narrow)
