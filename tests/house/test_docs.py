"""Documents that fail the build when the code has left them behind."""

from __future__ import annotations

import re
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from ecotrace import PROJECT
from ecotrace.pages import PAGES, tables_page, write
from ecotrace.tables import CLASSES, HISTORY, TableDeclarationError, check, metadata, modules
from runtime.database import TableClass

DOCS = PROJECT / "docs"
RECORDS = sorted((DOCS / "adr").glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_drawn_pages_are_what_is_drawn_now(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == PAGES[name](), "run `make docs`"


def test_the_page_shows_every_table_with_class_and_history() -> None:
    page = PAGES["tables.md"]()
    section, shown = "", {}
    for line in page.splitlines():
        section = line[3:] if line.startswith("## ") else section
        if row := re.match(r"\| `(\w+)` \| (yes|no) \| \S", line):
            shown[row[1]] = (section, row[2] == "yes")
    assert shown == {name: (kind.value, name in HISTORY) for name, kind in CLASSES.items()}


def test_writing_pages_touches_only_what_differs(tmp_path: Path) -> None:
    write(tmp_path)
    first = (tmp_path / "tables.md").stat().st_mtime_ns
    write(tmp_path)
    assert (tmp_path / "tables.md").stat().st_mtime_ns == first
    (tmp_path / "tables.md").write_text("old")
    write(tmp_path)
    assert (tmp_path / "tables.md").read_text("utf-8") == PAGES["tables.md"]()


def test_all_modules_of_tables_are_found(tmp_path: Path) -> None:
    for path in ("trace/lots/tables.py", "ledger/tables.py", "tests/tables.py", "trace/x/model.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert list(modules(tmp_path)) == ["ledger.tables", "trace.lots.tables"]


GOOD = {"info": {"class": TableClass.LOG, "history": True}, "comment": "Says what it holds."}


@pytest.mark.parametrize(
    ("columns", "says", "wrong"),
    [
        ([Column("id", Integer, primary_key=True)], GOOD, None),
        ([Column("id", Integer, primary_key=True)], {**GOOD, "info": {}}, "names no class"),
        ([Column("id", Integer, primary_key=True)], {**GOOD, "comment": None}, "what it holds"),
        ([Column("id", Integer)], GOOD, "no primary key"),
    ],
)
def test_a_table_says_what_it_must(
    columns: list[Column[int]], says: dict[str, Any], wrong: str | None
) -> None:
    table = Table("things", MetaData(), *columns, **says)
    if wrong is None:
        check(table)
        assert "| `things` | yes | Says what it holds. |" in tables_page([table])
    else:
        with pytest.raises(TableDeclarationError, match=wrong):
            check(table)


def test_the_log_is_history() -> None:
    assert {name for name, kind in CLASSES.items() if kind is TableClass.LOG} & set(HISTORY)
    assert set(HISTORY) <= {table.name for table in metadata.sorted_tables}


def test_decisions_are_numbered_without_a_gap() -> None:
    assert RECORDS
    for number, path in zip(count(1), RECORDS, strict=False):
        assert path.name.startswith(f"{number:04}-")


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_says_what_was_decided_why_and_at_what_price(path: Path) -> None:
    record = path.read_text("utf-8")
    assert re.match(r"# \d+\. \S", record)
    assert int(record[2:].partition(".")[0]) == int(path.name[:4])
    headings = re.findall(r"^## (.+)$", record, re.MULTILINE)
    assert headings == ["Question", "Decision", "Why", "Price"]
    parts = re.split(r"^## .+$", record, flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in parts)


def rows_of_the_glossary() -> list[list[str]]:
    lines = (DOCS / "glossary.md").read_text("utf-8").splitlines()
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] not in ("English", "---")]


def test_the_glossary_gives_both_languages_and_a_meaning() -> None:
    rows = rows_of_the_glossary()
    assert len(rows) > 40
    for row in rows:
        assert len(row) == 3, row
        assert re.search(r"[\u4e00-\u9fff]", row[1]), row
        assert row[2], row


def test_one_english_word_for_each_thing() -> None:
    words = [row[0].casefold() for row in rows_of_the_glossary()]
    assert [a for a, b in pairwise(sorted(words)) if a == b] == []


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), target


def test_the_changelog_keeps_its_form() -> None:
    changes = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"^## \[Unreleased\]$", changes, re.MULTILINE)
    kinds = set(re.findall(r"^### (.+)$", changes, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
