"""Story 2: 库尔勒香梨 from two orchards, mixed by a buyer under a print permit.

Orchards in 哈拉玉宫乡 (22 亩, 28,000 kg) and 阿瓦提乡 (17.5 亩, 22,000 kg). On 10 September a buyer
mixes both lots and issues a new 承诺达标合格证 that names both; the print permit is for 10,000
boxes of 5 kg, and box 10,001 is refused. Another firm's right to the brand was revoked, proposed
by one officer and confirmed by another.
"""

from __future__ import annotations

from datetime import date

from certification.consequences.model import Verb
from ecotrace.demo.stage import Stage
from identity.parties.model import Party
from trace.bases.service import BaseRegistered, RegisterBase
from trace.conformity.model import Fields
from trace.conformity.service import IssueConformity, issue
from trace.products.service import RegisterProduct
from trace.steps.service import LotAmount
from workflows.print_labels import print_labels

REGION = "652801"
BOXES = 10_000
_FRUIT, _BOX = "KEL-PEAR", "KEL-PEAR-5KG"


def tell(stage: Stage) -> Party:
    """Tell the story."""
    buyer = stage.party(
        "cooperative", "演示库尔勒香梨专业合作社", "Demo Korla Pear Co-operative", 201, REGION
    )
    _products(stage, buyer)
    stage.licence(
        "xiangli",
        "XLYZ-{year}-0001",
        buyer,
        _BOX,
        stage.lasting(date(stage.year, 12, 31), 30),
        str(BOXES),
    )
    growers = (
        _orchard(stage, buyer, "652801205", "22", "28000", "村民甲"),
        _orchard(stage, buyer, "652801206", "17.5", "22000", "村民乙"),
    )
    mixed = stage.lot(buyer, _BOX, f"XL{stage.year}0910", stage.day(9, 10, 7), None)
    stage.step(
        buyer, "packing", stage.day(9, 10, 8), inputs=growers,
        outputs=(LotAmount(mixed.id, "50000", "公斤"),),
        details={"pack": "5 公斤箱", "pieces": str(BOXES)},
    )  # fmt: skip
    _promise(stage, buyer, mixed.id, "50000", sources=tuple(each.lot for each in growers))
    stage.labels(stage.order(buyer, _BOX, BOXES, mixed.id))
    stage.refused("over_issue_pears", print_labels, stage.order(buyer, _BOX, 1, mixed.id))
    stage.step(
        buyer, "sale", stage.day(9, 12), lots=(LotAmount(mixed.id, "30000", "公斤"),),
        details={"buyer_name": "演示果品市场"},
    )  # fmt: skip
    _revoked(stage)
    return buyer


def _products(stage: Stage, buyer: Party) -> None:
    stage.product(
        RegisterProduct(
            buyer.id, _FRUIT, "库尔勒香梨（鲜果）", "Korla pear, fresh", "fruit", "mass",
            grade="特级", season="9月", region=REGION,
        )
    )  # fmt: skip
    stage.product(
        RegisterProduct(
            buyer.id, _BOX, "库尔勒香梨 5 公斤箱", "Korla pears, box of 5 kg", "fruit", "mass",
            grade="特级", net=("5", "公斤"), season="9月", region=REGION,
            features_zh="单果 80 至 150 克，皮薄汁多", features_en="80 to 150 g each, thin-skinned",
        )
    )  # fmt: skip


def _orchard(
    stage: Stage, buyer: Party, region: str, area: str, mass: str, grower: str
) -> LotAmount:
    base: BaseRegistered = stage.base(
        RegisterBase(
            buyer.id, f"香梨演示果园（{grower}）", f"Pear orchard {region}", region, (area, "亩")
        )
    )
    lot = stage.lot(buyer, _FRUIT, f"XL{region}", stage.day(9, 8, 6), base)
    stage.step(
        buyer, "harvest", stage.day(9, 8, 7), outputs=(LotAmount(lot.id, mass, "公斤"),),
        operator=grower, details={"sugar_percent": "12.6", "growth_days": "151"},
    )  # fmt: skip
    _promise(stage, buyer, lot.id, mass)
    return LotAmount(lot.id, mass, "公斤")


def _promise(
    stage: Stage, buyer: Party, lot: str, mass: str, sources: tuple[str, ...] = ()
) -> None:
    fields = Fields(
        product_name="库尔勒香梨",
        quantity=(mass, "公斤"),
        origin="新疆库尔勒市",
        party_name=buyer.name_zh or "",
        contact="0996-0000000",
        basis=("control_met",),
        style="buyer" if sources else "producer",
        sources=sources,
    )
    stage.run(issue, IssueConformity(buyer.id, lot, fields))


def _revoked(stage: Stage) -> None:
    firm = stage.party("enterprise", "演示天山果业有限公司", "Demo Tianshan Fruit Ltd", 202, REGION)
    product = "YS-PEAR-BOX"
    stage.product(
        RegisterProduct(
            firm.id, product, "演示香梨礼盒", "Demo pear gift box", "fruit", "pieces",
            season="9月", region=REGION,
        )
    )  # fmt: skip
    end = stage.lasting(date(stage.year + 1, 6, 30))
    licence = stage.licence("xjpz", "XJPZ-{year}-0009", firm, product, end, "500")
    lot = stage.lot(firm, product, "LH0915", stage.day(9, 15), None)
    stage.step(firm, "harvest", stage.day(9, 15), outputs=(LotAmount(lot.id, "100", "箱"),))
    stage.step(firm, "packing", stage.day(9, 15), outputs=(LotAmount(lot.id),))
    printed = stage.labels(stage.order(firm, product, 100, lot.id))
    stage.step(firm, "sale", stage.day(9, 16), lots=(LotAmount(lot.id, "60", "箱"),))
    reason = "演示：以其他产区的梨冒用标志"
    stage.consequence(Verb.REVOKE, licence.cert_id, stage.day(9, 20), reason)
    stage.scan("mark_revoked", printed.labels[0].address)
