"""Keeping the index in step with decisions, asking it, and counting for statistics.

`index` belongs into the transaction of every decision about a certificate; whoever decides holds
the certificate's row, so two decisions never write one entry at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy import table as named_table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from certification.certificates.model import FINAL, State, decided_state
from certification.certificates.register import Certificate, find
from certification.search import model
from certification.search.model import Parsed, Question, SearchEntry, Sought
from certification.search.tables import FULL_TEXT, SearchRow
from certification.search.targets import Target
from identity.parties.service import find_party
from ledger.work import Work
from runtime.regions import region_words

# FTS5 calls all of its columns together by the name of the table.
_WORDS = named_table(FULL_TEXT, column("rowid"), column(FULL_TEXT))
_STILL = (State.ACTIVE, State.SUSPENDED)
_COLUMNS = (SearchRow.cert_id, SearchRow.place, SearchRow.number, SearchRow.scheme)
_Line = Row[str, int, str, str]
_Statement = Select[str, int, str, str]
NEWEST = (4_000, 40_000)
"""How many of the newest rows are looked through before the whole index is asked (PostgreSQL)."""


@dataclass(frozen=True)
class Indexed:
    """The entry of a certificate is in the index."""

    cert_id: str


@dataclass(frozen=True)
class Found:
    """Certificates by id in the order of the answer; `after` is the cursor of the next page."""

    certificates: tuple[str, ...]
    after: str | None


def index(work: Work, entry: SearchEntry, now: datetime) -> Indexed:
    """Put the certificate as it is by now into the index, in the place of what was there.

    Raises Refusal CERTIFICATE_UNKNOWN.
    """
    certificate = find(work, entry.cert_id, now, now)
    row = work.scalar(select(SearchRow).filter_by(cert_id=entry.cert_id))
    if row is None:
        row = SearchRow(cert_id=entry.cert_id)
    _fill(work, row, certificate, entry)
    work.add(row)
    work.flush()
    return Indexed(entry.cert_id)


def _fill(session: Session, row: SearchRow, certificate: Certificate, entry: SearchEntry) -> None:
    scheme, history = certificate.scheme, certificate.history
    party = find_party(session, certificate.holder)
    shown = party is not None and not party.natural
    own = party.region if party is not None and shown else None
    named = [party.name_zh, party.name_en] if party is not None and shown else []
    regions = tuple(dict.fromkeys(each for each in (own, *entry.regions) if each))
    texts = [
        certificate.number, scheme.name.zh, scheme.name.en, *named, *entry.names,
        *map(region_words, regions),
    ]  # fmt: skip
    decided = decided_state(history)
    row.scheme, row.number = scheme.code, certificate.number
    row.holder = certificate.holder if shown else None
    row.region = model.main_region(own, entry.regions)
    row.decided, row.begins_at, row.ends_at = decided.value, history.begins_at, history.ends_at
    row.choices = "".join(f" {key}={choice} " for key, choice in entry.choices)
    row.sought = sought_text(texts)
    row.words = index_words(texts, regions, scheme.code, decided)


def sought_text(texts: Iterable[str | None]) -> str:
    """The text in which the words of a question have to stand."""
    return "\n".join(dict.fromkeys(model.folded(text) for text in texts if text))


def index_words(
    texts: Iterable[str | None], regions: Iterable[str], scheme: str, decided: State
) -> str:
    """The tokens of an entry, each once."""
    tokens = [token for text in texts if text for token in model.tokens_of(text)]
    places = [token for region in regions for token in model.region_tokens(region)]
    marked = [model.scheme_token(scheme), model.state_token(decided)]
    return " ".join(dict.fromkeys([*tokens, *places, *marked]))


# --- Asking ------------------------------------------------------------------------------------


def search(session: Session, question: Question, now: datetime) -> Found:
    """Find certificates. Raises Refusal SEARCH_MALFORMED."""
    asked = model.parse(question)
    rows = _rows(session, asked, now)
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    return Found(tuple(row.cert_id for row in shown), _cursor(asked, shown[-1]) if more else None)


def _cursor(asked: Parsed, last: _Line) -> str:
    _, place, number, scheme = last
    return f"n{number}~{scheme}" if asked.by_number else f"p{place}"


def _rows(session: Session, asked: Parsed, now: datetime) -> Sequence[_Line]:
    """The rows of a page, and one more where there is one."""
    statement = select(*_COLUMNS).where(*_conditions(asked, now)).limit(asked.limit + 1)
    if asked.by_number:
        in_order = statement.order_by(SearchRow.number, SearchRow.scheme)
        return session.execute(in_order).all()
    if not asked.tokens:
        return session.execute(statement.order_by(SearchRow.place.desc())).all()
    if session.get_bind().dialect.name == "sqlite":
        return session.execute(_by_fts5(statement, asked)).all()
    return _by_gin(session, statement.order_by(SearchRow.place.desc()), asked)


def _by_fts5(statement: _Statement, asked: Parsed) -> _Statement:
    """FTS5 walks its lists from the end: the first rows are there before the last are looked at."""
    query = _WORDS.c[FULL_TEXT].op("MATCH")(fts5_query(asked.tokens))
    joined = statement.join(_WORDS, _WORDS.c.rowid == SearchRow.place).where(query)
    if asked.before is not None:
        joined = joined.where(_WORDS.c.rowid < asked.before)
    return joined.order_by(_WORDS.c.rowid.desc())


def _by_gin(session: Session, statement: _Statement, asked: Parsed) -> Sequence[_Line]:
    """GIN gives all rows at once, in no order; frequent words are found among the newest already.

    PostgreSQL takes the bigrams of a name for independent of one another and expects far too few
    rows of a frequent one, so it is not left to choose between the two ways.
    """
    # Said literally, so that the planner sees how frequent the very tokens are.
    query = bindparam("tokens", tsquery(asked.tokens), String, literal_execute=True)
    matches = SearchRow.words.op("@@")(cast(query, TSQUERY))
    top = asked.before or (session.scalar(select(func.max(SearchRow.place))) or 0) + 1
    for span in NEWEST:
        newest = SearchRow.place >= literal(top - span, Integer, literal_execute=True)
        rows = session.execute(statement.where(matches, newest)).all()
        if len(rows) > asked.limit or top <= span:
            return rows
    hits = select(SearchRow.place).where(matches).cte("hits").prefix_with("MATERIALIZED")
    return session.execute(statement.join(hits, hits.c.place == SearchRow.place)).all()


def _conditions(asked: Parsed, now: datetime) -> list[ColumnElement[bool]]:
    found = [SearchRow.sought.contains(piece, autoescape=True) for piece in asked.pieces]
    if asked.number:
        # The numbers between this one and the next that does not begin so.
        found += [SearchRow.number >= asked.number, SearchRow.number < asked.number + "~"]
    if asked.by_number and asked.scheme:
        found.append(SearchRow.scheme == asked.scheme)
    if asked.state is not None:
        found.append(is_state(asked.state, now))
    if asked.before is not None:
        found.append(SearchRow.place < asked.before)
    if asked.behind is not None:
        found.append(tuple_(SearchRow.number, SearchRow.scheme) > tuple_(*asked.behind))
    return found


def is_state(state: State, now: datetime) -> ColumnElement[bool]:
    """The rows whose certificate has a state now."""
    decided = SearchRow.decided
    if state in FINAL or state is State.ANNULLED:
        return decided == state.value
    still = decided.in_([each.value for each in _STILL])
    begun = SearchRow.begins_at <= now
    running = or_(SearchRow.ends_at.is_(None), SearchRow.ends_at > now)
    match state:
        case State.NOT_YET:
            return and_(still, SearchRow.begins_at > now)
        case State.EXPIRED:
            return and_(still, begun, SearchRow.ends_at <= now)
    return and_(decided == state.value, begun, running)


def fts5_query(tokens: Sequence[Sought]) -> str:
    """All tokens, in the language of FTS5; tokens hold neither quotes nor blanks."""
    return " AND ".join(f'"{each.token}"{" *" if each.begins else ""}' for each in tokens)


def tsquery(tokens: Sequence[Sought]) -> str:
    """All tokens, in the language of PostgreSQL's full text."""
    return " & ".join(f"'{each.token}'{':*' if each.begins else ''}" for each in tokens)


