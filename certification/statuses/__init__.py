"""Signed answers to "was it valid then?": for any certificate, moment and state of knowledge."""
