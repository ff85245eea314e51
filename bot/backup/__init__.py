"""Copies of everything, made beside a running server, and how they come back."""
