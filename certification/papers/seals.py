"""The seal of a node: an X.509 key pair, the PAdES signature that it makes, and how it is checked.

The key is EC P-256 (FIPS 186-5), made by `init`, kept in the vault under a root of its own that
signs nothing else. Anybody can make such a root: it proves that a paper comes from the node that
publishes it (`/registry/seals`) and that nothing was changed since; it is not a qualified seal
(电子签名法, Article 13; eIDAS, Article 3(27)), and papers say so.

`seal` adds one certifying signature, PAdES B-B (ETSI EN 319 142-1), DocMDP level 1: no changes at
all. `check` accepts exactly what `seal` makes and nothing that merely means the same, so that one
flipped bit anywhere is refused, also where signatures do not reach. The steps are numbered there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

from asn1crypto import algos, cms, keys, pem  # type: ignore[import-untyped]  # it ships no types
from asn1crypto import x509 as asn1_x509
from asn1crypto.parser import emit  # type: ignore[import-untyped]  # as above
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certification.refusals import CertificationRefusal, PaperFault
from runtime.clock import parse_instant
from runtime.randomness import Randomness
from runtime.refusal import refuse
from runtime.vault import Vault

SEAL_SECRET = "certification/seal"
_FIELD = "Seal"
_YEARS = 20
_CURVE = ec.SECP256R1()
# The order of the curve (SEC 2, 2.4.2); a private key lies between 1 and this.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_RESERVED = 8_192
"""Hexadecimal digits for the signature; its certificate and attributes take about 3,000."""


@dataclass(frozen=True)
class Seal:
    """The seal key of a node with its certificates, all as DER; `key` is PKCS #8."""

    key: bytes
    certificate: bytes
    root: bytes

    def __repr__(self) -> str:
        return f"Seal({sha256(self.certificate).hexdigest()[:16]})"

    def published(self) -> str:
        """Root and certificate as PEM, the root first: what whoever checks a paper needs."""
        return "".join(
            pem.armor("CERTIFICATE", each).decode("ascii") for each in (self.root, self.certificate)
        )


# --- Making and loading ----------------------------------------------------------------------


def make_seal(vault: Vault, randomness: Randomness, origin: str, now: datetime) -> None:
    """Make the seal of a node, once; one that is there is kept."""
    if vault.secret(SEAL_SECRET) is not None:
        return
    root_key, key = _private_key(randomness), _private_key(randomness)
    root_name, name = _name(f"{origin} root"), _name(origin)
    root = _certificate((root_name, root_key), (root_name, root_key), randomness, now, ca=True)
    leaf = _certificate((root_name, root_key), (name, key), randomness, now, ca=False)
    parts = [pem.armor("PRIVATE KEY", _pkcs8(key)), pem.armor("CERTIFICATE", leaf)]
    parts += [pem.armor("CERTIFICATE", root), pem.armor("PRIVATE KEY", _pkcs8(root_key))]
    vault.store_secret(SEAL_SECRET, b"".join(parts))


def load_seal(vault: Vault) -> Seal:
    """The seal of a node; refuses SEAL_KEY_MISSING where `init` has made none."""
    stored = vault.secret(SEAL_SECRET)
    if stored is None:
        refuse(CertificationRefusal.SEAL_KEY_MISSING)
    key, leaf, root, _ = (content for _, _, content in pem.unarmor(stored, multiple=True))
    return Seal(key, leaf, root)


def read_anchors(text: str) -> tuple[bytes, ...]:
    """The certificates of a PEM text as DER; raises ValueError where there is none."""
    found = pem.unarmor(text.encode("ascii"), multiple=True)
    return tuple(content for kind, _, content in found if kind == "CERTIFICATE")


def _private_key(randomness: Randomness) -> ec.EllipticCurvePrivateKey:
    """A key drawn evenly enough: 64 bits more than the order has (FIPS 186-5, A.2.1)."""
    drawn = int.from_bytes(randomness.token(40), "big")
    return ec.derive_private_key(drawn % (_ORDER - 1) + 1, _CURVE)


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _name(common: str) -> x509.Name:
    """A name within the 64 characters of X.520 for a common name."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ecotrace node"),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


Named = tuple[x509.Name, ec.EllipticCurvePrivateKey]


def _certificate(
    issuer: Named, subject: Named, randomness: Randomness, now: datetime, *, ca: bool
) -> bytes:
    serial = int.from_bytes(randomness.token(16), "big") >> 1 or 1
    public_key = subject[1].public_key()
    builder = (
        x509.CertificateBuilder()
        .issuer_name(issuer[0])
        .subject_name(subject[0])
        .public_key(public_key)
        .serial_number(serial)
        # A clock that is a little behind ours should not refuse the first papers.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(_usage(ca=ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key()),
            critical=False,
        )
    )
    signed = builder.sign(issuer[1], hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(serialization.Encoding.DER)


def _usage(*, ca: bool) -> x509.KeyUsage:
    """Roots sign certificates, seals sign papers."""
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


# --- Sealing ---------------------------------------------------------------------------------


class _Writer(IncrementalPdfFileWriter):
    """Appends the signature and nothing that varies: no time of its own, no random identifier."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        stream = prev.stream
        stream.seek(0)
        digest = sha256(stream.read()).digest()
        halves = (digest[:16], digest[16:])
        return generic.ArrayObject([generic.ByteStringObject(half) for half in halves])

    def _update_meta(self) -> None:
        """Leave title and times as they were set."""


