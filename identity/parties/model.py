"""What a party is, which identifiers each kind needs, and how its name is shown.

Invariants:
- A *natural person* is a household (农户) or a person (个人). Of a natural person only id, kind and
  host stand in the register; name, phone, region and identity number are sealed.
- A household works under its co-operative or village (its *host*) with name and phone only.
- An organisation has a unified social credit code (GB 32100); a family farm may be without one,
  because not every family farm is registered with the market regulator.
- A party's record is replaced by a further record that names the one before; versions begin at 1.
- An identity number is taken only from a person who gives it, is sealed, and is never shown.

Refusals are those of `IdentityRefusal`; a command that breaks several rules is told all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from identity.actor import Actor
from identity.codes import CodeError, credit_code, identity_number, phone_number, region_code
from identity.names import text_reasons
from identity.refusals import IdentityRefusal
from identity.roles import Role, covers
from runtime.clock import beijing_date, instant_text
from runtime.refusal import Reason, Refusal
from runtime.strict_json import Json

_REGISTRARS = frozenset({Role.BRAND_OFFICER, Role.POINTS_OFFICER})

Need = Literal["required", "optional", "unwanted"]


class PartyKind(StrEnum):
    """The kinds of parties; `KINDS` has the rules and names of each."""

    ENTERPRISE = "enterprise"
    COOPERATIVE = "cooperative"
    RURAL_COLLECTIVE = "rural_collective"
    FAMILY_FARM = "family_farm"
    INDIVIDUAL_BUSINESS = "individual_business"
    HOUSEHOLD = "household"
    PERSON = "person"
    SOCIAL_ORGANISATION = "social_organisation"
    PUBLIC_OFFICE = "public_office"


@dataclass(frozen=True)
class KindRule:
    """What a kind is called and which identifiers it needs.

    `masked_zh` and `masked_en` are the words before a natural person's masked name.
    """

    zh: str
    en: str
    natural: bool = False
    code: Need = "required"
    host: Need = "unwanted"
    phone: Need = "optional"
    region: Need = "required"
    identity_number: Need = "unwanted"
    masked_zh: str = ""
    masked_en: str = ""


KINDS: dict[PartyKind, KindRule] = {
    PartyKind.ENTERPRISE: KindRule("企业", "enterprise"),
    PartyKind.COOPERATIVE: KindRule("农民专业合作社", "farmers' co-operative"),
    PartyKind.RURAL_COLLECTIVE: KindRule("农村集体经济组织", "rural collective"),
    PartyKind.FAMILY_FARM: KindRule("家庭农场", "family farm", code="optional"),
    PartyKind.INDIVIDUAL_BUSINESS: KindRule("个体工商户", "individual business"),
    PartyKind.HOUSEHOLD: KindRule(
        "农户",
        "household",
        natural=True,
        code="unwanted",
        host="required",
        phone="required",
        region="optional",
        masked_zh="村民",
        masked_en="Villager",
    ),
    PartyKind.PERSON: KindRule(
        "个人",
        "person",
        natural=True,
        code="unwanted",
        host="optional",
        region="optional",
        identity_number="optional",
        masked_zh="个人",
        masked_en="Person",
    ),
    PartyKind.SOCIAL_ORGANISATION: KindRule("社会组织", "social organisation"),
    PartyKind.PUBLIC_OFFICE: KindRule("行政机关", "public office"),
}


@dataclass(frozen=True)
class RegisterParty:
    """Enter a party in the register.

    `host_party` is the id of the organisation under which a natural person works; `effective_at`
    is the time from which the facts were true, the moment of registration when absent.
    """

    kind: str
    name_zh: str = field(repr=False)
    name_en: str | None = field(default=None, repr=False)
    code: str | None = None
    region: str | None = None
    host_party: str | None = None
    phone: str | None = field(default=None, repr=False)
    identity_number: str | None = field(default=None, repr=False)
    effective_at: datetime | None = None


@dataclass(frozen=True)
class AmendParty:
    """Replace version `version` of a party's record by a whole new one; kind and host stay."""

    party: str
    version: int
    name_zh: str = field(repr=False)
    name_en: str | None = field(default=None, repr=False)
    code: str | None = None
    region: str | None = None
    phone: str | None = field(default=None, repr=False)
    identity_number: str | None = field(default=None, repr=False)
    effective_at: datetime | None = None


