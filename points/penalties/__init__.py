"""Penalties: points taken for a recorded violation, as the rule pack of its date says."""