def seal(pdf: bytes, key: Seal, at: datetime) -> bytes:
    """Seal a PDF; `at` is the time that the signature claims."""
    # pyHanko signs in an event loop, and a thread that runs one already may not start another.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _sealed(pdf, key, at)).result()


async def _sealed(pdf: bytes, key: Seal, at: datetime) -> bytes:
    metadata = signers.PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    signer = signers.PdfSigner(metadata, signer=_signer(key))
    session = signer.init_signing_session(_Writer(BytesIO(pdf)))
    session.system_time = at
    document = session.prepare_tbs_document(None, bytes_reserved=_RESERVED)
    prepared, output = document.digest_tbs_document()
    attributes = PdfCMSSignedAttributes(signing_time=at)
    await document.perform_signature(prepared.document_digest, attributes)
    output.seek(0)
    sealed: bytes = output.read()
    return sealed


class _Signer(signers.SimpleSigner):
    """Signs as RFC 6979 says, so that the same page sealed at the same time is the same file."""

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """The ECDSA signature over `data`; nothing but SHA-256 is asked for."""
        assert digest_algorithm == "sha256"
        key = serialization.load_der_private_key(self.signing_key.dump(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _signer(key: Seal) -> _Signer:
    return _Signer(
        signing_cert=asn1_x509.Certificate.load(key.certificate),
        signing_key=keys.PrivateKeyInfo.load(key.key),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        embed_roots=False,
    )


# --- Checking --------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaperCheck:
    """What a check of a paper found; `signed_at` and `signer` are None unless the seal holds."""

    fault: PaperFault | None
    digest: str
    signed_at: datetime | None = None
    signer: str | None = None

    @property
    def holds(self) -> bool:
        """True when the seal is of a given anchor and every byte is as it was sealed."""
        return self.fault is None


class _Broken(Exception):
    def __init__(self, fault: PaperFault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def check(pdf: bytes, anchors: Sequence[bytes]) -> PaperCheck:
    """Check a paper against root certificates (DER) that its reader trusts.

    1. the file has one signature, and its byte range is the whole file but for the signature
    2. the signature is written as `seal` writes it: capital hexadecimal digits, then zeros
    3. it is the one encoding of a CMS object with one certificate, one signer, no more
    4. the certificate was issued by one of the anchors, and is in force at the signature's time
    5. the signed attributes name this certificate and the digest of the bytes
    6. the signature over the attributes verifies
    """
    digest = sha256(pdf).hexdigest()
    try:
        signed_at, signer = _checked(pdf, anchors)
    except _Broken as broken:
        return PaperCheck(broken.fault, digest)
    return PaperCheck(None, digest, signed_at, signer)


_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10}) *\]")
# The colon of a PDF date, as the library writes it.
_TIME = re.compile(rb"/M \(D\\072(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z\)")
_HEX = re.compile(rb"<([0-9A-F]+)>")


