"""The /verify page: self-contained, with the policy of this node pinned into it.

`npm run build` puts style and script inside static/dist/verify.html and writes down their hashes,
which are all that the page's Content-Security-Policy lets run, beside the reader of pictures from
our own folder. Saved to a disk, the page still checks addresses and proof files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from public_api.scan.proof import script_text
from web.assets import Assets
from web.headers import ContentPolicy

_POLICY_MARK = "__POLICY__"


@dataclass(frozen=True)
class PinnedLog:
    """A log that this node trusts to sign: origin, verifier key, and the addresses of its pages."""

    origin: str
    vkey: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class PinnedPolicy:
    """What /verify goes by; `node` is the host that serves the page."""

    node: str
    logs: tuple[PinnedLog, ...]
    version: int = 1


def verify_page(policy: PinnedPolicy, lang: str, assets: Assets) -> str:
    """Give the page. Raises web.assets.NotBuilt."""
    frame = assets.path("verify.html").read_text(encoding="utf-8")
    pinned = {
        "v": policy.version,
        "node": policy.node,
        "lang": "en" if lang == "en" else "zh",
        "reader": assets.address("zxing.js"),
        "logs": [asdict(log) for log in policy.logs],
    }
    before, _, after = frame.partition(_POLICY_MARK)
    return before + script_text(pinned) + after


def verify_policy(policy: PinnedPolicy, assets: Assets) -> ContentPolicy:
    """Give the Content-Security-Policy of the page: its own hashes, and the pinned logs to ask."""
    hashes = json.loads(assets.path("verify.json").read_text(encoding="utf-8"))
    hosts = _origins(address for log in policy.logs for address in log.addresses)
    return ContentPolicy(
        script=(hashes["script"], "'self'", "'wasm-unsafe-eval'"),
        style=(hashes["style"],),
        image=("'self'", "blob:"),
        connect=("'self'", *hosts),
    )


def _origins(addresses: Iterable[str]) -> list[str]:
    parts = (urlsplit(address) for address in addresses)
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.netloc})
