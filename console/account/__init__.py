"""My account: language, for whom I act, API tokens, signing out."""
