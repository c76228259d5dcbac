"""Story 1, the other side: a rival's licence to use the mark ended on 31 October.

What was packed on 28 October was packed under a valid mark that has ended since; what was packed on
5 November carries a mark that had expired. A third lot is labelled and not yet sold.
"""

from __future__ import annotations

from datetime import date, datetime

from ecotrace.demo.stage import Printed, Stage
from identity.parties.model import Party
from trace.products.service import RegisterProduct
from trace.steps.service import LotAmount

REGION = "120112100"
_PRODUCT = "YS-RICE-5KG"


def tell(stage: Stage) -> Party:
    """Tell the story."""
    rival = stage.party(
        "enterprise", "演示津南米业有限公司", "Demo Jinnan Rice Mill Ltd", 102, REGION
    )
    stage.product(
        RegisterProduct(
            rival.id, _PRODUCT, "演示津南大米 5 公斤", "Demo Jinnan rice, 5 kg", "grain", "mass",
            grade="一级", net=("5", "公斤"), season="10月", region=REGION,
        )
    )  # fmt: skip
    stage.licence("jnjp", "JNJP-{year}-0007", rival, _PRODUCT, date(stage.year, 10, 31), "2000")
    before = _packed(stage, rival, "YS1028", stage.day(10, 28), sold=True)
    after = _packed(stage, rival, "YS1105", stage.day(11, 5), sold=True)
    waiting = _packed(stage, rival, "YS1027", stage.day(10, 27), sold=False)
    stage.scan("mark_ended_since", before.labels[0].address)
    stage.scan("mark_expired", after.labels[0].address)
    stage.scan("not_in_use", waiting.labels[0].address)
    return rival


def _packed(stage: Stage, rival: Party, code: str, at: datetime, *, sold: bool) -> Printed:
    lot = stage.lot(rival, _PRODUCT, code, at, None)
    stage.step(
        rival, "harvest", at, outputs=(LotAmount(lot.id, "1000", "公斤"),), note="外购稻谷加工"
    )
    stage.step(
        rival, "packing", at, outputs=(LotAmount(lot.id),),
        details={"pack": "5 公斤袋", "pieces": "200"},
    )  # fmt: skip
    printed = stage.labels(stage.order(rival, _PRODUCT, 100, lot.id, with_mark=False))
    if sold:
        stage.step(
            rival, "sale", stage.day(11, 6, 8), lots=(LotAmount(lot.id, "500", "公斤"),),
            details={"buyer_name": "演示粮油市场"},
        )  # fmt: skip
    return printed
