"""Every command, in one place: importing this module completes the root command."""

from __future__ import annotations

from ecotrace.cli import doctor, log_commands, node_commands, record_commands
from ecotrace.cli.group import cli

__all__ = ["cli", "doctor", "log_commands", "node_commands", "record_commands"]
