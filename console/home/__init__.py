"""The first page after signing in: what this person does, one tap away."""
