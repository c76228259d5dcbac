"""Bodies of scan pages, kept while they are true.

The key names everything that can change a body but time: lot, scan epoch, language, template
version. Time is `until`: the next moment at which it alone changes the verdict.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from public_api.scan.page import LotView
from trace.scans.model import ScanFacts

BODIES_MAX = 512

BodyKey = tuple[str, int, str, str]


@dataclass(frozen=True)
class CachedBody:
    """What all labels of a lot share: drawn HTML, view, proof bundle and facts of the verdict."""

    html: str
    view: LotView | None
    proof: Mapping[str, Any] | None
    facts: ScanFacts
    until: datetime | None = None


class BodyCache:
    """The newest bodies of this process."""

    def __init__(self, size: int = BODIES_MAX) -> None:
        """Keep at most `size` bodies."""
        self._size = size
        self._bodies: OrderedDict[BodyKey, CachedBody] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: BodyKey, now: datetime) -> CachedBody | None:
        """Give a body that is still true, or None."""
        with self._lock:
            body = self._bodies.get(key)
            if body is None or (body.until is not None and body.until <= now):
                return None
            self._bodies.move_to_end(key)
            return body

    def put(self, key: BodyKey, body: CachedBody) -> None:
        """Keep a body, and drop the one that was not asked for longest."""
        with self._lock:
            self._bodies[key] = body
            self._bodies.move_to_end(key)
            while len(self._bodies) > self._size:
                self._bodies.popitem(last=False)
