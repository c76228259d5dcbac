"""Schemes: data files that say what a brand or label is, in law and in words."""
