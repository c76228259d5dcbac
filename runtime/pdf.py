"""PDF files from outside: what a file holds that does more than show pages.

This file is also a program of its own: `inspect_apart` starts it in a process with little memory
and little time, because a file of a few kilobytes can unpack into gigabytes, and because a fault
of the reading library must not end the node. It therefore imports nothing of ours.

A file is taken when all of this holds (clauses of ISO 32000-2):

 1. it begins with %PDF- and ends with %%EOF, as 7.5.2 and 7.5.5 say: what precedes or follows
    would be another file to another program
 2. the reading library opens it without repairing anything
 3. it is not encrypted (7.6): nobody could look into it
 4. it has from 1 to `PAGES_MAX` pages and no more than `OBJECTS_MAX` objects
 5. no object runs, launches, sends or fetches anything, plays media, or holds a further file: no
    action of `ACTIONS` (12.6.4), no key of `KEYS`, no type of `TYPES`, whether or not a page leads
    to it; old revisions inside the file are searched for the same names as bytes

Links (URI) are taken: a reader asks before following one.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

PdfFault = Literal["broken", "encrypted", "active", "too_large"]

PAGES_MAX = 2_000
OBJECTS_MAX = 200_000
SECONDS_MAX = 20
MEMORY_MAX = 1 << 30
UNPACKED_MAX = 64 << 20
_NESTING_MAX = 100
_TAIL = 1_024

ACTIONS = frozenset(
    {"JavaScript", "Launch", "GoToE", "ImportData", "SubmitForm", "Rendition", "RichMediaExecute",
     "Movie", "Sound", "GoTo3DView"}
)  # fmt: skip
KEYS = frozenset(
    {"JS", "JavaScript", "XFA", "EF", "EmbeddedFiles", "RichMediaContent", "RichMediaSettings"}
)
TYPES = frozenset(
    {"EmbeddedFile", "RichMedia", "RichMediaInstance", "FileAttachment", "Screen", "Movie", "Sound",
     "3D"}
)  # fmt: skip
# Long enough that chance does not spell them in packed data.
_BYTES = re.compile(rb"/(?:JavaScript|Launch|RichMedia|EmbeddedFile|SubmitForm|ImportData)")


class PdfError(ValueError):
    """A file that is not taken; `fault` says why, the message where."""

    def __init__(self, fault: PdfFault, what: str) -> None:
        super().__init__(what)
        self.fault: PdfFault = fault


@dataclass(frozen=True)
class PdfFacts:
    """What a good file holds."""

    pages: int


_turn = threading.BoundedSemaphore(2)


def inspect_apart(content: bytes) -> PdfFacts:
    """`inspect` in a process of its own; whatever ends that process makes the file `broken`.

    Two files are looked at at a time, so that uploads cannot take the machine. Raises PdfError.
    """
    with _turn:
        try:
            done = subprocess.run(
                [sys.executable, "-I", __file__],
                input=content,
                capture_output=True,
                timeout=SECONDS_MAX + 5,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PdfError("broken", "it takes too long to read") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise PdfError("broken", f"reading it ended with {done.returncode}") from None
    if "fault" in answer:
        raise PdfError(answer["fault"], answer["what"])
    return PdfFacts(answer["pages"])


def inspect(content: bytes) -> PdfFacts:
    """Check a file, in the order above, in this process. Raises PdfError."""
    _check_ends(content)
    if _BYTES.search(content):
        raise PdfError("active", "a name that only active contents have")
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content), attempt_recovery=False) as pdf:
            return _inspect_open(pdf)
    except pikepdf.PasswordError:
        raise PdfError("encrypted", "it needs a password") from None
    except (pikepdf.PdfError, ValueError, RuntimeError, OverflowError) as error:
        if isinstance(error, PdfError):
            raise
        raise PdfError("broken", type(error).__name__) from error


def _check_ends(content: bytes) -> None:
    """Step 1."""
    if not content.startswith(b"%PDF-"):
        raise PdfError("broken", "it does not begin with %PDF-")
    _, mark, rest = content[-_TAIL:].rpartition(b"%%EOF")
    if not mark or rest.strip(b"\r\n\t \0"):
        raise PdfError("broken", "it does not end with %%EOF")


def _inspect_open(pdf: Any) -> PdfFacts:
    """Steps 2 to 5, on a file that the library has opened."""
    if pdf.is_encrypted:
        raise PdfError("encrypted", "it is encrypted")
    if len(pdf.objects) > OBJECTS_MAX:
        raise PdfError("too_large", f"{len(pdf.objects)} objects")
    for each in (pdf.trailer, *pdf.objects):
        _refuse_active(each)
    pages = len(pdf.pages)
    faults = [each for each in pdf.get_warnings() if "Resources is missing" not in str(each)]
    if faults:
        raise PdfError("broken", "it would have to be repaired")
    if not 1 <= pages <= PAGES_MAX:
        raise PdfError("too_large" if pages else "broken", f"{pages} pages")
    return PdfFacts(pages)


def _refuse_active(whole: Any) -> None:
    """Step 5, on one object with everything that lies directly in it."""
    for members in _dictionaries(whole):
        action, type_, subtype = (_name(members.get(key)) for key in ("/S", "/Type", "/Subtype"))
        keys = {str(key)[1:] for key in members}
        found = (KEYS & keys) | (ACTIONS & {action}) | (TYPES & {type_, subtype})
        if found:
            raise PdfError("active", ", ".join(sorted(found)))


def _dictionaries(whole: Any) -> Iterator[Mapping[str, Any]]:
    """The dictionaries in an object; what it only refers to is an object of its own."""
    import pikepdf

    waiting, first = [whole], True
    while waiting:
        each = waiting.pop()
        if not isinstance(each, pikepdf.Object) or (each.is_indirect and not first):
            continue
        first = False
        if isinstance(each, pikepdf.Array):
            waiting.extend(each)
        elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            members = each.stream_dict if isinstance(each, pikepdf.Stream) else each
            held = {str(key): members[key] for key in members.keys()}  # noqa: SIM118
            yield held
            waiting.extend(held.values())


def _name(value: Any) -> str:
    """The name that a value is, without its slash; empty where it is none."""
    import pikepdf

    return str(value)[1:] if isinstance(value, pikepdf.Name) else ""


def _bound_this_process() -> None:
    """Take away memory and time before anything is read; of the library too."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    from pikepdf.settings import set_qpdf_limits

    set_qpdf_limits(
        parser_max_nesting=_NESTING_MAX,
        flate_max_memory=UNPACKED_MAX,
        png_max_memory=UNPACKED_MAX,
        run_length_max_memory=UNPACKED_MAX,
        tiff_max_memory=UNPACKED_MAX,
        dct_max_memory=UNPACKED_MAX,
        dct_max_progressive_scans=100,
        doc_max_warnings=100,
    )


def _program() -> None:
    """Read a file from the standard input and say in JSON what it is."""
    content = sys.stdin.buffer.read()
    _bound_this_process()
    try:
        answer: dict[str, object] = {"pages": inspect(content).pages}
    except PdfError as error:
        answer = {"fault": error.fault, "what": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _program()
