"""What simulated customers say, one TOML file for each language."""
