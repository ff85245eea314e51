"""What a command may fail with: it becomes one line, not a traceback."""

from bot.backup.archive import BadBackup
from bot.backup.restoring import NotEmpty
from bot.channels.s3_store import StoreUnreachable
from bot.db import DatabaseUnavailable
from bot.evaluation.cases import BadSet
from bot.inbox.checking import InvalidAccount
from bot.inbox.shop_rules import InvalidRules
from bot.inbox.users import UserGone
from bot.migrations.upgrade import SchemaIsNewer
from bot.sealing import Unsealable
from bot.settings import SettingsError
from catalog.formats.spreadsheet_writing import TooManyRows
from catalog.importing import BadFeed, ImportCancelled, UnknownTenant
from prompts import PromptError


class CommandFailed(Exception):
    """The command cannot do what was asked; the message says why and what to do."""


EXPECTED = (
    BadBackup,
    BadFeed,
    BadSet,
    CommandFailed,
    DatabaseUnavailable,
    ImportCancelled,
    InvalidAccount,
    NotEmpty,
    InvalidRules,
    PromptError,
    SchemaIsNewer,
    SettingsError,
    StoreUnreachable,
    TooManyRows,
    UnknownTenant,
    Unsealable,
    UserGone,
)
