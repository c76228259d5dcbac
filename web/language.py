"""Which language a page speaks: Chinese, unless the reader asks for English.

Every text that people see is written as a pair, `t("中文", "English")`, at the place where it is
shown. The choice, first that applies: `?lang=`, the cookie that the language switch left, the
`Accept-Language` header, the setting. Only `zh` and `en` are known; anything else is not a choice.
The cookie says nothing about its reader but the language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlencode

from flask import Flask, Response, current_app, has_request_context, request

Lang = Literal["zh", "en"]

LANGUAGES: tuple[Lang, ...] = ("zh", "en")
COOKIE = "lang"
_CHOSEN = "ecotrace.lang"
_COOKIE_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Words:
    """One text in Chinese and English; an absent English text is answered in Chinese."""

    zh: str
    en: str = ""

    def text(self, lang: str) -> str:
        """Give the text in `lang`."""
        return (self.en or self.zh) if lang == "en" else self.zh


def known(text: str | None) -> Lang | None:
    """Give the language that a text names, or None: `zh-CN` and `zh-Hans` are Chinese."""
    if text is None:
        return None
    primary = text.strip().lower().partition("-")[0]
    return primary if primary in LANGUAGES else None


def preferred(accept: list[tuple[str, float]]) -> Lang | None:
    """Give the first known language of an Accept-Language header (RFC 9110 §12.5.4), by weight.

    `*` and weight 0 choose nothing.
    """
    for name, weight in sorted(accept, key=lambda item: -item[1]):
        lang = known(name) if weight > 0 else None
        if lang:
            return lang
    return None


def choose(
    asked: str | None, remembered: str | None, accept: list[tuple[str, float]], default: str
) -> Lang:
    """Choose the language from `?lang=`, the cookie, Accept-Language and the setting."""
    return known(asked) or known(remembered) or preferred(accept) or known(default) or "zh"


def current_language() -> Lang:
    """Give the language of this request; outside a request that of the setting."""
    default = str(current_app.config.get("ECOTRACE_LANG", "zh"))
    if not has_request_context():
        return known(default) or "zh"
    if _CHOSEN not in request.environ:
        accept = [(name, weight) for name, weight in request.accept_languages]
        asked, remembered = request.args.get("lang"), request.cookies.get(COOKIE)
        request.environ[_CHOSEN] = choose(asked, remembered, accept, default)
    return cast(Lang, request.environ[_CHOSEN])


def t(zh: str, en: str) -> str:
    """Give one text of a pair in the language of this request."""
    return en if current_language() == "en" else zh


def other_language_address() -> str:
    """Give the address of this page in the other language: only `lang` in the query changes.

    It is relative, and so the same on all pages that are drawn once for many labels.
    """
    other = "zh" if current_language() == "en" else "en"
    args = request.args.to_dict(flat=False)
    args["lang"] = [other]
    return f"?{urlencode(args, doseq=True)}"


def _remember(response: Response) -> Response:
    asked = known(request.args.get("lang"))
    if asked and request.cookies.get(COOKIE) != asked:
        response.set_cookie(
            COOKIE,
            asked,
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def install(app: Flask, default: str) -> None:
    """Put `t`, `lang` and the language switch into the templates, and keep a choice in a cookie."""
    app.config["ECOTRACE_LANG"] = default
    app.after_request(_remember)

    @app.context_processor
    def language_words() -> dict[str, object]:
        return {
            "t": t,
            "lang": current_language(),
            "other_language_address": other_language_address,
        }
