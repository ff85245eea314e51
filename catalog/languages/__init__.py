"""What people say in each language, as data: one TOML file per language."""
