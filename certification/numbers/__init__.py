"""Numbers of certificates and marks: their forms, what they say, and those that are made here."""
