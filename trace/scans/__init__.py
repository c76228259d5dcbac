"""Scans: what a visitor is told, who is told "first", and how a page turns red at once."""
