"""What the documents must name: everything that a user can meet, and nothing that is not there."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Blueprint, Flask

from ecotrace import PROJECT
from ecotrace.cli.commands import cli
from ecotrace.endpoints_page import endpoints_page
from ecotrace.entry_types import DECLARED
from ecotrace.pages import PAGES
from ecotrace.refusals_page import refusal_enums
from ecotrace.tables import CLASSES
from ledger.checker.report import Fault
from ledger.entry_types import RESERVED
from runtime.refusal import RefusalCode
from runtime.settings import SETTINGS
from tests.house import source

DOCS = PROJECT / "docs"
READMES = (PROJECT / "README.md", PROJECT / "README.zh.md")
PAGES_OF_OURS = (*READMES, PROJECT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def missing(names: Iterator[str] | list[str], text: str) -> list[str]:
    return [name for name in names if f"`{name}`" not in text]


# --- settings, tables, entry types, refusals -----------------------------------------------------


def test_every_setting_is_there() -> None:
    assert missing([each.variable for each in SETTINGS], page("settings.md")) == []


def test_settings_that_a_document_names_are_settings() -> None:
    known = {each.variable for each in SETTINGS}
    for path in PAGES_OF_OURS:
        named = set(re.findall(r"\bECOTRACE_[A-Z_]+\b", path.read_text("utf-8")))
        assert named <= known, path.name


def test_every_table_is_there() -> None:
    assert missing(list(CLASSES), page("tables.md")) == []


def test_every_entry_type_is_there() -> None:
    names = [*(each.type for each in DECLARED), *sorted(RESERVED)]
    assert missing(names, page("log-format.md")) == []


def test_every_refusal_is_there_under_its_enum() -> None:
    sections = re.split(r"^## ", page("refusals.md"), flags=re.MULTILINE)
    by_title = {part.partition("\n")[0]: part for part in sections}
    for enum in refusal_enums():
        section = by_title[f"`{enum.__module__}.{enum.__qualname__}`"]
        codes = re.findall(r"^\| `(\w+)` \| (\d{3}) \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE)
        assert codes == [(each.code, str(each.sentence.status)) for each in enum]


def test_every_difference_of_the_checker_is_there() -> None:
    assert missing([each.name.lower() for each in Fault], page("refusals.md")) == []


def test_no_enum_of_refusals_is_overlooked() -> None:
    """An enum that nothing imports would be drawn by nobody: the source is asked as well."""
    written = {
        f"{'.'.join(module.path.with_suffix('').parts)}.{node.name}"
        for module in source.modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and any(_names(base) for base in node.bases)
    }
    assert written == {f"{each.__module__}.{each.__qualname__}" for each in refusal_enums()}


def _names(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == RefusalCode.__name__


# --- commands ------------------------------------------------------------------------------------


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(leaves(cli))


def described() -> dict[str, str]:
    """Give the part of each command in docs/commands.md, by its name without `ecotrace`."""
    parts = re.split(r"^### `ecotrace (.+)`$", page("commands.md"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_commands_are_those_of_the_page() -> None:
    assert sorted(described()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_there(name: str) -> None:
    rows = re.findall(r"^\| `([-\w]+)`", described()[name], re.MULTILINE)
    assert sorted(row.casefold() for row in rows) == sorted(
        _shown(each) for each in COMMANDS[name].params
    )


def _shown(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Argument):
        return str(parameter.name).casefold()
    return parameter.opts[0]


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    for path in sorted((PROJECT / "ecotrace" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (name := _called(node)) in names:
                yield name, node


def _called(node: ast.Call) -> str:
    target = node.func
    return str(getattr(target, "attr", getattr(target, "id", "")))


def literals(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def test_every_first_word_is_there() -> None:
    """Words that programs read; outcomes of events come from a variable and are not seen here."""
    text = page("commands.md")
    words = {word for _, call in calls({"line"}) for word in _first(call)}
    assert {"scan", "credit", "rejected", "size", "root"} <= words
    assert [word for word in words if not re.search(rf"`{re.escape(word)}[ `]", text)] == []


def _first(call: ast.Call) -> list[str]:
    word = call.args[0] if call.args else None
    return [word.value] if isinstance(word, ast.Constant) and isinstance(word.value, str) else []


def test_every_key_of_json_is_there() -> None:
    text = page("commands.md")
    keys = {
        str(key.value)
        for _, call in calls({"answer"})
        for each in call.args
        for node in ast.walk(each)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant)
    }
    assert {"scan", "size", "root", "good"} <= keys
    assert missing(sorted(keys), text) == []


def test_the_exit_codes_are_there() -> None:
    assert re.findall(r"^\| (\d) \|", page("commands.md"), re.MULTILINE) == ["0", "1", "2", "3"]


def test_what_doctor_says_is_there() -> None:
    section = page("operating.md").partition("## What doctor says")[2].partition("\n## ")[0]
    rows = set(re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.MULTILINE))
    said = {
        (texts[1], texts[0]) for _, call in calls({"Finding"}) if (texts := _plain(call.args[:2]))
    }
    assert said == rows


def _plain(arguments: list[ast.expr]) -> list[str]:
    texts = [each.value for each in arguments if isinstance(each, ast.Constant)]
    return [str(text) for text in texts] if len(texts) == len(arguments) else []


# --- addresses -----------------------------------------------------------------------------------


def test_the_endpoints_are_drawn_from_the_application() -> None:
    assert page("endpoints.md") == PAGES["endpoints.md"](), "run `make docs`"


def test_every_address_says_what_it_does() -> None:
    rows = re.findall(r"^\| ([A-Z]+) \| `(/[^`]*)` \| (.*) \|$", page("endpoints.md"), re.MULTILINE)
    assert {"/healthz", "/log/checkpoint", "/console/sign-in"} <= {
        address for _, address, _ in rows
    }
    assert [address for _, address, told in rows if not told.endswith((".", "form.", "`."))] == []


def test_a_new_address_makes_a_new_row() -> None:
    app = Flask("sample", static_folder=None)
    faces = Blueprint("faces", __name__)

    @faces.route("/a/<x>", methods=["GET", "PUT"])
    def view(x: str) -> str:
        """Do one thing
        or | another.

        And more.
        """
        return x

    app.register_blueprint(faces)
    drawn = endpoints_page(app)
    assert r"| GET | `/a/<x>` | Do one thing or \| another. |" in drawn
    assert r"| PUT | `/a/<x>` | Do one thing or \| another. |" in drawn


def test_readiness_is_described() -> None:
    tree = ast.parse((PROJECT / "ecotrace" / "operation.py").read_text("utf-8"))
    (faults,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_faults"
    ]
    lists = [node for node in ast.walk(faults) if isinstance(node, ast.List)]
    names = [name for each in lists for name in literals(each)]
    assert names
    assert missing(names, page("operating.md")) == []


# --- claims --------------------------------------------------------------------------------------

WORDS = json.loads((PROJECT / "static" / "words.json").read_text("utf-8"))
# Of the page /verify: what names a field or says what is going on, and so claims nothing.
LABELS = {
    "title", "address", "address_hint", "go", "picture", "proof_file", "not_address", "fetching",
    "reading", "no_code", "nothing", "facts", "entry_head", "log", "entry", "type", "effective",
    "recorded", "pinned",
}  # fmt: skip


def claimed() -> list[tuple[str, str]]:
    """Give the sentences of docs/claims.md, Chinese and English."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| .+ \| .+ \| `tests/", page("claims.md"), re.MULTILINE)
    return [(zh, en) for zh, en in rows]


