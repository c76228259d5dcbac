"""The application put together: app factory, command line, demo data, migrations.

Everything starts here, because this package decides which `trace` the process gets. Our folder of
that name stands beside this one; the standard library has a module of the same name. Invariant:
once `ecotrace` is imported, `import trace` gives ours, or the process has stopped with an
`ImportError` that names the file of the other one. See docs/adr/0001-the-name-trace.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent

# Our top-level folders are found by the path, and the standard library's `trace` stands on it too;
# the first one found wins, wherever the process was started from and whatever started it. So the
# project's folder goes to the front before anything of ours is imported.
sys.path[:] = [str(PROJECT), *(entry for entry in sys.path if entry != str(PROJECT))]

_loaded = getattr(sys.modules.get("trace"), "__file__", None)
if "trace" in sys.modules and (_loaded is None or PROJECT not in Path(_loaded).resolve().parents):
    raise ImportError(
        f"a foreign module 'trace' is already loaded from {_loaded}; "
        f"ecotrace needs its own from {PROJECT / 'trace'}: start it through `ecotrace`, "
        "`python -m ecotrace`, gunicorn or flask, without a tracer that imports the other one"
    )
