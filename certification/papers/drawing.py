"""Drawing a certificate: one A4 page in Chinese and English, with the QR code of its address.

The page says what was on record when it was issued; what holds now says the register, to which
its QR code leads. Registered marks are never drawn. Where the node is a demo, 演示 lies across
the page.

Invariants: one page, the Chinese font embedded, characters that it lacks named on the page
(`runtime.typesetting`); the same facts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from certification.quotas.model import Unit
from certification.schemes.model import Words
from runtime.clock import beijing_date
from runtime.quantities import show
from runtime.typesetting import (
    FONT_FAMILY,
    Job,
    drawing,
    fitting_size,
    missing_characters,
    missing_note,
    qr_path,
    replaced,
    typeset,
)

_TEMPLATE = Path(__file__).with_name("certificate.typ").read_bytes()
_QR_SIDE = 37.0
_SMALLER = 0.74  # the English beside the Chinese
_LINE_MAX = 30  # Chinese characters at 11 points
_SIZES = ((30, 11.0), (38, 9.0))
NAMED_MAX = 6
"""Products or bases that one page names; of more it says how many there are."""


@dataclass(frozen=True)
class Face:
    """What a certificate's page shows; `granted` in whole `unit`, days as Beijing days.

    `holder_code` is the credit code of an organisation, never a person's. `products` and `bases`
    are names. `body` is who answers for the certificate, None where it is the scheme's office.
    """

    address: str
    origin: str
    number: str
    name: Words
    document: Words
    office: Words
    statement: Words
    holder: Words
    holder_code: str | None
    products: tuple[Words, ...]
    bases: tuple[Words, ...]
    from_date: date
    to_date: date | None
    confirm_by: date | None
    mark_from: date | None
    granted: int | None
    unit: Unit | None
    body: Words | None
    issued_at: datetime
    demo: bool


@dataclass(frozen=True)
class Drawn:
    """The page as PDF, without a seal, and the characters that the font lacks."""

    pdf: bytes
    missing: tuple[str, ...]


def draw(face: Face, font: Path) -> Drawn:
    """Draw a certificate. Raises FontMissing."""
    missing = missing_characters("".join(_texts(face)), font)
    page = _replaced(_page(face), missing)
    page |= {"font": FONT_FAMILY, "demo": face.demo, "note": missing_note(missing)}
    page["qr"] = drawing(_QR_SIDE, _QR_SIDE, [qr_path(face.address, 0, 0, _QR_SIDE)])
    (pdf,) = typeset(Job(_TEMPLATE, page, face.issued_at), font)
    return Drawn(pdf, missing)


def _texts(face: Face) -> Iterator[str]:
    """Every text that comes from people."""
    bodies = [] if face.body is None else [face.body]
    for words in (face.holder, face.name, face.office, *face.products, *face.bases, *bodies):
        yield from (words.zh, words.en)


def _replaced(value: Any, missing: Sequence[str]) -> Any:
    if isinstance(value, str):
        return replaced(value, missing)
    if isinstance(value, list):
        return [_replaced(each, missing) for each in value]
    if isinstance(value, dict):
        return {name: _replaced(each, missing) for name, each in value.items()}
    return value


def _page(face: Face) -> dict[str, Any]:
    return {
        "title": f"{face.name.zh} {face.document.zh} {face.number}",
        "office": _pair(face.office),
        "name": _pair(face.name),
        "name_pt": fitting_size(face.name.zh, ((9, 32), (13, 24), (18, 18)), 14),
        "document": _pair(face.document),
        "number_line": f"编号 No.  {face.number}",
        "statement": _pair(face.statement),
        "rows": list(_rows(face)),
        "issued": {"zh": "发放 " + _day(face.issued_at), "en": "Issued " + _day(face.issued_at)},
        "says": {
            "zh": "本页载明发放时的登记内容。证书现在是否有效，以登记簿为准。",
            "en": "This page says what was on record when it was issued. Whether the certificate "
            "is valid now is what the register says.",
        },
        "scan": {"zh": "扫码查看现在的状态", "en": "Scan for its present state"},
        "seal": {
            "zh": f"本文件由 {face.origin} 的节点密钥封签（PAdES B-B），改动任何一处即失效；"
            "此封签不是《电子签名法》所称的可靠电子签名。",
            "en": f"Sealed with the node key of {face.origin} (PAdES B-B): any change breaks the "
            "seal. It is not a qualified electronic seal.",
        },
        "address": face.address,
    }


def _pair(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": "" if words.en == words.zh else words.en}


def _day(at: datetime) -> str:
    return beijing_date(at).isoformat()


def _rows(face: Face) -> Iterator[dict[str, Any]]:
    """The rows of the table, those that do not apply left out."""
    yield _row("持有人", "Holder", [face.holder], apart=True)
    if face.holder_code is not None:
        yield _row("统一社会信用代码", "Unified credit code", [Words(face.holder_code, "")])
    yield _row("产品", "Products", _some(face.products))
    if face.bases:
        yield _row("基地", "Bases", _some(face.bases))
    if face.granted is not None:
        yield _row("核定数量", "Quantity", [_amount(face.granted, face.unit)])
    yield _row("有效期", "Valid", [_term(face)])
    if face.confirm_by is not None:
        day = face.confirm_by.isoformat()
        words = Words(f"{day} 前须年度确认，逾期自动失效", f"lapses unless confirmed by {day}")
        yield _row("年度确认", "Yearly confirmation", [words])
    if face.mark_from is not None:
        day = face.mark_from.isoformat()
        words = Words(f"转换期产品自 {day} 起方可使用标志", f"goods in conversion: from {day} on")
        yield _row("标志起用日", "Mark from", [words])
    if face.body is not None:
        yield _row("承办机构", "Body", [face.body])


def _term(face: Face) -> Words:
    first = face.from_date.isoformat()
    if face.to_date is None:
        return Words(f"自 {first} 起", f"from {first} on")
    last = face.to_date.isoformat()
    return Words(f"{first} 至 {last}（北京时间）", f"{first} to {last}, Beijing time")


def _amount(granted: int, unit: Unit | None) -> Words:
    kind: Literal["mass", "pieces"] = "mass" if unit == "mg" else "pieces"
    return Words(show(kind, granted, "zh"), show(kind, granted, "en"))


def _some(named: Sequence[Words]) -> list[Words]:
    if len(named) <= NAMED_MAX:
        return list(named)
    rest = f"等共 {len(named)} 项，详见登记簿", f"{len(named)} in all: see the register"
    return [*named[: NAMED_MAX - 1], Words(*rest)]


def _row(zh: str, en: str, lines: Sequence[Words], *, apart: bool = False) -> dict[str, Any]:
    """One row; the more lines, the smaller the type, so that all rows fit the page.

    The English stands behind the Chinese where both fit one line, else below.
    """
    most = 8.5 if len(lines) > 4 else 11.0
    side_by_side = max(len(each.zh) + _SMALLER * 0.6 * len(each.en) for each in lines)
    return {
        "zh": zh,
        "en": en,
        "lines": [_pair(each) for each in lines],
        "points": min(most, fitting_size(max((each.zh for each in lines), key=len), _SIZES, 7)),
        "apart": apart or side_by_side > _LINE_MAX,
    }
