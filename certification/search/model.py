"""How certificates are found: what of them is searched, and how a question is cut into tokens.

Nouns. The *search entry* of a certificate is what a stranger may look for: the holder's names where
the holder is an organisation, names of products and brands, places, the number, the scheme. A
*token* is what the full-text index of the database counts: two neighbouring characters of Chinese
(a bigram), a whole word of other scripts, and marked tokens for scheme, place and decided state.

Invariants:

- nothing of a natural person is in an entry: neither name nor anything below the town
- what is shown is read from the register; the index only says which certificates to look at
- a question and an entry are cut by the same rule, after NFKC and case folding, so that full-width
  letters and capitals make no difference
- that the bigrams of a word are there does not say that they stand together: each word of a
  question is looked for in the entry's text as well
- marked tokens begin with `§`, which no text gives, so nobody finds a place by typing its token

Refused: SEARCH_MALFORMED names the part of the question (`/q`, `/number`, `/place`, `/state`,
`/scheme`, `/after`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from certification.certificates.model import State
from certification.refusals import CertificationRefusal
from runtime.refusal import refuse

WORDS_MAX = 60
"""Characters of a question."""
PIECES_MAX = 6
"""Words of a question; more say no more."""
LIMIT_MAX = 200

_HAN = (
    "\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003fffd"
)
_RUNS = re.compile(f"(?P<han>[{_HAN}]+)|(?P<word>(?:(?![{_HAN}])[^\\W_])+)")
_REGION_LEVELS = (2, 4, 6, 9, 12)
_REGION = re.compile(r"[1-9][0-9](?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{3}(?:[0-9]{3})?)?)?)?")
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
_SCHEME = re.compile(r"[a-z][a-z0-9]{1,15}")
_AFTER = re.compile(r"p(?P<place>[0-9]{1,18})|n(?P<number>[A-Z0-9-]{1,32})~(?P<scheme>[a-z0-9]+)")

_RARE = frozenset(
    {
        State.REVOKED, State.CANCELLED, State.SUPERSEDED, State.TRANSFERRED, State.ANNULLED,
        State.SUSPENDED,
    }
)  # fmt: skip
"""States that a decision makes, of which there are few: the index finds them by a token."""


def folded(text: str) -> str:
    """Text as it is compared: NFKC, without case, blanks as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def tokens_of(text: str) -> Iterator[str]:
    """The tokens of a text: bigrams and the last character of Chinese, words of other scripts."""
    for run in _RUNS.finditer(folded(text)):
        found = run[0]
        if run["han"] is None:
            yield found
        else:
            yield from (found[at : at + 2] for at in range(len(found)))


def region_tokens(region: str) -> Iterator[str]:
    """The tokens of a place: itself, and every wider one that contains it."""
    for level in _REGION_LEVELS:
        if level <= len(region):
            yield f"§r{region[:level]}"


def scheme_token(scheme: str) -> str:
    """The token of a scheme."""
    return f"§s{scheme}"


def state_token(state: State) -> str:
    """The token of what decisions made of a certificate."""
    return f"§d{state.value}"


@dataclass(frozen=True)
class Sought:
    """One token of a question; `begins` finds every token that begins so."""

    token: str
    begins: bool = False


@dataclass(frozen=True)
class SearchEntry:
    """What a workflow knows of a certificate beside the certificate itself.

    `names` are those of products and brands, in any language; `regions` the places of its bases and
    products, at most down to the town for a natural person; `choices` what the application chose,
    as far as statistics count it.
    """

    cert_id: str
    names: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Question:
    """What is asked of the register; every part that is empty asks nothing.

    `words` are looked for in all names; `number` is how the number begins; `place` a region code,
    which asks for everything below it; `state` the state at the moment of asking. `after` is the
    cursor that the page before gave.
    """

    words: str = ""
    number: str = ""
    scheme: str = ""
    place: str = ""
    state: str = ""
    after: str = ""
    limit: int = 20

    @property
    def by_number(self) -> bool:
        """Whether the answer is in the order of numbers; else the newest comes first."""
        return bool(self.number) and not self.words and not self.place


