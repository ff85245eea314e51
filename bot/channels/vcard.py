"""The names and numbers of a contact card, as far as anybody needs them.

Source: RFC 6350; WhatsApp adds `waid`, the number as it knows it.
"""

import re

from bot.channels.cleaning import clean
from bot.domain.message import ContactCard

_LINE = re.compile(
    r"^(?:item\d+\.)?(FN|TEL)((?:;[^:\r\n]*)?):(.{1,200})$",
    re.MULTILINE | re.IGNORECASE,
)
_WAID = re.compile(r"waid=(\d{5,20})", re.IGNORECASE)
_MOST = 10


def card(text: str, name: str | None = None) -> ContactCard:
    """Return a card with its name and its first numbers. Never raises."""
    phones: list[str] = []
    for match in _LINE.finditer(text):
        field, parameters, value = match.groups()
        value = clean(value).strip()
        if field.upper() == "FN":
            name = name or value or None
            continue
        known = _WAID.search(parameters)
        phones.append(value or (known[1] if known else ""))
    return ContactCard(name=name, phones=tuple(filter(None, phones[:_MOST])))
