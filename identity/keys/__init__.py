"""Keys: with which key a party signs, who holds it, and who signs for whom."""
