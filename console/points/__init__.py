"""Points officer: accounts, the entry behind each posting, recorded penalties."""
