"""Products: what is grown or made, under which brand, and who holds the rights to it."""
