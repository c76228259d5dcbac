"""The root command: language, `--json`, and what every failure exits with.

A refusal exits 1; a wrong word on the line 2; a missing or unusable environment (settings, key
files, database, file store, scheme files, built assets) 3. Nothing else is caught: a fault of ours
shows its trace.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from sqlalchemy.exc import DatabaseError, OperationalError

from certification.schemes.errors import SchemeFileError
from ecotrace.assembly import close_node, open_node
from ecotrace.cli.speech import DIFFERENCE, ENVIRONMENT, Voice, language, pick
from ecotrace.version import __version__
from runtime.database import DatabaseUrlError
from runtime.files import FilesUnavailable
from runtime.key_file import KeyFileError
from runtime.refusal import Refusal
from runtime.settings import Settings, SettingsError, load
from runtime.typesetting import TypesettingError
from runtime.vault import VaultError
from web.assets import NotBuilt
from web.node import Node

Function = TypeVar("Function", bound=Callable[..., Any])

_ENVIRONMENT = (
    DatabaseUrlError,
    FilesUnavailable,
    KeyFileError,
    VaultError,
    NotBuilt,
    SchemeFileError,
    TypesettingError,
)


class Bilingual(click.Group):
    """A group whose failures end with the documented exit codes."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and turn expected failures into a sentence and an exit code."""
        try:
            return super().main(*args, **kwargs)
        except Refusal as refusal:
            Voice(json="--json" in sys.argv).refused(refusal)
            sys.exit(DIFFERENCE)
        except SettingsError as error:
            _end(error.text(language()))
        except (OperationalError, DatabaseError) as error:
            _end(pick(f"数据库不可用：{error.orig}", f"database unusable: {error.orig}"))
        except _ENVIRONMENT as error:
            _end(str(error))


def _end(sentence: str) -> None:
    click.echo(f"environment {sentence}", err=True)
    sys.exit(ENVIRONMENT)


@click.group(cls=Bilingual, help=pick("生态产品溯源、认证与积分", "Tracing, marks and eco-points"))
@click.version_option(__version__, prog_name="ecotrace")
def cli() -> None:
    """Hold the commands together."""


def settings() -> Settings:
    """Read the settings of this call."""
    return load(os.environ)


@contextmanager
def opened() -> Iterator[Node]:
    """Give the node of the data folder, and close it in order."""
    node = open_node(settings())
    try:
        yield node
    finally:
        close_node(node)


def json_option(function: Function) -> Function:
    """Add `--json`, handed over as `voice`."""
    option = click.option(
        "--json",
        "voice",
        is_flag=True,
        callback=lambda _context, _parameter, value: Voice(json=value),
        help=pick("以 JSON 输出", "Answer as JSON"),
    )
    return option(function)
