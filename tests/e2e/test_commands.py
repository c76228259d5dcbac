"""Every command as an operator types it: both languages, `--json`, and what it exits with.

Exit codes: 0 done, 1 difference or refusal, 2 usage, 3 environment. The first words of lines and
the keys of `--json` are never translated. Commands run in this process where that shows the same
and in a process of their own where it might not: help, `init`, `serve`, and once the export of a
log and its check without a database.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.reader import LogReader
from runtime.database import Database
from tests.e2e.operator_desk import (
    DIFFERENCE,
    DONE,
    ENVIRONMENT,
    USAGE,
    Command,
    Said,
)
from tests.e2e.serving import Demo, ecotrace, environment

LANGUAGES = ("zh", "en")
ORIGIN = "log.example/commands"


@pytest.fixture(scope="module")
def plain_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node outside the demo, with an address that may be printed."""
    data = tmp_path_factory.mktemp("plain") / "data"
    words = ("--data", str(data), "--origin", ORIGIN, "--base-url", "https://trace.example")
    done = ecotrace("init", *words, LANG="en")
    assert done.returncode == DONE, done.stderr
    assert done.stdout.splitlines()[0] == f"initialised {ORIGIN}"
    assert "take them off-line" in done.stdout
    return data


@pytest.fixture
def plain(plain_template: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may break."""
    return Path(shutil.copytree(plain_template, tmp_path / "data"))


@pytest.fixture(scope="module")
def exported(told: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's log as anybody may fetch it."""
    out = tmp_path_factory.mktemp("exported") / "log"
    done = ecotrace("log", "export", "--out", str(out), DATA=str(told.data))
    assert done.returncode == DONE, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["size", "root"]
    return out


# ---- what every command has in common ----------------------------------------------------------

COMMANDS = (
    "demo", "init", "serve", "worker", "migrate", "verify", "doctor", "import epcis",
    "labels print", "log export", "log proof", "verify-proof", "points replay", "verify-answer",
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_list_of_commands_is_whole_and_speaks(lang: str) -> None:
    done = ecotrace("--help", LANG=lang)
    assert done.returncode == DONE
    for name in COMMANDS:
        assert name.split()[0] in done.stdout, name
    assert ("溯源" in done.stdout) == (lang == "zh")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_described(command: Command, name: str) -> None:
    said = command(*name.split(), "--help")
    assert said.code == DONE
    assert len(said.out.splitlines()[2].strip()) >= 2


USAGE_FAULTS = [
    ("nothing",),
    ("demo",),
    ("init", "--data", "x"),
    ("labels", "print", "--lot", "L"),
    ("labels", "print", "--lot", "L", "--count", "three", "--out", "x"),
    ("labels", "print", "--lot", "L", "--count", "1", "--format", "gif", "--out", "x"),
    ("import", "epcis"),
    ("import", "epcis", "no-such-file.json"),
    ("log", "proof", "one", "--out", "x"),
    ("verify-proof", "no-such-file"),
    ("verify-answer", "no-such-file", "--vkey", "no-such-file"),
    ("points", "replay", "--nothing"),
    ("serve", "--port", "http"),
]


@pytest.mark.parametrize("words", USAGE_FAULTS, ids=" ".join)
def test_a_wrong_line_exits_with_2(command: Command, words: tuple[str, ...]) -> None:
    assert command(*words).code == USAGE


NEEDING_A_NODE = [
    ("verify",), ("log", "export", "--out", "{tmp}/out"), ("log", "proof", "0", "--out", "{tmp}/p"),
    ("points", "replay"), ("labels", "print", "--lot", "L", "--count", "1", "--out", "{tmp}/l.pdf"),
    ("import", "epcis", "{file}"), ("worker",),
]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("words", NEEDING_A_NODE, ids=" ".join)
def test_without_a_node_everything_exits_with_3(
    command: Command, tmp_path: Path, words: tuple[str, ...], lang: str
) -> None:
    file = tmp_path / "events.json"
    file.write_text("{}")
    filled = [word.format(tmp=tmp_path, file=file) for word in words]
    said = command(*filled, DATA=tmp_path / "absent", LANG=lang)
    assert said.code == ENVIRONMENT
    assert said.err.startswith("environment ")
    assert not (tmp_path / "absent").exists()


BROKEN_SETTINGS: list[dict[str, str]] = [
    {"DATABASE_URL": "mysql://somewhere/db"},
    {"THREADS": "none"},
    {"LANG": "fr"},
    {"BASE_URL": "ftp://trace.example"},
    {"CAPTURE_LIMIT": "0"},
]


@pytest.mark.parametrize("wanted", BROKEN_SETTINGS, ids=str)
def test_a_broken_setting_exits_with_3(
    command: Command, told: Demo, wanted: dict[str, str]
) -> None:
    said = command("points", "replay", **{"DATA": told.data, **wanted})
    assert said.code == ENVIRONMENT
    assert next(iter(wanted)) in said.err


# ---- demo, init, migrate, doctor ---------------------------------------------------------------


def test_the_demo_tells_its_codes_in_lines(told: Demo) -> None:
    lines = told.printed.splitlines()
    words = [line.split()[0] for line in lines]
    assert set(words) == {"scan", "credit", "refused"}
    assert words.count("credit") == 1
    assert all(line.split()[2].startswith(told.base_url) for line in lines if line[:5] == "scan ")
    assert told.credit.startswith("curl ")
    refusals = [line for line in lines if line.startswith("refused ")]
    assert any("9,360" in line for line in refusals)
    assert any("10,000" in line for line in refusals)


def test_the_demo_in_english_and_as_json(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    words = ("demo", "--data", str(folder), "--no-serve", "--json")
    done = command(*words, LANG="en")
    assert done.code == DONE, done.err
    found = done.json
    assert set(found) == {"scan", "credit", "refused"}
    assert {"what", "url"} == set(found["scan"][0])
    assert found["scan"][0]["url"].startswith("http://127.0.0.1:8000/")
    again = command(*words, LANG="en")
    assert again.code == DIFFERENCE
    assert again.json["refused"][0]["code"] == "log_exists"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_init_refuses_a_second_time(command: Command, plain: Path, lang: str) -> None:
    before = sorted(path.name for path in plain.iterdir())
    said = command("init", "--data", plain, "--origin", "other.example", LANG=lang)
    assert said.code == DIFFERENCE
    assert said.err.startswith("refused log_exists ")
    assert ("已经建立" in said.err) == (lang == "zh")
    assert sorted(path.name for path in plain.iterdir()) == before
    assert command("doctor", DATA=plain).code == DONE, "the first node still stands"


@pytest.mark.parametrize("origin", ["", "with space", "日志"])
def test_init_refuses_a_name_that_is_no_origin(
    command: Command, tmp_path: Path, origin: str
) -> None:
    said = command("init", "--data", tmp_path / "data", "--origin", origin)
    assert said.code in (DIFFERENCE, ENVIRONMENT)
    assert command("init", "--data", tmp_path / "data", "--origin", ORIGIN).code == DONE
    assert command("doctor", DATA=tmp_path / "data").code == DONE


def test_migrate_says_where_it_stands(command: Command, plain: Path) -> None:
    said = command("migrate", DATA=plain)
    assert (said.code, said.first_words) == (DONE, ["revision"])
    found = command("migrate", "--json", DATA=plain).json
    assert found["revision"] == found["before"] == said.lines[0][1]


def test_doctor_finds_nothing_wrong_with_a_demo(command: Command, told: Demo) -> None:
    said = command("doctor", DATA=told.data)
    assert (said.code, said.first_words) == (DONE, ["healthy"])
    assert command("doctor", "--json", DATA=told.data).json == {"findings": [], "healthy": True}


def _no_data(_: Path) -> dict[str, str]:
    return {"DATA": "/nonexistent"}


def _no_keys(data: Path) -> dict[str, str]:
    (data / "keys.sqlite3").unlink()
    return {}


def _no_master_key(data: Path) -> dict[str, str]:
    (data / "master.key").unlink()
    return {}


def _another_master_key(data: Path) -> dict[str, str]:
    file = data / "master.key"
    text = file.read_text()
    file.write_text(text[:5] + ("A" if text[5] != "A" else "B") + text[6:])
    return {}


def _keys_for_everybody(data: Path) -> dict[str, str]:
    (data / "master.key").chmod(0o644)
    return {}


def _no_database(data: Path) -> dict[str, str]:
    (data / "ecotrace.sqlite3").unlink()
    return {}


def _no_sqlite(data: Path) -> dict[str, str]:
    (data / "ecotrace.sqlite3").write_bytes(b"this is no database" * 500)
    return {}


def _other_origin(_: Path) -> dict[str, str]:
    return {"ORIGIN": "somebody.else.example"}


def _keys_beside_data(data: Path) -> dict[str, str]:
    return {"KEYS_URL": f"sqlite:///{data / 'ecotrace.sqlite3'}"}


def _files_without_credentials(_: Path) -> dict[str, str]:
    return {"FILES_URL": "s3://files?region=cn-north-1"}


def _broken_settings(data: Path) -> dict[str, str]:
    (data / "settings.json").write_text("{", encoding="utf-8")
    return {}


FAULTS: list[tuple[Callable[[Path], dict[str, str]], set[str]]] = [
    (_no_data, {"key_file"}),
    (_no_keys, {"vault", "log_keys_missing"}),
    (_no_master_key, {"key_file"}),
    (_another_master_key, {"key_file", "vault"}),
    (_keys_for_everybody, {"key_file"}),
    (_no_database, {"other_revision", "database"}),
    (_no_sqlite, {"database"}),
    (_other_origin, {"other_origin", "vault", "log_keys_missing"}),
    (_keys_beside_data, {"keys_beside_data"}),
    (_files_without_credentials, {"files_unavailable"}),
    (_broken_settings, {"setting"}),
]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("breaking, codes", FAULTS, ids=[each[0].__name__ for each in FAULTS])
def test_doctor_names_what_is_broken(
    command: Command,
    plain: Path,
    breaking: Callable[[Path], dict[str, str]],
    codes: set[str],
    lang: str,
) -> None:
    wanted = {"DATA": str(plain), "LANG": lang} | breaking(plain)
    said = command("doctor", **wanted)
    assert said.code == DIFFERENCE
    found = {words[1] for words in said.lines if words[0] == "fault"}
    assert found & codes, said.out
    assert set(said.first_words) <= {"fault", "warning"}
    told_json = command("doctor", "--json", **wanted).json
    assert not told_json["healthy"]
    assert {each["code"] for each in told_json["findings"] if each["level"] == "fault"} == found


def test_doctor_warns_of_what_is_not_yet_wrong(command: Command, plain: Path) -> None:
    said = command("doctor", DATA=plain, BASE_URL="http://127.0.0.1", COLOUR="green")
    assert said.code == DONE
    found = {words[1] for words in said.lines if words[0] == "warning"}
    assert found == {"unknown_setting", "base_url_not_public", "root_keys_on_line"}


# ---- import epcis ------------------------------------------------------------------------------


def test_every_valid_document_is_taken(command: Command, told: Demo, vectors: Path) -> None:
    files = sorted((vectors / "epcis" / "valid").glob("*.json"))
    assert len(files) > 30
    said = command("import", "epcis", *files, DATA=told.data)
    assert said.code == DONE, said.out
    assert set(said.first_words) <= {"accepted", "duplicate", "clash"}
    assert said.first_words.count("accepted") >= 30
    again = command("import", "epcis", *files, "--json", DATA=told.data)
    assert again.code == DONE
    outcomes = {each["outcome"] for each in again.json["events"]}
    assert outcomes <= {"duplicate", "clash"}
    assert len(again.json["events"]) == len(said.lines)


INVALID = 8


def test_every_invalid_document_names_event_and_field(
    command: Command, told: Demo, vectors: Path
) -> None:
    files = sorted((vectors / "epcis" / "invalid").glob("*.json"))
    assert len(files) == INVALID
    size = command("log", "export", "--out", told.data / "before", DATA=told.data).lines[0]
    for file in files:
        for lang in LANGUAGES:
            said = command("import", "epcis", file, DATA=told.data, LANG=lang)
            assert said.code == DIFFERENCE, file.name
            rejected = [words for words in said.lines if words[0] == "rejected"]
            assert rejected, file.name
            for words in rejected:
                assert words[2].isdigit(), "the index of the event"
                assert words[3].startswith("/"), "the JSON pointer"
        assert "accepted" not in said.first_words
        found = command("import", "epcis", file, "--json", DATA=told.data).json["events"]
        assert {each["outcome"] for each in found} == {"rejected"}
    after = command("log", "export", "--out", told.data / "after", DATA=told.data).lines[0]
    assert after == size, "nothing was written"


BAD_FILES: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "syntax"),
    ("no JSON", b"<xml/>", "syntax"),
    ("NaN", b'{"a": NaN}', "syntax"),
    ("twice", b'{"a": 1, "a": 2}', "duplicate_key"),
    ("half a character", b'{"a": "\\ud800"}', "lone_surrogate"),
    ("no UTF-8", b'{"a": "\xff"}', "not_utf8"),
    ("deep", b"[" * 5000, "too_deep"),
    ("long", b'"' + b"a" * (2 << 20) + b'"', "too_large"),
    ("a list", b"[]", ""),
    ("an empty object", b"{}", ""),
]


@pytest.mark.parametrize(
    "content, code", [each[1:] for each in BAD_FILES], ids=[n for n, _, _ in BAD_FILES]
)
def test_what_is_no_document_is_refused(
    command: Command, told: Demo, tmp_path: Path, content: bytes, code: str
) -> None:
    file = tmp_path / "events.json"
    file.write_bytes(content)
    said = command("import", "epcis", file, DATA=told.data)
    assert said.code == DIFFERENCE
    assert set(said.first_words) == {"rejected"}
    assert code in said.lines[0][1]


def test_a_party_that_nobody_knows_is_refused(command: Command, told: Demo, vectors: Path) -> None:
    file = vectors / "epcis" / "valid" / "AggregationEvent.json"
    said = command("import", "epcis", "--as", "org:nobody", file, DATA=told.data)
    assert said.code == DIFFERENCE
    assert said.err.startswith("refused party_unknown ")


# ---- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["pdf", "png", "svg"])
def test_labels_are_printed_into_files(
    command: Command, told: Demo, tmp_path: Path, form: str
) -> None:
    out = tmp_path / f"labels.{form}"
    words = ("labels", "print", "--lot", "YS1105", "--count", "2", "--format", form, "--out", out)
    said = command(*words, DATA=told.data)
    assert said.code == DONE, said.err
    assert said.lines[0][0] == "printed"
    assert said.lines[0][2] == "2"
    files = [Path(name) for name in said.lines[0][3:]]
    assert len(files) == (1 if form == "pdf" else 2)
    heads = {"pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<svg"}
    assert all(file.read_bytes().lstrip().startswith(heads[form]) for file in files)


NO_LABELS = [
    (("--lot", "NEVER", "--count", "1"), "lot_unknown"),
    (("--lot", "{rice}", "--count", "1", "--with-mark"), "over_certified"),
    (("--lot", "YS1105", "--count", "1", "--with-mark"), "mark_not_allowed"),
    (("--lot", "YS1105", "--count", "0"), "label_count_malformed"),
    (("--lot", "YS1105", "--count", "-5"), "label_count_malformed"),
]


@pytest.mark.parametrize("words, code", NO_LABELS, ids=[code for _, code in NO_LABELS])
def test_labels_that_may_not_be_printed(
    command: Command, told: Demo, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    rice = told.scans["lot"].rpartition("/")[2]
    filled = [word.format(rice=rice) for word in words]
    out = tmp_path / "labels.pdf"
    said = command("labels", "print", *filled, "--out", out, DATA=told.data, LANG="en")
    assert said.code == DIFFERENCE
    assert code in said.err, said.err
    assert not out.exists()


@pytest.mark.parametrize(
    "base_url", ["", "http://trace.example", "https://192.0.2.1", "https://localhost"]
)
def test_outside_the_demo_only_a_public_address_is_printed(
    command: Command, plain: Path, tmp_path: Path, base_url: str
) -> None:
    lot = _lot_of(plain)
    if not base_url:
        _forget_base_url(plain)
    out = tmp_path / "labels.pdf"
    words = ("labels", "print", "--lot", lot, "--count", "1", "--out", out)
    for lang in LANGUAGES:
        said = command(*words, DATA=plain, BASE_URL=base_url, LANG=lang)
        assert said.code == DIFFERENCE
        assert said.err.startswith("refused base_url_not_public ")
        assert not out.exists()
    assert command(*words, DATA=plain, BASE_URL="https://trace.example").code == DONE


def _forget_base_url(data: Path) -> None:
    file = data / "settings.json"
    told = json.loads(file.read_text("utf-8"))
    del told["base_url"]
    file.write_text(json.dumps(told), "utf-8")


def _lot_of(data: Path) -> str:
    """Register a firm with a product and a harvested lot on a node; gives the lot."""
    from datetime import timedelta

    from ecotrace.assembly import close_node, open_node
    from ecotrace.demo.stage import invented_code
    from identity.actor import SYSTEM
    from identity.parties.model import RegisterParty
    from identity.parties.service import register_operator, register_party
    from runtime.settings import load
    from trace.lots.service import OpenLot
    from trace.products.service import RegisterProduct, register_product
    from trace.steps.service import LotAmount, RecordStep, record_step
    from workflows.open_lot import open_lot

    node = open_node(load({"ECOTRACE_DATA": str(data)}))
    at = node.clock.now() - timedelta(days=1)
    try:
        office = RegisterParty(
            "public_office", "演示办公室", "Demo office", invented_code(1), "120112"
        )
        node.unit.run(register_operator, office, actor=SYSTEM)
        firm = RegisterParty("family_farm", "演示农场", "Demo farm", None, "120112102")
        owner = node.unit.run(register_party, firm, actor=SYSTEM).id
        product = RegisterProduct(owner, "BOX", "演示蔬菜", "Greens", "vegetable", "pieces")
        product_id = node.unit.run(register_product, product, actor=SYSTEM).id
        lot = node.unit.run(open_lot, OpenLot(owner, product_id, "L1", at, None), actor=SYSTEM).id
        goods = (LotAmount(lot, "10", "箱"),)
        step = RecordStep(owner, "harvest", at, "https://trace.example", outputs=goods)
        node.unit.run(record_step, step, actor=SYSTEM)
    finally:
        close_node(node)
    return lot


# ---- the log -----------------------------------------------------------------------------------


def test_verify_prints_size_and_root(command: Command, told: Demo) -> None:
    said = command("verify", DATA=told.data)
    assert said.code == DONE, said.out + said.err
    found = {words[0]: words[1] for words in said.lines}
    database = Database(f"sqlite:///{told.data / 'ecotrace.sqlite3'}")
    with database.read() as session:
        head = LogReader(session).head()
    database.dispose()
    assert (found["size"], found["root"]) == (str(head.size), head.root.hex())
    told_json = command("verify", "--json", DATA=told.data).json
    assert (told_json["size"], told_json["root"]) == (head.size, head.root.hex())


def test_an_exported_log_is_verified_without_a_database(
    command: Command, exported: Path, tmp_path: Path
) -> None:
    absent = tmp_path / "absent"
    done = ecotrace("verify", "--log", str(exported), DATA=str(absent), LANG="zh")
    said = command("verify", "--log", exported, DATA=absent, LANG="en")
    for each in (Said(done.returncode, done.stdout, done.stderr), said):
        assert each.code == DONE, each.out + each.err
        assert each.first_words[:2] == ["size", "root"]
    assert not absent.exists()


def test_verify_takes_the_key_that_the_reader_trusts(
    command: Command, exported: Path, plain: Path, tmp_path: Path
) -> None:
    vkey = tmp_path / "vkey"
    shutil.copy(exported / "vkey", vkey)
    assert command("verify", "--log", exported, "--vkey", vkey, DATA=tmp_path / "no").code == DONE
    assert command("log", "export", "--out", tmp_path / "other", DATA=plain).code == DONE
    foreign = tmp_path / "other" / "vkey"
    said = command("verify", "--log", exported, "--vkey", foreign, DATA=tmp_path / "no")
    assert said.code == DIFFERENCE
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("no key at all\n")
    said = command("verify", "--log", exported, "--vkey", nonsense, DATA=tmp_path / "no")
    assert said.code in (DIFFERENCE, USAGE)


def _copied(exported: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "log"))


def _files(log: Path) -> Iterator[Path]:
    yield log / "checkpoint"
    yield from sorted(path for path in (log / "tile").rglob("*") if path.is_file())


def test_a_changed_byte_of_an_exported_log_is_found(
    command: Command, exported: Path, tmp_path: Path
) -> None:
    log = _copied(exported, tmp_path)
    for file in _files(log):
        whole = file.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 2):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            said = command("verify", "--log", log, DATA=tmp_path / "no")
            assert said.code == DIFFERENCE, f"{file.relative_to(log)} at {place}"
        file.write_bytes(whole[:-1])
        assert command("verify", "--log", log, DATA=tmp_path / "no").code == DIFFERENCE
        file.unlink()
        assert command("verify", "--log", log, DATA=tmp_path / "no").code == DIFFERENCE
        file.write_bytes(whole)
    assert command("verify", "--log", log, DATA=tmp_path / "no").code == DONE


