"""Regional public brands, such as 津农精品: a name, an owner and a region."""