def _checked(pdf: bytes, anchors: Sequence[bytes]) -> tuple[datetime, str]:
    contents, covered = _parts(pdf)
    found = _signed_data(contents)
    certificate = _loaded(found.certificate)
    at = _claimed_time(pdf)
    _require(_issued(certificate, anchors, at), PaperFault.SEAL_UNKNOWN)
    expected = {"message_digest": covered, "certificate": sha256(found.certificate).digest()}
    _require(found.named == expected, PaperFault.CONTENT_CHANGED)
    _require(_verifies(certificate, found), PaperFault.SEAL_WRONG)
    (common,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return at, str(common.value)


def _loaded(certificate: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(certificate)
    except (ValueError, x509.InvalidVersion) as error:
        raise _Broken(PaperFault.SEAL_WRONG) from error


def _require(holds: bool, fault: PaperFault) -> None:
    if not holds:
        raise _Broken(fault)


def _parts(pdf: bytes) -> tuple[bytes, bytes]:
    """Steps 1 and 2: the CMS object, and the digest of everything around it."""
    ranges = _RANGE.findall(pdf)
    _require(len(ranges) == 1, PaperFault.NOT_SEALED)
    first, second, length = map(int, ranges[0])
    whole = first < second and second + length == len(pdf)
    _require(whole, PaperFault.SEAL_WRONG)
    written = _HEX.fullmatch(pdf[first:second])
    _require(written is not None and len(written[1]) == _RESERVED, PaperFault.SEAL_WRONG)
    assert written is not None
    covered = sha256(pdf[:first] + pdf[second:]).digest()
    return bytes.fromhex(written[1].decode("ascii")), covered


@dataclass(frozen=True)
class _Signed:
    """What one CMS object says: who signed, what is named in the attributes, the signature."""

    certificate: bytes
    named: dict[str, bytes]
    attributes: bytes
    signature: bytes


def _signed_data(contents: bytes) -> _Signed:
    """Step 3."""
    try:
        length = _der_length(contents)
        content = cms.ContentInfo.load(contents[:length])
        found = _read_cms(content)
        rebuilt = _rebuilt(content)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise _Broken(PaperFault.SEAL_WRONG) from error
    _require(contents == rebuilt.ljust(len(contents), b"\0"), PaperFault.SEAL_WRONG)
    return found


def _der_length(contents: bytes) -> int:
    """The length of the DER object at the beginning; raises ValueError for another form."""
    if contents[:2] != b"\x30\x82":
        raise ValueError("a signature has from 256 to 65,535 bytes")
    return 4 + int.from_bytes(contents[2:4], "big")


def _read_cms(content: cms.ContentInfo) -> _Signed:
    data = content["content"]
    (certificate,) = data["certificates"]
    (signer,) = data["signer_infos"]
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    (digest,) = attributes["message_digest"]
    (named,) = attributes["signing_certificate_v2"]
    (identified,) = named["certs"]
    return _Signed(
        certificate=certificate.chosen.dump(),
        named={
            "message_digest": digest.native,
            "certificate": identified["cert_hash"].native,
        },
        # They are signed as a set, whatever tag they bear inside (RFC 5652, 5.4).
        attributes=b"\x31" + signer["signed_attrs"].dump()[1:],
        signature=signer["signature"].native,
    )


def _rebuilt(content: cms.ContentInfo) -> bytes:
    """The only object that `seal` would make of this certificate, these attributes, this value.

    Members of a CMS object outside of the signed attributes are not signed, and a change there
    would change nothing that is verified; so they may only be what they always are.
    """
    (certificate,) = content["content"]["certificates"]
    (signer,) = content["content"]["signer_infos"]
    own = certificate.chosen
    issued = _sequence(own.issuer.dump(), own["tbs_certificate"]["serial_number"].dump())
    signed = _sequence(
        _ONE,
        issued,
        _SHA_256,
        signer["signed_attrs"].dump(),
        _ECDSA_SHA_256,
        emit(0, 0, 4, signer["signature"].native),
    )
    data = _sequence(
        _ONE,
        emit(0, 1, 17, _SHA_256),
        _sequence(cms.ContentType("data").dump()),
        emit(2, 1, 0, own.dump()),
        emit(0, 1, 17, signed),
    )
    return _sequence(cms.ContentType("signed_data").dump(), emit(2, 1, 0, data))


def _sequence(*members: bytes) -> bytes:
    encoded: bytes = emit(0, 1, 16, b"".join(members))
    return encoded


_ONE = b"\x02\x01\x01"
_SHA_256 = _sequence(algos.DigestAlgorithmId("sha256").dump(), b"\x05\x00")
_ECDSA_SHA_256 = _sequence(algos.SignedDigestAlgorithmId("sha256_ecdsa").dump())


def _claimed_time(pdf: bytes) -> datetime:
    """The time in the signature dictionary (ISO 32000-2, 12.8.1); the signature covers it."""
    times = _TIME.findall(pdf)
    _require(len(times) == 1, PaperFault.SEAL_WRONG)
    year, month, day, hour, minute, second = (part.decode("ascii") for part in times[0])
    try:
        return parse_instant(f"{year}-{month}-{day}T{hour}:{minute}:{second}.000000Z")
    except ValueError as error:
        raise _Broken(PaperFault.SEAL_WRONG) from error


def _issued(certificate: x509.Certificate, anchors: Sequence[bytes], at: datetime) -> bool:
    """Step 4."""
    # The issuer first: only what it signed can be relied upon to be well formed.
    if not any(_is_issuer(anchor, certificate) for anchor in _roots(anchors)):
        return False
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _roots(anchors: Sequence[bytes]) -> Iterator[x509.Certificate]:
    for anchor in anchors:
        certificate = x509.load_der_x509_certificate(anchor)
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        if constraints.value.ca:
            yield certificate


def _is_issuer(root: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _verifies(certificate: x509.Certificate, found: _Signed) -> bool:
    """Step 6."""
    public_key = certificate.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        return False
    try:
        public_key.verify(found.signature, found.attributes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def as_utc(at: datetime) -> datetime:
    """A moment in whole seconds, UTC: what a signature dictionary can say."""
    return at.astimezone(UTC).replace(microsecond=0)
