"""Mark use 用标: what may be printed under a certificate, taken from its quota."""
