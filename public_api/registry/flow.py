"""How often something may be done by anybody at all: a bound for one process, kept in memory."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta


class Flow:
    """Lets `most` through within `seconds`, whoever they are; safe for several threads."""

    def __init__(self, most: int, seconds: int) -> None:
        """Begin with nothing taken."""
        self._most = most
        self._span = timedelta(seconds=seconds)
        self._taken: deque[datetime] = deque()
        self._lock = threading.Lock()

    def takes(self, now: datetime) -> bool:
        """Count one more and say yes, or say no because there were too many."""
        with self._lock:
            while self._taken and self._taken[0] <= now - self._span:
                self._taken.popleft()
            if len(self._taken) >= self._most:
                return False
            self._taken.append(now)
            return True
