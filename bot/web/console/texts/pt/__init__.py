"""One file for each room."""
