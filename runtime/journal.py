"""The running journal of a process, without personal data.

A line carries only fields of `FIELDS`, which are counts, codes, names of code and opaque names;
anything else is left out and only its name is kept under `left_out`, so that a careless call
leaks nothing. Of an exception the class and the places in the code are written, never its message,
which may quote what somebody typed. Texts lose whatever looks like an address, a telephone or an
identity number. What must not be lost belongs into the audit trail, not here.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

FIELDS = frozenset(
    {
        "event", "level", "timestamp", "logger",
        "area", "attempt", "code", "command", "count", "dialect", "duration_ms", "entry", "error",
        "exception", "exit", "index", "job", "kind", "method", "outcome", "port", "reason", "root",
        "route", "seconds", "setting", "size", "status", "stream", "threads", "use_case", "version",
    }
)  # fmt: skip

_PERSONAL = re.compile(
    r"\d{17}[\dXx]"  # identity number
    r"|(?<!\d)\d{11}(?!\d)"  # telephone
    r"|(?:\d{1,3}\.){3}\d{1,3}"  # IPv4
    r"|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}"  # IPv6
    r"|[^\s@]+@[^\s@]+"  # mail
)


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Set up the journal of this process: `level` debug to error, `form` json or console.

    Records of other libraries go the same way; their text is masked like any other.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        places_of_exception,
        only_fields,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(form, shared))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def _formatter(form: str, shared: list[Processor]) -> structlog.stdlib.ProcessorFormatter:
    """Write a line as JSON for machines or in columns for people."""
    if form == "json":
        renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared, processors=[strip, renderer]
    )


def places_of_exception(
    _logger: Any, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the exception's class and the places it came through."""
    raised = line.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        line["error"] = type(error).__name__
        line["exception"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return line


def only_fields(_logger: Any, _method: str, line: EventDict) -> Mapping[str, Any]:
    """Keep the fields that may be written, mask their texts, and name those left out."""
    kept = {name: masked(value) for name, value in line.items() if _may_stay(name)}
    left_out = sorted(name for name in line if not _may_stay(name))
    return {**kept, "left_out": left_out} if left_out else kept


def masked(value: Any) -> Any:
    """Blank out in a text what looks like personal data; leave numbers and places in the code."""
    return _PERSONAL.sub("***", value) if isinstance(value, str) else value


def _may_stay(name: str) -> bool:
    """Tell whether a field may be written; structlog's own bookkeeping begins with `_`."""
    return name in FIELDS or name.startswith("_")
