"""Transactions, and what they need."""

from bot.db.database import Database
from bot.db.unavailable import DatabaseUnavailable

__all__ = ["Database", "DatabaseUnavailable"]
