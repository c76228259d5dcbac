"""A small application with sample pages: for the browser tests, and to look at.

`python -m tests.browser_script.sample_app` serves it on 127.0.0.1:8765.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request
from public_api.scan.page import ScanPage, answer
from public_api.scan.proof import bundle
from public_api.scan.rendering import draw_lot, draw_page
from public_api.scan.verify_page import PinnedLog, PinnedPolicy, verify_page, verify_policy
from runtime.refusal import RefusalCode, Sentence, refuse
from web.assets import Assets
from web.face import dress
from web.headers import CONSOLE_PAGE, use
from web.language import current_language, t
from web.paging import Page

from tests.browser_script.sample_pages import HOST, Sample, crabs, nothing, rice
from tests.browser_script.second_log import SecondLog

PORT = 8765
SAMPLES = {"01/09520000000011/10/XZ2026-01": rice, "p/xiaozhan-5kg/10/XZ2026-01": rice, "p/hhk-crab": crabs}


class SampleRefusal(RefusalCode):
    SPENT = Sentence(409, "认定 {granted} 枚，已打印 {printed} 枚，还剩 {left} 枚，不能再打印 {asked} 枚", "Certified {granted}, printed {printed}, left {left}: {asked} more cannot be printed")
    NAME = Sentence(422, "请填写名称", "A name is needed")


def sample_app(pinned: tuple[PinnedLog, ...] = ()) -> Flask:
    app = Flask(__name__, static_folder=None)
    dress(app, default_language="zh", https=False)
    app.jinja_env.globals["demo"] = True

    @app.get("/<path:path>")
    def scan(path: str) -> Any:
        if path == "p/none":
            return draw_page(nothing(), "", current_language())
        if path not in SAMPLES:
            abort(404)
        lang = current_language()
        sample = SAMPLES[path](lang)
        if request.accept_mimetypes.best_match(["text/html", "application/json"]) != "text/html":
            assert sample.page.lot is not None
            reply = jsonify(answer(sample.page, lang, bundle(sample.proof, sample.page.lot, lang)))
            reply.headers["Access-Control-Allow-Origin"] = "*"
            return reply
        return sample_html(sample.page, sample, lang)

    @app.get("/verify")
    def verify() -> Any:
        policy = PinnedPolicy(HOST, pinned)
        use(verify_policy(policy, Assets()))
        return verify_page(policy, current_language(), Assets())

    @app.get("/console")
    def console() -> Any:
        use(CONSOLE_PAGE)
        return render_template("console_sample.html", page=Page((1, 2), 2, True), problem=sample_problem())

    @app.get("/refused")
    def refused() -> Any:
        refuse(SampleRefusal.SPENT, "/count", granted=9360, printed=9360, left=0, asked=1)

    @app.get("/broken")
    def broken() -> Any:
        raise RuntimeError("secret of the cause")

    return app


def sample_problem() -> dict[str, Any]:
    return {"code": "spent", "detail": t("认定 9,360 枚，已打印 9,360 枚，还剩 0 枚，不能再打印 1 枚", "Certified 9,360, printed 9,360, left 0: 1 more cannot be printed"), "reasons": []}


def sample_html(page: ScanPage, sample: Sample, lang: str) -> str:
    assert page.lot is not None
    return draw_page(page, draw_lot(page.lot, sample.proof, lang, host=HOST), lang)


if __name__ == "__main__":
    log = rice().log
    application = sample_app((PinnedLog(log.origin, log.vkey, (f"http://127.0.0.1:{PORT}",)),))
    application.jinja_loader.loaders.append(__import__("jinja2").FileSystemLoader("tests/browser_script/templates"))  # type: ignore[union-attr]
    application.run("127.0.0.1", PORT)
