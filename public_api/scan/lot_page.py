"""From what the register holds about a lot to its view: facts, vouchers, way, marks, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from certification.certificates.model import State, status_at
from certification.certificates.register import Certificate
from public_api.scan.labels import DETAILS, ROLES
from public_api.scan.lot_record import LotRecord
from public_api.scan.page import (
    Artwork,
    Conformity,
    Contact,
    LotView,
    Notice,
    ShownCertificate,
    ShownFact,
    ShownInspection,
    ShownVoucher,
    StateShown,
    TimelineStep,
    unlogged_fact,
)
from public_api.scan.proof import Proof
from public_api.scan.words import Colour
from trace.conformity.model import BASIS_WORDS, PROMISES, Basis, Style, masked
from trace.events.tables import Event
from web.language import Words

_ARTWORK: dict[str, Artwork] = {"grain": "rice", "vegetable": "vegetable", "fruit": "pear"}


def lot_view(record: LotRecord, now: datetime) -> LotView:
    """Give the view of a lot's page as it stands at `now`."""
    book, product = record.book, record.product
    name = book.fact("product", Words("产品", "Product"), product.payload_id, "record", "/name_zh")
    packed = _packing(record)
    return LotView(
        product=name or unlogged_fact("product", Words("产品", "Product"), product.name_zh),
        artwork="crab"
        if product.category == "aquatic"
        else _ARTWORK.get(product.category, "other"),
        mark=_mark_words(record, now),
        place=_place(record),
        packed_on=_step_fact(record, packed, "packed", Words("包装日期", "Packed on"), "date"),
        head_facts=_present([_lot_fact(record)]),
        vouchers=tuple(_vouchers(record)),
        steps=tuple(_steps(record)),
        certificates=tuple(_certificate(record, each, now) for each in record.certificates),
        inspections=tuple(_inspections(record)),
        conformity=_conformity(record),
        missing=tuple(_missing(record)),
        notices=tuple(_notices(record)),
        more_facts=_present(_more(record)),
    )


def lot_proof(record: LotRecord, host: str, vkey: str) -> Proof | None:
    """Give the proof of the page, or None while the lot itself waits for its place in the log."""
    book, lot, product = record.book, record.lot, record.product
    if book.index(lot.payload_id) is None:
        return None
    streams = [each.id for each in record.lots]
    streams += [each.cert_id for each in record.certificates]
    items = [
        book.fact(f"address-{name}", Words(""), product.payload_id, "record", f"/{name}")
        for name in ("gtin", "code")
    ]
    regions = [record.base.region] if record.base else []
    return book.proof(host, vkey, streams, lot.id, items, _lot_fact(record), regions)


def _present(facts: Iterable[ShownFact | None]) -> tuple[ShownFact, ...]:
    return tuple(fact for fact in facts if fact is not None)


def _lot_fact(record: LotRecord) -> ShownFact | None:
    return record.book.fact("lot", Words("批次", "Lot"), record.lot.payload_id, "record", "/code")


def _place(record: LotRecord) -> ShownFact | None:
    label = Words("产地", "Grown in")
    if record.base is None:
        return None
    return record.book.fact("place", label, record.base.payload_id, "record", "/region", "region")


def _packing(record: LotRecord) -> Event | None:
    own = [each for each in record.events if each.step == "packing"]
    return next((each for each in own if each.payload_id in record.own), None)


def _step_fact(
    record: LotRecord, event: Event | None, id: str, label: Words, format: str
) -> ShownFact | None:
    if event is None:
        return None
    return record.book.fact(id, label, event.payload_id, "shown", "/at", format)


def _mark_words(record: LotRecord, now: datetime) -> Words | None:
    for certificate in record.certificates:
        if certificate.status.may_use_mark:
            name = certificate.scheme.name
            return Words(name.zh, name.en)
    return None


def _vouchers(record: LotRecord) -> Iterator[ShownVoucher]:
    """Say who vouches: for the lot its owner, for tests and marks those who recorded them."""
    book = record.book
    owner = record.owner
    yield book.voucher(
        "producer", ROLES["producer"], record.lot.payload_id, owner.payload_id, owner.name_zh or ""
    )
    for event in record.events:
        if event.step == "inspection":
            yield _voucher_of(record, event, "inspector", ROLES["inspection"])
            break


def _voucher_of(record: LotRecord, event: Event, id: str, role: Words) -> ShownVoucher:
    party = record.parties[event.party_id]
    name = party.name_zh or ""
    return record.book.voucher(id, role, event.payload_id, party.payload_id, name)


