"""Scan pages of made-up products: rice on record, crabs under recall, a code of nobody."""

from __future__ import annotations

from typing import Any

from public_api.scan.page import (
    Conformity,
    Contact,
    LotView,
    Notice,
    ScanPage,
    Scans,
    ShownCertificate,
    ShownInspection,
    StateShown,
    TimelineStep,
    Verdict,
    ranked,
)
from tests.browser_script.story import HOST, REGIONS, Sample, Story, utc
from web.language import Words

MASS = Words("数量", "Quantity")
ACTIVE = StateShown("green", Words("有效", "Active"))
LICENCE = Words("用标授权", "licence to use the mark")
JINNONG = Words("津农精品（示例）", "Jinnong Jingpin (sample)")
TIANJIN, BEIJING = Words("天津市", "Tianjin"), Words("北京市", "Beijing")
JINAN, SHANGHAI = Words("济南市", "Jinan"), Words("上海市", "Shanghai")


class Rice(Story):
    """A bag of rice, from planting to dispatch."""

    def __init__(self, lang: str) -> None:
        super().__init__(lang, "rice")
        self.party("coop", {"name_zh": "演示小站稻合作社", "name_en": "Demo Rice Co-op"})
        self.party("mill", {"name_zh": "演示津南碾米厂", "name_en": "Demo Jinnan Mill"}, "own")
        self.party("office", {"name_zh": "演示品牌办公室", "name_en": "Demo Brand Office"})
        names = ("lot", "prod", "base", "cert")
        self.lot, prod, base, cert = (self.log.stream(kind, "rice") for kind in names)
        product = {
            "code": "xiaozhan-5kg",
            "name_zh": "小站稻 津原89 大米 5 公斤",
            "name_en": "Xiaozhan rice, Jinyuan 89, 5 kg",
            "category": "grain",
            "grade": "一级",
            "net": ["5", "公斤"],
        }
        april = "2026-04-01T00:00:00+08:00"
        place = {"region": "120112102", "area": ["120", "亩"]}
        self.product = self.write("trace.product.register", [prod], product, "coop", april)
        self.base = self.write("trace.base.register", [base], place, "coop", april)
        opened = {"code": "XZ2026-01"}
        self.opened = self.write(
            "trace.lot.open", [self.lot], opened, "coop", "2026-05-30T08:00+08:00"
        )
        holder = {"holder_zh": "演示小站稻合作社", "holder_en": "Demo Rice Co-op"}
        dates = {"from": "2025-11-01", "to": "2028-10-31"}
        self.certificate = self.write(
            "certification.certificate.grant",
            [cert],
            holder,
            "office",
            "2025-11-01T00:00+08:00",
            number="JNJP-2025-0001",
            granted=9360,
            **dates,
        )

    def event(self, step: str, at: str, by: str, **more: Any) -> int:
        record = {"step": step, **more}
        return self.write("trace.event.capture", [self.lot], record, by, f"{at}:00+08:00")

    def steps(self) -> tuple[TimelineStep, ...]:
        sown = self.event("planting", "2026-05-30T08:00", "coop", seed="津原89")
        zh, en = "每亩放蟹苗 500 只", "500 young crabs per mu"
        crabs = self.event("stocking", "2026-06-10T07:30", "coop", how_zh=zh, how_en=en)
        cut = self.event("harvesting", "2026-10-18T09:00", "coop", mass_mg=72_000_000_000)
        mill = self.event("milling", "2026-10-26T10:00", "mill", mass_mg=46_800_000_000)
        pack = self.event("packing", "2026-10-28T14:00", "mill", pieces=9360)
        zh, en = "天津红旗农贸批发市场（演示）", "Hongqi market, Tianjin (demo)"
        sent = self.event("shipping", "2026-11-02T06:00", "mill", to_zh=zh, to_en=en)
        self.packed = pack
        return (
            self.step(sown, "coop", (self.fact(Words("品种", "Variety"), sown, "/seed"),)),
            self.step(crabs, "coop", (self.fact(Words("做法", "How"), crabs, self.name("how")),)),
            self.step(cut, "coop", (self.fact(MASS, cut, "/mass_mg", "mass"),)),
            self.step(mill, "mill", (self.fact(MASS, mill, "/mass_mg", "mass"),)),
            self.step(pack, "mill", (self.fact(MASS, pack, "/pieces", "pieces:bag"),)),
            self.step(sent, "mill", (self.fact(Words("去向", "To"), sent, self.name("to")),)),
        )

    def licence(self) -> ShownCertificate:
        grant, facts = self.certificate, "/payload/facts"
        return ShownCertificate(
            JINNONG,
            LICENCE,
            (
                self.entry(Words("编号", "Number"), grant, f"{facts}/number"),
                self.fact(Words("持有人", "Holder"), grant, self.name("holder")),
                self.entry(Words("有效期自", "From"), grant, f"{facts}/from", "date"),
                self.entry(Words("至", "To"), grant, f"{facts}/to", "date"),
                self.entry(Words("认定数量", "Certified"), grant, f"{facts}/granted", "pieces:bag"),
            ),
            ACTIVE,
            ACTIVE,
            self.voucher(Words("发证", "Office"), grant, "office"),
        )

    def view(self) -> LotView:
        steps = self.steps()
        keep = "阴凉干燥处" if self.lang == "zh" else "cool and dry"
        day = "/payload/effective_at"
        self.lot_code = self.fact(Words("批号", "Lot"), self.opened, "/code")
        return LotView(
            product=self.fact(Words("产品", "Product"), self.product, self.name("name")),
            artwork="rice",
            mark=JINNONG,
            place=self.fact(Words("基地", "Base"), self.base, "/region", "region"),
            packed_on=self.entry(Words("包装日期", "Packed on"), self.packed, day, "date"),
            vouchers=(
                self.voucher(Words("种植", "Grower"), self.opened, "coop"),
                self.voucher(Words("加工包装", "Mill"), self.packed, "mill"),
                self.voucher(Words("用标许可", "Licence"), self.certificate, "office"),
            ),
            steps=steps,
            certificates=(self.licence(),),
            missing=(Notice("amber", Words("没有登记检验检测", "No inspection is on record")),),
            more_facts=(
                self.fact(Words("面积", "Area"), self.base, "/area", "typed"),
                self.fact(Words("等级", "Grade"), self.product, "/grade"),
                self.lot_code,
                self.fact(Words("净含量", "Net"), self.product, "/net", "typed"),
                self.fact(Words("类别", "Category"), self.product, "/category", "code:category"),
                self.off_log(Words("保存方法", "Keep"), keep),
            ),
        )


