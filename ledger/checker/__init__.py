"""The second reader of the log, written from `docs/log-format.md` and from nothing else.

It shares no code with the writer, nor with anything else of ours: whatever a mistake in the writer
would hide from the writer itself, this must see. Standard library, orjson, `cryptography` and
SQLAlchemy's connections are all it stands on; a test of the house holds that.

What is where. `entry` and `canonical` read one entry, `history` the rules between entries (chain,
streams, time, keys, continuations), `merkle` the tree, `notes` the signatures of the log;
`folder`, `database`, `openings` and `proofs` are the four places where a log can be met. What is
wrong becomes a `report.Difference`; the checker never stops at the first. `ledger.fsck` is the
door for everybody else.
"""