@dataclass(frozen=True)
class Parsed:
    """A question that was understood.

    `pieces` are the words as they have to stand in the text; `before` is the place, `behind` number
    and scheme, at which the page begins.
    """

    tokens: tuple[Sought, ...]
    pieces: tuple[str, ...]
    number: str
    scheme: str
    state: State | None
    by_number: bool
    before: int | None
    behind: tuple[str, str] | None
    limit: int


def parse(question: Question) -> Parsed:
    """Understand a question. Raises Refusal SEARCH_MALFORMED."""
    pieces = _pieces(question.words)
    number = _matched(_NUMBER, question.number.strip().upper(), "/number")
    scheme = _matched(_SCHEME, question.scheme, "/scheme")
    state = _state(question.state)
    place = _matched(_REGION, _stem(question.place), "/place")
    before, behind = _cursor(question)
    marked = [
        *([f"§r{place}"] if place else []),
        *([scheme_token(scheme)] if scheme else []),
        *([state_token(state)] if state in _RARE else []),
    ]
    texts = [sought for piece in pieces for sought in _sought(piece)]
    tokens = [] if question.by_number else [*texts, *map(Sought, marked)]
    return Parsed(
        tokens=tuple(dict.fromkeys(tokens)),
        pieces=pieces,
        number=number,
        scheme=scheme,
        state=state,
        by_number=question.by_number,
        before=before,
        behind=behind,
        limit=min(max(question.limit, 1), LIMIT_MAX),
    )


def _pieces(words: str) -> tuple[str, ...]:
    found = folded(words).split(" ")
    pieces = tuple(dict.fromkeys(piece for piece in found if piece))
    too_long = len(words) > WORDS_MAX or len(pieces) > PIECES_MAX
    if too_long or any(_RUNS.search(piece) is None for piece in pieces):
        refuse(CertificationRefusal.SEARCH_MALFORMED, "/q")
    return pieces


def _sought(piece: str) -> Iterator[Sought]:
    """The tokens that an entry has if it holds the piece; the last word may go on."""
    runs = list(_RUNS.finditer(piece))
    for at, run in enumerate(runs, 1):
        found = run[0]
        if run["han"] is None:
            yield Sought(found, begins=at == len(runs) and len(found) > 1)
        elif len(found) == 1:
            yield Sought(found, begins=True)
        else:
            yield from (Sought(found[n : n + 2]) for n in range(len(found) - 1))


def _stem(place: str) -> str:
    """A region code without the zeros that stand for "all of it": 370500 is 3705."""
    while len(place) in (4, 6) and place.endswith("00"):
        place = place[:-2]
    return place


def _matched(pattern: re.Pattern[str], given: str, pointer: str) -> str:
    if given and not pattern.fullmatch(given):
        refuse(CertificationRefusal.SEARCH_MALFORMED, pointer)
    return given


def _state(given: str) -> State | None:
    if not given:
        return None
    found = next((state for state in State if state == given), None)
    if found is None or found is State.UNKNOWN:
        refuse(CertificationRefusal.SEARCH_MALFORMED, "/state")
    return found


def _cursor(question: Question) -> tuple[int | None, tuple[str, str] | None]:
    if not question.after:
        return None, None
    found = _AFTER.fullmatch(question.after)
    if found is None or question.by_number is (found["place"] is not None):
        refuse(CertificationRefusal.SEARCH_MALFORMED, "/after")
    if found["place"] is not None:
        return int(found["place"]), None
    return None, (found["number"], found["scheme"])


def main_region(own: str | None, regions: Iterable[str]) -> str:
    """The one place by which a certificate is counted: the holder's, else the first named one."""
    return own or next(iter(regions), "")
