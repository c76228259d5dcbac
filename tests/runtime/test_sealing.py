"""Sealed records open with their own key and context, and with nothing else."""

from __future__ import annotations

import pytest

from runtime.sealing import SealBroken, record_key, seal, unseal

KEY, NONCE = bytes(range(32)), bytes(12)


def test_a_seal_opens_only_as_it_was_made() -> None:
    sealed = seal(KEY, NONCE, "米".encode(), b"row 1")
    assert unseal(KEY, NONCE, sealed, b"row 1").decode() == "米"
    for key, nonce, aad in [
        (bytes(32), NONCE, b"row 1"),
        (KEY, b"1" * 12, b"row 1"),
        (KEY, NONCE, b""),
    ]:
        with pytest.raises(SealBroken):
            unseal(key, nonce, sealed, aad)


def test_every_altered_byte_and_every_cut_breaks_the_seal() -> None:
    sealed = seal(KEY, NONCE, b"opening", b"")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBroken):
            unseal(KEY, NONCE, bytes(altered), b"")
        with pytest.raises(SealBroken):
            unseal(KEY, NONCE, sealed[:place], b"")


def test_each_record_of_each_subject_has_a_key_of_its_own() -> None:
    keys = {
        record_key(subject, salt, name)
        for subject in (KEY, bytes(32))
        for salt in (b"s" * 32, b"t" * 32)
        for name in ("a", "b")
    }
    assert len(keys) == 8


def test_a_record_key_is_hkdf_of_rfc_5869() -> None:
    # Computed with HMAC by the two steps of RFC 5869 §2, not with the function under test.
    import hashlib
    import hmac

    extracted = hmac.digest(b"salt" * 8, KEY, hashlib.sha256)
    expanded = hmac.digest(extracted, b"ecotrace/record/v1\0name\x01", hashlib.sha256)
    assert record_key(KEY, b"salt" * 8, "name") == expanded
