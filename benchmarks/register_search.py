"""The public register with 1,000,000 certificates: how long a search takes, on either database.

The index is filled with made-up certificates (rows of the search table only: names of firms,
products, brands and places, put together from words that are as frequent as they are in a real
register) and asked what people ask: two to six characters of Chinese, beginnings of numbers,
places, states. Each question is asked as the service asks it, on a connection that cannot write.

    python -m benchmarks.register_search --database postgresql --size 200000
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert

from benchmarks.figure import Figure, report
from certification.certificates.model import State
from certification.search.model import Question
from certification.search.service import count_states, index_words, search, sought_text
from certification.search.tables import FULL_TEXT_INDEX, SearchRow, full_text_ddl
from ecotrace.tables import metadata
from runtime.database import Database, make_tables
from runtime.regions import divisions_within, region_words
from tests.fixtures import postgres

SIZE = 1_000_000
PORTION = 5_000
NOW = datetime(2026, 11, 1, tzinfo=UTC)
_SURNAMES = "金丰绿源禾润田沃鑫盛宏达康惠民兴隆瑞泰华永昌顺和嘉裕东海北辰晨光天地春秋江河"
_KINDS = [
    "种植专业合作社",
    "养殖专业合作社",
    "农业科技有限公司",
    "食品有限公司",
    "家庭农场",
    "米业有限公司",
    "果品有限公司",
    "水产养殖有限公司",
    "农产品开发有限公司",
    "茶叶有限公司",
]
_GOODS = [
    "大米",
    "小站稻",
    "香梨",
    "大闸蟹",
    "苹果",
    "番茄",
    "黄瓜",
    "韭菜",
    "红枣",
    "葡萄",
    "茶叶",
    "香菇",
    "鸡蛋",
    "蜂蜜",
    "小麦粉",
    "花生油",
    "虾皮",
    "沙窝萝卜",
    "鸭蛋",
    "核桃",
]
_BRANDS = [
    "津农精品",
    "黄河口",
    "新疆品质",
    "库尔勒香梨",
    "丽水山耕",
    "天赋河套",
    "圳品",
    "绿色食品",
]
_SCHEMES = (("green", 30), ("organic", 20), ("jnjp", 15), ("hhk", 10), ("xjpz", 10), ("gip", 8),
            ("mtyx", 6), ("xiangli", 1))  # fmt: skip
_DECIDED = ((State.ACTIVE, 93), (State.SUSPENDED, 2), (State.REVOKED, 1), (State.CANCELLED, 3),
            (State.SUPERSEDED, 1))  # fmt: skip


def rows(size: int) -> Iterator[list[dict[str, Any]]]:
    """Give the rows of the register in portions; the same ones for the same size."""
    chance = random.Random(7)
    counties = [code for code in _counties() if region_words(code)]
    for first in range(0, size, PORTION):
        yield [_row(n, chance, counties) for n in range(first, min(first + PORTION, size))]


def _counties() -> list[str]:
    found = []
    for province in ("12", "37", "65", "33", "15", "41", "51", "44"):
        for code, _ in divisions_within(province):
            found += [inner for inner, _ in divisions_within(code)] if len(code) == 4 else [code]
    return [code for code in found if len(code) == 6]


def _row(n: int, chance: random.Random, counties: list[str]) -> dict[str, Any]:
    region = chance.choice(counties)
    scheme = chance.choices([each for each, _ in _SCHEMES], [w for _, w in _SCHEMES])[0]
    decided = chance.choices([each for each, _ in _DECIDED], [w for _, w in _DECIDED])[0]
    number = f"{scheme.upper()}-{2015 + n % 12}-{n:07}"
    place = region_words(region)
    firm = "".join(chance.sample(_SURNAMES, 2)) + chance.choice(_KINDS)
    texts = [number, f"{place}{firm}", chance.choice(_GOODS), chance.choice(_BRANDS), place]
    begins = NOW - timedelta(days=chance.randrange(0, 4000))
    return {
        "cert_id": f"cert:{n:020}",
        "scheme": scheme,
        "number": number,
        "holder": f"org:{n % 200_000:020}",
        "region": region,
        "decided": decided.value,
        "begins_at": begins,
        "ends_at": begins + timedelta(days=3 * 365),
        "choices": "",
        "sought": sought_text(texts),
        "words": index_words(texts, [region], scheme, decided),
    }


def questions(count: int, size: int) -> list[tuple[str, Question]]:
    """Give what people ask, each with its kind, the same ones for the same numbers."""
    chance = random.Random(11)
    counties = [code for code in _counties() if region_words(code)]
    makers: tuple[tuple[str, Callable[[], Question]], ...] = (
        ("goods", lambda: Question(chance.choice(_GOODS))),
        ("brand", lambda: Question(chance.choice(_BRANDS))),
        ("firm", lambda: Question("".join(chance.sample(_SURNAMES, 2)))),
        ("firm and kind", lambda: Question("".join(chance.sample(_SURNAMES, 2)) + "农业科技")),
        ("kind", lambda: Question(chance.choice(("合作社", "家庭农场", "有限公司", "米业")))),
        ("town and goods", lambda: Question(
            f"{region_words(chance.choice(counties))[-3:]} {chance.choice(_GOODS)}")),
        ("nothing", lambda: Question("".join(chance.sample("龘靐齉齾爨癵驫", 3)))),
        ("one letter", lambda: Question(chance.choice("梨蟹茶枣蛋"))),
        ("number", lambda: Question(number=f"JNJP-{chance.randrange(2015, 2027)}")),
        ("whole number", lambda: Question(_number(chance, size))),
        ("place", lambda: Question(place=chance.choice(counties))),
        ("province", lambda: Question(place="120000", scheme="jnjp")),
        ("state", lambda: Question(state=chance.choice(("revoked", "suspended", "expired")))),
        ("goods in force", lambda: Question(chance.choice(_GOODS), state="active", place="12")),
        ("goods revoked", lambda: Question(chance.choice(_GOODS), state="revoked")),
    )  # fmt: skip
    return [(kind, make()) for n in range(count) for kind, make in [makers[n % len(makers)]]]


def _number(chance: random.Random, size: int) -> str:
    return f"{chance.randrange(size):07}"


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database]:
    """Give an empty database with the search table."""
    if kind == "sqlite":
        database = Database(f"sqlite:///{folder}/register.sqlite3")
        make_tables(database.write_engine, metadata)
        yield database
        database.dispose()
        return
    # The server runs as a user of its own, who has to get into it.
    folder.chmod(0o755)
    server = postgres.start(folder, durable=True)
    server.make_roles()
    server.make_database("register")
    database = Database(server.url("register", postgres.OWNER))
    make_tables(database.write_engine, metadata)
    yield database
    database.dispose()
    postgres.stop(folder)


def fill(database: Database, size: int) -> float:
    """Put the register in; gives the seconds that it took."""
    start = time.perf_counter()
    late = database.dialect == "postgresql"
    with database.write_engine.begin() as connection:
        if late:
            # As a restore does it: an index is made faster than it grows row by row.
            connection.exec_driver_sql(f"DROP INDEX {FULL_TEXT_INDEX}")
    for portion in rows(size):
        with database.write_engine.begin() as connection:
            connection.execute(insert(SearchRow), portion)
    with database.write_engine.begin() as connection:
        for statement in full_text_ddl(database.dialect) if late else ():
            connection.exec_driver_sql(statement)
    with database.write_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as one:
        one.exec_driver_sql("ANALYZE")
    return time.perf_counter() - start


def ask(database: Database, asked: list[tuple[str, Question]]) -> dict[str, list[float]]:
    """Ask every question once; gives milliseconds by kind."""
    taken: dict[str, list[float]] = {}
    for kind, question in asked:
        start = time.perf_counter()
        with database.read() as session:
            search(session, question, NOW)
        taken.setdefault(kind, []).append((time.perf_counter() - start) * 1000)
    return taken


def main() -> None:
    """Fill, ask, report p50 and p95, and the slowest kind of question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--questions", type=int, default=600)
    options = parser.parse_args()
    with TemporaryDirectory() as folder, opened(options.database, Path(folder)) as database:
        filled = fill(database, options.size)
        print(f"filled {options.size:,} in {filled:.0f} s", file=sys.stderr)
        ask(database, questions(30, options.size))
        taken = ask(database, questions(options.questions, options.size))
        with database.read() as session:
            start = time.perf_counter()
            count_states(session, NOW)
            counted = (time.perf_counter() - start) * 1000
    for kind, times in sorted(taken.items(), key=lambda each: -_p95(each[1])):
        print(f"  {kind}: p50 {statistics.median(times):.1f} ms, p95 {_p95(times):.1f} ms",
              file=sys.stderr)  # fmt: skip
    everything = [each for times in taken.values() for each in times]
    beside = {
        "p50_ms": round(statistics.median(everything), 2),
        "slowest_ms": round(max(everything), 1),
        "count_states_ms": round(counted, 1),
        "database": options.database,
        "size": options.size,
        "cpus": os.cpu_count(),
    }
    name = f"register search over {options.size:,} certificates, p95, {options.database}"
    report(Figure(name, _p95(everything), "ms", 100, "less", beside))


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, int(len(times) * 0.95) - 1)] if len(times) > 1 else times[0]


if __name__ == "__main__":
    main()