def sentences() -> list[tuple[str, str]]:
    """Give what the pages say that somebody has to be honest for."""
    pairs = [
        *WORDS["verdicts"],
        *WORDS["check"].values(),
        *(each for name, each in WORDS["patterns"].items() if name.startswith("voucher_")),
        *(each for name, each in WORDS["verify"].items() if name not in LABELS),
    ]
    return [(each["zh"], each["en"]) for each in pairs]


def test_every_sentence_of_the_pages_stands_in_the_claims() -> None:
    assert set(WORDS["verify"]) >= LABELS
    assert [pair for pair in sentences() if pair not in claimed()] == []


def test_every_claim_is_a_sentence_of_the_pages() -> None:
    folders = (PROJECT / "public_api", PROJECT / "web")
    files = [path for folder in folders for path in folder.rglob("*") if _is_text(path)]
    used = "\n".join(path.read_text("utf-8") for path in files)
    rest = [pair for pair in claimed() if pair not in sentences()]
    assert rest
    assert [pair for pair in rest if pair[0] not in used or pair[1] not in used] == []


def _is_text(path: Path) -> bool:
    return path.suffix in (".py", ".html")


NAMED_TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page("claims.md"))))


@pytest.mark.parametrize(("path", "name"), NAMED_TESTS)
def test_a_test_that_a_claim_names_is_there(path: str, name: str) -> None:
    tree = ast.parse((PROJECT / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


# --- pages and links -----------------------------------------------------------------------------


def code_blocks(text: str) -> list[str]:
    return re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    bare = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^(#+) \S", bare, re.MULTILINE)


def targets(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)


def test_both_readmes_are_built_alike() -> None:
    english, chinese = (path.read_text("utf-8") for path in READMES)
    assert headings(english) == headings(chinese)
    assert code_blocks(english) == code_blocks(chinese)
    other = {"README.md", "README.zh.md"}
    assert [each for each in targets(english) if each not in other] == [
        each for each in targets(chinese) if each not in other
    ]
    for line in ("- ", "|"):
        assert _count(english, line) == _count(chinese, line)


def _count(text: str, start: str) -> int:
    return sum(line.startswith(start) for line in text.splitlines())


@pytest.mark.parametrize("path", PAGES_OF_OURS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in targets(path.read_text("utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        file, _, part = target.partition("#")
        linked = (path.parent / file) if file else path
        assert linked.exists(), target
        assert not part or part in anchors(linked), target


def anchors(path: Path) -> set[str]:
    """Give the anchors that GitHub makes of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_every_page_and_decision_is_listed() -> None:
    listed = set(targets(page("architecture.md")))
    there = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    assert there - {"architecture.md"} <= listed


COMMAND = r"(?:`|bin/)ecotrace ([a-z]+(?:-[a-z]+)?)\b"


def test_commands_that_a_document_shows_are_commands() -> None:
    for path in PAGES_OF_OURS:
        for words in re.findall(COMMAND, path.read_text("utf-8")):
            assert words in cli.commands, (path.name, words)
