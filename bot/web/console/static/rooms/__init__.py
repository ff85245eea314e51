"""Sheets of rooms, added to the one stylesheet."""
