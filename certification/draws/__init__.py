"""Random draws: who is visited is decided by several offices together, and by none alone."""
