"""A world for the pages of cases: the hall of certification, where everybody can sign in."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from certification.labs.model import ScopeLine
from certification.labs.service import Accredit, RegisterLab, accredit, register_lab
from ecotrace.demo.people import PASSWORD
from identity.actor import SYSTEM
from identity.people.model import GrantMembership, SetPassword
from identity.people.passwords import hash_password
from identity.people.service import grant_membership, set_password
from tests.certification.cases.hall import STAFF, Hall, open_hall

METHOD = "GB 5009.268-2016"
SCOPE = tuple(
    ScopeLine(parameter, METHOD, "product") for parameter in ("稻米镉", "谷物铅", "谷物总汞")
)


def open_desks(node: Any) -> Hall:
    """The hall with a password for everybody, and a laboratory that is accredited for grain."""
    hall = open_hall(node)
    run = partial(node.unit.run, actor=SYSTEM)
    hashed = hash_password(PASSWORD)
    for name, person in hall.people.items():
        run(set_password, SetPassword(person, hashed))
        if name in STAFF:
            party, role, _ = STAFF[name]
            run(grant_membership, GrantMembership(person, hall.parties[party], role))
    lab = run(register_lab, RegisterLab(hall.parties["lab"]))
    until = date(2028, 12, 31)
    run(accredit, Accredit(lab.id, "cma", "241200001", date(2024, 1, 1), until, SCOPE))
    return hall


def open_draft(node: Any) -> Hall:
    """The desks with a draft of the firm that lacks nothing."""
    hall = open_desks(node)
    hall.case_id = hall.open()
    hall.fill(hall.case_id)
    return hall
