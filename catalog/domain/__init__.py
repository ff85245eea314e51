"""What we sell, as frozen values and pure functions."""
