"""One certificate as a sealed PDF: drawn, sealed and checked, in milliseconds each.

Each page is another one, so that nothing is taken from what typst remembers of the page before. The
limit of the machine, measured in the same run, is an empty page with the same font embedded.
"""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, report, seconds
from certification.papers.drawing import Face, draw
from certification.papers.seals import Seal, check, load_seal, make_seal, read_anchors, seal
from certification.schemes.model import Words
from runtime.randomness import SeededRandomness
from runtime.typesetting import FONT_FAMILY, Job, find_font, typeset
from runtime.vault import Vault

AT = datetime(2026, 11, 1, tzinfo=UTC)
_PAGES, _WANTED_MS = 60, 150
_EMPTY = f'#set text(font: "{FONT_FAMILY}")\n#set page(width: 210mm, height: 297mm)\n'


def main() -> None:
    """Measure; the first page of the process, which loads the font, is told beside the median."""
    key = _key()
    anchors = read_anchors(key.published())
    font = find_font()
    first = seconds(lambda: _paper(key, 0)) * 1_000
    made = [seconds(partial(_paper, key, number)) * 1_000 for number in range(1, _PAGES)]
    papers = [_paper(key, number) for number in range(_PAGES, _PAGES + 20)]
    assert all(check(paper, anchors).holds for paper in papers)
    checked = [seconds(partial(check, paper, anchors)) * 1_000 for paper in papers]
    empty = [
        seconds(partial(typeset, Job(f"{_EMPTY}米 {number}".encode(), {}, AT), font)) * 1_000
        for number in range(20)
    ]
    beside = {
        "first": round(first, 1),
        "p95": round(statistics.quantiles(made, n=20)[-1], 1),
        "empty_page": round(statistics.median(empty), 1),
        "bytes": len(papers[0]),
    }
    median = statistics.median(made)
    report(Figure("certificate PDF with seal", median, "ms", _WANTED_MS, "less", beside))
    report(Figure("first certificate PDF of a process", first, "ms", 1_000, "less"))
    report(Figure("seal checked", statistics.median(checked), "ms", _WANTED_MS, "less"))


def _key() -> Seal:
    with TemporaryDirectory() as folder:
        vault = Vault(f"sqlite:///{folder}/keys.sqlite3", bytes(32), SeededRandomness(b"vault"))
        vault.create_tables()
        make_seal(vault, SeededRandomness(b"seal"), "bench.example/log", AT)
        key = load_seal(vault)
        vault.dispose()
        return key


def _paper(key: Seal, number: int) -> bytes:
    return seal(draw(_face(number), find_font()).pdf, key, AT)


def _face(number: int) -> Face:
    return replace(
        _FACE,
        address=f"https://trace.example.com/registry/certificates/JNJP-2026-{number:04d}",
        number=f"JNJP-2026-{number:04d}",
        holder=Words(f"演示稻米专业合作社第{number}社", f"Demo rice co-operative {number}"),
        products=tuple(
            Words(f"小站稻米 {number + kilos} 公斤", f"Xiaozhan rice {number + kilos} kg")
            for kilos in range(4)
        ),
    )


_FACE = Face(
    address="",
    origin="bench.example/log",
    number="",
    name=Words("津农精品", "Jinnong Jingpin"),
    document=Words("用标授权", "Licence to use the mark"),
    office=Words("天津市农业农村委员会", "Tianjin agriculture commission"),
    statement=Words("授权使用「津农精品」", "authorised to use the mark: Jinnong Jingpin"),
    holder=Words("", ""),
    holder_code="91999999MA00000012",
    products=(),
    bases=(Words("小站镇一号田", "Field one, Xiaozhan"),),
    from_date=date(2026, 10, 1),
    to_date=date(2029, 9, 30),
    confirm_by=None,
    mark_from=None,
    granted=46_800_000_000,
    unit="mg",
    body=None,
    issued_at=AT,
    demo=True,
)


if __name__ == "__main__":
    main()
