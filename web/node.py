"""The running node: what every view needs, made once by the application.

A `Node` is put together in `ecotrace.app` and never changes afterwards. Views reach it with
`current_node()`; nothing below `web` knows of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app

from ledger.leader import Leader
from ledger.log_keys import LogKeys
from runtime.clock import Clock
from runtime.database import Database
from runtime.files import FileStore
from runtime.randomness import Randomness
from runtime.settings import Settings
from runtime.vault import Vault
from workflows.unit import Unit

_EXTENSION = "ecotrace"


@dataclass(frozen=True)
class Node:
    """Settings, stores, keys, the one runner of use cases; on PostgreSQL the log's leader too."""

    settings: Settings
    database: Database
    vault: Vault
    unit: Unit
    clock: Clock
    randomness: Randomness
    files: FileStore
    log_keys: LogKeys = field(repr=False)
    leader: Leader | None = field(default=None, repr=False)


def install(app: Flask, node: Node) -> None:
    """Give an application its node."""
    app.extensions[_EXTENSION] = node


def current_node() -> Node:
    """Give the node of the application that serves this request."""
    return cast(Node, current_app.extensions[_EXTENSION])
