"""Story 3: 黄河口大闸蟹, a spot check, a recall, a suspension, a penalty.

黄河口镇: stocked in March, opened on 20 September with 1,000 公 (4 两) and 1,000 母 (3 两), one
crab tag (蟹扣) each. A spot check finds ofloxacin (氧氟沙星) in the 公 lot: recall, confirmed by
a second person; the licence is suspended, by two officers too; the penalty 演示农罚〔2026〕1号 is
disclosed and takes points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from certification.consequences.model import Verb
from ecotrace.demo.stage import Printed, Stage
from identity.actor import Actor
from identity.parties.model import Party
from points.credit.records.model import RecordPenalty
from points.credit.records.service import record_penalty
from points.packs.service import PublishPack, publish, shipped
from points.penalties.model import DeductForPenalty
from points.penalties.service import deduct
from trace.bases.service import BaseRegistered, RegisterBase
from trace.conformity.model import Fields
from trace.conformity.service import IssueConformity, issue
from trace.products.service import RegisterProduct
from trace.recall.service import ConfirmRecall, ProposeRecall, confirm_recall, propose_recall
from trace.steps.service import LotAmount

REGION = "370505105"
_KINDS = (
    ("HHK-CRAB-M", "公蟹 4 两", "male, 200 g", "公"),
    ("HHK-CRAB-F", "母蟹 3 两", "female, 150 g", "母"),
)


@dataclass(frozen=True)
class Officers:
    """Two officers of a regulator, who have to agree on a recall."""

    first: Actor
    second: Actor
    office: Party


def tell(stage: Stage, officers: Officers) -> Party:
    """Tell the story."""
    firm = stage.party(
        "enterprise", "演示黄河口蟹业有限公司", "Demo Yellow River Crab Ltd", 301, REGION
    )
    pond = stage.base(
        RegisterBase(firm.id, "黄河口演示蟹塘", "Yellow River demo pond", REGION, ("50", "亩"))
    )
    male, female = (_opened(stage, firm, pond, *kind) for kind in _KINDS)
    stage.scan("recalled", male[1].labels[0].address)
    stage.scan("mark_suspended", female[1].labels[0].address)
    _recall(stage, officers, male[0])
    for licence in (male[2], female[2]):
        reason = "演示：抽检检出氧氟沙星，暂停用标"
        stage.consequence(Verb.SUSPEND, licence, stage.day(9, 26), reason)
    _penalise(stage, officers, firm)
    return firm


def _opened(
    stage: Stage, firm: Party, pond: BaseRegistered, code: str, zh: str, en: str, unit: str
) -> tuple[str, Printed, str]:
    """Stock, open and label one kind of crab; gives lot, labels and licence."""
    stage.product(
        RegisterProduct(
            firm.id, code, f"黄河口大闸蟹 {zh}", f"Yellow River crab, {en}", "aquatic", "pieces",
            grade="特级", season="9月至11月", region=REGION,
        )
    )  # fmt: skip
    number = "HHK-{year}-0001" if unit == "公" else "HHK-{year}-0002"
    licence = stage.licence(
        "hhk", number, firm, code, stage.lasting(date(stage.year + 1, 8, 31)), "1000"
    )
    lot = stage.lot(
        firm, code, f"XK{stage.year}{'M' if unit == '公' else 'F'}", stage.day(3, 15), pond
    )
    stage.step(
        firm, "seed_or_stocking", stage.day(3, 15), outputs=(LotAmount(lot.id),),
        details={"variety": "中华绒螯蟹蟹苗", "head_count": "1500"},
    )  # fmt: skip
    stage.step(firm, "harvest", stage.day(9, 20, 6), outputs=(LotAmount(lot.id, "1000", unit),))
    stage.step(
        firm, "packing", stage.day(9, 20, 8), outputs=(LotAmount(lot.id),),
        details={"pack": "蟹扣，一只一扣", "pieces": "1000"},
    )  # fmt: skip
    _promise(stage, firm, lot.id, zh, unit)
    printed = stage.labels(stage.order(firm, code, 1000, lot.id))
    stage.step(
        firm, "sale", stage.day(9, 21), lots=(LotAmount(lot.id, "600", "只"),),
        details={"buyer_name": "演示水产市场"},
    )  # fmt: skip
    return lot.id, printed, licence.cert_id


def _promise(stage: Stage, firm: Party, lot: str, kind: str, unit: str) -> None:
    fields = Fields(
        product_name=f"黄河口大闸蟹 {kind}",
        quantity=("1000", unit),
        origin="山东省东营市垦利区黄河口镇",
        party_name=firm.name_zh or "",
        contact="0546-0000000",
        basis=("control_met", "own_test"),
    )
    stage.run(issue, IssueConformity(firm.id, lot, fields))


def _recall(stage: Stage, officers: Officers, lot: str) -> None:
    proposal = ProposeRecall(
        officers.office.id, lot, "抽检检出氧氟沙星", "Ofloxacin found in a spot check"
    )
    proposed = stage.run(propose_recall, proposal, officers.first)
    stage.run(confirm_recall, ConfirmRecall(proposed.id, proposed.radius), officers.second)


def _penalise(stage: Stage, officers: Officers, firm: Party) -> None:
    stage.run(publish, PublishPack(shipped()["kenli"]))
    decided = stage.day(10, 8).date()
    penalty = RecordPenalty(
        subject=firm.id,
        document_number=f"演示农罚〔{stage.year}〕1号",
        authority="演示农业农村局",
        decided=decided,
        penalty_class="serious",
        offence="input.forbidden",
        occurred_at=stage.day(9, 25),
        basis="《中华人民共和国农产品质量安全法》",
        narrative="抽检样品检出氧氟沙星（演示）",
        disclosure_start=decided,
        disclosure_end=decided.replace(year=decided.year + 2),
    )
    recorded = stage.run(record_penalty, penalty, replace(officers.first, party=officers.office.id))
    stage.run(deduct, DeductForPenalty(recorded.record_id))
