"""Documents that GS1 gives as right and wrong, its JSON Schema, and the reference event hash."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

PACKAGED_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.fixture(scope="session")
def valid(vectors: Path) -> dict[str, bytes]:
    files = sorted((vectors / "epcis" / "valid").glob("*.json"))
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture(scope="session")
def invalid(vectors: Path) -> dict[str, bytes]:
    files = sorted((vectors / "epcis" / "invalid").glob("*.json"))
    return {file.name: file.read_bytes() for file in files}


@pytest.fixture(scope="session")
def schema(vectors: Path) -> Callable[[Any], bool]:
    """The verdict of the published schema, formats looked at."""
    text = (vectors / "epcis" / "spec" / "EPCIS-JSON-Schema.json").read_text("utf-8")
    validator = jsonschema_rs.Draft7Validator(json.loads(text), validate_formats=True)
    return validator.is_valid


@pytest.fixture(scope="session")
def reference_pre_hashes() -> Callable[[dict[str, Any]], list[str]]:
    """The pre-hash strings of a document by the reference implementation, without network."""
    with warnings.catch_warnings():
        # The package and its own dependencies use what later Pythons drop.
        warnings.simplefilter("ignore")
        hash_generator = import_module("epcis_event_hash_generator.hash_generator")
        json_to_py = import_module("epcis_event_hash_generator.json_to_py")

    def pre_hashes(document: dict[str, Any]) -> list[str]:
        document = json.loads(json.dumps(document))
        document["@context"] = [
            PACKAGED_CONTEXT if isinstance(part, str) else part for part in document["@context"]
        ]
        json_to_py._namespaces.clear()  # else the prefixes of the last document hold here too
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            events = json_to_py.event_list_from_epcis_document_json(document)
            return list(hash_generator.derive_prehashes_from_events(events))

    return pre_hashes
