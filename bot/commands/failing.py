"""What a command may fail with: it becomes one line, not a traceback."""

from bot.db import DatabaseUnavailable
from bot.inbox.checking import InvalidAccount
from bot.migrations.upgrade import SchemaIsNewer
from bot.sealing import Unsealable
from bot.settings import SettingsError
from catalog.importing import BadFeed, UnknownTenant


class CommandFailed(Exception):
    """The command cannot do what was asked; the message says why and what to do."""


EXPECTED = (
    BadFeed,
    CommandFailed,
    DatabaseUnavailable,
    InvalidAccount,
    SchemaIsNewer,
    SettingsError,
    UnknownTenant,
    Unsealable,
)
