"""The page `docs/refusals.md`: every code with which something is refused or found wrong.

Drawn from the enums themselves. An enum is found when its module is loaded, so that this module
loads the whole application and every `refusals.py`; a test looks for those that it would miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from ecotrace import PROJECT
from ecotrace.tables import PACKAGES
from ledger.checker.report import Fault
from runtime.refusal import RefusalCode

_HEAD = """\
# 拒绝与差异 · Refusals and differences

由代码生成（`make docs`），测试会比对。Drawn from the code by `make docs`; a test compares.

每张表的次序就是位次：同时有几条时，位次最前的一条作答，其余一并列出。网络接口按 RFC 9457 作答，
其中 `code` 是这里的代码，`reasons` 列出每一条及其所指的字段或事件；命令行打印
`refused <代码> <位置> <说明>`，退出码为 1。`{…}` 处填入当时的数字。
框架自身的错误写作 `http_404` 等，接口格式不符写作 `field_refused`，程序自身的故障写作
`internal_error`。

The order of each table is the rank: when several apply, the first one answers and all are listed.
HTTP answers are RFC 9457 problem documents whose `code` stands here and whose `reasons` list each
of them with the field or event that is meant; the command line prints
`refused <code> <place> <sentence>` and exits with 1. The numbers of the case stand in for `{…}`.
Errors of the framework are called `http_404` and so on, a body that does not fit its description
`field_refused`, and a fault of the program itself `internal_error`.
"""

_DIFFERENCES = """\
## `ecotrace verify`

核对者找到的差异，不是拒绝，没有状态码。What the independent checker finds: differences, not
refusals, so they have no HTTP status. Each is printed with its entry, or its table, column and row.
"""


def refusal_enums() -> list[type[RefusalCode]]:
    """Give every enum of refusals of our packages, in the order of their modules."""
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("refusals.py")):
            import_module(".".join(path.relative_to(PROJECT).with_suffix("").parts))
    found = [each for each in RefusalCode.__subclasses__() if _is_ours(each)]
    return sorted(found, key=lambda each: (_rank(each), each.__module__, each.__qualname__))


def refusals_page() -> str:
    """Draw the page: a table for each enum, then what the checker finds."""
    lines = [_HEAD, *(line for enum in refusal_enums() for line in _table(enum))]
    return "\n".join([*lines, _DIFFERENCES, *_difference_rows(Fault), ""])


def _is_ours(enum: type[RefusalCode]) -> bool:
    return enum.__module__.partition(".")[0] in PACKAGES


def _rank(enum: type[RefusalCode]) -> int:
    """The house from the ground up."""
    return PACKAGES.index(enum.__module__.partition(".")[0])


def _table(enum: type[RefusalCode]) -> Iterator[str]:
    yield from (f"## `{enum.__module__}.{enum.__qualname__}`", "", _told(enum), "")
    yield from ("| code | status | 中文 | English |", "|---|---|---|---|")
    for member in enum:
        said = member.sentence
        yield f"| `{member.code}` | {said.status} | {_cell(said.zh)} | {_cell(said.en)} |"
    yield ""


def _told(enum: type[RefusalCode]) -> str:
    """Give the first paragraph of the enum's docstring on one line."""
    return " ".join((enum.__doc__ or "").split("\n\n")[0].split())


def _difference_rows(faults: Iterable[Fault]) -> Iterator[str]:
    yield from ("| code | 中文 | English |", "|---|---|---|")
    for fault in faults:
        zh, en = fault.value
        yield f"| `{fault.name.lower()}` | {_cell(zh)} | {_cell(en)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
