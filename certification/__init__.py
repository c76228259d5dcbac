"""Marks and certificates: schemes as data, certificates with history, quantities that bound labels.

Nouns, in import order: `schemes` (what a brand or label is, in law and in words), `quotas` (the
guard row of a certificate), `certificates` (who may use which mark, for what, from when to when),
`uses` (what may be printed under a certificate, taken from its quota), `artworks` (the pictures
that offices give for their marks). `replay` rebuilds everything here from the log; `refusals` ranks
what is refused and `entries` says which facts become public for ever.
"""