@dataclass(frozen=True)
class PartyFacts:
    """A record whose every field has been checked and brought to its stored spelling."""

    kind: PartyKind
    name_zh: str = field(repr=False)
    name_en: str | None = field(repr=False)
    code: str | None
    region: str | None
    host: str | None
    phone: str | None = field(repr=False)
    identity_number: str | None = field(repr=False)
    effective_at: datetime

    @property
    def natural(self) -> bool:
        """Whether this is a natural person, of whom nothing may stand in the clear."""
        return KINDS[self.kind].natural


@dataclass(frozen=True)
class Party:
    """A party as the register shows it; of a natural person the sealed fields are None here.

    `payload_id` names the log entry of this version.
    """

    id: str
    kind: str
    natural: bool
    host: str | None
    version: int
    name_zh: str | None
    name_en: str | None
    code: str | None
    region: str | None
    effective_at: datetime
    recorded_at: datetime
    payload_id: str


@dataclass(frozen=True)
class Contact:
    """Name and phone of a party, opened from its sealed record; never stored, never logged."""

    name_zh: str = field(repr=False)
    name_en: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    region: str | None


def check_registration(command: RegisterParty, now: datetime) -> PartyFacts:
    """Return the facts of a registration, every rule of its kind kept. Raises Refusal with all."""
    if command.kind not in set(PartyKind):
        raise Refusal(Reason(IdentityRefusal.KIND_UNKNOWN, "/kind"))
    return _check(PartyKind(command.kind), command, command.host_party, now)


def check_amendment(command: AmendParty, party: Party, now: datetime) -> PartyFacts:
    """Return the facts of the next version of a party's record. Raises Refusal with all reasons."""
    if command.version != party.version:
        reason = Reason(IdentityRefusal.RECORD_SUPERSEDED, "/version", {"version": party.version})
        raise Refusal(reason)
    return _check(PartyKind(party.kind), command, party.host, now)


def _check(
    kind: PartyKind, command: RegisterParty | AmendParty, host: str | None, now: datetime
) -> PartyFacts:
    rule, reasons = KINDS[kind], _Reasons()
    effective_at = command.effective_at or now
    reasons.name("/name_zh", command.name_zh)
    reasons.name("/name_en", command.name_en)
    if effective_at > now:
        reasons.add(IdentityRefusal.EFFECTIVE_IN_FUTURE, "/effective_at")
    facts = PartyFacts(
        kind=kind,
        name_zh=command.name_zh,
        name_en=command.name_en,
        code=reasons.field(_CODE, rule.code, command.code, credit_code),
        region=reasons.field(_REGION, rule.region, command.region, region_code),
        host=reasons.field(_HOST, rule.host, host, str),
        phone=reasons.field(_PHONE, rule.phone, command.phone, phone_number),
        identity_number=reasons.field(
            _IDENTITY_NUMBER,
            rule.identity_number,
            command.identity_number,
            lambda typed: identity_number(typed, beijing_date(now)),
        ),
        effective_at=effective_at,
    )
    reasons.answer()
    return facts


@dataclass(frozen=True)
class _Field:
    """Where an identifier stands and how each fault of it is called; `broken` by broken rule."""

    pointer: str
    missing: IdentityRefusal | None
    unwanted: IdentityRefusal | None
    malformed: IdentityRefusal
    broken: dict[str, IdentityRefusal] = field(default_factory=dict)


