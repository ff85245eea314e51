"""Advice for a sale: what a customer will likely want next, and how much of it."""
