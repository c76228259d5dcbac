"""Bad addresses, odd requests and programs that open links before people do, over a real socket.

Each is answered with a status and a code of its own; none is answered with 500, and none of them
takes the first scan from the person who comes after it.
"""

from __future__ import annotations

import json
import re
import socket
from urllib.parse import quote, urlsplit

import pytest

from tests.e2e.serving import Answer, Demo, ask, stated

RICE = "/01/09521234543213"
JSON = {"Accept": "application/json"}


def path_of(address: str) -> str:
    return urlsplit(address).path


def refused(answer: Answer) -> tuple[int, str]:
    """Give status and code of a refusal, which is a problem document (RFC 9457)."""
    assert answer.headers["content-type"].startswith("application/problem+json")
    told = json.loads(answer.body)
    assert told["status"] == answer.status
    assert told["detail"]
    return answer.status, told["code"]


REFUSED: list[tuple[str, int, str]] = [
    # percent escapes
    (f"{RICE}/10/%", 400, "percent_malformed"),
    (f"{RICE}/10/%4", 400, "percent_malformed"),
    (f"{RICE}/10/%GG", 400, "percent_malformed"),
    (f"{RICE}/10/a%2", 400, "percent_malformed"),
    (f"{RICE}/10/%FF%FE", 400, "percent_malformed"),
    (f"{RICE}/10/%ED%A0%80", 400, "percent_malformed"),
    (f"{RICE}/10/%C0%AF", 400, "percent_malformed"),
    (f"{RICE}/10/a%00b", 400, "value_malformed"),
    # characters that a label cannot hold
    (f"{RICE}/10/a%0D%0ASet-Cookie:%20x=1", 400, "value_malformed"),
    (f"{RICE}/10/{quote('‮3202')}", 400, "value_malformed"),
    (f"{RICE}/10/{quote('XZM​2026')}", 400, "value_malformed"),
    (f"{RICE}/10/{quote('批次一')}", 400, "value_malformed"),
    (f"{RICE}/10/{quote('<b>/</b>')}", 400, "qualifier_not_allowed"),
    (f"{RICE}/10/{quote(chr(39) + ' OR 1=1')}", 400, "value_malformed"),
    (f"{RICE}/10/{'A' * 21}", 400, "value_malformed"),
    # keys and their order
    ("/01/09521234543213/10", 400, "address_malformed"),
    (f"{RICE}//10/A", 400, "address_malformed"),
    (f"{RICE}/99/A", 400, "qualifier_not_allowed"),
    (f"{RICE}/gtin/A", 400, "qualifier_not_allowed"),
    (f"{RICE}/21/A/10/B", 400, "qualifier_order"),
    (f"{RICE}/10/A/10/B", 400, "qualifier_order"),
    # numbers
    ("/01/09521234543214", 400, "check_digit"),
    ("/01/09521234543123", 400, "check_digit"),
    ("/01/9521234543213", 400, "gtin_length"),
    ("/01/0952123454321X", 400, "value_malformed"),
    ("/00/395212345432100001", 400, "check_digit"),
    ("/p/" + "A" * 21, 400, "value_malformed"),
    ("/p/a%20b", 400, "value_malformed"),
    # the query string
    (f"{RICE}?21=A", 400, "attribute_not_allowed"),
    (f"{RICE}?17=271130&17=271201", 400, "attribute_repeated"),
    (f"{RICE}?17=%", 400, "percent_malformed"),
    (f"{RICE}?x={'A' * 2100}", 414, "address_too_long"),
    (f"{RICE}/10/{'A' * 2100}", 414, "address_too_long"),
    # nothing of ours
    ("/02/09521234543213", 404, "http_404"),
    ("/t/1-0000001-A", 422, "label_code_malformed"),
    ("/t/" + "9" * 300, 422, "label_code_malformed"),
    ("/t/%FF", 422, "label_code_malformed"),
]


@pytest.mark.parametrize("path, status, code", REFUSED, ids=[path[:60] for path, _, _ in REFUSED])
def test_a_bad_address_is_refused(shop: Demo, path: str, status: int, code: str) -> None:
    assert refused(ask(shop.base_url + path, headers=JSON)) == (status, code)


