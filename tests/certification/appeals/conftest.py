"""The hall of cases, for appeals against what was decided there."""

from __future__ import annotations

from tests.certification.cases.conftest import deciding, declared, hall, submitted, tested

__all__ = ["deciding", "declared", "hall", "submitted", "tested"]
