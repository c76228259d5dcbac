"""Awards: points given for a traced fact, as the rule pack of its date says."""
