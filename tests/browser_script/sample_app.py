"""A small application with sample pages: for the browser tests, and to look at.

`python -m tests.browser_script.sample_app` serves it on 127.0.0.1:8765.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, abort, jsonify, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader

from public_api.scan.page import answer
from public_api.scan.proof import bundle
from public_api.scan.rendering import draw_lot, draw_page
from public_api.scan.verify_page import PinnedLog, PinnedPolicy, verify_page, verify_policy
from runtime.refusal import RefusalCode, Sentence, refuse
from tests.browser_script.sample_pages import crabs, nothing, rice
from tests.browser_script.story import HOST, Sample
from web.assets import current_assets
from web.face import dress
from web.headers import CONSOLE_PAGE, use
from web.language import current_language, t
from web.paging import Page, address_of_page

PORT = 8765
RICE = "p/xiaozhan-5kg/10/XZ2026-01"
CRABS = "p/hhk-crab"
OTHER_PRODUCT = "p/another/10/XZ2026-01"
OTHER_LOT = "p/xiaozhan-5kg/10/XZ2026-02"
SAMPLES = {RICE: rice, CRABS: crabs, OTHER_PRODUCT: rice, OTHER_LOT: rice}


class SampleRefusal(RefusalCode):
    SPENT = Sentence(
        409,
        "认定 {granted} 枚，还剩 {left} 枚，不能再打印 {asked} 枚",
        "Certified {granted}, left {left}: {asked} more cannot be printed",
    )


def sample_app(address: str) -> Flask:
    """An application whose /verify pins the sample logs at `address`."""
    app = Flask(__name__, static_folder=None)
    dress(app, default_language="zh", https=False)
    app.jinja_env.globals["demo"] = True
    own = FileSystemLoader(Path(__file__).with_name("templates"))
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([app.jinja_loader, own])
    logs = (rice().log, crabs().log)
    pinned = tuple(PinnedLog(log.origin, log.vkey, (address,)) for log in logs)
    policy = PinnedPolicy(HOST, pinned)
    app.add_url_rule("/verify", view_func=lambda: _verify(policy), endpoint="verify")
    app.add_url_rule("/console", view_func=_console, endpoint="console")
    app.add_url_rule("/refused", view_func=_refused, endpoint="refused")
    app.add_url_rule("/broken", view_func=_broken, endpoint="broken")
    app.add_url_rule("/<path:path>", view_func=_scan, endpoint="scan")
    return app


@cache
def told(path: str, lang: str) -> Sample:
    return SAMPLES[path](lang)


def _scan(path: str) -> Any:
    lang = current_language()
    if path == "p/none":
        return draw_page(nothing(), "", lang)
    if path not in SAMPLES:
        abort(404)
    sample = told(path, lang)
    assert sample.page.lot is not None
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "application/json":
        drawn = draw_lot(sample.page.lot, sample.proof, lang, host=HOST)
        return draw_page(sample.page, drawn, lang)
    reply = jsonify(answer(sample.page, lang, bundle(sample.proof, sample.page.lot, lang)))
    reply.headers["Access-Control-Allow-Origin"] = "*"
    return reply


def _verify(policy: PinnedPolicy) -> Any:
    use(verify_policy(policy, current_assets()))
    return verify_page(policy, current_language(), current_assets())


def _console() -> Any:
    use(CONSOLE_PAGE)
    detail = t("认定 9,360 枚，还剩 0 枚，不能再打印 1 枚", "Certified 9,360, left 0: not one more")
    problem = {"code": "spent", "detail": detail, "reasons": []}
    page = Page((1, 2), 2, True)
    shown = {"page": page, "problem": problem, "address_of": lambda n: address_of_page({}, n)}
    return render_template("console_sample.html", **shown)


def _refused() -> Any:
    refuse(SampleRefusal.SPENT, "/count", granted=9360, left=0, asked=1)


def _broken() -> Any:
    raise RuntimeError("secret of the cause")


if __name__ == "__main__":
    sample_app(f"http://127.0.0.1:{PORT}").run("127.0.0.1", PORT)
