"""Templates of the settings."""
