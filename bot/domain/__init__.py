"""Conversation decisions, as frozen values and pure functions."""
