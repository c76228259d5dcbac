"""Postings: double entry, only ever added, and the lots that a balance consists of."""
