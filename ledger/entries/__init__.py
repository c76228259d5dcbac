"""The entry, version 1: its bytes, its hashes, what is signed. `model` is pure."""
