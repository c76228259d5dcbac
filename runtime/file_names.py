"""Names of files from outside: cleaned, because a name is shown, and used on other machines.

A name is mended rather than refused: nobody signs it, and the file is found by its hash. What goes:

- folders before it, with either slash
- control characters, characters that show nothing or turn the direction of writing, and lone
  surrogates; what is compatible is written in its common form (NFKC)
- characters that file systems refuse (`< > : " | ? *`), dots and spaces at either end
- names that Windows keeps for devices, and letters beyond `LENGTH_MAX`
- an ending that is not the one of the content (`runtime.media`)
"""

from __future__ import annotations

import re
import unicodedata

LENGTH_MAX = 100

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt) and the blank Braille pattern.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_REFUSED = re.compile(r'[<>:"|?*/\\]')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}\Z")
_NAMELESS = "file"


def cleaned(name: str, ending: str) -> str:
    """Give a name that may be shown and stored, with the ending (`.pdf`) of its content."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(each for each in last if unicodedata.category(each) not in _UNSEEN)
    common = unicodedata.normalize("NFKC", _IGNORABLE.sub("", seen))
    plain = " ".join(_REFUSED.sub("_", common).split())
    stem = _ENDING.sub("", plain).strip(". ")[:LENGTH_MAX].strip(". ")
    if not stem or _DEVICE.match(stem):
        stem = f"{_NAMELESS}-{stem}" if stem else _NAMELESS
    return stem + ending
