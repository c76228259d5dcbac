"""Clients: machines that ask with an API token."""