@pytest.mark.parametrize("path, status, code", REFUSED[::4])
def test_people_read_the_refusal_as_a_page(shop: Demo, path: str, status: int, code: str) -> None:
    for lang in ("zh", "en"):
        answer = ask(shop.base_url + path, headers={"Accept-Language": lang})
        assert answer.status == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'lang="{lang}' in answer.text
        assert "<script>alert" not in answer.text


def test_an_escaped_slash_stays_in_its_value(shop: Demo) -> None:
    """Set 82 has the slash: `a%2Fb` is one lot code, not two segments."""
    answer = ask(f"{shop.base_url}{RICE}/10/a%2Fb", headers=JSON)
    assert (answer.status, json.loads(answer.body)["verdict"]) == (200, "unknown")


UNKNOWN: list[tuple[str, str, int]] = [
    ("/01/09521234543213/10/NEVER", "unknown", 200),
    (f"/01/09521234543213/10/{quote('<script>(1)')}", "unknown", 200),
    ("/01/09521234543213/10/XZM/21/7", "mistyped", 200),
    ("/01/09521234543213/21/AAAA", "mistyped", 200),
    ("/01/06901234567892", "unknown", 404),
    ("/p/NOSUCH", "unknown", 404),
    ("/p/NOSUCH/10/A/21/B", "unknown", 404),
    ("/00/395212345432100004", "unknown", 404),
]


@pytest.mark.parametrize("path, verdict, status", UNKNOWN)
def test_what_is_not_ours_is_not_on_record(
    shop: Demo, path: str, verdict: str, status: int
) -> None:
    page = ask(shop.base_url + path)
    assert page.status == status
    assert f'data-verdict="{verdict}"' in page.text
    assert "<script>(" not in page.text
    told = json.loads(ask(shop.base_url + path, headers=JSON).body)
    assert told["verdict"] == verdict


def test_every_changed_character_of_a_serial_is_mistyped(shop: Demo) -> None:
    head, _, serial = shop.fresh().rpartition("/")
    verdicts = set()
    for position, letter in enumerate(serial[1:], start=1):
        other = "A" if letter != "A" else "B"
        changed = f"{serial[:position]}{other}{serial[position + 1 :]}"
        told = json.loads(ask(f"{head}/{changed}", headers=JSON).body)
        verdicts.add(told["verdict"])
        assert told["facts"] == [] or "serial" not in str(told["facts"])
    assert verdicts == {"mistyped"}


def test_a_serial_of_another_product_is_mistyped(shop: Demo) -> None:
    serial = shop.fresh().rpartition("/")[2]
    told = json.loads(ask(f"{shop.base_url}/p/YS-RICE-5KG/21/{serial}", headers=JSON).body)
    assert told["verdict"] == "mistyped"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "BREW", "TRACE"])
