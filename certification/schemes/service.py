"""Reads the scheme files that ship, once per process.

A file that breaks a rule stops the program at start: a mark shown under a wrong legal name would
be worse than no mark.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from certification.refusals import CertificationRefusal
from certification.schemes.errors import SchemeError
from certification.schemes.model import Scheme, read_scheme
from runtime.refusal import refuse

DATA = Path(__file__).parent / "data"


def read_folder(folder: Path) -> dict[str, Scheme]:
    """Read every `*.toml` of a folder, by scheme code; raises SchemeError.

    The file is named after its scheme, so that one code cannot be defined twice.
    """
    schemes = {}
    for path in sorted(folder.glob("*.toml")):
        scheme = _read_file(path)
        if scheme.code != path.stem:
            named = f"the name of the file, {path.stem}"
            raise SchemeError(scheme.code, "code", named, scheme.code)
        schemes[scheme.code] = scheme
    return schemes


def _read_file(path: Path) -> Scheme:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SchemeError(path.stem, path.name, "a TOML file in UTF-8", str(error)) from error
    return read_scheme(document)


@cache
def schemes() -> Mapping[str, Scheme]:
    """The schemes that ship, by code."""
    return MappingProxyType(read_folder(DATA))


def scheme(code: str) -> Scheme:
    """The scheme of a code; refuses an unknown one."""
    found = schemes().get(code)
    if found is None:
        refuse(CertificationRefusal.SCHEME_UNKNOWN, "/scheme")
    return found
