"""What the labels of a run show: the one answer for console, interface and command line.

The steps, each time that labels are drawn:
 1. trace gives the words: product and place, and that it is a demo
 2. certification says whether the mark may be put on these goods now; it refuses a name that says
    有机 in conversion, and any label while printing is on hold
 3. trace decides what is shown for it: nothing, the sample of a demo, or the artwork that was the
    newest when the run was printed
 4. a lot's 承诺达标合格证 has to be readable beside the code that leads to it
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from certification.artworks.service import artwork_file
from certification.consequences.service import require_not_held
from certification.uses.model import Goods
from certification.uses.service import check_mark, may_bear_mark
from runtime.files import FileStore
from trace.conformity.service import label_heading
from trace.labels.model import mark_shown
from trace.labels.printing import bases_behind, bound_to, first_lot, names_on, words_of
from trace.labels.sheets import Design
from trace.labels.tables import LabelRun


def design_of(
    session: Session, files: FileStore, run: LabelRun, *, demo: bool, now: datetime
) -> Design:
    """Give what the labels of a run show when they are drawn at `now`.

    Raises Refusal: ARTWORK_LOST, ORGANIC_MARK_IN_CONVERSION, CERTIFICATE_HELD.
    """
    words = words_of(session, run, demo=demo)
    allowed = _mark_allowed(session, run, now)
    mark = mark_shown(run.mark_artwork, allowed=allowed, demo=demo)
    drawn = run.mark_artwork if mark == "artwork" else None
    return replace(
        words,
        mark=mark,
        artwork=None if drawn is None else artwork_file(files, drawn),
        heading=label_heading(session, first_lot(session, run)),
    )


def _mark_allowed(session: Session, run: LabelRun, now: datetime) -> bool:
    """Whether the run has the mark of a certificate that is in force for the goods that it is on.

    What was bound to a lot outside of the scope since, or fell back into conversion, is drawn
    without the mark. A name that says what the goods are not is not drawn at all.
    """
    named = {each for each in (run.cert_id, run.mark_cert_id) if each is not None}
    if not named:
        return False
    bases = bases_behind(session, bound_to(session, run))
    goods = Goods(run.product_id, names_on(session, run.product_id), bases)
    for cert_id in sorted(named):
        require_not_held(session, cert_id, now)
        check_mark(session, cert_id, goods, now, with_mark=False)
    return run.mark_cert_id is not None and may_bear_mark(session, run.mark_cert_id, goods, now)
