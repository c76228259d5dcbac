"""One scan decided: from an address to verdicts and a page.

The steps (design, "Scan"):
 1. the address is parsed; a serial's tag is checked without a look-up
 2. the label and its lot are looked up
 3. the lot's body comes from the cache, keyed (lot, epoch, language, template version) and valid
    until time alone changes its verdict
 4. a valid serial of ours makes one attempt to be the first scan, in at most 200 ms; if that cannot
    finish the page makes no statement about the first scan
 5. verdicts are decided and the page is drawn around the body
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from identity.actor import SYSTEM
from public_api.scan.cache import BodyCache, CachedBody
from public_api.scan.express import CLAIM_SECONDS, Asked, Express
from public_api.scan.lot_page import lot_proof, lot_view
from public_api.scan.lot_record import mark_periods, read_lot
from public_api.scan.page import LotView, ScanPage, Scans, Verdict, unlogged_fact
from public_api.scan.proof import bundle
from public_api.scan.rendering import draw_lot, template_version
from trace.digital_link.link import Link
from trace.labels.keys import LabelKeys
from trace.labels.lookup import FoundLabel, find_label, item_of
from trace.labels.serials import check
from trace.lots.service import find_lot
from trace.lots.tables import Lot
from trace.products.service import find_product
from trace.products.tables import Product
from trace.scans.model import (
    Code,
    FirstScan,
    ScanFacts,
    ScanRequest,
    SerialState,
    may_claim,
    next_change_at,
    verdicts,
)
from trace.scans.service import ClaimFirst, ScanCounter, claim_first_scan, epoch_of, seen
from web.language import Words
from web.node import Node

BODY_SECONDS_MAX = 600
"""A body is drawn again after ten minutes, so that its checkpoint is not older than that."""


@dataclass(frozen=True)
class Found:
    """What an address names: the product, the label and the lot, as far as they are on record."""

    product: Product | None
    serial: SerialState
    label: FoundLabel | None
    lot: Lot | None
    named_lot: str | None


@dataclass(frozen=True)
class Scanned:
    """The answer to one scan: page, drawn body, proof, and whether the product is ours."""

    page: ScanPage
    body: CachedBody
    known: bool


class ScanDesk:
    """Answers scans for one node; shared by its threads."""

    def __init__(self, node: Node, counter: ScanCounter, cache: BodyCache) -> None:
        """Bind the desk to its node, the counter of repeated scans and the cache of bodies."""
        self._node = node
        self._keys = LabelKeys(node.vault)
        self._counter = counter
        self._cache = cache
        self._express = Express(node, counter, cache)

    def drawn(self, link: Link, request: ScanRequest, lang: str, place: str | None) -> bytes | None:
        """Give the page of an ordinary scan if it was drawn before; needs no application."""
        return self._express.answer(link, lang, Asked(request, place))

    def ordinary(
        self, link: Link, request: ScanRequest, lang: str, place: str | None
    ) -> bytes | None:
        """Give the whole page of an ordinary scan, or None where the long way has to be gone."""
        return self._express.answer(link, lang, Asked(request, place, self._blank))

    def _blank(self, body: CachedBody, code: str) -> ScanPage:
        """Give the page of a body before verdicts and scans are put in."""
        return ScanPage(
            verdicts=(),
            complaint=f"/registry/complaints?code={code}" if code else "/registry/complaints",
            host=self._node.settings.base_url.partition("://")[2],
            code=code,
            lot=body.view,
            demo=self._node.settings.demo,
        )

    def answer(self, link: Link, request: ScanRequest, lang: str, place: str | None) -> Scanned:
        """Answer the scan of an address that names a product of ours, or none of ours."""
        now = self._node.clock.now()
        with self._node.database.read() as session:
            found = self._find(session, link)
            body = self._body(session, found, lang, now)
            facts = replace(
                body.facts,
                product_known=found.product is not None,
                lot_known=found.lot is not None or found.named_lot is None,
                serial=found.serial,
                address_lot=found.named_lot,
                label_lot=found.label.lot_id if found.label else None,
                void=found.label.void if found.label else False,
            )
            facts = self._first(session, found, facts, request, place, now)
        return Scanned(self._page(found, facts, body, now), body, found.product is not None)

    def answer_position(self, label: FoundLabel, lang: str) -> Scanned:
        """Answer for run and lot of a code that was typed; it never claims the first scan."""
        now = self._node.clock.now()
        with self._node.database.read() as session:
            lot = session.get(Lot, label.lot_id) if label.lot_id else None
            product = session.get(Product, label.product_id)
            found = Found(product, SerialState.PRINTED, label, lot, label.lot_id)
            body = self._body(session, found, lang, now)
        facts = replace(
            body.facts, product_known=True, serial=SerialState.PRINTED, label_lot=label.lot_id,
            void=label.void,
        )  # fmt: skip
        return Scanned(self._page(found, facts, body, now), body, True)

    def _find(self, session: Session, link: Link) -> Found:
        item = item_of(link)
        product = find_product(session, link.gtin or link.product or "") if item else None
        if item is None or product is None:
            return Found(None, SerialState.ABSENT, None, None, None)
        serial, label = self._label(session, item, link.serial)
        named = find_lot(session, product.id, link.lot) if link.lot is not None else None
        lot = named
        if label is not None and label.lot_id is not None:
            lot = session.get(Lot, label.lot_id)
        named_lot = None if link.lot is None else (named.id if named else "")
        return Found(product, serial, label, lot, named_lot)

    def _label(
        self, session: Session, item: str, serial: str | None
    ) -> tuple[SerialState, FoundLabel | None]:
        if serial is None:
            return SerialState.ABSENT, None
        number = check(serial, self._keys, self._node.log_keys.origin, item)
        if not isinstance(number, int):
            return SerialState.MISTYPED, None
        label = find_label(session, item, serial[0], number)
        return (SerialState.PRINTED if label else SerialState.OUTSIDE), label

    def _body(self, session: Session, found: Found, lang: str, now: datetime) -> CachedBody:
        if found.lot is None:
            return _empty(found)
        epoch = epoch_of(session, found.lot.id)
        key = (found.lot.id, epoch, lang, template_version())
        cached = self._cache.get(key, now)
        if cached is None:
            cached = self._drawn(session, found.lot, lang, now)
            self._cache.put(key, cached)
        return cached

    def _drawn(self, session: Session, lot: Lot, lang: str, now: datetime) -> CachedBody:
        record = read_lot(session, self._node.vault, lot, now)
        view = lot_view(record, now)
        host = self._node.settings.base_url.partition("://")[2]
        proof = lot_proof(record, host, self._node.log_keys.vkey())
        facts = ScanFacts(
            product_known=True,
            recalled=record.recall is not None,
            in_use_from=record.in_use_from,
            packed_at=record.packed_at,
            marks=tuple(mark_periods(record.certificates)),
        )
        printed = replace(facts, serial=SerialState.PRINTED)
        change = next_change_at(printed, now)
        limit = now + timedelta(seconds=1 if proof is None else BODY_SECONDS_MAX)
        return CachedBody(
            html=draw_lot(view, proof, lang, host=host),
            view=view,
            proof=bundle(proof, view, lang) if proof else None,
            facts=facts,
            until=min(change, limit) if change else limit,
        )

    def _first(
        self, session: Session, found: Found, facts: ScanFacts, request: ScanRequest,
        place: str | None, now: datetime,
    ) -> ScanFacts:  # fmt: skip
        label = found.label
        if label is None:
            return facts
        before = seen(session, label.run_id, label.number)
        if before.first_at is None and may_claim(request, facts, now):
            command = ClaimFirst(label.run_id, label.number, place)
            claimed = self._node.unit.run_within(
                CLAIM_SECONDS, claim_first_scan, command, actor=SYSTEM
            )
            if claimed is None:
                return facts
            if claimed.first:
                return replace(facts, first=FirstScan.CLAIMED, first_at=now, n=1)
            before = seen(session, label.run_id, label.number)
        if before.first_at is None:
            return facts
        repeats = before.count
        if request.method == "GET" and request.wants == "html":
            repeats += self._counter.note(label.run_id, label.number)
        return replace(
            facts, first=FirstScan.EARLIER, first_at=before.first_at, first_city=before.place,
            n=repeats + 1,
        )  # fmt: skip

    def _page(self, found: Found, facts: ScanFacts, body: CachedBody, now: datetime) -> ScanPage:
        label = found.label
        code = label.code if label else ""
        place = Words(facts.first_city, facts.first_city) if facts.first_city else None
        shown = tuple(
            Verdict(
                each.code.value, facts.n, facts.first_at, place,
                _detail(each.code, label),
            )
            for each in verdicts(facts, now)
        )  # fmt: skip
        scans = Scans(facts.n, facts.first_at, place) if facts.first_at else None
        return replace(self._blank(body, code), verdicts=shown, scans=scans)


def _detail(code: Code, label: FoundLabel | None) -> Words | None:
    """Say what weakens a good verdict: the key of the label's letter is in strange hands."""
    if label is not None and label.weakened and code.value.startswith("found"):
        return Words("此批标签的防伪校验已减弱", "The copy check of this run is weakened")
    return None


def _empty(found: Found) -> CachedBody:
    """Give the body of an address whose lot is not known: the product's name, or nothing."""
    view = None
    if found.product is not None:
        name = unlogged_fact("product", Words("产品", "Product"), found.product.name_zh)
        view = LotView(product=name)
    known = found.product is not None
    return CachedBody(html="", view=view, proof=None, facts=ScanFacts(product_known=known))
