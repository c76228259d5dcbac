"""Certificates that go to another body because theirs leaves or fails."""
