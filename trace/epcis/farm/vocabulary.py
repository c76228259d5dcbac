"""The words of the farm vocabulary: its namespace, its steps, and what they are in CBV 2.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NAMESPACE = "https://ns.ecotrace.example/farm/1/"
"""The name of the vocabulary, not an address: `.example` never resolves and nobody can buy it
(RFC 2606). The number changes when a field changes its meaning; new fields do not change it."""

PREFIX = "farm"
NAMESPACES: Mapping[str, str] = {PREFIX: NAMESPACE}


class FarmStep(StrEnum):
    """What may happen to a lot, in the usual order.

    `farm:step` is the full name, namespace and value: the reference implementation of the event
    hash takes a bare `packing` for the CBV word, wherever it stands.
    """

    SEED_OR_STOCKING = "seed_or_stocking"
    INPUT = "input"
    HARVEST = "harvest"
    STORAGE = "storage"
    TRANSPORT = "transport"
    PROCESSING = "processing"
    INSPECTION = "inspection"
    PACKING = "packing"
    SALE = "sale"
    SPLIT = "split"
    MERGE = "merge"


@dataclass(frozen=True)
class Meaning:
    """A step in CBV 2.0 words, and its name for people."""

    biz_step: str
    disposition: str
    zh: str
    en: str


MEANINGS: Mapping[FarmStep, Meaning] = {
    FarmStep.SEED_OR_STOCKING: Meaning(
        "creating_class_instance", "active", "播种或投苗", "seed or stocking"
    ),
    FarmStep.INPUT: Meaning("other", "in_progress", "投入品使用", "input"),
    FarmStep.HARVEST: Meaning("creating_class_instance", "active", "收获", "harvest"),
    FarmStep.STORAGE: Meaning("storing", "in_progress", "储存", "storage"),
    FarmStep.TRANSPORT: Meaning("transporting", "in_transit", "运输", "transport"),
    FarmStep.PROCESSING: Meaning("creating_class_instance", "in_progress", "加工", "processing"),
    FarmStep.INSPECTION: Meaning("inspecting", "conformant", "检验", "inspection"),
    FarmStep.PACKING: Meaning("packing", "in_progress", "包装", "packing"),
    FarmStep.SALE: Meaning("shipping", "in_transit", "销售", "sale"),
    FarmStep.SPLIT: Meaning("creating_class_instance", "active", "分批", "split"),
    FarmStep.MERGE: Meaning("creating_class_instance", "active", "合批", "merge"),
}
"""A failed inspection has the disposition non_conformant; a sale to the consumer is
retail_selling, retail_sold."""
