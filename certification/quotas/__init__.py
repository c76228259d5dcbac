"""Quantities that certificates bound: a tree of accounts, and what a stranger makes of it."""
