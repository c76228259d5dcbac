"""Own products and production bases."""