def test_other_methods_are_refused(shop: Demo, method: str) -> None:
    answer = ask(shop.scans["lot"], method, JSON)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def exchange(shop: Demo, request: bytes) -> bytes:
    """Send bytes as they are, and give what comes back until the server closes."""
    parts = urlsplit(shop.base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        chunks = []
        while chunk := line.recv(65536):
            chunks.append(chunk)
    return b"".join(chunks)


MANGLED: list[tuple[str, bytes]] = [
    ("no host", b"GET /01/09521234543213 HTTP/1.1\r\n\r\n"),
    ("nonsense", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    ("bare bytes in the path", b"GET /01/09521234543213/10/\xe7\xa8\xbb HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a header of 100 kB", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
    ("an address of 20 kB", b"GET /01/" + b"9" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("folded header", b"GET /t/ HTTP/1.1\r\nHost: a\r\nX: a\r\n b: c\r\n\r\n"),
    ("two lengths", b"GET /t/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    ("absolute", b"GET http://evil.example/01/09521234543213 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    ("dot segments", b"GET /01/../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
]  # fmt: skip


@pytest.mark.parametrize(
    "request_bytes", [each for _, each in MANGLED], ids=[n for n, _ in MANGLED]
)
def test_mangled_requests_break_nothing(shop: Demo, request_bytes: bytes) -> None:
    answer = exchange(shop, request_bytes)
    status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    assert status is None or int(status[1]) < 500, answer[:200]
    assert ask(f"{shop.base_url}/healthz").status == 200


def test_the_host_header_is_never_believed(shop: Demo) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for headers in (forged, {**forged, **JSON}, {**forged, "Accept": "application/linkset+json"}):
        answer = ask(shop.scans["lot"], headers=headers)
        assert "evil.example" not in answer.text
        assert "evil.example" not in str(answer.headers)


ECHOED = [
    "%0d%0aX-Evil:%201",
    "%0d%0a%0d%0a<script>",
    "%E5%98%8A%E5%98%8DX-Evil:1",
    "%22%3E%3Cb%3E",
]


@pytest.mark.parametrize("text", ECHOED)
def test_no_header_is_injected(shop: Demo, text: str) -> None:
    for path in (f"{RICE}?lang={text}", f"{RICE}?linkType={text}", f"/t/?code={text}"):
        answer = ask(shop.base_url + path)
        assert answer.status < 500
        assert "x-evil" not in answer.headers
        assert not answer.text.startswith("<script>")
        assert '"><b>' not in answer.text


LANGUAGES = ["", "xx", "zh;q=x", "en-" + "a" * 5000, "*", ",,,;q=1", "‮"]


@pytest.mark.parametrize("accept", LANGUAGES)
def test_odd_languages_are_no_language(shop: Demo, accept: str) -> None:
    answer = ask(shop.scans["lot"], headers={"Accept-Language": accept.encode().decode("latin-1")})
    assert answer.status == 200
    assert 'data-verdict="found"' in answer.text


def test_every_answer_carries_the_headers(shop: Demo) -> None:
    for address in (shop.scans["lot"], shop.scans["recalled"], f"{shop.base_url}{RICE}/10/%"):
        for headers in ({}, JSON):
            named = ask(address, headers=headers).headers
            assert named["x-content-type-options"] == "nosniff"
            assert named["referrer-policy"] == "no-referrer"
            assert "script-src" in named["content-security-policy"]
            assert "unsafe" not in named["content-security-policy"]
            assert "set-cookie" not in named


# ---- who never claims the first scan -----------------------------------------------------------

EARLY: list[tuple[str, str, dict[str, str]]] = [
    ("HEAD", "HEAD", {}),
    ("OPTIONS", "OPTIONS", {}),
    ("POST", "POST", {}),
    ("prefetch", "GET", {"Sec-Purpose": "prefetch"}),
    ("prerender", "GET", {"Sec-Purpose": "prefetch;prerender"}),
    ("old prefetch", "GET", {"Purpose": "prefetch"}),
    ("Firefox prefetch", "GET", {"X-Moz": "prefetch"}),
    ("Safari preview", "GET", {"X-Purpose": "preview"}),
    ("Googlebot", "GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
    ("Baiduspider", "GET", {"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}),
    ("DingTalk", "GET", {"User-Agent": "DingTalkBot-LinkService/1.0"}),
    ("WhatsApp", "GET", {"User-Agent": "WhatsApp/2.21"}),
    ("JSON", "GET", {"Accept": "application/json"}),
    ("linkset", "GET", {"Accept": "application/linkset+json"}),
]


@pytest.mark.parametrize(
    "method, headers", [each[1:] for each in EARLY], ids=[name for name, _, _ in EARLY]
)
def test_programs_never_take_the_first_scan(
    shop: Demo, method: str, headers: dict[str, str]
) -> None:
    address = shop.fresh()
    answer = ask(address, method, headers)
    assert answer.status < 500
    assert "found_first" not in answer.text
    assert stated(address) == "found_first"


@pytest.mark.parametrize("what", ["void", "altered", "not_in_use", "mistyped", "unknown"])
def test_a_bad_label_has_no_first_scan(shop: Demo, what: str) -> None:
    for _ in range(2):
        told = json.loads(ask(shop.scans[what], headers=JSON).body)
        assert told["verdict"] == what
        assert not {"found_first", "found_again"} & set(told["verdicts"])
        assert f'data-verdict="{what}"' in ask(shop.scans[what]).text


def test_the_linkset_names_our_own_addresses_only(shop: Demo) -> None:
    for address in (f"{shop.scans['lot']}?linkType=linkset", f"{shop.base_url}{RICE}"):
        answer = ask(address, headers={"Accept": "application/linkset+json"})
        assert answer.headers["content-type"] == "application/linkset+json"
        text = json.dumps(json.loads(answer.body))
        anchors = re.findall(r"https?://[^/\"]+", text)
        assert set(anchors) <= {shop.base_url, "https://ref.gs1.org"}
    assert path_of(shop.scans["lot"]).startswith(RICE)
