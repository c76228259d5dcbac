"""What is wrong with a document or event, collected while it is walked through.

A finding names its code, the position of the event (None: the document itself) and the JSON
pointer into the whole document (RFC 6901), also for a field that is not there. At most
`FINDINGS_MAX` are collected for one event, so that the answer cannot be larger than the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from runtime.json_pointer import pointer_text
from runtime.refusal import Reason
from trace.epcis.refusals import EpcisRefusal

FINDINGS_MAX = 100

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """One fault: its code, the event's position, where it stands, and the numbers of the case."""

    code: EpcisRefusal
    index: int | None
    pointer: str
    numbers: Mapping[str, str | int] = field(default_factory=dict, hash=False)

    @property
    def reason(self) -> Reason:
        """The same as a reason of a refusal."""
        return Reason(self.code, self.pointer, self.numbers)


class Examination:
    """One walk through an event (or through a document without its events).

    `namespaces` are the prefixes that hold there, `latest` the last instant that is not yet the
    future (None: time is not looked at).
    """

    def __init__(
        self,
        index: int | None,
        pointer: str,
        namespaces: Mapping[str, str],
        latest: datetime | None = None,
    ) -> None:
        self.namespaces = namespaces
        self.latest = latest
        self._index = index
        self._pointer = pointer
        self._found: list[Finding] = []

    def fault(self, code: EpcisRefusal, path: Path, **numbers: str | int) -> None:
        """Note a fault at a path below the event."""
        if len(self._found) < FINDINGS_MAX:
            pointer = self._pointer + pointer_text(path)
            self._found.append(Finding(code, self._index, pointer, numbers))

    def findings(self) -> tuple[Finding, ...]:
        """Give what was found, lowest rank first."""
        return tuple(sorted(self._found, key=lambda finding: finding.code.rank))
