"""The first minute of a credit engineer: paste the printed `curl`, check the answer off-line."""

from __future__ import annotations

import base64
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.operator_desk import DIFFERENCE, DONE, USAGE, Command, Said, run
from tests.e2e.serving import Answer, Demo, ask, ecotrace


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture(scope="module")
def answer(shop: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The signed answer, as the printed command gives it, beside the key that checks it."""
    assert shutil.which("curl"), "curl is missing: apt-get install curl"
    folder = tmp_path_factory.mktemp("credit")
    done = subprocess.run(shlex.split(shop.credit), capture_output=True, check=True, timeout=30)
    (folder / "answer.jwt").write_bytes(done.stdout)
    exported = run("log", "export", "--out", folder / "log", DATA=shop.data)
    assert exported.code == DONE, exported.err
    return folder / "answer.jwt"


def vkey(answer: Path) -> Path:
    return answer.parent / "log" / "vkey"


def requested(shop: Demo) -> tuple[str, str]:
    """Give address and token of the printed command."""
    words = shlex.split(shop.credit)
    return words[-1], words[words.index("-H") + 1].partition("Bearer ")[2]


def with_token(shop: Demo, **headers: str) -> Answer:
    address, token = requested(shop)
    return ask(address, headers={"Authorization": f"Bearer {token}", **headers})


def test_the_answer_is_a_signed_token(shop: Demo, answer: Path) -> None:
    header, payload, _ = answer.read_text().strip().split(".")
    assert {"alg": "EdDSA", "typ": "ecotrace-answer+jwt"}.items() <= decoded(header).items()
    assert decoded(header)["kid"]
    claims = decoded(payload)
    assert claims["nonce"] == re.findall(r"nonce=([\w-]+)", shop.credit)[0]
    assert claims["aud"]
    assert "fact" not in claims or claims["fact"]
    got = with_token(shop)
    assert (got.status, got.headers["content-type"]) == (200, "application/jwt")
    assert got.headers["cache-control"] in ("no-store", "private, no-store")


def test_the_answer_is_verified_without_network(
    command: Command, answer: Path, tmp_path: Path
) -> None:
    """In Chinese by a process of its own, in English by this one."""
    words, absent = ("verify-answer", str(answer), "--vkey", str(vkey(answer))), tmp_path / "absent"
    done = ecotrace(*words, DATA=str(absent), LANG="zh")
    said = command(*words, DATA=absent, LANG="en")
    for each in (Said(done.returncode, done.stdout, done.stderr), said):
        assert each.code == DONE, each.out + each.err
        assert each.lines[-1] == ["answer", "good"]
        assert "proved" in each.first_words, "each record has its proof"


def test_a_changed_answer_is_found(command: Command, answer: Path, tmp_path: Path) -> None:
    text = answer.read_text().strip()
    header, payload, signature = text.split(".")
    claims = decoded(payload)
    claims["nonce"] = "another"
    other = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    changed = [
        f"{header}.{other}.{signature}",
        f"{unsigned}.{payload}.",
        text[:-4] + "AAAA",
        "",
        ".",
    ]
    for number, each in enumerate(changed):
        file = tmp_path / f"{number}.jwt"
        file.write_text(each)
        said = command("verify-answer", file, "--vkey", vkey(answer))
        assert said.code == DIFFERENCE, each[:80]
        assert said.lines[-1] == ["answer", "bad"]


def test_only_the_key_of_the_log_will_do(command: Command, answer: Path, tmp_path: Path) -> None:
    """Another log's key, or none, proves nothing; nor does the key of the answers by itself."""
    foreign = tmp_path / "foreign.vkey"
    foreign.write_text(vkey(answer).read_text().replace("demo.ecotrace", "other.ecotrace"))
    empty = tmp_path / "empty.vkey"
    empty.write_text("\n")
    for key in (foreign, empty, vkey(answer).with_name("answer.vkey")):
        said = command("verify-answer", answer, "--vkey", key)
        assert said.code in (DIFFERENCE, USAGE), said.out
        assert "answer good" not in said.out


REFUSED = [
    ({}, 401, "not_signed_in"),
    ({"Authorization": "Bearer ect_" + "A" * 43}, 401, "token_refused"),
    ({"Authorization": "Bearer nonsense"}, 401, "token_refused"),
    ({"Authorization": "Basic YTpi"}, 401, "not_signed_in"),
]


@pytest.mark.parametrize("headers, status, code", REFUSED)
def test_without_a_token_nothing_is_told(
    shop: Demo, headers: dict[str, str], status: int, code: str
) -> None:
    got = ask(requested(shop)[0], headers=headers)
    assert got.status == status
    assert got.headers["content-type"].startswith("application/problem+json")
    assert json.loads(got.body)["code"] in (code, "token_refused", "not_signed_in")


def test_nobody_is_listed_and_strangers_are_alike(shop: Demo) -> None:
    """Of a subject that is not there no more is told than of one that may not be asked for."""
    address, token = requested(shop)
    code = re.findall(r"/subjects/(\w+)/", address)[0]
    headers = {"Authorization": f"Bearer {token}"}
    for other in ("91110000000000000X", "abc", "0" * 18, code[:-1] + "0", "%00", "'"):
        got = ask(address.replace(code, other), headers=headers)
        assert 400 <= got.status < 500, other
    for listing in ("/credit/v1/subjects", "/credit/v1/subjects/", "/credit/v1/"):
        assert ask(shop.base_url + listing, headers=headers).status in (404, 405)
