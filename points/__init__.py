"""Eco-points and credit records of the parties behind the products.

Three things stay apart: spendable points (this package, `accounts` to `penalties`), the standing
score (not built yet), and credit records (`credit`). Nouns, in import order: `packs` (rules as
data), `accounts` (who holds points), `postings` (double entry and lots), `awards` (points given for
a traced fact), `credit.records` (penalties with their disclosure period), `penalties` (points taken
for a record), `credit.report` and `credit.answer` (the signed answer to a credit platform).
`replay` rebuilds every balance from the log and the openings still held.
"""
