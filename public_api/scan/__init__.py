"""The scan page: what a label's address answers.

`page` holds the view model, `proof` the bundle that the phone checks, `formats` and `words` the
words of both, `rendering` draws, `verify_page` is the checker for other offices' labels.
"""