def _steps(record: LotRecord) -> Iterator[TimelineStep]:
    for number, event in enumerate(record.events):
        at = _step_fact(record, event, f"at-{number}", Words("时间", "Time"), "instant")
        title = record.book.fact(
            f"step-{number}", Words("环节", "Step"), event.payload_id, "shown", "/step", "code:step"
        )
        if at is None or title is None:
            continue
        yield TimelineStep(
            title=title,
            at=at,
            recorded_at=record.book.recorded_at(f"recorded-{number}", event.payload_id),
            voucher=_voucher_of(record, event, f"by-{number}", Words("登记", "Recorded by")),
            facts=_present(_details(record, event, number)),
            notices=tuple(_step_notices(event)),
        )


def _details(record: LotRecord, event: Event, number: int) -> Iterator[ShownFact | None]:
    shown: Any = record.book.value(event.payload_id, "shown") or {}
    for position, _ in enumerate(shown.get("goods", ())):
        label, pointer = Words("数量", "Quantity"), f"/goods/{position}/typed"
        yield record.book.fact(
            f"goods-{number}-{position}", label, event.payload_id, "shown", pointer, "typed"
        )
    for name, value in shown.get("details", {}).items():
        if name in DETAILS:
            words, format = DETAILS[name]
            format = "typed" if isinstance(value, list) else format
            yield record.book.fact(
                f"{name}-{number}", words, event.payload_id, "shown", f"/details/{name}", format
            )


def _step_notices(event: Event) -> Iterator[Notice]:
    if event.outcome == "clash":
        words = Words("与另一条登记同名而内容不同", "Differs from another record of the same name")
        yield Notice("amber", words)
    if event.outcome == "declared":
        yield Notice(
            "amber", Words("更正：此前的登记有误", "Correction: an earlier record was wrong")
        )


_STATE_COLOURS: dict[State, Colour] = {State.ACTIVE: "green"}
_STATE_WORDS: dict[State, Words] = {
    State.ACTIVE: Words("有效", "Valid"),
    State.SUSPENDED: Words("暂停", "Suspended"),
    State.REVOKED: Words("撤销", "Revoked"),
    State.CANCELLED: Words("注销", "Given up"),
    State.SUPERSEDED: Words("已换发", "Superseded"),
    State.TRANSFERRED: Words("已转移", "Passed on"),
    State.EXPIRED: Words("到期", "Ended"),
    State.NOT_YET: Words("尚未开始", "Not yet begun"),
    State.ANNULLED: Words("已更正为无效", "Declared void"),
    State.UNKNOWN: Words("当时没有登记", "Not on record then"),
}


def _certificate(record: LotRecord, certificate: Certificate, now: datetime) -> ShownCertificate:
    book, grant = record.book, certificate.payload_ids[0]
    # An amendment may have set the days or the quantity anew: each is proved by its own entry.
    term, quantity = certificate.entry_of("term"), certificate.entry_of("granted")
    id, scheme = certificate.number, certificate.scheme
    facts = [
        book.public_fact(f"number-{id}", Words("编号", "Number"), grant, "/payload/facts/number"),
        book.public_fact(
            f"from-{id}", Words("起始日", "From"), term, "/payload/facts/from", "date"
        ),
        book.public_fact(f"to-{id}", Words("截止日", "Until"), term, "/payload/facts/to", "date"),
    ]
    if certificate.confirm_by is not None:
        label, confirm = Words("确认期限", "Confirm by"), certificate.entry_of("confirm_by")
        facts.append(
            book.public_fact(f"confirm-{id}", label, confirm, "/payload/facts/confirm_by", "date")
        )
    granted = None
    if certificate.quota.granted is not None:
        format = "mass" if certificate.quota.unit == "mg" else "pieces"
        label = Words("核准数量", "Certified")
        granted = book.public_fact(
            f"granted-{id}", label, quantity, "/payload/facts/granted", format
        )
    packed_at = record.packed_at
    return ShownCertificate(
        name=Words(scheme.name.zh, scheme.name.en),
        document=Words(scheme.document.zh, scheme.document.en),
        facts=_present(facts),
        now=_state(certificate.status.state),
        when_packed=(
            _state(status_at(certificate.history, packed_at, now).state) if packed_at else None
        ),
        allowance=_present([granted]),
    )


def _state(state: State) -> StateShown:
    return StateShown(_STATE_COLOURS.get(state, "red"), _STATE_WORDS[state])


