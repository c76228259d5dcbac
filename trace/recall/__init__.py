"""Recalls: what must come back, how far it has spread, and who confirmed it."""
