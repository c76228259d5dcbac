"""The register of parties: who may be entered, by whom, and what becomes public of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from identity.actor import Actor
from identity.keys.service import key_owner, keys_of
from identity.keys.tables import PartyKeyRow
from identity.parties.model import (
    KINDS,
    AmendParty,
    PartyKind,
    RegisterParty,
    check_registration,
    entering_reason,
    masked_name,
)
from identity.parties.service import (
    amend_party,
    find_party,
    parties_under,
    party_contact,
    party_name,
    register_operator,
    register_party,
    search_organisations,
)
from identity.parties.tables import PartyCodeRow, PartyRecordRow, PartyRow
from identity.roles import SCOPES
from ledger.entries.model import parse_entry
from ledger.reader import LogReader
from runtime.refusal import Refusal
from tests.identity.codes import made_code, made_identity_number
from tests.identity.conftest import cooperative

NOW = datetime(2026, 11, 1, tzinfo=UTC)
VILLAGER = RegisterParty(kind="household", name_zh="王建国", phone="13800001234")
NUMBER = made_identity_number("120112", "19920312", 12)


def household(host: str, **changes) -> RegisterParty:
    return replace(VILLAGER, host_party=host, **changes)


def refusals(run, *arguments, **named) -> list[str]:
    with pytest.raises(Refusal) as caught:
        run(*arguments, **named)
    return [reason.code.code for reason in caught.value.reasons]


def acting_for(party: str, *roles: str, region: str | None = None) -> Actor:
    return Actor(party=party, person=None, roles=frozenset(roles), scopes=SCOPES, region=region)


def entry_of(platform, party):
    with platform.read() as session:
        reader = LogReader(session)
        return parse_entry(reader.entry(reader.indexes_of([party.payload_id])[party.payload_id]))


# --- what each kind needs ----------------------------------------------------------------------

ORGANISATION = {"code": "given", "region": "120112"}


def command(kind: str, **given) -> RegisterParty:
    if given.get("code") == "given":
        given["code"] = made_code("91", 42)
    return RegisterParty(kind=kind, name_zh="演示", **given)


@pytest.mark.parametrize(
    "kind, given, codes",
    [
        ("enterprise", ORGANISATION, []),
        ("enterprise", {}, ["code_missing", "region_missing"]),
        ("cooperative", ORGANISATION, []),
        ("rural_collective", {"code": made_code("N2", 3), "region": "120112102"}, []),
        ("family_farm", {"region": "120112"}, []),
        ("family_farm", ORGANISATION, []),
        ("individual_business", {"region": "120112"}, ["code_missing"]),
        ("social_organisation", ORGANISATION, []),
        ("public_office", ORGANISATION, []),
        ("enterprise", {**ORGANISATION, "identity_number": NUMBER}, ["identity_number_unwanted"]),
        ("enterprise", {**ORGANISATION, "phone": "12345"}, ["phone_malformed"]),
        ("enterprise", {**ORGANISATION, "region": "12"}, ["region_malformed"]),
        ("enterprise", {**ORGANISATION, "code": made_code("91", 1)[:17] + "I"}, ["code_malformed"]),
        ("enterprise", {**ORGANISATION, "host_party": "HOST"}, ["host_unwanted"]),
        ("household", {}, ["host_missing", "phone_missing"]),
        ("household", {"host_party": "HOST", "phone": "13800001234"}, []),
        (
            "household",
            {"host_party": "HOST", "phone": "13800001234", "code": "given"},
            ["code_unwanted"],
        ),
        (
            "household",
            {"host_party": "HOST", "phone": "13800001234", "identity_number": NUMBER},
            ["identity_number_unwanted"],
        ),
        ("person", {}, []),
        ("person", {"identity_number": NUMBER, "host_party": "HOST"}, []),
        ("person", {"identity_number": NUMBER[:17] + "?"}, ["identity_number_wrong"]),
        ("kolkhoz", {}, ["kind_unknown"]),
        ("", {}, ["kind_unknown"]),
    ],
)
def test_what_each_kind_needs(kind: str, given: dict, codes: list[str]):
    if codes:
        assert refusals(check_registration, command(kind, **given), NOW) == codes
    else:
        facts = check_registration(command(kind, **given), NOW)
        assert facts.natural == KINDS[PartyKind(kind)].natural


def test_facts_are_brought_to_their_stored_spelling():
    given = replace(cooperative(), code=f" {cooperative().code.lower()} ", phone="022-8888 0001")
    facts = check_registration(given, NOW)
    assert (facts.code, facts.phone) == (cooperative().code, "02288880001")
    assert facts.effective_at == NOW


def test_a_wrong_check_character_is_told():
    code = made_code("91", 5)
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    given = replace(cooperative(), code=wrong)
    assert refusals(check_registration, given, NOW) == ["code_check_wrong"]


def test_the_name_is_checked_with_everything_else():
    given = RegisterParty(kind="enterprise", name_zh="<b>", name_en="a\u202eb")
    assert refusals(check_registration, given, NOW) == [
        "code_missing",
        "region_missing",
        "text_unseen",
        "text_markup",
    ]


def test_what_was_not_yet_true_is_refused():
    given = replace(cooperative(), effective_at=NOW + timedelta(days=1))
    assert refusals(check_registration, given, NOW) == ["effective_in_future"]


# --- what becomes of a registration -------------------------------------------------------------


def test_an_organisation_gets_a_key_and_an_entry_that_tells_its_kind_only(platform):
    party = platform.run(register_party, cooperative())
    entry = entry_of(platform, party)
    assert entry.payload.type == "identity.party.register"
    assert entry.payload.streams == (party.id,)
    assert entry.payload.facts == {"kind": "cooperative"}
    assert set(entry.payload.commit) == {"record", "shown"}
    with platform.read() as session:
        assert key_owner(session, entry.payload.actor).party == platform.operator.id
        (key,) = keys_of(session, party.id)
        assert key.custody == "platform"
        assert find_party(session, party.id) == party
        assert find_party(session, party.code.lower()) == party
        assert party_name(session, platform.vault, party.id, "zh") == "演示第1水稻合作社"
        assert party_name(session, platform.vault, party.id, "en") == "Demo Rice Co-operative 1"
        contact = party_contact(session, platform.vault, party.id)
        assert contact.phone == "02288880001"


def test_the_operator_signs_for_itself(platform):
    entry = entry_of(platform, platform.operator)
    with platform.read() as session:
        assert key_owner(session, entry.payload.actor).party == platform.operator.id
    second = replace(cooperative(9), kind="public_office")
    assert refusals(platform.run, register_operator, second) == ["operator_exists"]


def test_nothing_of_a_natural_person_is_public(platform):
    host = platform.run(register_party, cooperative())
    villager = platform.run(register_party, household(host.id))
    entry = entry_of(platform, villager)
    assert entry.payload.streams == (host.id,)
    assert entry.payload.facts == {}
    assert set(entry.payload.commit) == {"identity_number", "record"}
    assert villager.name_zh is villager.name_en is villager.region is villager.code is None
    with platform.read() as session:
        assert key_owner(session, entry.payload.actor).party == host.id
        assert keys_of(session, villager.id) == ()
        assert party_name(session, platform.vault, villager.id, "zh") == "村民 王**"
        contact = party_contact(session, platform.vault, villager.id)
        assert (contact.name_zh, contact.phone) == ("王建国", "13800001234")
        assert parties_under(session, host.id) == (villager,)


def test_a_person_without_a_host_is_in_no_stream_and_signed_for_by_the_operator(platform):
    given = RegisterParty(kind="person", name_zh="李晓明", identity_number=NUMBER)
    person = platform.run(register_party, given)
    entry = entry_of(platform, person)
    assert entry.payload.streams == ()
    with platform.read() as session:
        assert key_owner(session, entry.payload.actor).party == platform.operator.id
        assert party_name(session, platform.vault, person.id, "en") == "Person 李**"


def test_an_erased_person_has_no_name(platform):
    host = platform.run(register_party, cooperative())
    villager = platform.run(register_party, household(host.id))
    platform.vault.destroy(villager.id)
    with platform.read() as session:
        assert party_contact(session, platform.vault, villager.id) is None
        assert party_name(session, platform.vault, villager.id, "zh") == "已删除"
        assert party_name(session, platform.vault, villager.id, "en") == "erased"


@pytest.mark.parametrize(
    "kind, name_zh, name_en, zh, en",
    [
        ("household", "王建国", None, "村民 王**", "Villager 王**"),
        ("household", "王建国", "Wang Jianguo", "村民 王**", "Villager W**"),
        ("household", "村民甲", "Villager A", "村民 甲**", "Villager V**"),
        ("household", "村民", None, "村民 村**", "Villager 村**"),
        ("person", "欧阳明", None, "个人 欧**", "Person 欧**"),
        ("person", "𠮷田", None, "个人 𠮷**", "Person 𠮷**"),
    ],
)
def test_masked_names(kind, name_zh, name_en, zh, en):
    assert masked_name(PartyKind(kind), name_zh, name_en, "zh") == zh
    assert masked_name(PartyKind(kind), name_zh, name_en, "en") == en


def test_a_natural_person_is_in_the_clear_nowhere(sqlite_platform):
    """The raw bytes of every file are searched: database, journal, keys."""
    platform = sqlite_platform
    host = platform.run(register_party, cooperative(), idempotency_key="host")
    villager = household(host.id, name_en="Wang Jianguo")
    platform.run(register_party, villager, idempotency_key="villager")
    person = RegisterParty(
        kind="person", name_zh="李晓明", phone="13900005678", identity_number=NUMBER
    )
    made = platform.run(register_party, person)
    amended = AmendParty(made.id, 1, "李小明", phone="13900009999", identity_number=NUMBER)
    platform.run(amend_party, amended)
    assert refusals(platform.run, register_party, replace(person, phone="赵钱孙13711112222"))
    platform.unit.stop()
    platform.database.dispose()
    secrets = ["王建国", "Wang Jianguo", "13800001234", "李晓明", "李小明", "13900005678"]
    secrets += ["13900009999", NUMBER, NUMBER[6:14], "赵钱孙", "13711112222"]
    folder = Path(str(platform.database.url.database)).parent
    raw = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
    assert "演示第1水稻合作社".encode() in raw
    for secret in secrets:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
            assert secret.encode(encoding) not in raw, secret


def test_answers_that_are_kept_for_repeated_requests_hold_no_personal_data(platform):
    host = platform.run(register_party, cooperative(), idempotency_key="a")
    first = platform.run(register_party, household(host.id), idempotency_key="b")
    assert platform.run(register_party, household(host.id), idempotency_key="b") == first
    with platform.read() as session:
        assert len(parties_under(session, host.id)) == 1


# --- codes ------------------------------------------------------------------------------------


def test_a_code_is_registered_once(platform):
    first = platform.run(register_party, cooperative())
    assert refusals(platform.run, register_party, cooperative()) == ["code_taken"]
    with platform.read() as session:
        assert find_party(session, first.code).id == first.id


def test_what_is_not_there_is_not_found(platform):
    with platform.read() as session:
        for asked in ("", "org:", "\x00", made_code("91", 999), "org:AAAAAAAAAAAAAAAAAAAA"):
            assert find_party(session, asked) is None, asked


def test_organisations_are_found_by_words_and_region(platform):
    first = platform.run(register_party, cooperative(1, "120112"))
    second = platform.run(register_party, cooperative(2, "370505"))
    platform.run(register_party, household(first.id))
    with platform.read() as session:
        assert search_organisations(session, "水稻") == (first, second)
        assert search_organisations(session, "rice co") == (first, second)
        assert search_organisations(session, "水稻", region="3705") == (second,)
        assert search_organisations(session, "水稻", kind="enterprise") == ()
        assert search_organisations(session, "100%_") == ()
        assert search_organisations(session, "\x00王建国") == ()


# --- amending ------------------------------------------------------------------------------------


def test_an_amendment_is_a_further_version_that_names_the_one_before(platform):
    party = platform.run(register_party, cooperative())
    between = platform.clock.now()
    platform.clock.advance(timedelta(hours=1))
    renamed = AmendParty(party.id, 1, "演示新社", code=party.code, region="120112")
    second = platform.run(amend_party, renamed)
    assert (second.version, second.name_zh, second.name_en) == (2, "演示新社", None)
    entry = entry_of(platform, second)
    assert entry.payload.type == "identity.party.amend"
    assert entry.payload.facts == {"kind": "cooperative", "supersedes": party.payload_id}
    with platform.read() as session:
        assert find_party(session, party.id) == second
        assert find_party(session, party.id, known_at=between) == party
        assert find_party(session, party.id, known_at=between - timedelta(days=1)) is None
    assert refusals(platform.run, amend_party, renamed) == ["record_superseded"]


def test_an_amended_person_names_the_entry_before_only_in_the_sealed_record(platform):
    host = platform.run(register_party, cooperative())
    villager = platform.run(register_party, household(host.id))
    amended = AmendParty(villager.id, 1, "王建军", phone="13800001235")
    second = platform.run(amend_party, amended)
    entry = entry_of(platform, second)
    assert entry.payload.facts == {}
    assert entry.payload.streams == (host.id,)
    with platform.read() as session:
        assert party_contact(session, platform.vault, villager.id).name_zh == "王建军"


def test_a_code_may_be_added_later_and_not_taken_from_another(platform):
    farm = platform.run(
        register_party, RegisterParty(kind="family_farm", name_zh="演示农场", region="120112")
    )
    other = platform.run(register_party, cooperative())
    taken = AmendParty(farm.id, 1, "演示农场", code=other.code, region="120112")
    assert refusals(platform.run, amend_party, taken) == ["code_taken"]
    own = replace(taken, code=made_code("91", 88))
    assert platform.run(amend_party, own).code == own.code
    again = replace(own, version=2, name_zh="演示农场二")
    assert platform.run(amend_party, again).version == 3


def test_an_unknown_party_is_not_amended(sqlite_platform):
    ghost = AmendParty("org:AAAAAAAAAAAAAAAAAAAA", 1, "演示")
    assert refusals(sqlite_platform.run, amend_party, ghost) == ["party_unknown"]


# --- who may ------------------------------------------------------------------------------------

MAY_ENTER = [
    # role, region, acts for the host, organisation in 120112, household under a host in 120112
    ("admin", None, False, None, None),
    ("brand_officer", None, False, None, None),
    ("brand_officer", "120000", False, None, None),
    ("brand_officer", "370500", False, "other_region", "other_region"),
    ("points_officer", "120112", False, None, None),
    ("operator", None, True, "not_allowed", None),
    ("operator", None, False, "not_allowed", "other_party"),
    ("grower", None, True, "not_allowed", "not_allowed"),
    ("inspector", None, False, "not_allowed", "not_allowed"),
    ("regulator", None, False, "not_allowed", "not_allowed"),
    ("credit_client", None, False, "not_allowed", "not_allowed"),
]


@pytest.mark.parametrize("role, region, own, organisation, villager", MAY_ENTER)
def test_who_may_enter_whom(role, region, own, organisation, villager):
    actor = acting_for("org:host" if own else "org:other", role, region=region)
    for host, code in ((None, organisation), ("org:host", villager)):
        reason = entering_reason(actor, host, ["120112"])
        assert (None if reason is None else reason.code) == code


def test_a_cooperative_enters_its_own_households_and_nobody_elses(platform):
    one, other = (platform.run(register_party, cooperative(number)) for number in (1, 2))
    clerk = acting_for(one.id, "operator")
    assert platform.run(register_party, household(one.id), clerk).host == one.id
    assert refusals(platform.run, register_party, household(other.id), clerk) == ["other_party"]
    assert refusals(platform.run, register_party, cooperative(3), clerk) == ["not_allowed"]


def test_a_host_must_be_there(platform):
    given = household("org:AAAAAAAAAAAAAAAAAAAA")
    assert refusals(platform.run, register_party, given) == ["host_unknown"]


def test_an_office_cannot_draw_a_party_into_its_region(sqlite_platform):
    party = sqlite_platform.run(register_party, cooperative())
    officer = acting_for(sqlite_platform.operator.id, "brand_officer", region="370505")
    drawn = AmendParty(party.id, 1, "演示", code=party.code, region="370505")
    assert refusals(sqlite_platform.run, amend_party, drawn, officer) == ["other_region"]


def test_a_token_needs_its_scope(sqlite_platform):
    machine = Actor(
        party=sqlite_platform.operator.id,
        person=None,
        roles=frozenset({"admin"}),
        scopes=frozenset({"query"}),
        channel="api",
        client="client:AAAAAAAAAAAAAAAAAA",
    )
    given = cooperative()
    assert refusals(sqlite_platform.run, register_party, given, machine) == ["scope_missing"]


def test_a_household_is_no_host(sqlite_platform):
    villager = sqlite_platform.run(register_party, household(sqlite_platform.operator.id))
    given = household(villager.id)
    assert refusals(sqlite_platform.run, register_party, given) == ["host_not_organisation"]


def test_nothing_of_a_refused_registration_is_left(platform):
    before = _counts(platform)
    host = platform.operator.id
    refused = household(host, phone="1")
    assert refusals(platform.run, register_party, refused) == ["phone_malformed"]
    taken = replace(cooperative(), code=platform.operator.code)
    assert refusals(platform.run, register_party, taken) == ["code_taken"]
    assert _counts(platform) == before


def _counts(platform) -> tuple[int, ...]:
    tables = (PartyRow, PartyRecordRow, PartyCodeRow, PartyKeyRow)
    with platform.read() as session:
        rows = tuple(session.scalar(select(func.count()).select_from(each)) for each in tables)
        return (*rows, LogReader(session).size)


def test_ids_in_the_log_are_not_those_of_persons(platform):
    host = platform.run(register_party, cooperative())
    villager = platform.run(register_party, household(host.id))
    with platform.read() as session:
        reader = LogReader(session)
        log = b"".join(reader.entry(index) for index in range(reader.size))
    assert villager.id.encode() not in log
    assert host.id.encode() in log


# --- several at once ----------------------------------------------------------------------------


def outcomes(platform, use_case, commands) -> list[str]:
    """Run commands at the same moment and give the sorted codes of how they ended."""
    ready = Barrier(len(commands))

    def attempt(command) -> str:
        ready.wait()
        try:
            platform.run(use_case, command)
        except Refusal as refused:
            return refused.first.code.code
        return "ok"

    with ThreadPoolExecutor(len(commands)) as pool:
        return sorted(pool.map(attempt, commands))


def test_of_eight_who_register_one_code_at_once_one_has_it(platform):
    ended = outcomes(platform, register_party, [cooperative()] * 8)
    assert ended == ["code_taken"] * 7 + ["ok"]


def test_of_four_who_amend_one_version_at_once_one_does(platform):
    party = platform.run(register_party, cooperative())
    amended = [
        AmendParty(party.id, 1, f"演示{number}社", code=party.code, region="120112")
        for number in range(4)
    ]
    assert outcomes(platform, amend_party, amended) == ["ok"] + ["record_superseded"] * 3
    with platform.read() as session:
        assert find_party(session, party.id).version == 2