def rice(lang: str = "zh") -> Sample:
    """Everything on record, third scan."""
    story = Rice(lang)
    view = story.view()
    first = utc("2026-11-20T09:12:00+08:00")
    page = ScanPage(
        verdicts=ranked([Verdict("found_again", n=3, first_at=first, first_place=TIANJIN)]),
        complaint="/complain?lot=XZ2026-01",
        host=HOST,
        code="RUN-0000123-K",
        lot=view,
        scans=Scans(3, first, TIANJIN, ((TIANJIN, 2), (BEIJING, 1))),
        demo=True,
        regions=REGIONS,
    )
    code = story.fact(Words("编码"), story.product, "/code")
    return Sample(page, story.proof(story.lot, code, story.lot_code), story.log)


class Crabs(Story):
    """Crabs in which a spot check found a drug."""

    def __init__(self, lang: str) -> None:
        super().__init__(lang, "crabs")
        farm = {"name_zh": "演示黄河口水产公司", "name_en": "Demo Huanghekou Aquatic"}
        self.party("farm", farm, "own")
        self.party("bureau", {"name_zh": "演示农业农村局", "name_en": "Demo Agriculture Bureau"})
        self.lot, prod, base = (self.log.stream(kind, "crab") for kind in ("lot", "prod", "base"))
        product = {
            "code": "hhk-crab",
            "name_zh": "黄河口大闸蟹 公 4 两",
            "name_en": "Huanghekou hairy crab, male, 200 g",
        }
        march = "2026-03-01T00:00+08:00"
        self.product = self.write("trace.product.register", [prod], product, "farm", march)
        place = {"region": "370505105"}
        self.base = self.write("trace.base.register", [base], place, "farm", march)
        self.opened = self.on_lot("trace.lot.open", {"code": "HHK-09-20"}, "2026-03-20")
        self.stocked = self.on_lot("trace.event.capture", {"step": "stocking"}, "2026-03-20")
        packed = {"step": "packing", "pieces": 1000}
        self.packed = self.on_lot("trace.event.capture", packed, "2026-09-20")
        tested = {
            "step": "inspecting",
            "item_zh": "氧氟沙星",
            "item_en": "Ofloxacin",
            "result": "failed",
        }
        self.tested = self.on_lot("trace.event.capture", tested, "2026-09-25", "bureau")
        statement = {
            "name_zh": "黄河口大闸蟹",
            "name_en": "Hairy crab",
            "quantity": ["1000", "只"],
            "origin": "370505105",
        }
        self.statement = self.on_lot("trace.conformity.issue", statement, "2026-09-20")
        recall = [self.lot, self.log.stream("rcl", "crab")]
        self.write("trace.recall.order", recall, {"lots": 1}, "bureau", "2026-09-26T09:00+08:00")

    def on_lot(self, type: str, record: Any, day: str, by: str = "farm") -> int:
        return self.write(type, [self.lot], record, by, f"{day}T08:00+08:00")

    def conformity(self) -> Conformity:
        made = self.statement
        return Conformity(
            (
                self.fact(Words("名称", "Name"), made, self.name("name")),
                self.fact(Words("数量", "Quantity"), made, "/quantity", "typed"),
                self.fact(Words("产地", "Origin"), made, "/origin", "region"),
            ),
            Words("承诺：不使用禁用药物（演示文字）。", "We promise: no forbidden drugs (sample)."),
            self.voucher(Words("承诺主体", "Promised by"), made, "farm"),
            Contact(Words("联系电话", "Telephone"), "000****0000", "000 0000 0000"),
        )

    def view(self) -> LotView:
        failed = StateShown("red", Words("不合格", "Failed"))
        result = self.fact(Words("结果", "Result"), self.tested, "/result", "code:passed")
        item = self.fact(Words("项目", "Item"), self.tested, self.name("item"))
        found = Notice("red", Words("抽检不合格", "Spot check failed"))
        day = "/payload/effective_at"
        self.lot_code = self.fact(Words("批号", "Lot"), self.opened, "/code")
        suspended = StateShown("red", Words("暂停", "Suspended"))
        huanghekou = Words("黄河口（示例）", "Huanghekou (sample)")
        return LotView(
            product=self.fact(Words("产品", "Product"), self.product, self.name("name")),
            artwork="crab",
            place=self.fact(Words("基地", "Base"), self.base, "/region", "region"),
            packed_on=self.entry(Words("包装日期", "Packed on"), self.packed, day, "date"),
            vouchers=(
                self.voucher(Words("养殖", "Farm"), self.stocked, "farm"),
                self.voucher(Words("抽检", "Spot check"), self.tested, "bureau"),
            ),
            steps=(
                self.step(self.stocked, "farm"),
                self.step(self.packed, "farm"),
                self.step(self.tested, "bureau", (item,), (found,)),
            ),
            certificates=(ShownCertificate(huanghekou, LICENCE, (), suspended, ACTIVE),),
            inspections=(
                ShownInspection(Words("监督抽检", "Official spot check"), failed, (result,)),
            ),
            conformity=self.conformity(),
            more_facts=(self.lot_code,),
        )


def crabs(lang: str = "zh") -> Sample:
    """Recalled: red, whatever else is true."""
    story = Crabs(lang)
    view = story.view()
    first = utc("2026-09-22T18:05:00+08:00")
    why = Words(
        "抽检检出氧氟沙星。请退回购买处。", "Ofloxacin was found. Take it back to the shop."
    )
    verdicts = (
        Verdict("found_again", n=12, first_at=first, first_place=JINAN),
        Verdict("recalled", detail=why),
        Verdict("mark_suspended"),
    )
    page = ScanPage(
        verdicts=ranked(verdicts),
        complaint="/complain?lot=HHK-09-20",
        host=HOST,
        code="RUN-0000777-B",
        lot=view,
        scans=Scans(12, None, None, ((JINAN, 7), (SHANGHAI, 5))),
        demo=True,
        regions=REGIONS,
    )
    code = story.fact(Words("编码"), story.product, "/code")
    return Sample(page, story.proof(story.lot, code, story.lot_code), story.log)


def nothing(code: str = "unknown") -> ScanPage:
    """A code that names nothing of ours."""
    label = "01/09520000000001/21/AAAA"
    return ScanPage(ranked([Verdict(code)]), "/complain", HOST, code=label, demo=True)
