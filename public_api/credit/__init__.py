"""Answers to credit platforms: signed, provable, and only to those who may ask."""
