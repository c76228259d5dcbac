"""`python -m ecotrace` and the `ecotrace` script."""

from __future__ import annotations

from ecotrace.cli.commands import cli


def main() -> None:
    """Run the command line."""
    cli(prog_name="ecotrace")


if __name__ == "__main__":
    main()
