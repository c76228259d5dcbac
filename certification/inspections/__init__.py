"""Inspections: plans, checklists, records made off-line, nonconformities, surveillance."""
