"""What the console says: a folder for each language, a file for each room."""
