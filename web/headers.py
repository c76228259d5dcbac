"""Headers that every answer carries.

- Content-Security-Policy with nothing allowed but what the page names: no inline script or style,
  no third party, no frames. `use(policy)` widens it for one answer, never for the application.
- `Referrer-Policy: no-referrer`: a label's address is nobody else's business.
- `X-Content-Type-Options: nosniff`, and no browser feature (camera, place, sensors, payment).
- Strict-Transport-Security only when the service's own address is https.

A view that sets one of these itself is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, request

_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb",
)  # fmt: skip
_CHOSEN = "ecotrace.content_policy"
_NOTHING = ("'none'",)
_HSTS = "max-age=31536000; includeSubDomains"


@dataclass(frozen=True)
class ContentPolicy:
    """What one kind of page may load; everything that is not named is forbidden (`'none'`)."""

    script: tuple[str, ...] = ("'self'",)
    style: tuple[str, ...] = ("'self'",)
    image: tuple[str, ...] = ("'self'",)
    connect: tuple[str, ...] = ()
    form: tuple[str, ...] = ("'self'",)

    def text(self) -> str:
        """Give the header's value (Content Security Policy Level 3)."""
        parts: Mapping[str, tuple[str, ...]] = {
            "default-src": (),
            "script-src": self.script,
            "style-src": self.style,
            "img-src": self.image,
            "connect-src": self.connect,
            "form-action": self.form,
            "base-uri": (),
            "frame-ancestors": (),
        }
        return "; ".join(
            f"{name} {' '.join(allowed or _NOTHING)}" for name, allowed in parts.items()
        )


PUBLIC_PAGE = ContentPolicy()
"""Scan page and registers: own script, style and pictures; no network calls at all."""

CONSOLE_PAGE = ContentPolicy(
    script=("'self'", "'wasm-unsafe-eval'"), image=("'self'", "data:", "blob:"), connect=("'self'",)
)
"""The console: htmx speaks to us only; pictures of codes are read on the phone, by our own wasm."""

DATA = ContentPolicy(script=(), style=(), image=(), form=())
"""JSON, tiles, files: nothing at all may be loaded."""


def features(*own: str) -> str:
    """Give a Permissions-Policy that keeps every browser feature off, but for `own` pages these."""
    return ", ".join(f"{name}=(self)" if name in own else f"{name}=()" for name in _FEATURES)


@dataclass(frozen=True)
class Headers:
    """The headers of a service; `https` says whether its own address is https."""

    https: bool
    fixed: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        fixed = {
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Permissions-Policy": features(),
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if self.https:
            fixed["Strict-Transport-Security"] = _HSTS
        object.__setattr__(self, "fixed", fixed)

    def complete(self, response: Response) -> Response:
        """Add what the view has not set itself."""
        for name, value in self.fixed.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _policy_of(response).text())
        return response


def use(policy: ContentPolicy) -> None:
    """Choose the policy of this request's answer."""
    request.environ[_CHOSEN] = policy


def _policy_of(response: Response) -> ContentPolicy:
    chosen = request.environ.get(_CHOSEN)
    if isinstance(chosen, ContentPolicy):
        return chosen
    return PUBLIC_PAGE if response.mimetype == "text/html" else DATA


def install(app: Flask, *, https: bool) -> None:
    """Complete every answer of the application."""
    app.after_request(Headers(https).complete)
