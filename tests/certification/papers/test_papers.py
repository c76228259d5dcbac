"""Papers: what stands on the page, who gets one, and that the log and the register agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it ships no types
import pytest
import zxingcpp
from sqlalchemy import text

from certification.certificates.service import ChangeCertificate, suspend
from certification.papers.drawing import NAMED_MAX, Face, draw
from certification.papers.seals import load_seal, make_seal
from certification.papers.service import (
    IssuePaper,
    NamedSubject,
    check,
    find_digest,
    issue,
    papers_of,
    read_anchors,
    read_paper,
)
from certification.replay import replay
from certification.schemes.model import Words
from identity.actor import Actor
from runtime.typesetting import find_font
from tests.certification.books import codes, logged, opened
from tests.certification.conftest import PRODUCT, open_appointed_office

ADDRESS = "https://trace.example/registry/certificates/JNJP-2026-0001"
AT = datetime(2026, 11, 1, tzinfo=UTC)
FACE = Face(
    address=ADDRESS,
    origin="log.example/tests",
    number="JNJP-2026-0001",
    name=Words("津农精品", "Jinnong Jingpin"),
    document=Words("用标授权", "Licence to use the mark"),
    office=Words("演示品牌办公室", "Demo brand office"),
    statement=Words("授权使用「津农精品」", "authorised to use the mark: Jinnong Jingpin"),
    holder=Words("演示米业", "Demo Rice"),
    holder_code="91999999MA00000012",
    products=(Words("小站稻米 5 公斤", "Xiaozhan rice 5 kg"),),
    bases=(),
    from_date=date(2026, 10, 1),
    to_date=date(2027, 9, 30),
    confirm_by=None,
    mark_from=None,
    granted=46_800_000_000,
    unit="mg",
    body=None,
    issued_at=AT,
    demo=True,
)


def page_of(pdf: bytes):
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    page = document[0]
    # Spaced letters are read with spaces between them.
    return page, packed(page.get_textpage().get_text_range())


def packed(said: str) -> str:
    return "".join(said.split())


def words_of(face: Face) -> str:
    return str(page_of(draw(face, find_font()).pdf)[1])


def test_the_page_says_everything_in_both_languages():
    said = words_of(FACE)
    for expected in (
        "津农精品", "Jinnong Jingpin", "用标授权", "JNJP-2026-0001", "授权使用「津农精品」",
        "演示米业", "Demo Rice", "91999999MA00000012", "小站稻米 5 公斤", "Xiaozhan rice 5 kg",
        "46800 公斤", "46800 kg", "2026-10-01 至 2027-09-30", "2026-10-01 to 2027-09-30",
        "演示", "DEMO", "扫码查看现在的状态", "不是《电子签名法》所称的可靠电子签名",
        "It is not a qualified electronic seal",
    ):  # fmt: skip
        assert packed(expected) in said, expected


def test_what_does_not_apply_is_not_there():
    said = words_of(replace(FACE, demo=False, granted=None, unit=None, holder_code=None))
    for absent in ("DEMO", "核定数量", "统一社会信用代码", "年度确认", "标志起用日", "承办机构"):
        assert absent not in said, absent
    said = words_of(
        replace(
            FACE, confirm_by=date(2027, 1, 1), mark_from=date(2027, 2, 2), to_date=None,
            body=Words("演示认证公司", "Demo Body"), granted=5, unit="piece",
        )
    )  # fmt: skip
    for expected in ("2027-01-01 前须年度确认", "2027-02-02 起方可使用标志", "自 2026-10-01 起",
                     "Demo Body", "5 件"):  # fmt: skip
        assert packed(expected) in said, expected


def test_the_code_leads_to_the_register():
    page, _ = page_of(draw(FACE, find_font()).pdf)
    picture = np.array(page.render(scale=150 / 72, grayscale=True).to_pil())
    assert [each.text for each in zxingcpp.read_barcodes(picture)] == [ADDRESS]


def test_many_names_stay_on_one_page_and_the_rest_is_counted():
    many = tuple(Words(f"产品{n}号特级长粒香米真空包装", f"Product {n}, vacuum") for n in range(40))
    said = words_of(replace(FACE, products=many, bases=many, confirm_by=date(2027, 1, 1),
                            mark_from=date(2027, 2, 2), body=many[0]))  # fmt: skip
    assert f"产品{NAMED_MAX - 2}号" in said
    assert f"产品{NAMED_MAX - 1}号" not in said
    assert "等共40项" in said
    assert "承办机构" in said


def test_a_character_without_a_shape_is_named():
    drawn = draw(replace(FACE, holder=Words("𠮷林米业", "")), find_font())
    assert drawn.missing == ("𠮷",)
    said = page_of(drawn.pdf)[1]
    assert "〓林米业" in said
    assert "U+20BB7" in said


def test_texts_are_data_and_the_same_facts_give_the_same_bytes():
    tricky = replace(FACE, holder=Words("#panic() *粗* $x$ _米_", "\\ [x] @y <z> `#`"))
    drawn = draw(tricky, find_font())
    assert drawn == draw(tricky, find_font())
    assert packed("#panic() *粗* $x$ _米_") in page_of(drawn.pdf)[1]


# --- Issuing -------------------------------------------------------------------------------------


@pytest.fixture
def sealing(grow):
    """An office on a node with a seal."""

    def build(node):
        office = open_appointed_office(node)
        make_seal(node.vault, node.randomness, node.settings.origin, node.clock.now())
        return office

    return grow(build)


def order_of(office, decided):
    return IssuePaper(
        cert_id=decided.cert_id,
        base_url=office.node.settings.base_url,
        demo=True,
        holder=NamedSubject(office.firm, "演示米业", "Demo Rice"),
        holder_code=None,
        names=(NamedSubject(PRODUCT, "小站稻米", "Rice"),),
    )


def test_a_paper_is_sealed_logged_and_kept(sealing):
    decided = sealing.grant()
    made = sealing.run(issue, order_of(sealing, decided))
    payload = logged(sealing.node, made.payload_id)
    assert (payload.streams, payload.facts) == ((made.paper_id,), {})
    record = opened(sealing.node, made.payload_id)
    assert (record["certificate"], record["digest"]) == (decided.cert_id, made.digest)
    with sealing.read() as session:
        pdf = read_paper(session, sealing.node.vault, made.paper_id)
        (paper,) = papers_of(session, decided.cert_id)
        assert find_digest(session, made.digest) == paper
        assert find_digest(session, "0" * 64) is None
        assert codes(read_paper, session, sealing.node.vault, "papr:none") == ["paper_unknown"]
        assert replay(session, sealing.node.vault) == []
    found = check(pdf, read_anchors(load_seal(sealing.node.vault).published()))
    assert (found.holds, found.digest) == (True, made.digest)
    assert found.signed_at == sealing.node.clock.now()
    assert "演示米业" in page_of(pdf)[1]
    assert BytesIO(pdf).read(5) == b"%PDF-"


def test_who_gets_a_paper_and_when(sealing):
    decided = sealing.grant()
    order = order_of(sealing, decided)
    holder = Actor(sealing.firm, "pers:x", frozenset({"operator"}), sealing.actor.scopes)
    assert sealing.run(issue, order, holder).cert_id == decided.cert_id
    stranger = replace(holder, party="org:AAAAAAAAAAAAAAAAAAAA")
    assert codes(sealing.run, issue, order, stranger) == ["not_allowed"]
    sealing.run(suspend, ChangeCertificate(decided.cert_id, AT, "抽检"))
    assert codes(sealing.run, issue, order) == ["certificate_suspended"]
    early = sealing.grant(number="JNJP-2026-0002", from_date=date(2026, 12, 1))
    assert sealing.run(issue, order_of(sealing, early)).missing == ()
    sealing.node.clock.advance(timedelta(days=365))
    assert codes(sealing.run, issue, order_of(sealing, early)) == ["certificate_expired"]


def test_an_altered_paper_on_record_is_found(sealing, tamper):
    made = sealing.run(issue, order_of(sealing, sealing.grant()))
    with tamper(sealing.node.database) as connection:
        connection.execute(text("UPDATE certification_papers SET digest = 'x', n = 9"))
    with sealing.read() as session:
        assert codes(read_paper, session, sealing.node.vault, made.paper_id) == ["paper_lost"]
        found = {(each.table, each.column) for each in replay(session, sealing.node.vault)}
    assert found == {("certification_papers", "digest"), ("certification_papers", "n")}


def test_a_node_without_a_seal_issues_nothing(office):
    decided = office.grant()
    assert codes(office.run, issue, order_of(office, decided)) == ["seal_key_missing"]