_CODE = _Field(
    "/code",
    IdentityRefusal.CODE_MISSING,
    IdentityRefusal.CODE_UNWANTED,
    IdentityRefusal.CODE_MALFORMED,
    {"check": IdentityRefusal.CODE_CHECK_WRONG},
)
_REGION = _Field("/region", IdentityRefusal.REGION_MISSING, None, IdentityRefusal.REGION_MALFORMED)
_HOST = _Field(
    "/host_party",
    IdentityRefusal.HOST_MISSING,
    IdentityRefusal.HOST_UNWANTED,
    IdentityRefusal.HOST_UNKNOWN,
)
_PHONE = _Field("/phone", IdentityRefusal.PHONE_MISSING, None, IdentityRefusal.PHONE_MALFORMED)
_IDENTITY_NUMBER = _Field(
    "/identity_number",
    None,
    IdentityRefusal.IDENTITY_NUMBER_UNWANTED,
    IdentityRefusal.IDENTITY_NUMBER_WRONG,
)


class _Reasons:
    """Gathers why a record is refused, so that all reasons are told at once."""

    def __init__(self) -> None:
        self._found: list[Reason] = []

    def add(self, code: IdentityRefusal | None, pointer: str) -> None:
        if code is not None:
            self._found.append(Reason(code, pointer))

    def name(self, pointer: str, name: str | None) -> None:
        if name is not None:
            self._found.extend(text_reasons(name, pointer))

    def field(
        self, named: _Field, need: Need, typed: str | None, spell: Callable[[str], str]
    ) -> str | None:
        """Return an identifier's stored spelling, or note what is wrong with it."""
        if typed is None:
            self.add(named.missing if need == "required" else None, named.pointer)
            return None
        if need == "unwanted":
            self.add(named.unwanted, named.pointer)
            return None
        try:
            return spell(typed)
        except CodeError as error:
            self.add(named.broken.get(error.rule, named.malformed), named.pointer)
            return None

    def answer(self) -> None:
        if self._found:
            raise Refusal(*self._found)


def entering_reason(
    actor: Actor, host: str | None, places: Iterable[str | None]
) -> IdentityRefusal | None:
    """Return why an actor may not enter a record, None when it may.

    Administrators enter everybody; brand and points offices whom their region reaches in every one
    of `places` (an organisation's region before and after, the region of a person's host); an
    organisation's operator the natural persons under it. A sealed region is None: only offices
    without a bound reach it.
    """
    if Role.ADMIN in actor.roles:
        return None
    if not actor.roles.isdisjoint(_REGISTRARS):
        reached = all(covers(actor.region, place) for place in places)
        return None if reached else IdentityRefusal.OTHER_REGION
    if Role.OPERATOR in actor.roles and host is not None:
        return None if actor.party == host else IdentityRefusal.OTHER_PARTY
    return IdentityRefusal.NOT_ALLOWED


def masked_name(kind: PartyKind, name_zh: str, name_en: str | None, lang: str) -> str:
    """Return a natural person's name as pages show it: 村民 王**, Villager W**.

    The word for the kind is not repeated when the recorded name begins with it (村民甲).
    """
    rule = KINDS[kind]
    if lang == "en":
        return f"{rule.masked_en} {(name_en or name_zh)[:1]}**"
    bare = name_zh.removeprefix(rule.masked_zh).strip() or name_zh
    return f"{rule.masked_zh} {bare[:1]}**"


def shown_name(party: Party, lang: str) -> str:
    """Return an organisation's name in the language, the Chinese one where there is no other."""
    return (party.name_en if lang == "en" else None) or party.name_zh or party.id


def shown_record(facts: PartyFacts) -> dict[str, Json]:
    """Return what the log entry of an organisation commits to under `shown`, for scan pages."""
    return {
        "kind": facts.kind.value,
        "name_zh": facts.name_zh,
        "name_en": facts.name_en,
        "code": facts.code,
        "region": facts.region,
    }


def committed_record(
    facts: PartyFacts, supersedes: str | None, recorded_at: datetime
) -> dict[str, Json]:
    """Return what the log entry of a record commits to under `record`.

    `supersedes` is the payload id of the version before, None for the first.
    """
    return {
        **shown_record(facts),
        "host": facts.host,
        "phone": facts.phone,
        "recorded_at": instant_text(recorded_at),
        "supersedes": supersedes,
    }
