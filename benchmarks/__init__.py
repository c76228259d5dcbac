"""Figures: each a ratio to a limit taken in the same run. `make bench`, on a quiet machine.

A figure is the median of several runs. Nothing here gates the tests; a figure that falls short is
printed as it is.
"""
