"""What the pages of visits show: whose, by whom, what was answered, which photos tell what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from certification.inspections import fitness
from certification.inspections.model import (
    CheckRecord,
    Nonconformity,
    PhotoClaim,
    Result,
    photo_differences,
)
from certification.inspections.reading import (
    Inspection,
    OpenNonconformity,
    Photo,
    Told,
    photos_of,
    told,
    written_records,
)
from certification.schemes.model import CheckItem, Scheme
from console.reading import name_of_party
from identity.actor import Actor
from identity.people.tables import PersonRow
from identity.roles import Role
from runtime.clock import beijing_date
from web.language import current_language
from web.node import current_node
from web.sign_in import current_actor


@dataclass(frozen=True)
class ListedVisit:
    """A visit as a list shows it."""

    visit: Inspection
    holder: str
    inspectors: tuple[str, ...]
    mine: bool
    late: bool


@dataclass(frozen=True)
class ShownPhoto:
    """A photo beside its item: what camera and phone tell, and which of it differs.

    `photo` is None while it has not arrived.
    """

    claim: PhotoClaim
    photo: Photo | None
    differences: tuple[str, ...]


@dataclass(frozen=True)
class CheckedItem:
    """An item of the checklist with what is known of it."""

    item: CheckItem
    result: Result | None
    disputed: bool
    differing: bool
    notes: tuple[str, ...]
    photos: tuple[ShownPhoto, ...]


@dataclass(frozen=True)
class Finding:
    """A nonconformity with what was written about it, in order."""

    found: Nonconformity
    item: CheckItem | None
    words: str
    action: str
    reasons: str


@dataclass(frozen=True)
class Parts:
    """What whoever asks may do about a visit."""

    plans: bool
    inspects: bool
    judges: bool
    holds: bool
    declared: str | None


def listed(session: Session, visits: Iterable[Inspection]) -> list[ListedVisit]:
    """Give visits as a list shows them."""
    today, person = beijing_date(current_node().clock.now()), current_actor().person
    return [
        ListedVisit(
            each,
            name_of_party(session, each.holder),
            people_names(session, each.standing.inspectors),
            person in each.standing.inspectors,
            each.day < today and not each.standing.state.is_over,
        )
        for each in visits
    ]


def listed_findings(
    session: Session, lines: Iterable[OpenNonconformity]
) -> list[tuple[ListedVisit, Nonconformity, CheckItem | None]]:
    """Give open nonconformities as a list shows them."""
    found = list(lines)
    visits = listed(session, [each.inspection for each in found])
    return [
        (visit, each.found, item_of(each.inspection.scheme, each.found.item))
        for visit, each in zip(visits, found, strict=True)
    ]


def people_names(session: Session, people: Sequence[str]) -> tuple[str, ...]:
    """Give the login names of people, in their order."""
    query = select(PersonRow.id, PersonRow.login).where(PersonRow.id.in_(people))
    names = dict(list(session.execute(query)))
    return tuple(names.get(each, "—") for each in people)


def item_of(scheme: Scheme, key: str | None) -> CheckItem | None:
    """Give an item of a checklist by its key."""
    return next((each for each in scheme.checklist if each.key == key), None)


def steps_told(session: Session, visit: Inspection) -> tuple[Told, ...]:
    """Give every step of a visit with what was written in it."""
    return told(session, current_node().vault, visit.id)


def checked_items(visit: Inspection, steps: Sequence[Told]) -> list[CheckedItem]:
    """Give the checklist with what the records say of each item."""
    records, photos = written_records(steps), photos_of(steps)
    checked = visit.standing.checked
    return [
        CheckedItem(
            item=item,
            result=checked.results.get(item.key),
            disputed=item.key in checked.disputed,
            differing=item.key in checked.differing,
            notes=tuple(dict.fromkeys(_notes(records, item.key))),
            photos=tuple(_photos(records, item.key, photos)),
        )
        for item in visit.scheme.checklist
    ]


def _notes(records: Iterable[CheckRecord], item: str) -> Iterable[str]:
    for record in records:
        yield from (each.note for each in record.answers if each.item == item and each.note)


def _photos(
    records: Iterable[CheckRecord], item: str, photos: Mapping[str, Photo]
) -> Iterable[ShownPhoto]:
    seen = set()
    for record in records:
        for claim in record.photos:
            if claim.item == item and claim.digest not in seen:
                seen.add(claim.digest)
                photo = photos.get(claim.digest)
                differ = () if photo is None else photo_differences(photo.exif, claim)
                yield ShownPhoto(claim, photo, differ)


def findings(visit: Inspection, steps: Sequence[Told]) -> list[Finding]:
    """Give the nonconformities of a visit with what was written about them, the newest word."""
    written: dict[tuple[int, str], str] = {}
    for each in steps:
        no = each.step.said.get("no")
        for member in ("finding", "action", "reasons"):
            if no is not None and member in each.written:
                written[no, member] = each.written[member]
    return [_finding(visit, one, written) for one in visit.standing.found]


def _finding(
    visit: Inspection, one: Nonconformity, written: Mapping[tuple[int, str], str]
) -> Finding:
    item = item_of(visit.scheme, one.item)
    rule = "" if item is None else item.words.text(current_language())
    words = written.get((one.no, "finding"), rule)
    texts = (written.get((one.no, member), "") for member in ("action", "reasons"))
    return Finding(one, item, words, *texts)


def parts_of(session: Session, visit: Inspection, actor: Actor) -> Parts:
    """Give what somebody may do about a visit, as far as a page offers it."""
    now = current_node().clock.now()
    serves = fitness.serves(session, actor, visit.scheme_code, now)
    holds = actor.party == visit.holder
    person = actor.person
    declared = None
    if person is not None:
        declared = fitness.fitness_of(
            session, person, visit.about, visit.holder, visit.scheme_code, now
        ).declared
    offices = actor.roles & {Role.BRAND_OFFICER, Role.INSPECTOR}
    inspector = Role.INSPECTOR in actor.roles and not holds
    return Parts(
        plans=bool(offices) and serves and not holds,
        inspects=inspector and person in visit.standing.inspectors,
        judges=inspector and serves,
        holds=holds,
        declared=declared,
    )


def week_of(day: date) -> tuple[date, ...]:
    """Give the seven days of the week in which a day lies, from Monday."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=n) for n in range(7))
