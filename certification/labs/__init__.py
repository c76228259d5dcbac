"""Laboratories 检验机构, what they are accredited for, and their reports as structured results."""
