"""What stops printing that is nobody's input: the machine lacks something."""

from __future__ import annotations


class LabelEnvironmentError(RuntimeError):
    """Something that printing needs is missing on this machine; the message says how to get it."""


class FontMissing(LabelEnvironmentError):
    """The Chinese font is not where `make setup` puts it."""
