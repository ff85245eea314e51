"""Folding: what people type and what merchants write, brought to the same letters."""

import unicodedata

#: Letters that Unicode does not decompose but keyboards and people simplify.
_LETTERS = {
    # Turkish writes four i's; people mix all of them.
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ŧ": "t",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    # One Arabic letter each, written differently in Arabic, Persian and Urdu.
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
    "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
    "ـ": "",
}
#: Unassigned, private and surrogate code points, most of all there are.
_NOT_WRITING = frozenset({"Cn", "Co", "Cs"})
#: Joins nothing and shows nothing, yet separates words.
_ZERO_WIDTH_SPACE = "\u200b"
#: Marks that only choose how the character before them is drawn.
_VARIATION_SELECTORS = frozenset(
    chr(code)
    for span in (
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
        range(0x180B, 0x1810),
        (0x034F, 0x17B4, 0x17B5),
    )
    for code in span
)
#: Foldings beyond this plane are not remembered, so that the memory stays bounded.
_REMEMBERED = 0x10000


class _Foldings(dict[int, str]):
    """What each code point folds to, worked out when it is first seen."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < _REMEMBERED:
            self[code] = folded
        return folded


def fold(text: str) -> str:
    """Return a text in lower case, without diacritics, its words one space apart.

    All Turkish i's become `i`, digits of every script become 0-9, everything that is
    neither letter nor digit separates words. Folding twice changes nothing.
    """
    return " ".join(text.translate(_FOLDINGS).split())


def tokens(text: str) -> tuple[str, ...]:
    """Return the folded words of a text."""
    return tuple(text.translate(_FOLDINGS).split())


def _fold_character(character: str) -> str:
    if unicodedata.category(character) in _NOT_WRITING:
        return " "
    folded = character
    while True:
        spread = unicodedata.normalize("NFKD", folded).casefold()
        plain = "".join(_plain(each) for each in spread)
        if plain == folded:
            break
        folded = plain
    # "1½" is not eleven halves.
    is_fraction = unicodedata.decomposition(character).startswith("<fraction>")
    return f" {folded}" if is_fraction else folded


def _plain(character: str) -> str:
    if character in _LETTERS:
        return _LETTERS[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character.isalnum():
        return character
    if category == "Cf" and character != _ZERO_WIDTH_SPACE:
        return ""
    if category in {"Mn", "Mc", "Me"}:
        return character if _is_vowel_sign(character, category) else ""
    return " "


def _is_vowel_sign(character: str, category: str) -> bool:
    """Return whether a mark is a letter in all but name, as in Hindi and Thai."""
    return (
        category != "Me"
        and unicodedata.combining(character) == 0
        and character not in _VARIATION_SELECTORS
    )


_FOLDINGS = _Foldings()
