"""Quantities that a certificate bounds: granted, printed, void, left."""
