"""The console on a node of its own, once on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from console import faces
from runtime.clock import FixedClock
from runtime.key_file import make_key_file
from tests.console.stage import World, build
from tests.console.visitor import Visitor
from tests.fixtures.nodes import Grow
from web import face, sign_in


@pytest.fixture
def world(grow: Grow[World], clock: FixedClock) -> World:
    made = grow(build)
    clock.advance(timedelta(seconds=1))  # what a test records is newer than its world
    return made


@pytest.fixture
def console_app(world: World) -> Flask:
    node = world.node
    make_key_file(node.settings.secret_key_file, node.randomness)
    made = Flask("ecotrace", static_folder=None)
    made.config["MAX_CONTENT_LENGTH"] = node.settings.max_body_bytes
    face.prepare(made, node)
    sign_in.install(made)
    faces.install(made, node)
    return made


@pytest.fixture
def stranger(console_app: Flask) -> Visitor:
    return Visitor(console_app)


@pytest.fixture
def signed_in(console_app: Flask) -> Callable[[str], Visitor]:
    return lambda login: Visitor(console_app).sign_in(login)


@pytest.fixture
def grower(signed_in: Callable[[str], Visitor]) -> Visitor:
    return signed_in("nongmin")
