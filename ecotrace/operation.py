"""For operators: `/healthz` (the process answers), `/readyz` (it may serve), `/metrics`.

Readiness fails closed: a log that is missing or broken, a database that does not answer or is at
another revision than this program, are 503.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, jsonify, make_response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ecotrace import migrate
from ledger.errors import LedgerError
from ledger.reader import LogReader
from web.node import Node, current_node

blueprint = Blueprint("operation", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return make_response("ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether this node may serve, and why not."""
    faults = list(_faults(current_node()))
    return make_response(jsonify({"ready": not faults, "faults": faults}), 503 if faults else 200)


def _faults(node: Node) -> list[str]:
    try:
        with node.database.read() as session:
            revision = session.scalar(text("SELECT version_num FROM alembic_version"))
            LogReader(session).head()
    except DBAPIError:
        return ["database_unreachable"]
    except LedgerError:
        return ["log_missing"]
    if node.leader is not None and node.leader.failure is not None:
        return ["log_broken"]
    return [] if revision == migrate.head() else ["other_revision"]


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the numbers of this node in the Prometheus text format."""
    registry = CollectorRegistry()
    with current_node().database.read() as session:
        reader = LogReader(session)
        waiting, _ = reader.waiting()
        Gauge("ecotrace_log_size", "Entries in the log", registry=registry).set(reader.size)
        Gauge("ecotrace_outbox", "Payloads without a place", registry=registry).set(waiting)
    response = make_response(generate_latest(registry))
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response


def install(app: Flask, node: Node) -> None:
    """Add the operators' addresses."""
    app.register_blueprint(blueprint)
