"""Credit records: administrative penalties with their disclosure period."""
