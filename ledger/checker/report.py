"""What the checker answers: the size and root that it computed, and every difference.

A *fault* is a kind of thing that can be wrong, with a sentence in both languages; a *difference* is
one case of it, with the place where it was met: an entry by its index, a file of an export, or a
table, column and row of the database, and what was expected and found there. `Findings` gathers
them, at most `LISTED_MAX` of one kind and place-name, because one missing entry can set ten
thousand others at odds; all are counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Final

LISTED_MAX: Final = 20
_SHOWN_MAX = 100


class Fault(Enum):
    """What can be wrong; the value is the sentence in Chinese and English."""

    # Files and notes
    FILE_MISSING = ("文件不存在或不可读", "the file is missing or cannot be read")
    FILE_TOO_LARGE = ("文件过大", "the file is too large")
    FILE_UNEXPECTED = ("日志中不应有此文件", "the log has no such file")
    VKEY_MALFORMED = ("验证公钥格式不对", "the verifier key is malformed")
    VKEY_DIFFERS = ("与给定的验证公钥不同", "this is not the verifier key that was given")
    NOTE_MALFORMED = ("签名文件格式不对", "the signed note is malformed")
    NOTE_UNSIGNED = ("没有已知密钥的签名", "no known key signed the note")
    NOTE_FORGED = ("签名验证不通过", "the signature of the note does not verify")
    CHECKPOINT_MALFORMED = ("检查点格式不对", "the checkpoint is malformed")
    CHECKPOINT_ORIGIN = ("检查点属于另一日志", "the checkpoint is another log's")
    CHECKPOINT_KEY = (
        "签署检查点的密钥未在日志中登记",
        "the key that signs checkpoints is not registered in the log",
    )
    ROOT = ("根散列与条目不符", "the root is not that of the entries")
    FORKED = (
        "已持有的检查点不在此日志之中，日志已分叉",
        "a checkpoint held from before does not lead here: the log has forked",
    )
    SPLIT = ("检查点切断了一次操作", "the size falls between an entry and its continuations")
    BUNDLE = ("条目包格式不对", "the entry bundle is malformed")
    BUNDLE_COUNT = ("条目包的条数不对", "the entry bundle holds another number of entries")
    PARTIAL = ("与完整的文件不符", "the file does not agree with the newer one")
    TILE = ("瓦片中的散列不对", "a hash in the tile is not that of the tree")

    # One entry
    TOO_LARGE = ("条目超过 16384 字节", "the entry is over 16,384 bytes")
    NOT_JSON = ("不是严格的 JSON", "not strict JSON")
    NOT_CANONICAL = ("不是规范字节（RFC 8785）", "not the canonical bytes (RFC 8785)")
    TOO_DEEP = ("嵌套过深", "nested too deeply")
    NUMBER = ("数字不是 2^53 以内的整数", "a number is not an integer below 2^53")
    MEMBERS = ("成员缺失或多余", "members are missing or unknown")
    MALFORMED = ("值的格式不对", "a value is malformed")
    INSTANT = ("不存在的时刻", "there is no such instant")
    STREAM_ORDER = ("流未按次序排列或重复", "the streams are not sorted and distinct")
    PLACES = ("seq 的流与 payload 的流不符", "the streams of seq are not those of the payload")
    UNKNOWN_TYPE = ("大写类型未保留", "a type in capitals is not a reserved one")

    # Between entries
    ORIGIN = ("条目属于另一日志", "the entry belongs to another log")
    INDEX = ("序号不是所在位置", "the index is not the position")
    MISSING = ("缺少条目", "entries are missing")
    PREV = ("prev 不是前一条目的散列", "prev is not the hash of the entry before")
    TIME = ("时间倒退", "time goes back")
    REPEATED = ("同一内容已在日志中", "the payload has been in the log before")
    SEEN = ("所称见过的检查点不存在", "the tree that the signer says it saw never was")
    STREAM_N = ("流内编号不连续", "n does not follow the last of its stream")
    STREAM_PREV = (
        "流内 prev 不是该流前一条目的散列",
        "prev is not the hash of the stream's last entry",
    )
    CONTINUATION = ("续条不合规则", "a continuation does not follow its first payload")
    CONTINUATION_MISSING = ("缺少续条", "continuations are missing")

    # Keys
    GENESIS = ("第 0 条且仅第 0 条是 GENESIS", "entry 0, and no other, is GENESIS")
    GENESIS_FACTS = ("GENESIS 内容不合规则", "the facts of GENESIS are not as they must be")
    KEY_FACTS = ("KEY 内容不合规则", "the facts of KEY are not as they must be")
    KEY_REPEATED = ("密钥已登记过", "the key has been registered before")
    KEY_WEAK = ("不是合格的 Ed25519 公钥", "not a good Ed25519 public key")
    KEY_UNKNOWN = ("密钥此前未登记", "no earlier entry registered the key")
    KEY_PURPOSE = ("密钥的用途不符", "the key is registered for another purpose")
    SIGNATURE = ("行为人签名验证不通过", "the actor's signature does not verify")

    # Database
    ROW_MISSING = ("缺少行", "a row is missing")
    ROW_UNEXPECTED = ("多出的行", "a row has nothing to stand for")
    VALUE = ("值不对", "the value is wrong")
    HASH = ("散列与字节不符", "bytes and hash contradict each other")
    UNCOVERED = ("有条目不在任何检查点之内", "entries are not covered by a head")
    SEAL = ("密封打不开", "the seal does not open")
    OPENING = ("与承诺不符", "the opening does not match its commitment")
    UNCOMMITTED = ("没有对应的承诺", "there is no commitment that this could open")

    # Proof files
    PROOF_MALFORMED = ("证明文件格式不对", "the proof file is malformed")
    PROOF_WITHOUT_ENTRY = ("证明文件不含条目", "the proof file does not carry its entry")
    INCLUSION = ("条目不在检查点的树中", "the proof does not lead to the signed root")

    @property
    def code(self) -> str:
        """The name that machines read."""
        return self.name.lower()

    def sentence(self, lang: str) -> str:
        """What is wrong, in `zh` or `en`."""
        return self.value[1] if lang == "en" else self.value[0]


@dataclass(frozen=True)
class Difference:
    """One thing that is wrong, and where.

    `pointer` is the JSON pointer into the entry or payload; `row` names the row by its key, as
    `stream=lot:a n=3`. What does not apply is None; `expected` and `found` may be empty.
    """

    fault: Fault
    entry: int | None = None
    file: str | None = None
    table: str | None = None
    column: str | None = None
    row: str | None = None
    pointer: str | None = None
    expected: str = ""
    found: str = ""

    def text(self, lang: str) -> str:
        """The difference on one line, in `zh` or `en`."""
        place = " ".join([*self._place(lang), self.fault.sentence(lang)])
        wanted, got = ("expected", "found") if lang == "en" else ("应为", "实为")
        values = ((wanted, self.expected), (got, self.found))
        said = ", ".join(f"{word} {_short(value)}" for word, value in values if value)
        return f"{place} ({said})" if said else place

    def _place(self, lang: str) -> list[str]:
        names = ("entry", "file", "table", "column", "row", "at")
        if lang != "en":
            names = ("条目", "文件", "表", "列", "行", "位于")
        values = (self.entry, self.file, self.table, self.column, self.row, self.pointer)
        named = [
            f"{name} {value}"
            for name, value in zip(names, values, strict=True)
            if value is not None
        ]
        return [", ".join(named) + ":"] if named else []

    def as_json(self) -> dict[str, str | int]:
        """The difference for machines; the keys are the field names, absent where None or empty."""
        said = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        return {**said, "fault": self.fault.code}


class CheckFault(Exception):
    """A single thing that was to be read is wrong; `difference` says what, without a place yet."""

    def __init__(
        self, fault: Fault, pointer: str | None = None, expected: str = "", found: str = ""
    ) -> None:
        self.difference = Difference(fault, pointer=pointer, expected=expected, found=found)
        super().__init__(self.difference.text("en"))


class Findings:
    """The differences of one run, in the order in which they were met."""

    def __init__(self) -> None:
        self.listed: list[Difference] = []
        self.count = 0
        self._kinds: Counter[tuple[object, ...]] = Counter()

    def add(self, difference: Difference) -> None:
        """Count a difference, and list it unless many of its kind are listed already."""
        kind = (difference.fault, difference.table, difference.column)
        self.count += 1
        self._kinds[kind] += 1
        if self._kinds[kind] <= LISTED_MAX:
            self.listed.append(difference)

    def say(
        self,
        fault: Fault,
        *,
        entry: int | None = None,
        file: str | None = None,
        expected: object = "",
        found: object = "",
    ) -> None:
        """`add` what is wrong with an entry or a file; values are shown by `shown`."""
        values = (shown(expected), shown(found))
        self.add(Difference(fault, entry, file, expected=values[0], found=values[1]))

    def say_row(
        self,
        fault: Fault,
        table: str,
        column: str,
        row: str | None,
        *,
        entry: int | None = None,
        expected: object = "",
        found: object = "",
    ) -> None:
        """`add` what is wrong with a column of a row."""
        values = (shown(expected), shown(found))
        self.add(Difference(fault, entry, None, table, column, row, None, *values))

    def differs(
        self,
        table: str,
        column: str,
        row: str,
        expected: object,
        found: object,
        entry: int | None = None,
    ) -> None:
        """`say_row` that the value is not the one that follows from the entries."""
        self.say_row(Fault.VALUE, table, column, row, entry=entry, expected=expected, found=found)


@dataclass(frozen=True)
class Report:
    """The answer for a whole log.

    `size` and `root` are those that the checker computed from the entries it read, not those that
    the log claims. `count` differences were found, of which `differences` lists some of every
    kind. `own_key`: the verifier key came with the log itself, so nobody else vouches for it.
    `signatures`: the actors' signatures were checked. `seconds` is the time that it took.
    """

    origin: str | None
    size: int
    root: bytes | None
    differences: tuple[Difference, ...]
    count: int
    own_key: bool
    signatures: bool
    seconds: float

    @property
    def good(self) -> bool:
        """Whether nothing at all was wrong."""
        return self.count == 0

    @property
    def entries_per_second(self) -> float:
        """How fast it went."""
        return self.size / self.seconds if self.seconds > 0 else 0.0


def shown(value: object) -> str:
    """A value as text: bytes in hexadecimal, None as nothing."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
