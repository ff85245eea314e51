"""Why something is advised, as people read it: a file for each language."""
