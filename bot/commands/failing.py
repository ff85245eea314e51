"""What a command may fail with: it becomes one line, not a traceback."""

from bot.backup.archive import BadBackup
from bot.backup.restoring import NotEmpty
from bot.db import DatabaseUnavailable
from bot.inbox.checking import InvalidAccount
from bot.inbox.shop_rules import InvalidRules
from bot.inbox.users import UserGone
from bot.migrations.upgrade import SchemaIsNewer
from bot.sealing import Unsealable
from bot.settings import SettingsError
from catalog.importing import BadFeed, ImportCancelled, UnknownTenant


class CommandFailed(Exception):
    """The command cannot do what was asked; the message says why and what to do."""


EXPECTED = (
    BadBackup,
    BadFeed,
    CommandFailed,
    DatabaseUnavailable,
    ImportCancelled,
    InvalidAccount,
    NotEmpty,
    InvalidRules,
    SchemaIsNewer,
    SettingsError,
    UnknownTenant,
    Unsealable,
    UserGone,
)