def _inspections(record: LotRecord) -> Iterator[ShownInspection]:
    for number, event in enumerate(record.events):
        if event.step != "inspection":
            continue
        shown: Any = record.book.value(event.payload_id, "shown") or {}
        passed = shown.get("result") != "failed"
        result = Words("合格", "Passed") if passed else Words("不合格", "Failed")
        facts = (
            record.book.fact(
                f"test-{name}-{number}", DETAILS[name][0], event.payload_id, "shown",
                f"/details/{name}",
            )
            for name in ("laboratory", "reportNumber", "items")
        )  # fmt: skip
        yield ShownInspection(
            name=Words("检验检测", "Inspection"),
            result=StateShown("green" if passed else "red", result),
            facts=_present(facts),
            voucher=_voucher_of(record, event, f"tested-{number}", Words("登记", "Recorded by")),
        )


def _conformity(record: LotRecord) -> Conformity | None:
    """Show the 承诺达标合格证; what names a natural person is never opened to strangers."""
    conformity = record.conformity
    if conformity is None or conformity.record is None:
        return None
    style = Style(conformity.style)
    promise = PROMISES[style]
    lines = Words("；".join(promise.zh), "; ".join(promise.en))
    fields, said = conformity.record, record.owner
    name, contact = masked(fields, said.kind, "zh")
    rows = [
        ("product_name", Words("名称", "Name"), fields["product_name"], "text"),
        ("quantity", Words("数量", "Quantity"), list(fields["quantity"]), "typed"),
        ("origin", Words("产地", "Origin"), fields["origin"], "text"),
        ("party_name", Words("承诺方", "Promised by"), name, "text"),
        ("issued_at", Words("开具时间", "Issued"), fields["issued_at"], "instant"),
    ]
    book = record.book
    facts = [
        unlogged_fact(f"conformity-{id}", label, value, format)
        if said.natural
        else book.fact(f"conformity-{id}", label, conformity.payload_id, "record", f"/{id}", format)
        for id, label, value, format in rows
    ]
    basis = [BASIS_WORDS[Basis(each)] for each in fields["basis"]]
    words = "、".join(pair[0] for pair in basis)
    facts.append(unlogged_fact("conformity-basis", Words("承诺依据", "Basis"), words))
    return Conformity(
        facts=_present(facts),
        promise=lines,
        contact=Contact(Words("联系方式", "Contact"), contact, fields["contact"]),
        address=f"/registry/conformity/{conformity.id}",
    )


def _missing(record: LotRecord) -> Iterator[Notice]:
    if not any(each.step == "inspection" for each in record.events):
        yield Notice("plain", Words("没有检验检测的登记", "No inspection is on record"))
    if record.conformity is None and record.conformity_due:
        words = Words(
            "没有承诺达标合格证，按规定应当开具",
            "No certificate of conformity (承诺达标合格证), which is due for these goods",
        )
        yield Notice("amber", words)
    if record.base is None:
        yield Notice("plain", Words("没有登记基地", "No production base is on record"))
    if record.packed_at is None:
        yield Notice("plain", Words("没有登记包装", "No packing is on record"))
    if not record.certificates:
        yield Notice("plain", Words("没有登记用标许可", "No licence to use a mark is on record"))


def _notices(record: LotRecord) -> Iterator[Notice]:
    recall = record.recall
    if recall is not None:
        reason = Words(f"召回原因：{recall.reason_zh}", f"Reason of the recall: {recall.reason_en}")
        yield Notice("red", reason)


def _more(record: LotRecord) -> Iterator[ShownFact | None]:
    book, product = record.book, record.product
    rows = (
        ("grade", Words("等级", "Grade"), "text"),
        ("category", Words("类别", "Category"), "code:category"),
        ("features_zh", Words("特点", "Features"), "text"),
        ("season", Words("上市季节", "Season"), "text"),
        ("rights_holder", Words("权益主体", "Holder of rights"), "text"),
        ("protection_zh", Words("保护措施", "Protection"), "text"),
        ("use_zh", Words("开发利用", "Use"), "text"),
    )
    for name, label, format in rows:
        yield book.fact(f"product-{name}", label, product.payload_id, "record", f"/{name}", format)
    if record.base is not None:
        label = Words("基地", "Production base")
        yield book.fact("base", label, record.base.payload_id, "record", "/name_zh")
        label = Words("基地面积", "Area")
        yield book.fact("area", label, record.base.payload_id, "record", "/area", "typed")
    registered = Words("登记单位代码", "Code of the producer")
    yield book.fact("producer-code", registered, record.owner.payload_id, "shown", "/code")
    opened = Words("建批时间", "Lot opened")
    yield book.fact("opened", opened, record.lot.payload_id, "record", "/opened_at", "instant")
