"""Recalls: search a lot, propose, let a second person confirm, end."""
