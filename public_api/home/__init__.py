"""`/`: what this node is, and where to go from here."""
