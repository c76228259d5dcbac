"""`/open-data/…`: the public registers whole, as CSV and JSON."""
