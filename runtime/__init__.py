"""What every part stands on: settings, database, keys, clock, ids, canonical bytes, files, jobs.

Knows nothing of farms, certificates or points. Clock, randomness and keys are passed in by the
caller; nothing here reaches for them on its own.
"""