# --- Counting ----------------------------------------------------------------------------------

COUNTED = (State.ACTIVE, State.SUSPENDED, State.NOT_YET, State.EXPIRED)
"""States of certificates that no decision ended; all others are counted by what was decided."""


def count_states(session: Session, now: datetime) -> dict[str, dict[State, int]]:
    """How many certificates of each scheme have which state now."""
    still = [(is_state(state, now), state.value) for state in COUNTED]
    state = case(*still, else_=SearchRow.decided)
    query = select(SearchRow.scheme, state, func.count()).group_by(SearchRow.scheme, state)
    counts: dict[str, dict[State, int]] = {}
    for scheme, found, count in session.execute(query):
        counts.setdefault(scheme, {})[State(found)] = count
    return counts


def count_beginnings(
    session: Session, years: Sequence[tuple[int, datetime, datetime]]
) -> list[int]:
    """How many certificates began in each year, given with its first and next first instant."""
    sums = [
        func.sum(
            case((and_(SearchRow.begins_at >= first, SearchRow.begins_at < following), 1), else_=0)
        )
        for _, first, following in years
    ]
    found = session.execute(select(*sums).where(SearchRow.decided != State.ANNULLED.value)).one()
    return [int(count or 0) for count in found]


@dataclass(frozen=True)
class Counted:
    """What stands against a target: in force now, and how many do not say what it asks for."""

    in_force: int
    unsaid: int


def count_target(session: Session, target: Target, now: datetime) -> Counted:
    """Count the certificates in force that a published target is about."""
    stem = model.parse(Question(place=target.region)).tokens[0].token.removeprefix("§r")
    within = [
        is_state(State.ACTIVE, now),
        SearchRow.scheme.in_(target.schemes),
        SearchRow.region.startswith(stem, autoescape=True),
    ]
    query = select(func.count()).select_from(SearchRow).where(*within)
    if target.choice is None:
        return Counted(session.scalar(query) or 0, 0)
    key, choice = target.choice
    chosen = query.where(SearchRow.choices.contains(f" {key}={choice} ", autoescape=True))
    unsaid = query.where(SearchRow.choices.not_like(f"% {key}=%"))
    return Counted(session.scalar(chosen) or 0, session.scalar(unsaid) or 0)
