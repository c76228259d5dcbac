"""The public register of parties: organisations only, natural persons never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from identity.parties.model import KINDS, Party, PartyKind
from identity.parties.service import find_party, search_organisations
from identity.refusals import IdentityRefusal
from public_api.registry.log_links import LogLink, log_links
from runtime.refusal import refuse
from runtime.regions import region_words


@dataclass(frozen=True)
class OrganisationEntry:
    """An organisation as strangers see it."""

    id: str
    kind: str
    kind_zh: str
    kind_en: str
    name_zh: str
    name_en: str
    code: str | None
    region: str | None
    place_zh: str
    log: LogLink


def find_organisation(session: Session, id_or_code: str) -> OrganisationEntry:
    """Give an organisation. Raises Refusal PARTY_UNKNOWN, for natural persons too."""
    party = find_party(session, id_or_code)
    if party is None or party.natural:
        refuse(IdentityRefusal.PARTY_UNKNOWN)
    return _entries(session, [party])[0]


def list_organisations(
    session: Session, words: str, region: str, offset: int, limit: int
) -> list[OrganisationEntry]:
    """Give organisations whose name has the words, within a region, by name."""
    found = search_organisations(session, words, None, region or None)
    return _entries(session, found[offset : offset + limit])


def _entries(session: Session, parties: Sequence[Party]) -> list[OrganisationEntry]:
    links = log_links(session, [party.payload_id for party in parties])
    return [_entry(party, links[party.payload_id]) for party in parties]


def _entry(party: Party, link: LogLink) -> OrganisationEntry:
    words = KINDS[PartyKind(party.kind)]
    return OrganisationEntry(
        id=party.id,
        kind=party.kind,
        kind_zh=words.zh,
        kind_en=words.en,
        name_zh=party.name_zh or "",
        name_en=party.name_en or "",
        code=party.code,
        region=party.region,
        place_zh=region_words(party.region) if party.region else "",
        log=link,
    )
