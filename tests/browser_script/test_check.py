"""The built checker under node, against bundles of a second writer: good ones pass, mangled fail.

The driver takes away what Chrome 67 and Safari 14 do not have before it runs the script.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from public_api.scan.page import LotView, unlogged_fact
from public_api.scan.proof import Proof, ProvedEntry, bundle
from tests.browser_script.browser import DIST, run_script
from tests.browser_script.sample_pages import crabs, rice
from tests.browser_script.second_log import SecondLog, b64url, sha256
from tests.browser_script.story import Sample
from web.language import Words

Bundle = dict[str, Any]


def made(sample: Sample, lang: str = "zh") -> Bundle:
    assert sample.page.lot is not None
    return bundle(sample.proof, sample.page.lot, lang)


def check(*bundles: Bundle, **options: str) -> list[dict[str, Any]]:
    jobs = [{"do": "check", "bundle": each, "options": options} for each in bundles]
    answers: list[dict[str, Any]] = run_script("driver.mjs", jobs)
    return answers


def check_each(bundle: Bundle, at: list[str | int], values: list[str]) -> list[dict[str, Any]]:
    """Check a bundle with each of these values at a place, one after the other."""
    job = {"do": "check_each", "bundle": bundle, "at": at, "values": values}
    answers: list[dict[str, Any]] = run_script("driver.mjs", [job])[0]
    return answers


def code_of(mangled: Bundle, **options: str) -> str:
    answer = check(mangled, **options)[0]
    return "passed" if answer["ok"] else str(answer["code"])


@pytest.fixture(scope="module")
def good() -> Bundle:
    return made(rice())


def copied(value: Bundle) -> Bundle:
    return copy.deepcopy(value)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("story", [rice, crabs])
def test_a_good_bundle_passes_and_reads_what_the_server_drew(
    story: Callable[[str], Sample], lang: str
) -> None:
    sample = story(lang)
    assert sample.page.lot is not None
    answer = check(made(sample, lang))[0]
    assert answer["ok"], answer
    drawn = {fact.id: fact.text(lang, sample.proof.regions) for fact in sample.page.lot.facts()}
    logged = {fact.id for fact in sample.page.lot.facts() if fact.source}
    read = {fact["id"]: fact["text"] for fact in answer["result"]["facts"]}
    assert read == {id: drawn[id] for id in logged}
    vouchers = {v.id: v.text(lang) for v in sample.page.lot.all_vouchers() if v.is_proved}
    assert {v["id"]: v["text"] for v in answer["result"]["vouchers"]} == vouchers
    assert answer["result"]["recalled"] is (story is crabs)
    assert answer["result"]["size"] == len(sample.log.entries)


def test_own_and_platform_keys_are_told_apart() -> None:
    answer = check(made(rice("en"), "en"))[0]["result"]
    texts = {voucher["text"] for voucher in answer["vouchers"]}
    assert "Signed by Demo Jinnan Mill" in texts
    assert "Recorded by the platform for Demo Rice Co-op" in texts


def entry_at(made: Bundle, position: int) -> Any:
    return json.loads(made["entries"][position]["entry"])


def put_entry(made: Bundle, position: int, entry: Any) -> None:
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    made["entries"][position]["entry"] = text


def position_of(made: Bundle, type: str) -> int:
    types = [json.loads(item["entry"])["payload"]["type"] for item in made["entries"]]
    return types.index(type)


def altered_opening(made: Bundle) -> None:
    made["openings"][0]["value"]["name_zh"] = "真正的小站稻"


def wrong_salt(made: Bundle) -> None:
    made["openings"][0]["salt"] = made["openings"][1]["salt"]


def opening_of_another_entry(made: Bundle) -> None:
    made["openings"][0]["index"], made["openings"][1]["index"] = (
        made["openings"][1]["index"],
        made["openings"][0]["index"],
    )


def swapped_entries(made: Bundle) -> None:
    made["entries"][3], made["entries"][4] = made["entries"][4], made["entries"][3]


def swapped_proofs(made: Bundle) -> None:
    a, b = made["entries"][3], made["entries"][4]
    a["proof"], b["proof"] = b["proof"], a["proof"]


def renumbered_entry(made: Bundle) -> None:
    made["entries"][3]["index"] += 1


def stream_longer_than_given(made: Bundle) -> None:
    made["streams"][0][1] += 1


def stream_of_nothing(made: Bundle) -> None:
    made["streams"].append(["lot:AAAAAAAAAAAAAAAAAAAA", 0])


def unknown_member(made: Bundle) -> None:
    put_entry(made, 5, {**entry_at(made, 5), "note": 1})


def spaced_entry(made: Bundle) -> None:
    made["entries"][5]["entry"] = made["entries"][5]["entry"].replace(":", ": ", 1)


def unsorted_entry(made: Bundle) -> None:
    entry = entry_at(made, 5)
    made["entries"][5]["entry"] = json.dumps(dict(reversed(entry.items())), separators=(",", ":"))


def repeated_key(made: Bundle) -> None:
    made["entries"][5]["entry"] = made["entries"][5]["entry"][:-1] + ',"v":1}'


def fractional_number(made: Bundle) -> None:
    made["entries"][5]["entry"] = made["entries"][5]["entry"].replace('"v":1', '"v":1.0')


def other_origin(made: Bundle) -> None:
    made["origin"] = "log.example.org/other"


def other_key(made: Bundle) -> None:
    made["vkey"] = SecondLog(seed="foreign").vkey


def grown_checkpoint(made: Bundle) -> None:
    lines = made["checkpoint"].split("\n")
    made["checkpoint"] = "\n".join([lines[0], str(int(lines[1]) + 1), *lines[2:]])


def unsigned_checkpoint(made: Bundle) -> None:
    made["checkpoint"] = made["checkpoint"].split("\n\n")[0] + "\n\n"


def checkpoint_with_extension(made: Bundle) -> None:
    made["checkpoint"] = made["checkpoint"].replace("\n\n", "\nextension\n\n", 1)


def fact_of_no_entry(made: Bundle) -> None:
    made["facts"][0]["from"] = ["entry", 9999, "/seq/at"]


def fact_of_no_opening(made: Bundle) -> None:
    made["facts"][0]["from"] = ["opening", 9999, ""]


def pointer_to_nothing(made: Bundle) -> None:
    made["facts"][0]["from"][2] = "/no_such_name"


def pointer_into_the_prototype(made: Bundle) -> None:
    made["facts"][0]["from"][2] = "/constructor"


def unknown_format(made: Bundle) -> None:
    made["facts"][0]["format"] = "html"


def format_that_does_not_fit(made: Bundle) -> None:
    made["facts"][0]["format"] = "mass"


def voucher_of_another_party(made: Bundle) -> None:
    made["vouchers"][0]["name"], made["vouchers"][1]["name"] = (
        made["vouchers"][1]["name"],
        made["vouchers"][0]["name"],
    )


def no_entries(made: Bundle) -> None:
    made["entries"] = []


def nothing_at_all(made: Bundle) -> None:
    made.clear()


MANGLED = [
    (altered_opening, "commitment"),
    (wrong_salt, "commitment"),
    (opening_of_another_entry, "commitment"),
    (swapped_entries, "shape"),
    (swapped_proofs, "inclusion"),
    (renumbered_entry, "shape"),
    (stream_longer_than_given, "stream"),
    (stream_of_nothing, "stream"),
    (unknown_member, "entry"),
    (spaced_entry, "canonical"),
    (unsorted_entry, "canonical"),
    (repeated_key, "json"),
    (fractional_number, "json"),
    (other_origin, "origin"),
    (other_key, "note_signature"),
    (grown_checkpoint, "note_signature"),
    (unsigned_checkpoint, "note"),
    (checkpoint_with_extension, "note_signature"),
    (fact_of_no_entry, "facts"),
    (fact_of_no_opening, "facts"),
    (pointer_to_nothing, "pointer"),
    (pointer_into_the_prototype, "pointer"),
    (unknown_format, "facts"),
    (format_that_does_not_fit, "facts"),
    (voucher_of_another_party, "voucher"),
    (no_entries, "shape"),
    (nothing_at_all, "shape"),
]


@pytest.mark.parametrize("mangle, code", MANGLED, ids=lambda value: getattr(value, "__name__", ""))
def test_a_mangled_bundle_is_refused_by_name(
    good: Bundle, mangle: Callable[[Bundle], None], code: str
) -> None:
    mangled = copied(good)
    mangle(mangled)
    assert code_of(mangled) == code


def test_every_entry_that_is_needed_is_missed(good: Bundle) -> None:
    """Only the last one may be left out: it belongs to another lot and dates the check."""
    last = len(good["entries"]) - 1
    without = []
    for position in range(last + 1):
        mangled = copied(good)
        del mangled["entries"][position]
        without.append(mangled)
    passed = [position for position, answer in enumerate(check(*without)) if answer["ok"]]
    assert passed == [last]


def flipped(text: str, position: int) -> str:
    data = bytearray(text.encode())
    data[position] ^= 1
    return data.decode("utf-8", "replace")


def test_every_changed_byte_of_an_entry_is_refused(good: Bundle) -> None:
    position = position_of(good, "trace.lot.open")
    text = good["entries"][position]["entry"]
    small = {**copied(good), "facts": [], "vouchers": [], "openings": [], "address": None}
    changed = [flipped(text, byte) for byte in range(len(text.encode()))]
    as_it_is, *answers = check_each(small, ["entries", position, "entry"], [text, *changed])
    assert as_it_is["ok"]
    assert [byte for byte, answer in enumerate(answers) if answer["ok"]] == []


def test_every_changed_byte_of_the_checkpoint_is_refused(good: Bundle) -> None:
    text = good["checkpoint"]
    changed = [flipped(text, byte) for byte in range(len(text.encode()))]
    as_it_is, *answers = check_each(good, ["checkpoint"], [text, *changed])
    assert as_it_is["ok"]
    assert [byte for byte, answer in enumerate(answers) if answer["ok"]] == []


def test_every_changed_letter_of_salt_and_proof_is_refused(good: Bundle) -> None:
    places: list[tuple[list[str | int], str]] = [
        (["openings", 0, "salt"], good["openings"][0]["salt"]),
        (["entries", 4, "proof", 0], good["entries"][4]["proof"][0]),
    ]
    for where, old in places:
        changed = [
            old[:position] + ("B" if old[position] != "B" else "C") + old[position + 1 :]
            for position in range(43)
        ]
        as_it_is, *answers = check_each(good, where, [old, *changed])
        assert as_it_is["ok"]
        assert [answer for answer in answers if answer["ok"]] == []


def proof_of(log: SecondLog, **changes: Any) -> Proof:
    entries = tuple(ProvedEntry(i, data, tuple(log.proof(i))) for i, data in enumerate(log.entries))
    given = {"streams": {}, "lot": "", **changes}
    return Proof(log.origin, "h.example", log.vkey, log.checkpoint(), entries, **given)


def bare(log: SecondLog, **changes: Any) -> Bundle:
    """A bundle of every entry of a log, with nothing shown."""
    view = LotView(product=unlogged_fact("p", Words("产品"), "-"))
    return bundle(proof_of(log, **changes), view, "zh")


class LyingLog(SecondLog):
    """A log whose writer breaks one rule; tree and checkpoint are right for what it wrote."""

    def tamper(self, index: int, change: Callable[[Any], None]) -> None:
        entry = json.loads(self.entries[index])
        change(entry)
        self.entries[index] = rfc8785.dumps(entry)
        self._hashes[index] = sha256(b"\x00", self.entries[index])


@pytest.fixture
def lying() -> LyingLog:
    log = LyingLog(seed="lying")
    party = log.stream("org", "farm")
    key = log.introduce("farm", party)
    for step in range(3):
        log.append("trace.event.capture", [log.stream("lot", "a")], {}, {"raw": step}, key)
    return log


def set_prev(entry: Any) -> None:
    entry["seq"]["prev"] = b64url(bytes(32))


def set_stream_prev(entry: Any) -> None:
    entry["seq"]["streams"][0]["prev"] = b64url(bytes(32))


def set_n(entry: Any) -> None:
    entry["seq"]["streams"][0]["n"] = 4


def set_time_back(entry: Any) -> None:
    entry["seq"]["at"] = "2020-01-01T00:00:00.000000Z"


def set_other_streams(entry: Any) -> None:
    entry["seq"]["streams"][0]["id"] = "lot:BBBBBBBBBBBBBBBBBBBB"


def set_effective_at(entry: Any) -> None:
    entry["payload"]["effective_at"] = "2020-01-01T00:00:00.000000Z"


def set_actor(entry: Any) -> None:
    entry["payload"]["actor"] = b64url(bytes(32))


LIES = [
    (set_prev, "chain"),
    (set_stream_prev, "stream"),
    (set_n, "stream"),
    (set_time_back, "chain"),
    (set_other_streams, "entry"),
    (set_effective_at, "entry_signature"),
    (set_actor, "unknown_key"),
]


@pytest.mark.parametrize("lie, code", LIES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_log_that_breaks_its_own_rules_is_refused(
    lying: LyingLog, lie: Callable[[Any], None], code: str
) -> None:
    """The last entry is changed, so that no later `prev` gives it away."""
    lot = lying.stream("lot", "a")
    streams = {lot: lying.count(lot)}
    assert code_of(bare(lying, streams=streams)) == "passed"
    lying.tamper(len(lying.entries) - 1, lie)
    assert code_of(bare(lying, streams=streams)) == code


def test_a_signature_used_twice_is_refused(lying: LyingLog) -> None:
    def repeat(entry: Any) -> None:
        before = json.loads(lying.entries[-2])
        entry["payload"], entry["sig"] = before["payload"], before["sig"]

    lying.tamper(len(lying.entries) - 1, repeat)
    assert code_of(bare(lying)) == "chain"


@pytest.mark.parametrize("type", ["KEY", "MAP", "SEAL"])
def test_a_party_key_signs_no_entry_of_the_log_itself(lying: LyingLog, type: str) -> None:
    facts = {"custody": "own", "key": b64url(bytes(32)), "purpose": "party"}
    lying.append(type, [], facts, {}, lying.key("farm"))
    assert code_of(bare(lying)) == "authority"


def test_a_key_counts_only_after_the_entry_that_introduced_it(lying: LyingLog) -> None:
    early = lying.key("early")
    lying.append("trace.event.capture", [], {}, {}, early)
    lying.introduce("early", lying.stream("org", "early"))
    assert code_of(bare(lying)) == "unknown_key"


def test_a_recall_that_ended_is_none(lying: LyingLog) -> None:
    lot, recall = lying.stream("lot", "a"), lying.stream("rcl", "a")
    states = []
    for type in ("trace.recall.order", "trace.recall.end"):
        lying.append(type, [lot, recall], {}, {}, lying.key("farm"))
        states.append(check(bare(lying, lot=lot))[0]["result"]["recalled"])
    assert states == [True, False]


def test_a_recall_reaches_a_lot_through_a_continuation(lying: LyingLog) -> None:
    lot, recall = lying.stream("lot", "a"), lying.stream("rcl", "a")
    index = lying.append("trace.recall.order", [recall], {}, {}, lying.key("farm"))
    payload = json.loads(lying.entries[index])["payload"]
    name = b64url(sha256(b"ecotrace/payload/v1\x00", rfc8785.dumps(payload)))
    lying.append("CONT", [lot], {"of": name, "part": 1, "parts": 1}, {}, lying.key("farm"))
    assert check(bare(lying, lot=lot))[0]["result"]["recalled"] is True


ADDRESSES = [
    ("/p/xiaozhan-5kg", "passed"),
    ("/p/xiaozhan-5kg/10/XZ2026-01", "passed"),
    ("/p/xiaozhan-5kg/10/XZ2026-01/21/A234", "passed"),
    ("/p/xiaozhan-5kg/22/v1/10/XZ2026%2D01", "passed"),
    ("/p/xiaozhan-5kg/10/XZ2026-02", "address"),
    ("/p/other/10/XZ2026-01", "address"),
    ("/01/09520000000011", "address"),
    ("/t/RUN-0000123-K", "passed"),
]


@pytest.mark.parametrize("path, code", ADDRESSES)
def test_the_proof_is_about_the_thing_that_was_scanned(good: Bundle, path: str, code: str) -> None:
    assert code_of(good, path=path) == code


def test_a_pinned_key_refuses_another_log(good: Bundle) -> None:
    assert code_of(good, vkey=good["vkey"]) == "passed"
    assert code_of(good, vkey=SecondLog(seed="foreign").vkey) == "vkey"


def test_inclusion_vectors_of_others(vectors: Path) -> None:
    cases = [
        json.loads(file.read_text())
        for file in sorted((vectors / "rfc6962" / "inclusion").rglob("*.json"))
    ]
    # The script's indexes are numbers below 2^53; these are the log's own limits too.
    cases = [c for c in cases if 0 <= c["leafIdx"] < 2**53 and 0 <= c["treeSize"] < 2**53]
    jobs = [
        {
            "do": "inclusion",
            "leaf": case["leafHash"],
            "index": case["leafIdx"],
            "size": case["treeSize"],
            "root": case["root"],
            "proof": case["proof"] or [],
        }
        for case in cases
    ]
    assert len(jobs) > 50
    wrong = [
        case["desc"]
        for case, holds in zip(cases, run_script("driver.mjs", jobs), strict=True)
        if holds is bool(case.get("wantErr"))
    ]
    assert wrong == []


def test_json_parsing_vectors_of_others(vectors: Path) -> None:
    """`n_` is refused; of `y_` only fractions, huge numbers and repeated keys are."""
    texts = {}
    for file in sorted((vectors / "json-parsing").glob("*.json")):
        try:
            texts[file.name] = file.read_bytes().decode()
        except UnicodeDecodeError:
            continue  # no text at all: a bundle cannot carry it
    jobs = [{"do": "parse", "text": text} for text in texts.values()]
    accepted = dict(zip(texts, run_script("driver.mjs", jobs), strict=True))
    assert [name for name, ok in accepted.items() if ok and name.startswith("n_")] == []
    refused = {name for name, ok in accepted.items() if not ok and name.startswith("y_")}
    outside = re.compile(
        r"y_number|y_object_extreme_numbers|y_object_duplicated|y_structure_lonely_negative"
    )
    assert {name for name in refused if not outside.match(name)} == set()


def test_script_keeps_to_the_syntax_of_old_browsers() -> None:
    """ES2018 and BigInt: no `?.`, no `??`, no private or static members, no `import()`."""
    script = (DIST / "check.js").read_text()
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\'(?:[^\'\\\n]|\\.)*\'', '""', script)
    newer = re.compile(
        r"\?\.[A-Za-z_$(\[]|\?\?|[{;]static[ {#]|this\.#|\bimport\(|\|\|=|&&=|catch\{"
    )
    assert newer.findall(text) == []


def test_script_makes_no_network_call() -> None:
    script = (DIST / "check.js").read_text()
    for word in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import(", "EventSource"):
        assert word not in script


def test_script_and_style_stay_small() -> None:
    """What is left of 60 kB for the page itself is asked where pages are drawn."""
    sizes = {
        name: len(gzip.compress((DIST / name).read_bytes()))
        for name in ("check.js", "ecotrace.css")
    }
    assert sum(sizes.values()) < 30_000, sizes


def test_notes_of_base64_with_stray_bits_are_refused(good: Bundle) -> None:
    """The last letter before the padding may be spelled only one way."""
    text, _, signature = good["checkpoint"].partition("\n\n")
    name, _, blob = signature.strip().rpartition(" ")
    raw = base64.b64decode(blob)
    assert len(raw) == 68
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = blob.rstrip("=")[-1]
    other = alphabet[alphabet.index(last) ^ 1]
    changed = blob.rstrip("=")[:-1] + other + "=" * blob.count("=")
    mangled = {**good, "checkpoint": f"{text}\n\n{name} {changed}\n"}
    assert code_of(mangled) == "base64"
