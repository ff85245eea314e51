"""The entrances over HTTP."""
