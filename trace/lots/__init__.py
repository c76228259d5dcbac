"""Lots: quantities of one product that move together, and how they come from one another."""
