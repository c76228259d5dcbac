"""Drawing the scan page in two parts.

`draw_lot` draws what all labels of a lot share, with the proof bundle; its text may be kept by the
caller under (lot, scan epoch, language, `template_version`). `draw_page` puts it under the verdicts
of one scan. Both need an application context; neither touches a database.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import render_template
from markupsafe import Markup

from public_api.scan.page import LotView, ScanPage
from public_api.scan.proof import Proof, bundle, script_text
from public_api.scan.words import WORDS_FILE, check_sentence
from web.assets import Assets

_FOLDERS = (
    Path(__file__).parents[1] / "templates" / "scan",
    Path(__file__).parents[2] / "web" / "templates",
)


@cache
def template_version() -> str:
    """Give a text that changes with any template, word, style or script of the page."""
    digest = hashlib.sha256(Assets().version.encode())
    for folder in _FOLDERS:
        for file in sorted(folder.rglob("*.html")):
            digest.update(file.read_bytes())
    digest.update(WORDS_FILE.read_bytes())
    return digest.hexdigest()[:12]


def draw_lot(lot: LotView, proof: Proof | None, lang: str, *, host: str) -> str:
    """Draw what the labels of a lot share; `host` is named as the source of the verdict.

    Raises public_api.scan.proof.ProofIncomplete and FormatError: mistakes of the caller.
    """
    written = script_text(bundle(proof, lot, lang)) if proof else None
    regions = proof.regions if proof else {}
    return render_template(
        "scan/lot.html",
        lot=lot,
        proof=Markup(written) if written else None,
        cannot=check_sentence("cannot", lang, host=host),
        text_of=lambda fact: fact.text(lang, regions),
    )


def draw_page(page: ScanPage, lot_html: str, lang: str) -> str:
    """Draw a whole scan page around the drawn lot (empty for codes that name nothing of ours)."""
    shown: dict[str, Any] = {
        "page": page,
        "lot_html": Markup(lot_html),
        "sentences": [(verdict, verdict.sentence(lang)) for verdict in page.verdicts],
    }
    return render_template("scan/page.html", **shown)
