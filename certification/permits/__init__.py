"""Print permits 准印证: so many labels, handed to a packing house out of a certificate."""
