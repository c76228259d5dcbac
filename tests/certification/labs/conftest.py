"""The desk of evidence, with a laboratory."""

from __future__ import annotations

from tests.certification.evidence.conftest import desk, vocabulary

__all__ = ["desk", "vocabulary"]
