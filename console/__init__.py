"""HTML for people who sign in: growers, offices, regulators."""
