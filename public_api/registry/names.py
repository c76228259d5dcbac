"""Names of parties on a page of a register: each is asked for once, natural persons are masked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from identity.parties.service import party_name
from runtime.vault import Vault


class NameBook:
    """The names of the parties that one answer shows."""

    def __init__(self, session: Session, vault: Vault) -> None:
        """Read names with this session, and masked ones with the keys of this vault."""
        self._session = session
        self._vault = vault
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, party: str | None) -> tuple[str, str]:
        """The Chinese and the English name of a party, ("", "") of none."""
        if party is None:
            return "", ""
        if party not in self._known:
            zh, en = (party_name(self._session, self._vault, party, lang) for lang in ("zh", "en"))
            self._known[party] = zh, en
        return self._known[party]
