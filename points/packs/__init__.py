"""Rule packs: decision tables in TOML, with their examples in the same file."""
