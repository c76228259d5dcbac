"""Openings: the salts and values behind the commitments, sealed and deletable."""
