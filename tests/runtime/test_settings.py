"""Settings: read strictly, stored whole, documented in both languages."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from runtime.files_address import BucketAddress
from runtime.settings import SETTINGS, Settings, SettingsError, load, store, unknown
from runtime.settings_page import settings_page

DOCS = Path(__file__).parents[2] / "docs"


def environment(data: Path, **values: str) -> dict[str, str]:
    return {"ECOTRACE_DATA": str(data), **{f"ECOTRACE_{k}": v for k, v in values.items()}}


def test_defaults_lie_in_the_data_folder(tmp_path: Path) -> None:
    settings = load(environment(tmp_path))
    assert settings.data == tmp_path
    assert settings.database_url == settings.owner_url == f"sqlite:///{tmp_path}/ecotrace.sqlite3"
    assert settings.keys_url == f"sqlite:///{tmp_path}/keys.sqlite3"
    assert settings.master_key_file == tmp_path / "master.key"
    assert (settings.lang, settings.base_url, settings.demo) == ("zh", "", False)
    assert (settings.max_body_bytes, settings.capture_limit, settings.threads) == (1 << 20, 1000, 8)
    assert settings.place_table is None
    assert settings.files_url == tmp_path / "files"


def test_a_relative_folder_is_made_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}).data == tmp_path / "data"
    settings = load({"ECOTRACE_DATABASE_URL": "sqlite:///other.sqlite3"})
    assert settings.database_url == f"sqlite:///{tmp_path}/other.sqlite3"


@pytest.mark.parametrize(
    "name, text",
    [
        *[("DEMO", text) for text in ("yes", "True", "on", " true", "2")],
        *[("THREADS", text) for text in ("0", "257", "-1", "8.0", "08", "+8", "八", "８", "1e1")],
        ("THREADS", "9" * 5000),
        ("MAX_BODY_BYTES", "1023"),
        ("MAX_BODY_BYTES", "1MiB"),
        ("CAPTURE_LIMIT", "10001"),
        ("TRUSTED_PROXIES", "9"),
        ("LANG", "ZH"),
        ("LANG", "de"),
        ("LOG_LEVEL", "INFO"),
        ("LOG_FORMAT", "text"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "data/ecotrace.sqlite3"),
        ("KEYS_URL", "nonsense://x"),
        *[
            ("BASE_URL", text)
            for text in (
                "example.com",
                "ftp://example.com",
                "https://",
                "https://example.com/?a=1",
                "https://example.com/#x",
                "https://user@example.com",
                "https://example.com:99999",
                "https://example.com:0",
                "https://exa mple.com",
                "https://例子.cn",
                "https://example.com\\evil",
                "https://[::1",
            )
        ],
        ("FILES_URL", "http://files.example"),
        ("FILES_URL", "s3://files"),
        ("FILES_URL", "s3://key:secret@files?region=x1"),
        ("ORIGIN", "with space"),
        ("ORIGIN", "a+b"),
        ("ORIGIN", "x" * 129),
        ("ORIGIN", "日志"),
        ("MASTER_KEY_FILE", "a\0b"),
    ],
)
def test_a_wrong_value_is_refused_in_both_languages(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(environment(tmp_path, **{name: text}))
    assert refused.value.name == f"ECOTRACE_{name}"
    assert f"ECOTRACE_{name}" in refused.value.text("zh")
    assert f"ECOTRACE_{name}" in refused.value.text("en")
    assert re.search("[一-鿿]", refused.value.text("zh"))
    assert not re.search("[一-鿿]", refused.value.text("en"))


def test_values_are_read_with_their_type(tmp_path: Path) -> None:
    settings = load(
        environment(
            tmp_path,
            DEMO="1",
            THREADS="32",
            BASE_URL="https://trace.example:8443/jn/",
            ORIGIN="log.example/tianjin",
            DATABASE_URL="postgresql://u:p@h/db",
            PLACE_TABLE="/srv/places.tsv",
            FILES_URL="s3://files/tj?region=cn-north-1",
            LANG="en",
        )
    )
    assert settings.demo is True
    assert settings.threads == 32
    assert settings.base_url == "https://trace.example:8443/jn"
    assert settings.owner_url == settings.database_url == "postgresql+psycopg://u:p@h/db"
    assert settings.place_table == Path("/srv/places.tsv")
    assert settings.files_url == BucketAddress("files", "tj", None, "cn-north-1")
    assert "u:p" not in repr(settings)


def test_what_was_stored_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    store(load(environment(tmp_path)), base_url="http://127.0.0.1:8000", demo=True, threads=4)
    store(load(environment(tmp_path)), origin="log.example")
    stored = load(environment(tmp_path))
    assert (stored.base_url, stored.demo, stored.threads, stored.origin) == (
        *("http://127.0.0.1:8000", True, 4),
        "log.example",
    )
    assert load(environment(tmp_path, THREADS="6")).threads == 6
    assert load(environment(tmp_path, THREADS="")).threads == 4
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "values", [{"threads": 0}, {"lang": "de"}, {"colour": "red"}, {"data": "/x"}, {"vectors": "/x"}]
)
def test_nothing_is_stored_that_could_not_be_read(tmp_path: Path, values: dict[str, str]) -> None:
    settings = load(environment(tmp_path))
    store(settings, threads=4)
    with pytest.raises(SettingsError):
        store(settings, **values)
    assert json.loads((tmp_path / "settings.json").read_text()) == {"threads": "4"}


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"threads": 4}', b'{"colour": "red"}', b'{"lang":"zh","lang":"en"}', b"\xff"],
)
def test_a_broken_settings_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        load(environment(tmp_path))
    assert "settings.json" in refused.value.text("en") or "colour" in refused.value.text("en")


def test_a_slip_in_a_name_is_reported() -> None:
    assert unknown(
        ["PATH", "ECOTRACE_DATA", "ECOTRACE_VECTORS", "ECOTRACE_THREAD", "ecotrace_x"]
    ) == ["ECOTRACE_THREAD"]


def test_the_table_and_the_settings_name_the_same() -> None:
    serving = [setting.attribute for setting in SETTINGS if not setting.only_tests]
    assert sorted(serving) == sorted(field.name for field in fields(Settings))


def test_the_page_is_the_table() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page()
    for setting in SETTINGS:
        assert f"| `{setting.variable}` |" in page
        assert setting.zh in page
        assert setting.en in page
    assert set(re.findall(r"ECOTRACE_\w+", page)) == {setting.variable for setting in SETTINGS}
