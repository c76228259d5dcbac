"""What a certificate allows to be printed at one moment: state and balance together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from certification.quotas.model import Unit


@dataclass(frozen=True)
class Allowance:
    """The facts of one certificate that a print run asks for.

    `unit` is `mg` or `piece`; `granted`, `printed`, `void` and `left` are whole units, and
    `granted` and `left` are None where the scheme bounds no quantity. `state` is one of
    `certificates.model.State`, `statement_zh` and `statement_en` say it in the scheme's own verb,
    `ends_at` is the first instant without the right.
    """

    cert_id: str
    number: str
    scheme: str
    statement_zh: str
    statement_en: str
    holder: str
    products: tuple[str, ...]
    bases: tuple[str, ...]
    state: str
    begins_at: datetime
    ends_at: datetime | None
    unit: Unit | None
    granted: int | None
    printed: int
    void: int
    left: int | None

    def pieces_left(self, content_mg: int) -> int | None:
        """How many labels for pieces of `content_mg` are left; None where nothing is bounded.

        A permit in pieces counts labels whatever they hold.
        """
        if self.left is None:
            return None
        return self.left // content_mg if self.unit == "mg" else self.left


@dataclass(frozen=True)
class Balance:
    """The public numbers after printing or voiding, for the entry of the print run."""

    cert_id: str
    number: str
    unit: Unit | None
    granted: int | None
    printed: int
    void: int
    left: int | None
