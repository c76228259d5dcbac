"""Names and other single lines that people type: what a reader can see is what is stored.

Refused, never mended, because a mended text is not the one that was signed:

- text that is not in Unicode normal form C (two spellings would look the same)
- control and formatting characters, above all those that turn the direction of writing, and
  everything else that shows nothing (Unicode `Default_Ignorable_Code_Point`, fillers)
- private-use and unassigned characters, which look different on every machine; the characters that
  GB 18030-2000 put into the private use area are named by it
- angle brackets, with which markup begins
- a space at either end, an empty text, a text that is too long
"""

from __future__ import annotations

import re
import unicodedata

from identity.refusals import IdentityRefusal
from runtime.refusal import Reason

NAME_MAX = 80
"""Characters in a name of a party, product, base or brand."""

_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_UNSHARED_CATEGORIES = frozenset({"Co", "Cn"})
# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt) and the blank Braille pattern.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def text_reasons(text: str, pointer: str, most: int = NAME_MAX) -> tuple[Reason, ...]:
    """Return why a line of text cannot be stored; empty when it can.

    `pointer` names the field (JSON pointer), `most` is the greatest length in characters. The codes
    are TEXT_EMPTY, TEXT_TOO_LONG, TEXT_NOT_NORMAL, TEXT_UNSEEN, TEXT_UNSHARED and TEXT_MARKUP.
    """
    if not text.strip():
        return (Reason(IdentityRefusal.TEXT_EMPTY, pointer),)
    if len(text) > most:
        return (Reason(IdentityRefusal.TEXT_TOO_LONG, pointer, {"most": most}),)
    categories = {unicodedata.category(character) for character in text}
    faults = {
        IdentityRefusal.TEXT_UNSEEN: not categories.isdisjoint(_UNSEEN_CATEGORIES)
        or _IGNORABLE.search(text) is not None
        or text != text.strip(),
        IdentityRefusal.TEXT_UNSHARED: not categories.isdisjoint(_UNSHARED_CATEGORIES),
        IdentityRefusal.TEXT_NOT_NORMAL: not unicodedata.is_normalized("NFC", text),
        IdentityRefusal.TEXT_MARKUP: "<" in text or ">" in text,
    }
    return tuple(Reason(code, pointer) for code, broken in faults.items() if broken)
