<%!
def body(drafted):
    """Leave out the comments that ask for what a reviewer does anyway."""
    lines = [line for line in (drafted or "").split("\n") if "# ###" not in line]
    return "\n".join(lines).strip() or "pass"
%>\
"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${body(upgrades)}


def downgrade() -> None:
    ${body(downgrades)}
