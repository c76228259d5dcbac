"""Scan pages of three made-up products, from the view model and a second log.

The stories are those of the demo, told small: rice with its bag on record, pears whose mark ended,
crabs that are recalled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from public_api.scan.page import (
    Conformity,
    Contact,
    LotView,
    Notice,
    Opening,
    ScanPage,
    Scans,
    ShownCertificate,
    ShownFact,
    ShownInspection,
    ShownVoucher,
    StateShown,
    TimelineStep,
    Verdict,
    entry_fact,
    opened_fact,
    opened_voucher,
    ranked,
    unlogged_fact,
)
from public_api.scan.proof import Proof, ProvedEntry
from web.language import Words

from tests.browser_script.second_log import SecondLog, b64url

HOST = "zhuisu.example.org"
REGIONS = {
    "120112102": "天津市津南区小站镇",
    "652801205": "新疆维吾尔自治区库尔勒市哈拉玉宫乡",
    "370505105": "山东省东营市垦利区黄河口镇",
}


@dataclass
class Sample:
    """A page and its proof, in one language."""

    page: ScanPage
    proof: Proof
    log: SecondLog


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


class Story:
    """Writes a story into a second log and gathers what the page shows of it."""

    def __init__(self, lang: str, seed: str) -> None:
        self.lang = lang
        self.log = SecondLog(seed=seed)
        self.names: dict[str, Opening] = {}
        self.keys: dict[str, Any] = {}
        self.custody: dict[str, str] = {}
        self.wanted: set[int] = {0}
        self._facts = 0

    def name(self, stem: str) -> str:
        return f"/{stem}_{self.lang}"

    def opening(self, index: int, field: str = "record") -> Opening:
        salt, value = self.log.openings[index, field]
        self.wanted.add(index)
        return Opening(index, field, b64url(salt), value)

    def party(self, name: str, record: dict[str, Any], custody: str = "platform") -> str:
        stream = self.log.stream("org", name)
        self.wanted.add(len(self.log.entries))
        self.keys[name] = self.log.introduce(name, stream, custody)
        self.custody[name] = custody
        index = self.log.append(
            "identity.party.register",
            [stream],
            {"kind": "cooperative"},
            {"record": record},
            self.keys[name],
        )
        self.names[name] = self.opening(index)
        return stream

    def write(
        self, type: str, streams: list[str], record: Any, by: str, at: str, **facts: Any
    ) -> int:
        index = self.log.append(type, streams, facts, {"record": record}, self.keys[by], utc(at))
        self.wanted.add(index)
        return index

    def fact(
        self, label: Words, index: int, pointer: str, format: str = "text", field: str = "record"
    ) -> ShownFact:
        self._facts += 1
        return opened_fact(f"f{self._facts}", label, self.opening(index, field), pointer, format)

    def entry(self, label: Words, index: int, pointer: str, format: str = "text") -> ShownFact:
        self._facts += 1
        self.wanted.add(index)
        parsed = json.loads(self.log.entries[index])
        return entry_fact(f"f{self._facts}", label, index, parsed, pointer, format)

    def off_log(self, label: Words, value: Any, format: str = "text") -> ShownFact:
        self._facts += 1
        return unlogged_fact(f"f{self._facts}", label, value, format)

    def voucher(self, role: Words, index: int, by: str) -> ShownVoucher:
        self._facts += 1
        custody = "own" if self.custody[by] == "own" else "platform"
        name = self.name("name")
        return opened_voucher(f"v{self._facts}", role, index, custody, self.names[by], name)

    def step(
        self, index: int, by: str, facts: tuple[ShownFact, ...] = (), notices: tuple[Notice, ...] = ()
    ) -> TimelineStep:
        return TimelineStep(
            title=self.fact(Words("环节", "Step"), index, "/step", "code:step"),
            at=self.entry(Words("时间", "When"), index, "/payload/effective_at", "date"),
            recorded_at=self.entry(Words("登记于", "recorded"), index, "/seq/at", "instant"),
            voucher=self.voucher(Words("登记", "Recorded by"), index, by),
            facts=facts,
            notices=notices,
        )

    def proof(self, lot: str, product: int, opened: int) -> Proof:
        log = self.log
        somebody = log.key(next(iter(self.keys)))
        log.append("trace.event.capture", [log.stream("lot", "another")], {}, {}, somebody)
        wanted = self.wanted | set(log.of(lot)) | {len(log.entries) - 1}
        return Proof(
            origin=log.origin,
            host=HOST,
            vkey=log.vkey,
            checkpoint=log.checkpoint(),
            entries=tuple(
                ProvedEntry(index, log.entries[index], tuple(log.proof(index)))
                for index in sorted(wanted)
            ),
            streams={lot: log.count(lot)},
            lot=lot,
            regions=REGIONS,
            address_items=(self.fact(Words(""), product, "/code").source,),  # type: ignore[arg-type]
            address_lot=self.fact(Words(""), opened, "/code").source,
        )


def rice(lang: str = "zh") -> Sample:
    """A bag of rice, from sowing to sale, with everything a page can show."""
    s = Story(lang, "rice")
    s.party("coop", {"name_zh": "演示小站稻合作社", "name_en": "Demo Xiaozhan Rice Co-op", "code": "93999999MA00000A1X"})
    s.party("mill", {"name_zh": "演示津南碾米厂", "name_en": "Demo Jinnan Mill", "code": "91999999MA00000B2Y"}, "own")
    s.party("office", {"name_zh": "演示品牌办公室", "name_en": "Demo Brand Office", "code": "11999999MA00000C3T"})
    lot, product, base = (s.log.stream(kind, "rice") for kind in ("lot", "prod", "base"))
    p = s.write("trace.product.register", [product], {
        "code": "xiaozhan-5kg", "name_zh": "小站稻 津原89 大米 5 公斤", "name_en": "Xiaozhan rice, Jinyuan 89, 5 kg",
        "category": "grain", "grade": "一级", "net": ["5", "公斤"]}, "coop", "2026-04-01T00:00:00+08:00")
    b = s.write("trace.base.register", [base], {
        "name_zh": "小站镇一号稻田", "name_en": "Paddy 1", "region": "120112102", "area": ["120", "亩"]}, "coop", "2026-04-01T00:00:00+08:00")
    o = s.write("trace.lot.open", [lot], {"code": "XZ2026-01"}, "coop", "2026-05-30T08:00:00+08:00")
    def event(step: str, at: str, by: str, **more: Any) -> int:
        return s.write("trace.event.capture", [lot], {"step": step, **more}, by, at)
    sow = event("planting", "2026-05-30T08:00:00+08:00", "coop", seed="津原89", place_zh="小站镇一号稻田")
    crab = event("stocking", "2026-06-10T07:30:00+08:00", "coop", note_zh="每亩放蟹苗 500 只", note_en="500 young crabs per mu")
    cut = event("harvesting", "2026-10-18T09:00:00+08:00", "coop", mass_mg=72_000_000_000)
    mill = event("milling", "2026-10-26T10:00:00+08:00", "mill", mass_mg=46_800_000_000, rate="65")
    pack = event("packing", "2026-10-28T14:00:00+08:00", "mill", pieces=9360)
    sale = event("shipping", "2026-11-02T06:00:00+08:00", "mill", to_zh="天津红旗农贸批发市场（演示）", to_en="Hongqi market, Tianjin (demo)")
    cert_stream = s.log.stream("cert", "rice")
    cert = s.write("certification.certificate.grant", [cert_stream], {"holder_zh": "演示小站稻合作社", "holder_en": "Demo Xiaozhan Rice Co-op"}, "office",
        "2025-11-01T00:00:00+08:00", number="JNJP-2025-0001", scheme="jnjp", state="active",
        **{"from": "2025-11-01", "to": "2028-10-31"}, granted=9360, unit="piece")
    mass, kg = Words("数量", "Quantity"), "mass"
    steps = (
        s.step(sow, "coop", (s.fact(Words("品种", "Variety"), sow, "/seed"),)),
        s.step(crab, "coop", (s.fact(Words("做法", "How"), crab, f"/note_{lang}"),)),
        s.step(cut, "coop", (s.fact(mass, cut, "/mass_mg", kg),)),
        s.step(mill, "mill", (s.fact(mass, mill, "/mass_mg", kg), s.fact(Words("出米率 %", "Yield, %"), mill, "/rate"))),
        s.step(pack, "mill", (s.fact(mass, pack, "/pieces", "pieces:bag"),)),
        s.step(sale, "mill", (s.fact(Words("去向", "To"), sale, f"/to_{lang}"),)),
    )
    lot_view = LotView(
        product=s.fact(Words("产品", "Product"), p, s.name("name")),
        artwork="rice",
        mark=Words("津农精品（示例）", "Jinnong Jingpin (sample)"),
        place=s.fact(Words("基地", "From"), b, "/region", "region"),
        packed_on=s.entry(Words("包装日期", "Packed on"), pack, "/payload/effective_at", "date"),
        vouchers=(
            s.voucher(Words("种植", "Grower"), sow, "coop"),
            s.voucher(Words("加工包装", "Mill"), pack, "mill"),
            s.voucher(Words("用标许可", "Licence"), cert, "office"),
        ),
        steps=steps,
        certificates=(
            ShownCertificate(
                Words("津农精品（示例）", "Jinnong Jingpin (sample)"),
                Words("用标授权", "licence to use the mark"),
                (
                    s.entry(Words("编号", "Number"), cert, "/payload/facts/number"),
                    s.fact(Words("持有人", "Holder"), cert, f"/holder_{lang}"),
                    s.entry(Words("有效期自", "From"), cert, "/payload/facts/from", "date"),
                    s.entry(Words("至", "To"), cert, "/payload/facts/to", "date"),
                    s.entry(Words("认定数量", "Certified"), cert, "/payload/facts/granted", "pieces:bag"),
                ),
                StateShown("green", Words("有效", "Active")),
                StateShown("green", Words("有效", "Active")),
                s.voucher(Words("发证", "Office"), cert, "office"),
            ),
        ),
        missing=(
            Notice("amber", Words("没有登记检验检测", "No inspection is on record")),
            Notice("amber", Words("没有登记农药、肥料的使用", "No use of pesticides or fertiliser is on record")),
        ),
        more_facts=(
            s.fact(Words("面积", "Area"), b, "/area", "typed"),
            s.fact(Words("等级", "Grade"), p, "/grade"),
            s.fact(Words("批号", "Lot"), o, "/code"),
            s.fact(Words("净含量", "Net"), p, "/net", "typed"),
            s.fact(Words("类别", "Category"), p, "/category", "code:category"),
            s.off_log(Words("保存方法", "Keep"), "阴凉干燥处" if lang == "zh" else "cool and dry"),
        ),
    )
    verdict = Verdict("found_again", n=3, first_at=utc("2026-11-20T09:12:00+08:00"), first_place=Words("天津市", "Tianjin"))
    page = ScanPage(
        verdicts=ranked([verdict]),
        complaint="/complain?lot=XZ2026-01",
        host=HOST,
        code="RUN-0000123-K",
        lot=lot_view,
        scans=Scans(3, verdict.first_at, verdict.first_place, ((Words("天津市", "Tianjin"), 2), (Words("北京市", "Beijing"), 1))),
        demo=True,
        regions=REGIONS,
    )
    return Sample(page, s.proof(lot, p, o), s.log)


def crabs(lang: str = "zh") -> Sample:
    """Crabs under recall: red, whatever else is true."""
    s = Story(lang, "crabs")
    s.party("farm", {"name_zh": "演示黄河口水产公司", "name_en": "Demo Huanghekou Aquatic", "code": "91999999MA00000D4P"}, "own")
    s.party("bureau", {"name_zh": "演示农业农村局", "name_en": "Demo Agriculture Bureau", "code": "11999999MA00000E5Q"})
    lot, product, base = (s.log.stream(kind, "crab") for kind in ("lot", "prod", "base"))
    p = s.write("trace.product.register", [product], {
        "code": "hhk-crab", "name_zh": "黄河口大闸蟹 公 4 两", "name_en": "Huanghekou hairy crab, male, 200 g"}, "farm", "2026-03-01T00:00:00+08:00")
    b = s.write("trace.base.register", [base], {"region": "370505105"}, "farm", "2026-03-01T00:00:00+08:00")
    o = s.write("trace.lot.open", [lot], {"code": "HHK-09-20"}, "farm", "2026-03-20T08:00:00+08:00")
    stock = s.write("trace.event.capture", [lot], {"step": "stocking"}, "farm", "2026-03-20T08:00:00+08:00")
    pack = s.write("trace.event.capture", [lot], {"step": "packing", "pieces": 1000}, "farm", "2026-09-20T08:00:00+08:00")
    sale = s.write("trace.event.capture", [lot], {"step": "shipping"}, "farm", "2026-09-21T08:00:00+08:00")
    test = s.write("trace.event.capture", [lot], {"step": "inspecting", "item_zh": "氧氟沙星", "item_en": "Ofloxacin", "result": "failed"}, "bureau", "2026-09-25T10:00:00+08:00")
    s.write("trace.recall.order", [lot, s.log.stream("rcl", "crab")], {"reason_zh": "抽检检出氧氟沙星", "reason_en": "Ofloxacin found in a spot check"}, "bureau", "2026-09-26T09:00:00+08:00")
    conformity = s.write("trace.conformity.issue", [lot], {
        "name_zh": "黄河口大闸蟹", "name_en": "Hairy crab", "quantity": ["1000", "只"], "origin": "370505105", "basis_zh": "自检合格", "basis_en": "own test passed"}, "farm", "2026-09-20T07:00:00+08:00")
    lot_view = LotView(
        product=s.fact(Words("产品", "Product"), p, s.name("name")),
        artwork="crab",
        place=s.fact(Words("基地", "From"), b, "/region", "region"),
        packed_on=s.entry(Words("包装日期", "Packed on"), pack, "/payload/effective_at", "date"),
        vouchers=(s.voucher(Words("养殖", "Farm"), stock, "farm"), s.voucher(Words("抽检", "Spot check"), test, "bureau")),
        steps=(
            s.step(stock, "farm"),
            s.step(pack, "farm", (s.fact(Words("数量", "Quantity"), pack, "/pieces", "pieces:公"),)),
            s.step(sale, "farm"),
            s.step(test, "bureau", (s.fact(Words("项目", "Item"), test, f"/item_{lang}"),),
                   (Notice("red", Words("抽检不合格", "Spot check failed")),)),
        ),
        certificates=(
            ShownCertificate(
                Words("黄河口（示例）", "Huanghekou (sample)"), Words("用标授权", "licence to use the mark"), (),
                StateShown("red", Words("暂停", "Suspended")), StateShown("green", Words("有效", "Active"))),
        ),
        inspections=(
            ShownInspection(Words("监督抽检", "Official spot check"), StateShown("red", Words("不合格", "Failed")),
                            (s.fact(Words("结果", "Result"), test, "/result", "code:passed"),)),
        ),
        conformity=Conformity(
            (
                s.fact(Words("名称", "Name"), conformity, s.name("name")),
                s.fact(Words("数量", "Quantity"), conformity, "/quantity", "typed"),
                s.fact(Words("产地", "Origin"), conformity, "/origin", "region"),
                s.fact(Words("承诺依据", "Basis"), conformity, f"/basis_{lang}"),
            ),
            Words("本人（单位）承诺：不使用禁用药物，产品符合国家标准（演示文字）。", "We promise: no forbidden drugs, the product meets the standards (sample text)."),
            s.voucher(Words("承诺主体", "Promised by"), conformity, "farm"),
            Contact(Words("联系电话", "Telephone"), "000****0000", "000 0000 0000"),
        ),
    )
    page = ScanPage(
        verdicts=ranked([
            Verdict("found_again", n=12, first_at=utc("2026-09-22T18:05:00+08:00"), first_place=Words("济南市", "Jinan")),
            Verdict("recalled", detail=Words("抽检检出氧氟沙星。请退回购买处。", "Ofloxacin was found in a spot check. Take it back to the shop.")),
            Verdict("mark_suspended"),
        ]),
        complaint="/complain?lot=HHK-09-20", host=HOST, code="RUN-0000777-B", lot=lot_view,
        scans=Scans(12, None, None, ((Words("济南市", "Jinan"), 7), (Words("上海市", "Shanghai"), 5))), demo=True, regions=REGIONS,
    )
    return Sample(page, s.proof(lot, p, o), s.log)


def nothing(code: str = "unknown") -> ScanPage:
    """A code that names nothing of ours."""
    return ScanPage(ranked([Verdict(code)]), "/complain", HOST, code="01/09520000000001/21/AAAA", demo=True)
