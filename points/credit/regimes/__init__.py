"""Disclosure regimes: how long which class of record may be shown, by date of decision."""
