"""Every command, in one place: importing this module completes the root command."""

from __future__ import annotations

from ecotrace.cli import (
    case_commands,
    certificate_commands,
    doctor,
    log_commands,
    move_commands,
    node_commands,
    quota_commands,
    record_commands,
    scheme_commands,
)
from ecotrace.cli.group import cli

__all__ = [
    "case_commands",
    "certificate_commands",
    "cli",
    "doctor",
    "log_commands",
    "move_commands",
    "node_commands",
    "quota_commands",
    "record_commands",
    "scheme_commands",
]
