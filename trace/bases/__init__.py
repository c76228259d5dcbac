"""Production bases (基地): where things grow."""
