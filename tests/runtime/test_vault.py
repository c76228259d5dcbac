"""The key database: keys are made once, destroyed for everybody, and swept only when idle."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from runtime.clock import FixedClock
from runtime.randomness import SeededRandomness, SystemRandomness
from runtime.vault import (
    GRACE_MIN,
    HANDED_OUT_GRAIN,
    SECRETS,
    SUBJECT_KEYS,
    Vault,
    VaultError,
)
from tests.fixtures.databases import Addresses

MASTER = bytes(range(32))
DAY = timedelta(days=1)

Opened = Callable[[], Vault]


@pytest.fixture
def opened(bare_database: Addresses, clock: FixedClock) -> Iterator[Opened]:
    """Open the same key database once more, as another process would."""
    vaults: list[Vault] = []

    def open_one() -> Vault:
        vault = Vault(bare_database.owner_url, MASTER, SystemRandomness(), clock)
        vault.create_tables()
        vaults.append(vault)
        return vault

    yield open_one
    for vault in vaults:
        vault.dispose()


@pytest.fixture
def one(opened: Opened) -> Vault:
    return opened()


def unused(subjects: Iterable[str]) -> set[str]:
    """No opening uses any of these."""
    return set()


def test_a_key_is_made_once_and_is_the_same_everywhere(one: Vault, opened: Opened) -> None:
    assert not one.has("pers:a")
    assert one.find_key("pers:a") is None
    key = one.subject_key("pers:a")
    other = opened()
    assert len(key) == 32
    assert (
        other.subject_key("pers:a") == other.find_key("pers:a") == one.subject_key("pers:a") == key
    )
    assert one.subject_key("pers:b") != key


def test_looking_for_a_key_makes_none(one: Vault) -> None:
    one.find_key("pers:a")
    assert not one.has("pers:a")


def test_a_destroyed_key_is_gone_at_once_for_everybody(one: Vault, opened: Opened) -> None:
    other = opened()
    key = one.subject_key("pers:a")
    assert other.find_key("pers:a") == key
    assert one.destroy("pers:a")
    assert other.find_key("pers:a") is None
    kept = other.subject_key("pers:b")
    assert other.find_keys(["pers:a", "pers:b", "pers:c"]) == {"pers:b": kept}
    assert not other.has("pers:a")
    assert not one.destroy("pers:a")
    # Whoever seals something new for the subject gets another key; what was sealed stays shut.
    assert other.subject_key("pers:a") != key


def test_many_processes_asking_at_once_get_one_key(opened: Opened) -> None:
    vaults = [opened() for _ in range(6)]
    barrier = threading.Barrier(len(vaults))
    keys: list[bytes] = []

    def ask(vault: Vault) -> None:
        for round_ in range(10):
            barrier.wait()
            keys.append(vault.subject_key(f"pers:{round_}"))

    threads = [threading.Thread(target=ask, args=(vault,)) for vault in vaults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 60
    assert len(set(keys)) == 10


# ---- sweeping ----------------------------------------------------------------------------------


def test_only_idle_keys_without_openings_are_swept(one: Vault, clock: FixedClock) -> None:
    for subject in ("idle", "used", "fresh"):
        if subject == "fresh":
            clock.advance(DAY)
        one.subject_key(subject)
    asked: list[set[str]] = []

    def used(subjects: Iterable[str]) -> set[str]:
        asked.append(set(subjects))
        return {"used"}

    clock.advance(GRACE_MIN / 2)
    assert one.sweep(used, GRACE_MIN) == 1
    assert asked == [{"idle", "used"}]
    assert [one.has(subject) for subject in ("idle", "used", "fresh")] == [False, True, True]


def test_a_key_whose_business_transaction_is_still_open_is_not_swept(
    one: Vault, opened: Opened, clock: FixedClock
) -> None:
    """An old key without openings is asked for; the sweep comes before the opening is committed."""
    key = one.subject_key("pers:a")
    clock.advance(DAY)
    assert one.subject_key("pers:a") == key
    clock.advance(GRACE_MIN - HANDED_OUT_GRAIN)
    assert opened().sweep(unused, GRACE_MIN) == 0
    assert one.find_key("pers:a") == key


def test_a_key_handed_out_while_the_sweep_asks_is_not_swept(
    one: Vault, opened: Opened, clock: FixedClock
) -> None:
    other = opened()
    key = other.subject_key("pers:a")
    clock.advance(DAY)

    def used(subjects: Iterable[str]) -> set[str]:
        # Between finding the key idle and removing it, a business transaction asks for it.
        assert other.subject_key("pers:a") == key
        return set()

    assert one.sweep(used, GRACE_MIN) == 0
    assert one.find_key("pers:a") == key


def test_a_key_swept_while_it_is_handed_out_is_not_handed_out(
    one: Vault, opened: Opened, clock: FixedClock
) -> None:
    other = opened()
    key = one.subject_key("pers:a")
    clock.advance(DAY)

    class SweepsFirst(FixedClock):
        """The time is asked for between reading the row and noting that it was handed out."""

        def now(self) -> datetime:
            if one.has("pers:a") and one.find_key("pers:a") == key:
                one.destroy("pers:a")
            return super().now()

    other._clock = SweepsFirst(clock.at)
    fresh = other.subject_key("pers:a")
    assert fresh != key
    assert one.find_key("pers:a") == fresh


def test_reading_does_not_keep_a_key_from_the_sweep(one: Vault, clock: FixedClock) -> None:
    one.subject_key("pers:a")
    clock.advance(DAY)
    one.find_key("pers:a")
    one.has("pers:a")
    assert one.sweep(unused, GRACE_MIN) == 1


def test_thousands_are_swept_in_chunks(one: Vault, clock: FixedClock) -> None:
    rows = [
        {"subject": f"pers:{number}", "sealed": b"", "handed_out_at": clock.now()}
        for number in range(1_100)
    ]
    with one.engine.connect() as connection:
        connection.execute(insert(SUBJECT_KEYS), rows)
    clock.advance(DAY)
    chunks: list[int] = []

    def every_other(subjects: Iterable[str]) -> set[str]:
        chunk = list(subjects)
        chunks.append(len(chunk))
        return {subject for subject in chunk if int(subject[5:]) % 2}

    assert one.sweep(every_other, GRACE_MIN) == 550
    assert chunks == [500, 500, 100]
    assert one.has("pers:1")
    assert not one.has("pers:2")


def test_a_short_grace_period_is_refused(one: Vault) -> None:
    with pytest.raises(ValueError, match="grace"):
        one.sweep(unused, GRACE_MIN - timedelta(seconds=1))


# ---- secrets -----------------------------------------------------------------------------------


def test_a_secret_is_kept_and_never_replaced(one: Vault, opened: Opened) -> None:
    assert one.secret("log") is None
    one.store_secret("log", b"signing key")
    one.store_secret("log", b"signing key")
    assert opened().secret("log") == b"signing key"
    with pytest.raises(VaultError, match="log"):
        one.store_secret("log", b"another")
    assert one.secret("log") == b"signing key"


def test_nothing_opens_under_another_master_key(
    one: Vault, bare_database: Addresses, clock: FixedClock
) -> None:
    one.subject_key("pers:a")
    one.store_secret("log", b"signing key")
    stranger = Vault(bare_database.owner_url, bytes(32), SystemRandomness(), clock)
    for look in (lambda: stranger.find_key("pers:a"), lambda: stranger.secret("log")):
        with pytest.raises(VaultError, match="master key"):
            look()
    stranger.dispose()


def test_a_row_moved_under_another_name_does_not_open(one: Vault) -> None:
    one.subject_key("pers:a")
    one.store_secret("log", b"signing key")
    with one.engine.connect() as connection:
        connection.execute(update(SUBJECT_KEYS).values(subject="pers:b"))
        connection.execute(update(SECRETS).values(name="other"))
    with pytest.raises(VaultError):
        one.find_key("pers:b")
    with pytest.raises(VaultError):
        one.secret("other")


def test_what_lies_in_the_database_is_not_the_key(one: Vault) -> None:
    key = one.subject_key("pers:a")
    one.store_secret("log", b"signing key")
    with one.engine.connect() as connection:
        sealed = [connection.scalar(select(each.c.sealed)) for each in (SUBJECT_KEYS, SECRETS)]
    assert all(key not in row and b"signing key" not in row for row in sealed if row)
    assert all(sealed)


@pytest.mark.parametrize("master", [b"", bytes(31), bytes(33)])
def test_a_master_key_has_32_bytes(tmp_path: Path, master: bytes) -> None:
    with pytest.raises(ValueError, match="32"):
        Vault(f"sqlite:///{tmp_path}/k.sqlite3", master, SystemRandomness())


def test_a_destroyed_key_is_not_left_in_any_file(tmp_path: Path, clock: FixedClock) -> None:
    """SQLite overwrites the row, and its write-ahead log is emptied."""
    file = tmp_path / "keys.sqlite3"
    vault = Vault(f"sqlite:///{file}", MASTER, SeededRandomness(b"v"), clock)
    vault.create_tables()
    sealed: dict[str, bytes] = {}
    for subject in ("kept", "gone", "swept"):
        vault.subject_key(subject)
        with vault.engine.connect() as connection:
            found = select(SUBJECT_KEYS.c.sealed).where(SUBJECT_KEYS.c.subject == subject)
            sealed[subject] = connection.scalars(found).one()

    def found_on_disk() -> set[str]:
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        return {subject for subject, row in sealed.items() if row in content}

    assert found_on_disk() == {"kept", "gone", "swept"}
    vault.destroy("gone")
    assert found_on_disk() == {"kept", "swept"}
    clock.advance(DAY)
    vault.sweep(lambda subjects: {"kept"}, GRACE_MIN)
    assert found_on_disk() == {"kept"}
    vault.dispose()
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_call_commits_for_itself(one: Vault, opened: Opened) -> None:
    """A business transaction that fails afterwards takes no key back."""
    key = one.subject_key("pers:a")
    one.dispose()
    assert opened().find_key("pers:a") == key
    with one.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM subject_keys")).scalar()
    assert count == 1
