"""Working days: the State Council's holiday notices as data, and counting by them."""