def _proof(command: Command, told: Demo, index: int, out: Path) -> Said:
    return command("log", "proof", str(index), "--out", out, DATA=told.data)


def test_a_proof_is_verified_without_a_database(
    command: Command, told: Demo, exported: Path, tmp_path: Path
) -> None:
    vkey = exported / "vkey"
    for index in (0, 1, 7):
        file = tmp_path / f"{index}.tlog-proof"
        assert _proof(command, told, index, file).lines[0][:2] == ["proof", str(index)]
        for lang in LANGUAGES:
            said = command("verify-proof", file, "--vkey", vkey, DATA=tmp_path / "no", LANG=lang)
            assert said.code == DONE, said.out + said.err
        assert str(index) in said.out
        assert command("verify-proof", file, "--vkey", vkey, "--json", DATA=tmp_path / "no").json


def test_a_mangled_proof_is_refused(
    command: Command, told: Demo, exported: Path, tmp_path: Path
) -> None:
    file = tmp_path / "3.tlog-proof"
    _proof(command, told, 3, file)
    whole = file.read_text()
    lines = whole.splitlines(keepends=True)
    mangled = ["", "\n", whole[: len(whole) // 2], whole.replace("index 3", "index 4")]
    mangled += ["".join([*lines[:n], *lines[n + 1 :]]) for n in range(len(lines))]
    for text in {each for each in mangled if each != whole}:
        file.write_text(text)
        said = command("verify-proof", file, "--vkey", exported / "vkey", DATA=tmp_path / "no")
        assert said.code == DIFFERENCE, text


@pytest.mark.parametrize("index", [10**6, 2**63])
def test_there_is_no_proof_of_what_is_not_there(
    command: Command, told: Demo, tmp_path: Path, index: int
) -> None:
    said = _proof(command, told, index, tmp_path / "p")
    assert (said.code, said.first_words) == (DIFFERENCE, ["missing"])
    assert not (tmp_path / "p").exists()


TAMPERED = [
    ("entries", "UPDATE entries SET bytes = CAST(REPLACE(CAST(bytes AS TEXT), 'lot:', 'lot;') AS BLOB) "
     "WHERE \"index\" = (SELECT MAX(\"index\") FROM entries WHERE CAST(bytes AS TEXT) LIKE '%lot:%')"),
    ("entries", 'DELETE FROM entries WHERE "index" = 5'),
    ("products", "UPDATE products SET name_zh = '五常大米' WHERE gtin IS NOT NULL"),
    ("lots", "UPDATE lots SET code = 'OTHER' WHERE code = 'YS1105'"),
    ("label_runs", "UPDATE label_runs SET count = count + 1"),
    ("openings", "UPDATE openings SET ciphertext = zeroblob(length(ciphertext)) WHERE payload_id IN "
     "(SELECT payload_id FROM openings LIMIT 1)"),
]  # fmt: skip


@pytest.mark.parametrize("table, change", TAMPERED, ids=[f"{t}-{c[:6]}" for t, c in TAMPERED])
def test_an_insiders_change_is_found_and_named(
    command: Command, told: Demo, tmp_path: Path, table: str, change: str
) -> None:
    """Whoever holds the file drops the triggers and writes; `verify` says where."""
    data = Path(shutil.copytree(told.data, tmp_path / "data"))
    file = sqlite3.connect(data / "ecotrace.sqlite3")
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    assert file.execute(change).rowcount >= 1
    file.commit()
    file.close()
    said = command("verify", DATA=data)
    assert said.code == DIFFERENCE, said.out
    named = [line for line in said.out.splitlines() if line.startswith("difference ")]
    assert any(table in line for line in named), said.out


# ---- points and answers ------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_points_are_rebuilt_from_the_log(command: Command, told: Demo, lang: str) -> None:
    said = command("points", "replay", DATA=told.data, LANG=lang)
    assert said.code == DONE
    assert set(said.first_words) == {"balance", "transfers"}
    found = command("points", "replay", "--json", DATA=told.data, LANG=lang).json
    assert found["differences"] == []
    assert sorted(found["balances_milli"].values()) == [-300_000, 20_000]
    assert found["transfers"] == 2, "one award, one deduction"


# ---- serve -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_serve_warns_when_its_port_differs(
    command: Command, monkeypatch: pytest.MonkeyPatch, told: Demo, lang: str
) -> None:
    begun: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _path, words: begun.append(words))
    # `serve` tells the server which folder it means; the test takes that back.
    monkeypatch.setenv("ECOTRACE_DATA", str(told.data))
    assert command("serve", "--port", told.port, DATA=told.data, LANG=lang).err == ""
    said = command("serve", "--port", told.port + 1, DATA=told.data, LANG=lang)
    assert said.err.startswith("warning ")
    assert told.base_url in said.err
    assert ("端口" in said.err) == (lang == "zh")
    assert [words[words.index("--bind") + 1].partition(":")[2] for words in begun] == [
        str(told.port),
        str(told.port + 1),
    ]


@pytest.mark.parametrize("starting", ["-m ecotrace", "script"])
def test_commands_start_from_any_folder(tmp_path: Path, told: Demo, starting: str) -> None:
    """The folder `trace` is ours wherever the command is started."""
    import subprocess
    import sys

    script = Path(sys.executable).with_name("ecotrace")
    words = [sys.executable, "-m", "ecotrace"] if starting == "-m ecotrace" else [str(script)]
    done = subprocess.run(
        [*words, "points", "replay"],
        cwd=tmp_path,
        env=environment(DATA=str(told.data)),
        capture_output=True,
        check=False,
    )
    assert done.returncode == DONE, done.stderr.decode()
