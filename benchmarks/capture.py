"""Capture over HTTP: documents of 100 events, validated, signed, durable."""

from __future__ import annotations

import json
import os
import statistics
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figure import Figure, report
from benchmarks.served import demo
from ecotrace.assembly import close_node, open_node
from identity.actor import SYSTEM
from identity.clients.model import CreateClient, new_token
from identity.clients.service import create_client
from identity.keys.service import operator_party
from runtime.settings import load

_EVENTS = 100
_DOCUMENTS = 12
_ROUNDS = 3


def main() -> None:
    """Measure."""
    with demo() as served:
        token = _token(served.data)
        rates = []
        for number in range(_ROUNDS):
            bodies = [_document(number * _DOCUMENTS + at) for at in range(_DOCUMENTS)]
            start = time.perf_counter()
            jobs = [_post(served.base, token, body) for body in bodies]
            rates.append(_EVENTS * _DOCUMENTS / (time.perf_counter() - start))
            for job in jobs:
                _check(served.base, token, job)
    report(Figure("capture over HTTP", statistics.median(rates), "events/s", 500))


def _token(data: Path) -> str:
    node = open_node(load({**os.environ, "ECOTRACE_DATA": str(data)}))
    try:
        with node.database.read() as session:
            party = operator_party(session)
        token = new_token(node.randomness)
        until = node.clock.now() + timedelta(days=1)
        client = CreateClient(party, "bench", token.digest, ("capture",), until)
        node.unit.run(create_client, client, actor=SYSTEM)
        return token.text
    finally:
        close_node(node)


def _document(number: int) -> bytes:
    now = datetime.now(UTC) - timedelta(hours=1)
    events = [
        {
            "type": "ObjectEvent",
            "eventTime": (now + timedelta(milliseconds=number * _EVENTS + at)).isoformat(
                timespec="milliseconds"
            ),
            "eventTimeZoneOffset": "+08:00",
            "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number * _EVENTS + at}"],
            "action": "OBSERVE",
            "bizStep": "shipping",
            "disposition": "in_transit",
            "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
            "bizTransactionList": [
                {"type": "po", "bizTransaction": "http://transaction.example.com/po/12345678"}
            ],
        }
        for at in range(_EVENTS)
    ]
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": now.isoformat(timespec="milliseconds"),
        "epcisBody": {"eventList": events},
    }
    return json.dumps(document).encode()


def _post(base: str, token: str, body: bytes) -> str:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{base}/epcis/capture", body, headers, method="POST")
    with urllib.request.urlopen(asked, timeout=60) as answer:
        job = answer.headers["Location"]
    return str(job)


def _check(base: str, token: str, job: str) -> None:
    """Raise unless each event of a document was taken: a refusal is quick and no capture."""
    asked = urllib.request.Request(f"{base}{job}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        outcomes = [each["outcome"] for each in json.load(answer)["events"]]
    if outcomes != ["accepted"] * _EVENTS:
        raise RuntimeError(f"{job}: {outcomes}")


if __name__ == "__main__":
    main()
