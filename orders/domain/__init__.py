"""Drafts, orders and their rules, as frozen values and pure functions."""
