"""Story 1: one bag of 小站稻 from the field to the shop, and a rival whose licence ended.

津南区小站镇, 120 亩 津原89: seedlings on 30 May, crabs on 10 June, harvest on 18 October (72,000 kg
of paddy), milling on 26 October at 65 % (46,800 kg), 9,360 bags of 5 kg. Bag 9,361 is refused with
its numbers. Grain needs no 承诺达标合格证.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecotrace.demo.stage import Printed, Stage, days_ahead
from identity.parties.model import Party
from points.awards.model import TracedFact
from points.awards.service import award
from points.packs.service import PublishPack, publish, shipped
from trace.bases.service import BaseRegistered, RegisterBase
from trace.brands.service import RegisterBrand, register_brand
from trace.labels.keys import LabelKeys
from trace.labels.serials import NUMBERS, mint
from trace.products.service import RegisterProduct
from trace.scans.service import ClaimFirst, claim_first_scan
from trace.steps.service import LotAmount
from workflows.print_labels import GiveUpLabels, give_up_labels, print_labels

REGION = "120112102"
BAGS = 9_360
# A rough outline of the fields, in WGS 84.
_OUTLINE = {
    "type": "Polygon",
    "coordinates": [
        [
            ["117.395", "38.915"],
            ["117.402", "38.915"],
            ["117.402", "38.919"],
            ["117.395", "38.919"],
            ["117.395", "38.915"],
        ]
    ],
}


@dataclass(frozen=True)
class Rice:
    """The co-operative of the story, its packed lot and its labels."""

    cooperative: Party
    lot: str
    printed: Printed


@dataclass(frozen=True)
class _Field:
    coop: Party
    base: BaseRegistered
    paddy: str
    rice: str


def tell(stage: Stage) -> Rice:
    """Tell the story."""
    coop = stage.party(
        "cooperative", "演示小站稻种植专业合作社", "Demo Xiaozhan Rice Co-operative", 101, REGION
    )
    stage.household(coop, "村民甲", "13900000000")
    stage.run(
        register_brand, RegisterBrand("JNJP", "津农精品", "Jinnong Jingpin", "120000", coop.id)
    )
    field = _register(stage, coop)
    _grow(stage, field)
    # Relative to today, so that the brand office always has a mark that ends soon.
    end = days_ahead(stage.node.clock.now(), 60)
    stage.licence("jnjp", "JNJP-{year}-0001", coop, field.rice, end, str(BAGS))
    lot = stage.lot(coop, field.rice, f"XZM{stage.year}1026", stage.day(10, 26, 8), field.base)
    _mill_and_pack(stage, field, lot.id)
    printed = stage.labels(stage.order(coop, field.rice, BAGS, lot.id))
    stage.refused("over_issue", print_labels, stage.order(coop, field.rice, 1, lot.id))
    _sell(stage, field, lot.id)
    _reward(stage, coop, lot.id)
    _scans(stage, field, printed, lot.code)
    return Rice(coop, lot.id, printed)


def _register(stage: Stage, coop: Party) -> _Field:
    base = stage.base(
        RegisterBase(
            coop.id, "小站稻演示基地一号", "Xiaozhan rice demo base 1", REGION, ("120", "亩"),
            village_zh="演示村", outline=_OUTLINE,
        )
    )  # fmt: skip
    paddy = RegisterProduct(
        coop.id, "XZD-PADDY", "小站稻稻谷（津原89）", "Xiaozhan paddy", "grain",
        "mass", brand="JNJP", grade="一级", season="10月", expected=("72000", "公斤"),
        region=REGION, rights_holder=coop.name_zh or "",
    )  # fmt: skip
    rice = RegisterProduct(
        coop.id, "XZD-5KG", "小站稻米 5 公斤", "Xiaozhan rice, 5 kg", "grain", "mass",
        gtin="09521234543213", brand="JNJP", grade="一级", net=("5", "公斤"),
        features_zh="津原89，稻蟹共作，粒长宽比不大于 2.2",
        features_en="Jinyuan 89, grown with crabs; grain length to width at most 2.2",
        season="10月", expected=("46800", "公斤"), region=REGION, rights_holder=coop.name_zh or "",
        protection_zh="田间不用化学除草剂", use_zh="按批次碾米、真空包装",
    )  # fmt: skip
    for product in (paddy, rice):
        stage.product(product)
    return _Field(coop, base, paddy.code, rice.code)


def _grow(stage: Stage, field: _Field) -> None:
    coop, lot = field.coop, f"XZD{stage.year}"
    stage.lot(coop, field.paddy, lot, stage.day(5, 30, 6), field.base)
    here = (LotAmount(lot),)
    stage.step(
        coop, "seed_or_stocking", stage.day(5, 30, 7), outputs=here, operator="村民甲",
        details={"variety": "津原89", "area_typed": "120", "area_unit": "亩"},
    )  # fmt: skip
    stage.step(
        coop, "seed_or_stocking", stage.day(6, 10, 7), outputs=here, operator="村民甲",
        note="放蟹", details={"variety": "中华绒螯蟹", "head_count": "24000"},
    )  # fmt: skip
    stage.step(
        coop, "input", stage.day(7, 2, 7), lots=here, operator="村民乙",
        details={"input_kind": "fertiliser", "input_name": "有机肥", "dose": "200",
                 "dose_unit": "公斤/亩"},
    )  # fmt: skip
    stage.step(
        coop, "harvest", stage.day(10, 18, 9), outputs=(LotAmount(lot, "72000", "公斤"),),
        operator="村民甲", details={"moisture_percent": "14.5"},
    )  # fmt: skip
    stage.step(
        coop, "storage", stage.day(10, 18, 18), lots=here, details={"facility": "演示粮仓 1"}
    )


def _mill_and_pack(stage: Stage, field: _Field, lot: str) -> None:
    coop = field.coop
    stage.step(
        coop, "processing", stage.day(10, 26, 9), details={"process": "碾米", "line": "1"},
        inputs=(LotAmount(f"XZD{stage.year}", "72000", "公斤"),),
        outputs=(LotAmount(lot, "46800", "公斤"),),
    )  # fmt: skip
    stage.step(
        coop, "inspection", stage.day(10, 27, 9), lots=(LotAmount(lot),),
        details={"laboratory": "演示农产品检测中心", "report_number": "演示检〔2026〕1号",
                 "items": "水分、整精米率、镉", "moisture_percent": "14.2"},
    )  # fmt: skip
    stage.step(
        coop, "packing", stage.day(10, 28, 9), outputs=(LotAmount(lot),),
        details={"pack": "5 公斤袋", "pieces": str(BAGS)},
    )  # fmt: skip


def _sell(stage: Stage, field: _Field, lot: str) -> None:
    coop = field.coop
    stage.step(
        coop, "transport", stage.day(10, 30, 8), lots=(LotAmount(lot),),
        details={"carrier": "演示物流公司"},
    )  # fmt: skip
    stage.step(
        coop, "sale", stage.day(10, 31, 10), lots=(LotAmount(lot, "20000", "公斤"),),
        details={"buyer_name": "演示粮油市场", "channel": "批发"},
    )  # fmt: skip


def _reward(stage: Stage, coop: Party, lot: str) -> None:
    stage.run(publish, PublishPack(shipped()["tianjin"]))
    fact = TracedFact(
        "lot.closed", coop.id, stage.day(10, 31, 10), "trace", lot, attributes={"chain": "unbroken"}
    )
    stage.run(award, fact)


def _scans(stage: Stage, field: _Field, printed: Printed, lot_code: str) -> None:
    first, again, void, altered, mistyped = (label.address for label in printed.labels[:5])
    run = printed.run
    stage.scan("found_first", first)
    stage.run(claim_first_scan, ClaimFirst(run.id, run.first + 1, None))
    stage.scan("found_again", again)
    stage.run(give_up_labels, GiveUpLabels(field.coop.id, run.id, 3, 3, "lost"))
    stage.scan("void", void)
    stage.scan("altered", altered.replace(f"/10/{lot_code}/", "/10/XZM-OTHER/"))
    wrong = "A" if mistyped[-1] != "A" else "B"
    stage.scan("mistyped", mistyped[:-1] + wrong)
    keys = LabelKeys(stage.node.vault)
    never = mint(keys, run.letter, stage.node.log_keys.origin, "09521234543213", NUMBERS - 1)
    stage.scan("unknown", first.rpartition("/")[0] + "/" + never)
    stage.scan("lot", first.rpartition("/21/")[0])
