"""The first entries of a log, and the keys that later entries register.

Entry 0 is GENESIS: it names the format, the three root keys, the system key that signs it, and
whether the log is a demo; the log's name is the payload's `origin`. Entry 1 is the KEY entry of
the checkpoint key. From then on a KEY entry, signed by the system key, registers the key of an
organisation in its `org:` stream, with `custody` `own` or `platform`. Natural persons have
no keys here. A key is registered once and serves one purpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import insert

from ledger.entries.model import ZERO_HASH, actor_of, check_origin
from ledger.entries.tables import LogStateRow
from ledger.entry_types import GENESIS, KEY
from ledger.log_keys import ROOT_KEYS, LogKeys
from ledger.outbox import SYSTEM, Draft, Recorded, Signer, enter
from ledger.public_keys import check_public_key
from ledger.refusals import LedgerRefusal
from ledger.statements import statements_for
from ledger.tree import EMPTY_ROOT
from ledger.work import KnownKey, Work
from runtime import base64url
from runtime.clock import from_microseconds
from runtime.refusal import refuse
from runtime.strict_json import Json

Custody = Literal["own", "platform"]
Purpose = Literal["party", "system", "checkpoint"]
FORMAT: Final = "ecotrace/entry/v1"


def init_log(
    work: Work, keys: LogKeys, root_keys: Sequence[bytes], *, demo: bool, now: datetime
) -> Recorded:
    """Begin the log of `keys.origin` with GENESIS and the KEY entry of the checkpoint key.

    `root_keys` are the public halves of three keys (`log_keys.make_root_keys`) whose private
    halves the caller has already written to files. Refuses when the log exists, and root keys that
    are malformed, weak or repeated. Gives the GENESIS payload.
    """
    if keys.origin != work.origin:
        raise ValueError(f"keys of {keys.origin!r} cannot begin the log {work.origin!r}")
    check_origin(keys.origin)
    if work.get(LogStateRow, 1) is not None:
        refuse(LedgerRefusal.LOG_EXISTS)
    own = (keys.system.public_key, keys.checkpoint.public_key)
    if len(root_keys) != ROOT_KEYS or len({*root_keys, *own}) != ROOT_KEYS + len(own):
        refuse(LedgerRefusal.MALFORMED_KEY, "/facts/root_keys")
    for each in root_keys:
        check_public_key(each, "/facts/root_keys")
    _begin(work)
    recorded = _genesis(work, keys, root_keys, demo, now)
    register_key(
        work, keys.checkpoint.public_key, "platform", None, keys.system, now, purpose="checkpoint"
    )
    return recorded


def _begin(work: Work) -> None:
    row = {
        "id": 1,
        "origin": work.origin,
        "epoch": 0,
        "size": 0,
        "root": EMPTY_ROOT,
        "tip": ZERO_HASH,
        "at": from_microseconds(0),
    }
    work.execute(insert(LogStateRow), [row])


def _genesis(
    work: Work, keys: LogKeys, root_keys: Sequence[bytes], demo: bool, now: datetime
) -> Recorded:
    facts: dict[str, Json] = {
        "demo": demo,
        "format": FORMAT,
        "root_keys": [base64url.encode(each) for each in root_keys],
        "system_key": base64url.encode(keys.system.public_key),
    }
    # GENESIS is signed by the very key that it registers, so the key is known before its row.
    work.known_keys[keys.system.actor] = KnownKey("system", "platform")
    draft = Draft(GENESIS.type, (), now, facts, ())
    recorded = enter(work, draft, GENESIS, keys.system, SYSTEM, now)
    _keep_key(work, keys.system.public_key, "system", "platform", None, recorded)
    return recorded


def register_key(
    work: Work,
    public_key: bytes,
    custody: Custody,
    party_stream: str | None,
    signer: Signer,
    now: datetime,
    *,
    purpose: Purpose = "party",
) -> Recorded:
    """Register a key with a KEY entry in its party's `org:` stream, signed by the system key.

    `signer` is `LogKeys.system`. Refuses malformed and small-order keys, a key that is
    registered already, and a signer that is not a system key.
    """
    if (party_stream is None) == (purpose == "party"):
        raise ValueError("a party's key, and only a party's key, belongs to a party's stream")
    check_public_key(public_key, "/facts/key")
    key = base64url.encode(public_key)
    facts: dict[str, Json] = {"custody": custody, "key": key, "purpose": purpose}
    streams = () if party_stream is None else (party_stream,)
    recorded = enter(work, Draft(KEY.type, streams, now, facts, ()), KEY, signer, SYSTEM, now)
    _keep_key(work, public_key, purpose, custody, party_stream, recorded)
    return recorded


def _keep_key(
    work: Work,
    public_key: bytes,
    purpose: str,
    custody: str,
    stream: str | None,
    recorded: Recorded,
) -> None:
    name = base64url.decode(recorded.payload_id)
    values = (actor_of(public_key), public_key, purpose, custody, stream, name)
    connection = work.connection()
    kept = connection.exec_driver_sql(statements_for(connection).add_key, values)
    if kept.first() is None:
        refuse(LedgerRefusal.KEY_REGISTERED, "/facts/key")
