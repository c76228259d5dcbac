"""Labels: serials that cannot be guessed, print runs that cannot exceed what was certified."""
