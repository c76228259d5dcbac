"""Lines of a certificate after its grant: a further season, another quantity."""
