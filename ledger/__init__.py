"""The hash-chained log: one entry per fact, in one order, that strangers can check.

Invariants that every module here keeps:

1. An entry, once committed, is never changed, moved or removed.
2. `entries` 0 … size-1 are the leaves of an RFC 6962 tree; each names the hash of the entry
   before it, and of the entry before it in each of its streams.
3. Time in the log never goes back, and `n` of a stream counts 1, 2, 3 without a gap.
4. A payload, and so a signature, stands in the log once.
5. Nothing here knows what a lot or a certificate is: areas above declare their entry types.

`entries/` is the format, `tree`, `note`, `tiles` and `proof_file` are the public proofs,
`outbox` is the door, `sequencer` and `leader` give positions, `reader` and `export` give
everything back. The specification for strangers is `docs/log-format.md`.
"""
