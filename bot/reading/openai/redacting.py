"""What a provider need not see is masked before anything leaves.

A mask has the length of what it hides, so every place in the masked text is the same
place in the original: what the model quotes is found again, and what was hidden is put
back where it was.
"""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum

import phonenumbers

MASK = "#"
#: Payment cards have 12 to 19 digits (ISO/IEC 7812), often in groups.
_CARD = re.compile(r"(?<!\d)\d(?:[ .\-\u00a0]?\d){11,18}(?!\d)")
_EMAIL = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[^\s@<>(),;:.]{2,}")
#: Numbers of identity cards, tax payers and bank accounts: long, or with letters.
_ID = re.compile(r"(?<!\w)(?:[A-Z]{2}\d{2}[A-Z0-9 ]{11,30}|\d(?:[.\-/]?\d){8,})(?!\w)")


class Personal(StrEnum):
    """What an operator may keep from the provider, beside card numbers."""

    PHONES = "phones"
    EMAILS = "emails"
    IDS = "ids"


def redacted(text: str, hidden: Collection[Personal], country: str) -> str:
    """Return the text with card numbers, and what is `hidden`, masked.

    Card numbers are those that pass the check of ISO/IEC 7812 (the Luhn formula).
    Phone numbers are those valid as written in `country`.
    """
    letters = list(text)
    for start, end in _spans(text, hidden, country):
        for place in range(start, end):
            if letters[place].isalnum():
                letters[place] = MASK
    return "".join(letters)


def _spans(
    text: str, hidden: Collection[Personal], country: str
) -> Iterator[tuple[int, int]]:
    for found in _CARD.finditer(text):
        if passes_luhn(found.group()):
            yield found.span()
    if Personal.PHONES in hidden:
        for phone in phonenumbers.PhoneNumberMatcher(text, country or None):
            yield phone.start, phone.end
    if Personal.EMAILS in hidden:
        yield from (found.span() for found in _EMAIL.finditer(text))
    if Personal.IDS in hidden:
        yield from (found.span() for found in _ID.finditer(text))


def passes_luhn(text: str) -> bool:
    """Return whether the digits of a text are checked as those of a card are."""
    digits = [int(char) for char in text if char.isdecimal()]
    total = sum(digits[-1::-2])
    total += sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return total % 10 == 0
