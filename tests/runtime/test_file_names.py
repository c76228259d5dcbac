"""Names of files from outside, cleaned."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.file_names import LENGTH_MAX, cleaned

CASES = [
    ("报告.pdf", "报告.pdf"),
    ("报告.PDF", "报告.pdf"),
    ("report", "report.pdf"),
    ("C:\\用户\\报告.pdf", "报告.pdf"),
    ("../../etc/passwd", "passwd.pdf"),
    ("a/b\\c/", "file.pdf"),
    ("fdp.\u202egpj.exe", "fdp.gpj.pdf"),
    ("re\u200bport\ufeff\u00ad.pdf", "report.pdf"),
    ("re\x00port\r\n.pdf", "report.pdf"),
    ("ｒｅｐｏｒｔ１．ｐｄｆ", "report1.pdf"),
    ('a<b>:"|?*c.pdf', "a_b______c.pdf"),
    ("  ..报告..  .pdf", "报告.pdf"),
    ("", "file.pdf"),
    ("...", "file.pdf"),
    (".pdf", "file.pdf"),
    ("CON.pdf", "file-CON.pdf"),
    ("com1.tar.pdf", "file-com1.tar.pdf"),
    ("console.pdf", "console.pdf"),
    ("a" * 300 + ".pdf", "a" * LENGTH_MAX + ".pdf"),
    ("\ud800报告.pdf", "报告.pdf"),
    ("第3.2号 报告.pdf", "第3.2号 报告.pdf"),
    ("\u2066evil\u2069.pdf", "evil.pdf"),
    ("／etc／passwd", "_etc_passwd.pdf"),
]


@pytest.mark.parametrize("name, expected", CASES)
def test_names(name: str, expected: str) -> None:
    assert cleaned(name, ".pdf") == expected


@given(st.text(max_size=300))
def test_every_name_ends_harmless_and_stays_as_it_is(name: str) -> None:
    found = cleaned(name, ".png")
    assert found.endswith(".png")
    assert 5 <= len(found) <= LENGTH_MAX + 10
    assert not set(found) & set('<>:"|?*/\\')
    assert all(unicodedata.category(each)[0] not in "C" for each in found)
    assert cleaned(found, ".png") == found
