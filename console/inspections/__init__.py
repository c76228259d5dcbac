"""Visits: plans, checklists without network, nonconformities, and random draws."""
