"""Accounts: who holds points, and the amounts in which they are counted."""
