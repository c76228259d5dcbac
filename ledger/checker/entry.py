"""One entry, read strictly (`docs/log-format.md`, "Entries").

The steps:

 1. at most 16,384 bytes
 2. strict JSON whose canonical bytes are these very bytes
 3. the form of every member, as one regular expression over the canonical bytes
 4. no members but those
 5. numbers in `facts` are integers below 2^53, nothing is nested beyond 64 levels
 6. instants are real ones; the streams are sorted and distinct, and `seq` names the same ones

Step 3 may rest on the bytes because step 2 has shown them canonical: members stand in one order and
nothing is escaped that need not be. In the expression only `facts` is open, and whatever it could
swallow beside that one object makes too many members, which is step 4.

Vocabularies and Unicode forms are not looked at: what was accepted once stays valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from operator import ge, itemgetter
from typing import Any, Final

from ledger.checker.canonical import INTEGER_LIMIT, check_plain, parse
from ledger.checker.report import CheckFault, Fault

ENTRY_MAX: Final = 16_384
PAYLOAD_AT: Final = len(b'{"payload":')
PAYLOAD_PREFIX: Final = b"ecotrace/payload/v1\x00"
STREAMS_MAX: Final = 96
RESERVED: Final = frozenset(
    {"GENESIS", "KEY", "REVOKE", "MAP", "CONT", "ALT-ROOT", "SEAL", "ERASURE", "CLOSE", "ANSWERS"}
)

# What is left of the last character when 128, 256 or 512 bits have been written is zero.
BYTES_16: Final = "[A-Za-z0-9_-]{21}[AQgw]"
BYTES_32: Final = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
BYTES_64: Final = "[A-Za-z0-9_-]{85}[AQgw]"
INSTANT: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
ORIGIN: Final = "[A-Za-z0-9][A-Za-z0-9._~:/-]{0,127}"
STREAM: Final = '(?=[^"]{4,26}(?:"|$))[a-z]{2,6}:[A-Za-z0-9_-]{1,23}'
TYPE: Final = r"[A-Z][A-Z-]*+|[a-z]+(?:\.[a-z][a-z_]*){2}"
_FROM_0 = "(?:0|[1-9][0-9]{0,15})"
_FROM_1 = "[1-9][0-9]{0,15}"


def _list(item: str, most: int) -> str:
    return rf"\[(?:{item}(?:,{item}){{0,{most - 1}}}+)?+\]"


_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_COMMITMENT = f'{_STRING}:"{BYTES_32}"'
_COMMIT = rf"\{{(?:{_COMMITMENT}(?:,{_COMMITMENT})*+)?+\}}"
_QUOTED_STREAM = f'"{STREAM}"'
_SEEN = rf'\{{"root":"{BYTES_32}","size":{_FROM_1}\}}'
_PLACE = rf'\{{"id":"{STREAM}","n":{_FROM_1},"prev":"{BYTES_32}"\}}'
# The first alternative for facts is the usual case, and takes no time to find its end.
_PAYLOAD = (
    rf'\{{"actor":"{BYTES_32}","commit":{_COMMIT},"effective_at":"{INSTANT}"'
    rf',"facts":(?:\{{[^{{}}]*+\}}|\{{.*?\}}),"id":"{BYTES_16}","origin":"{ORIGIN}"'
    rf'(?:,"seen":{_SEEN})?+,"streams":{_list(_QUOTED_STREAM, STREAMS_MAX)}'
    rf',"type":"(?:{TYPE})"\}}'
)
_SEQ = (
    rf'\{{"at":"{INSTANT}","index":{_FROM_0},"prev":"{BYTES_32}"'
    rf',"streams":{_list(_PLACE, STREAMS_MAX)}\}}'
)
_ENTRY = rf'\{{"payload":({_PAYLOAD}),"seq":{_SEQ},"sig":"{BYTES_64}","v":1\}}'

_id_of = itemgetter("id")
_instant = datetime.fromisoformat
_payload_form = re.compile(_PAYLOAD.encode("ascii"), re.DOTALL).fullmatch
_entry_form = re.compile(_ENTRY.encode("ascii"), re.DOTALL).fullmatch
_PAYLOAD_NAMES = frozenset(
    {"actor", "commit", "effective_at", "facts", "id", "origin", "streams", "type"}
)
_ENTRY_NAMES = frozenset({"payload", "seq", "sig", "v"})


def read_entry(entry: bytes) -> tuple[dict[str, Any], bytes]:
    """The value of an entry, and the bytes of its payload; `CheckFault` saying what is wrong."""
    if len(entry) > ENTRY_MAX:
        raise CheckFault(Fault.TOO_LARGE, found=str(len(entry)))
    value = parse(entry)
    form = _entry_form(entry)
    if form is None or len(value) != len(_ENTRY_NAMES):
        raise _why_entry(value)
    payload, seq = value["payload"], value["seq"]
    _check_payload(payload, "/payload")
    _check_instant(seq["at"], "/seq/at")
    if list(map(_id_of, seq["streams"])) != payload["streams"]:
        raise CheckFault(Fault.PLACES, "/seq/streams")
    return value, entry[PAYLOAD_AT : form.end(1)]


def read_payload(payload: bytes) -> dict[str, Any]:
    """The value of a payload that has no place yet; `CheckFault` saying what is wrong."""
    if len(payload) > ENTRY_MAX:
        raise CheckFault(Fault.TOO_LARGE, found=str(len(payload)))
    value: dict[str, Any] = parse(payload)
    if _payload_form(payload) is None:
        raise _why_payload(value, "")
    _check_payload(value, "")
    return value


def _check_payload(payload: dict[str, Any], at: str) -> None:
    """Steps 4 to 6, where the form is right."""
    if len(payload) != len(_PAYLOAD_NAMES) + ("seen" in payload):
        raise _why_payload(payload, at)
    if payload["facts"]:
        check_plain(payload["facts"], f"{at}/facts")
    _check_instant(payload["effective_at"], at + "/effective_at")
    streams = payload["streams"]
    if len(streams) > 1 and any(map(ge, streams, streams[1:])):
        raise CheckFault(Fault.STREAM_ORDER, f"{at}/streams")


def _check_instant(text: str, at: str) -> None:
    """Days that no month has pass the form."""
    try:
        _instant(text)
    except ValueError:
        raise CheckFault(Fault.INSTANT, at, found=text) from None


# --- Saying what is wrong with an entry that has been refused already ---------------------------


def _why_entry(value: object) -> CheckFault:
    fault = _members(value, _ENTRY_NAMES, frozenset(), "")
    if fault is not None or not isinstance(value, dict):
        return fault or CheckFault(Fault.MEMBERS)
    fault = _members(value["payload"], _PAYLOAD_NAMES, frozenset({"seen"}), "/payload")
    fault = fault or _payload_fault(value["payload"], "/payload")
    names = frozenset({"at", "index", "prev", "streams"})
    fault = fault or _members(value["seq"], names, frozenset(), "/seq")
    if fault is not None:
        return fault
    seq = {"at": INSTANT, "prev": BYTES_32}
    if type(value["v"]) is not int or value["v"] != 1:
        return CheckFault(Fault.MALFORMED, "/v", expected="1", found=str(value["v"]))
    fault = _values(value["seq"], seq, "/seq") or _values(value, {"sig": BYTES_64}, "")
    return fault or CheckFault(Fault.MALFORMED, "/seq")


def _why_payload(value: object, at: str) -> CheckFault:
    fault = _members(value, _PAYLOAD_NAMES, frozenset({"seen"}), at)
    if fault is None and isinstance(value, dict):
        fault = _payload_fault(value, at)
    return fault or CheckFault(Fault.MALFORMED, at)


def _payload_fault(payload: Mapping[str, Any], at: str) -> CheckFault | None:
    forms = {
        "actor": BYTES_32,
        "effective_at": INSTANT,
        "id": BYTES_16,
        "origin": ORIGIN,
        "type": TYPE,
    }
    for name, kind in (("commit", dict), ("facts", dict), ("seen", dict), ("streams", list)):
        if name in payload and type(payload[name]) is not kind:
            return CheckFault(Fault.MALFORMED, f"{at}/{name}", expected=kind.__name__)
    return (
        _values(payload, forms, at)
        or _values(payload["commit"], dict.fromkeys(payload["commit"], BYTES_32), f"{at}/commit")
        or _values(dict(enumerate(payload["streams"])), STREAM, f"{at}/streams")
        or _seen_fault(payload.get("seen"), f"{at}/seen")
        or (
            CheckFault(Fault.MALFORMED, f"{at}/streams", expected=f"≤ {STREAMS_MAX}")
            if len(payload["streams"]) > STREAMS_MAX
            else None
        )
    )


def _seen_fault(seen: Mapping[str, Any] | None, at: str) -> CheckFault | None:
    if seen is None:
        return None
    fault = _members(seen, frozenset({"root", "size"}), frozenset(), at)
    fault = fault or _values(seen, {"root": BYTES_32}, at)
    if fault is None and not (type(seen["size"]) is int and 0 < seen["size"] < INTEGER_LIMIT):
        fault = CheckFault(Fault.MALFORMED, f"{at}/size", found=str(seen["size"]))
    return fault


def _members(
    value: object, names: frozenset[str], optional: frozenset[str], at: str
) -> CheckFault | None:
    if not isinstance(value, dict):
        return CheckFault(Fault.MALFORMED, at, expected="object")
    wrong = sorted((names - value.keys()) | (value.keys() - names - optional))
    return CheckFault(Fault.MEMBERS, at, found=", ".join(wrong)) if wrong else None


def _values(
    values: Mapping[Any, Any], forms: Mapping[str, str] | str, at: str
) -> CheckFault | None:
    """The first value that is no text of its form; one form may stand for all."""
    wanted = dict.fromkeys(values, forms) if isinstance(forms, str) else forms
    for name, form in wanted.items():
        found = values[name]
        if not isinstance(found, str) or re.fullmatch(form, found) is None:
            return CheckFault(Fault.MALFORMED, f"{at}/{name}", expected=form, found=str(found))
    return None
