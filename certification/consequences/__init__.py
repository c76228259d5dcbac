"""What follows a suspension or revocation: proposed by one, shown, confirmed by another."""
