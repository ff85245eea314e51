"""Of a merged contact, everything of both is exported and erased."""

import io
import json
import zipfile

from sqlalchemy import select

from bot.inbox.merging import merge_contacts
from bot.inbox.table import alias_past, contact, contact_alias, conversation, message
from bot.privacy.erasing import erase_contact
from bot.privacy.exporting import export_contacts
from bot.runtime import Runtime
