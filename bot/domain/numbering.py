"""A bare number as the choice of a menu that was shown as numbered lines."""

import re
import unicodedata

from bot.domain.message import Button, ChoiceSource, OutButtons, OutList, Row, Tap
from orders.domain.rules import Field

#: What a phone draws around a digit that is a key of its own, such as 1️⃣.
_KEYCAP = {0xFE0F: None, 0x20E3: None}
_NUMBER = re.compile(r"[#(\[*]?\s*([0-9]{1,2})\s*[.)\]*]?")
#: A line of the menu, as it was shown.
_LINE = re.compile(r"([0-9]{1,2})[.)]\s*(\S.*)", re.DOTALL)
#: Ids of such choices name what they are for: see `bot.domain.buttons`.
_HOW_MANY = re.compile(rf"pick\.[^.]*\.{Field.QUANTITY.value}\.")

Menu = OutButtons | OutList


def tapped(text: str, menu: Menu) -> Tap | None:
    """Return the tap that a number stands for; None when it is none of the menu's.

    So does a line of the menu that was copied, number and title. Asked how many, a
    number is how many and no place in the list.
    """
    words = unicodedata.normalize("NFKC", text).translate(_KEYCAP).strip()
    copied = _LINE.fullmatch(words)
    match = _NUMBER.fullmatch(words) or copied
    if match is None:
        return None
    choices: tuple[Button | Row, ...]
    if isinstance(menu, OutButtons):
        choices, source = menu.buttons, ChoiceSource.BUTTON
    else:
        choices, source = menu.rows, ChoiceSource.LIST
    place = int(match[1]) - 1
    if not 0 <= place < len(choices) or _HOW_MANY.match(choices[place].id):
        return None
    if copied is not None and _plain(copied[2]) != _plain(choices[place].title):
        return None
    return Tap(id=choices[place].id, title=choices[place].title, source=source)


def _plain(title: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())
