"""The stranger's reader: tables of entries and what it makes of them; no database, no writer."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from certification.quotas import recompute as reader
from certification.quotas.recompute import Statement, recompute

PRINT, VOID = "trace.run.print", "trace.run.void"
CERT, RUN = "cert:x", "run:1"
OUTPUT, PRINTS = "approved_output", "print_permit"


def grant(bound=OUTPUT, granted: int | None = 10, n=CERT):
    facts = {"number": "N-01", "state": "active", "bound": bound}
    counted = {} if granted is None else {"granted": granted, "unit": "piece"}
    return ("certification.certificate.grant", (n,), facts | counted)


def decision(kind, state="active", **facts):
    return (f"certification.certificate.{kind}", (CERT,), {"state": state, **facts})


def printed(units, left, *more, **facts):
    return (PRINT, (CERT, *more, RUN), {"number": "N-01", "printed": units, "left": left, **facts})


def void(units, left, *more, **facts):
    return (VOID, (CERT, *more, RUN), {"number": "N-01", "void": units, "left": left, **facts})


def line(n, granted, season="2026"):
    facts = {"number": "N-01", "line": n, "unit": "piece", "granted": granted, "season": season}
    return ("certification.line.open", (CERT, f"line:{n}"), facts)


def permit(deed, *streams, number="P-1", **facts):
    facts = {"number": "N-01", "permit": number, **facts}
    return (f"certification.permit.{deed}", (CERT, *streams), facts)


def opened(units, left_above, number="P-1", stream="prmt:1", *more):
    return permit(
        "open", *more, stream, number=number, units=units, left=units, from_left=left_above
    )


def books(*told):
    rows = (
        Statement(str(n), kind, tuple(sorted(s)), facts) for n, (kind, s, facts) in enumerate(told)
    )
    return recompute(rows)


def faults(*told):
    return [each.column for each in books(*told).contradictions]


P1 = {"permit": "P-1"}
TWO = (grant(), opened(4, 6), opened(3, 3, "P-2", "prmt:2"))
CASES = [
    # Entries from before permits.
    ("the last unit", [grant(), printed(10, 0)], []),
    ("a wrong left", [grant(), printed(10, 1)], ["left"]),
    ("over the grant", [grant(), printed(11, -1)], ["printed"]),
    ("a void stays used", [grant(PRINTS), printed(10, 0), void(5, 0)], []),
    ("a void does not free prints", [grant(PRINTS), printed(10, 0), void(5, 5)], ["left"]),
    ("a void frees output", [grant(), printed(10, 0), void(5, 5), printed(5, 0)], []),
    ("more void than printed", [grant(PRINTS), printed(2, 8), void(3, 8)], ["void"]),
    ("a run that nothing bounds", [grant("unbounded", None), (PRINT, (RUN,), {})], []),
    # Decisions.
    ("while suspended", [grant(), decision("suspend", "suspended"), printed(1, 9)], ["state"]),
    ("resumed", [grant(), decision("suspend", "suspended"), decision("resume"), printed(1, 9)], []),
    ("amended", [grant(), decision("amend", granted=12), printed(12, 0)], []),
    ("amended below", [grant(), printed(5, 5), decision("amend", granted=4)], ["granted"]),
    (
        "an amendment annulled",
        [grant(), decision("amend", granted=12), decision("annul", annuls=2), printed(10, 0)],
        [],
    ),
    ("void any time", [grant(), printed(1, 9), decision("revoke", "revoked"), void(1, 10)], []),
    # Lines.
    ("two lines", [grant(OUTPUT, None), line(1, 5), line(2, 6), printed(6, 0, "line:2")], []),
    ("over a line", [grant(OUTPUT, None), line(1, 5), printed(6, -1, "line:1")], ["printed"]),
    (
        "a line amended",
        [
            grant(OUTPUT, None), line(1, 5),
            ("certification.line.amend", (CERT, "line:1"), {"granted": 8, "left": 8}),
            printed(8, 0, "line:1"),
        ],
        [],
    ),
    # Permits.
    ("a permit", [grant(), opened(4, 6), printed(4, 0, "prmt:1", **P1), printed(6, 0)], []),
    ("more than the grant", [grant(), opened(11, -1)], ["units"]),
    ("a wrong rest", [grant(), opened(4, 7)], ["from_left"]),
    ("over a permit", [grant(), opened(4, 6), printed(5, -1, "prmt:1", **P1)], ["printed"]),
    ("of a line", [grant(granted=None), line(1, 5), opened(4, 1, "P-1", "prmt:1", "line:1")], []),
    ("moved", [*TWO, permit("move", "prmt:1", "prmt:2", to="P-2", units=1, left=3, to_left=4)], []),
    (
        "moved too much",
        [*TWO, permit("move", "prmt:1", "prmt:2", to="P-2", units=5, left=-1, to_left=8)],
        ["units"],
    ),
    ("unnamed", [*TWO, permit("move", "prmt:1", to="P-2", units=1, left=3, to_left=4)], ["to"]),
    ("frozen", [*TWO, permit("freeze", "prmt:1"), printed(1, 3, "prmt:1", **P1)], ["state"]),
    (
        "thawed",
        [*TWO, permit("freeze", "prmt:1"), permit("thaw", "prmt:1"), printed(1, 3, "prmt:1", **P1)],
        [],
    ),
    ("closed", [*TWO, permit("close", "prmt:1", units=4, to_left=7), printed(7, 0)], []),
    ("closed short", [*TWO, permit("close", "prmt:1", units=3, to_left=6)], ["units"]),
    (
        "printed when closed",
        [*TWO, permit("close", "prmt:1", units=4, to_left=7), printed(1, -1, "prmt:1", **P1)],
        ["state", "printed"],
    ),
    (
        "void when closed goes up",
        [
            *TWO, printed(4, 0, "prmt:1", **P1), permit("close", "prmt:1", units=0, to_left=3),
            void(2, 0, "prmt:1", parent_left=5, **P1), printed(5, 0),
        ],
        [],
    ),
    (
        "void when closed is said wrongly",
        [
            *TWO, printed(4, 0, "prmt:1", **P1), permit("close", "prmt:1", units=0, to_left=3),
            void(2, 2, "prmt:1", **P1),
        ],
        ["parent_left", "left"],
    ),
    # What has no sense.
    ("a number twice", [*TWO, opened(1, 2, "P-1", "prmt:3")], ["permit"]),
    ("an unknown permit", [grant(), printed(1, 9, permit="P-9")], ["permit"]),
    ("no certificate", [printed(1, 9)], ["streams"]),
    ("two certificates", [grant(), (PRINT, (CERT, "cert:y"), {"printed": 1})], ["streams"]),
    ("no whole number", [grant(), printed("1", 9)], ["printed"]),
    ("a negative one", [grant(), printed(-1, 11)], ["printed"]),
    ("a true one", [grant(), printed(True, 9)], ["printed"]),
]  # fmt: skip


@pytest.mark.parametrize("told, columns", [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_entries_say_is_computed_anew(told, columns):
    assert faults(*told) == columns


def test_the_books_name_every_account():
    told = books(*TWO, printed(2, 2, "prmt:1", **P1), printed(1, 2))
    found = {
        each.account_id: (each.kind, each.permit, each.left) for each in told.of_certificate(CERT)
    }
    assert found == {
        CERT: ("certificate", None, 2),
        "prmt:1": ("permit", "P-1", 2),
        "prmt:2": ("permit", "P-2", 3),
    }


def test_the_reader_shares_no_code_with_the_writer():
    tree = ast.parse(Path(reader.__file__).read_text("utf-8"))
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    foreign = {each for each in named if each.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign == {"ledger.checker.entry", "ledger.checker.paths"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


def test_a_bundle_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="entry 0 cannot be cut"):
        list(reader.statements([b"\x00\x05abc"]))
