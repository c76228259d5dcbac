"""The seal: what it makes, checked by a library of others, and one flipped bit anywhere refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import x509  # type: ignore[import-untyped]  # it ships no types
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from certification.papers.seals import (
    Seal,
    check,
    load_seal,
    make_seal,
    read_anchors,
    seal,
)
from certification.refusals import PaperFault
from runtime.randomness import SeededRandomness
from runtime.typesetting import Job, find_font, typeset
from tests.certification.books import codes

AT = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


class Drawer:
    """A vault that only keeps secrets."""

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}

    def secret(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def store_secret(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret


def made(seed: bytes = b"seal", at: datetime = AT) -> Seal:
    vault: Any = Drawer()
    make_seal(vault, SeededRandomness(seed), "log.example/tests", at)
    return load_seal(vault)


KEY = made()
ANCHORS = read_anchors(KEY.published())
TEMPLATE = '#set text(font: "Noto Sans SC")\n#set page(width: 60mm, height: 40mm)\n测'
(PAGE,) = typeset(Job(TEMPLATE.encode(), {}, AT), find_font())
SEALED = seal(PAGE, KEY, AT)


def test_the_library_of_others_agrees():
    reader = PdfFileReader(BytesIO(SEALED))
    (signature,) = reader.embedded_signatures
    roots = [x509.Certificate.load(KEY.root)]
    context = ValidationContext(trust_roots=roots, moment=AT, allow_fetching=False)
    with ThreadPoolExecutor(1) as thread:  # It starts an event loop; a browser's may run in ours.
        status = thread.submit(validate_pdf_signature, signature, context).result()
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.self_reported_timestamp == AT


def test_a_sealed_paper_holds():
    found = check(SEALED, ANCHORS)
    assert (found.holds, found.signed_at, found.signer) == (True, AT, "log.example/tests")


def test_the_same_page_sealed_at_the_same_time_is_the_same_file():
    assert seal(PAGE, KEY, AT) == SEALED
    later = seal(PAGE, KEY, AT + timedelta(seconds=1))
    assert later != SEALED
    assert check(later, ANCHORS).holds


def flipped(at: int, bit: int) -> bytes:
    other = bytearray(SEALED)
    other[at] ^= 1 << bit
    return bytes(other)


def offsets(step: int) -> list[int]:
    """Every so many bytes of the page, and ten times as dense where the signature lies."""
    first = SEALED.index(b"<30")
    last = SEALED.index(b"0" * 64, first)
    return [*range(0, len(SEALED), step), *range(first, last + 70, max(1, step // 10))]


def assert_refused(step: int) -> None:
    for number, at in enumerate(offsets(step)):
        found = check(flipped(at, number % 8), ANCHORS)
        assert not found.holds, (at, number % 8)


def test_a_flipped_bit_is_refused_wherever_it_is():
    assert_refused(211)


@pytest.mark.deep
def test_every_flipped_bit_is_refused():
    """Every bit of the signature and of what stands around it; of the page one bit of each byte."""
    first = SEALED.index(b"<30")
    last = SEALED.index(b"0" * 64, first) + 200
    for at in range(len(SEALED)):
        for bit in range(8) if first <= at < last else (at % 8,):
            assert not check(flipped(at, bit), ANCHORS).holds, (at, bit)


def written_over(pdf: bytes) -> bytes:
    """A further revision by the same library: what an editor would do."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Lang"] = writer.root["/Type"]
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def resealed(pdf: bytes) -> bytes:
    """The page sealed by somebody else."""
    return seal(pdf, made(b"other"), AT)


MANGLED = [
    (PAGE, PaperFault.NOT_SEALED),
    (b"", PaperFault.NOT_SEALED),
    (SEALED[:-1], PaperFault.SEAL_WRONG),
    (SEALED + b"\n", PaperFault.SEAL_WRONG),
    (b"\n" + SEALED, PaperFault.SEAL_WRONG),
    (SEALED + SEALED, PaperFault.NOT_SEALED),
    (written_over(SEALED), PaperFault.SEAL_WRONG),
    (resealed(PAGE), PaperFault.SEAL_UNKNOWN),
    (SEALED.replace(b"<308", b"<30A", 1), PaperFault.SEAL_WRONG),
    (SEALED.replace(b"0000>", b"0001>", 1), PaperFault.SEAL_WRONG),
]


def test_what_was_done_to_a_paper_is_named():
    for pdf, fault in MANGLED:
        assert check(pdf, ANCHORS).fault is fault, pdf[-40:]


def test_a_certificate_of_no_version_is_refused():
    """One bit of the certificate inside of the signature."""
    at = SEALED.index(b"A003020102") + 9
    assert check(flipped(at, 0), ANCHORS).fault is PaperFault.SEAL_WRONG
    assert check(flipped(at, 2), ANCHORS).fault is PaperFault.SEAL_WRONG


def test_a_small_letter_for_a_capital_one_is_a_change():
    first = SEALED.index(b"<30")
    at = next(n for n in range(first, len(SEALED)) if SEALED[n : n + 1] in b"ABCDEF")
    assert not check(flipped(at, 5), ANCHORS).holds


def test_only_a_root_vouches_and_only_in_its_time():
    leaf, root = KEY.certificate, KEY.root
    assert check(SEALED, [leaf]).fault is PaperFault.SEAL_UNKNOWN
    assert check(SEALED, []).fault is PaperFault.SEAL_UNKNOWN
    assert check(SEALED, [made(b"other").root, root]).holds
    for days in (-2, 365 * 20 + 1):
        untimely = seal(PAGE, KEY, AT + timedelta(days=days))
        assert check(untimely, [root]).fault is PaperFault.SEAL_UNKNOWN


def test_the_seal_is_made_once_and_says_what_it_is_for():
    vault: Any = Drawer()
    assert codes(load_seal, vault) == ["seal_key_missing"]
    make_seal(vault, SeededRandomness(b"a"), "log.example/tests", AT)
    first = load_seal(vault)
    make_seal(vault, SeededRandomness(b"b"), "log.example/tests", AT)
    assert load_seal(vault) == first
    assert str(first.key) not in repr(first)
    root, leaf = (load_der_x509_certificate(each) for each in read_anchors(first.published()))
    leaf.verify_directly_issued_by(root)
    assert "PRIVATE" not in first.published()
