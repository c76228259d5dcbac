"""The page `docs/settings.md`, drawn from the table of settings."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.settings import SETTINGS, Setting

_HEAD = """\
# 设置 · Settings

由设置表生成，测试会比对。Drawn from the table of settings; a test compares.

值依次取自：环境变量，数据目录中的 `settings.json`（由 `init` 和 `demo` 写入），默认值。
空变量视为未设置。
`{data}`、`{database_url}` 代表对应设置的值。

A value comes from the environment, else from `settings.json` in the data folder (written by `init`
and `demo`), else from the default. An empty variable counts as unset. `{data}` and
`{database_url}` stand for the values of those settings.
"""


def settings_page() -> str:
    """Draw the page: the settings of a node, then those that only tests read."""
    serving = [setting for setting in SETTINGS if not setting.only_tests]
    testing = [setting for setting in SETTINGS if setting.only_tests]
    return "\n".join([_HEAD, *_rows(serving), "", "## 测试 · Tests", "", *_rows(testing), ""])


def _rows(settings: Iterable[Setting]) -> list[str]:
    """Draw a table of settings."""
    return [
        "| 变量 variable | 默认 default | 说明 | meaning |",
        "|---|---|---|---|",
        *(f"| `{each.variable}` | {_default(each)} | {each.zh} | {each.en} |" for each in settings),
    ]


def _default(setting: Setting) -> str:
    """Show a default as code, and an empty one as unset."""
    return f"`{setting.default}`" if setting.default else "未设置 unset"
