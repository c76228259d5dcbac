"""Signed answers: what an office said about its log, checked off-line years later."""
