"""The public register of who serves which scheme in which function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from certification.bodies.model import FUNCTION_WORDS, Appointment
from certification.bodies.service import appointments
from certification.schemes.service import schemes
from public_api.registry.log_links import LogLink, log_links
from public_api.registry.names import NameBook
from runtime.clock import beijing_date
from runtime.vault import Vault


@dataclass(frozen=True)
class AppointmentEntry:
    """A party that serves a scheme, or did; `holds` says whether it does today."""

    scheme: str
    scheme_zh: str
    scheme_en: str
    party: str
    party_zh: str
    party_en: str
    function: str
    function_zh: str
    function_en: str
    from_date: date
    to_date: date | None
    holds: bool
    log: LogLink


def list_appointments(
    session: Session, vault: Vault, scheme: str | None, now: datetime
) -> list[AppointmentEntry]:
    """Give all appointments of a scheme, or of all schemes, those of today first."""
    found = appointments(session, scheme=scheme)
    entries = _entries(session, vault, found, now)
    return sorted(entries, key=lambda each: not each.holds)


def _entries(
    session: Session, vault: Vault, found: Sequence[Appointment], now: datetime
) -> list[AppointmentEntry]:
    names, today = NameBook(session, vault), beijing_date(now)
    links = log_links(session, [each.payload_id for each in found])
    made = []
    for each in found:
        scheme, words = schemes().get(each.scheme), FUNCTION_WORDS[each.function]
        zh, en = names.of(each.party)
        made.append(
            AppointmentEntry(
                scheme=each.scheme,
                scheme_zh=scheme.name.zh if scheme else each.scheme,
                scheme_en=scheme.name.en if scheme else each.scheme,
                party=each.party,
                party_zh=zh,
                party_en=en,
                function=each.function.value,
                function_zh=words.zh,
                function_en=words.en,
                from_date=each.term.from_date,
                to_date=each.term.to_date,
                holds=each.term.holds(today),
                log=links[each.payload_id],
            )
        )
    return made
