"""Work to be done later: one table, leases, attempts."""
