"""A language's sentences and its ways of writing money, numbers and times, as a value.

The texts themselves are in `bot/texts/<language>.toml`; `bot.texts` loads and checks
them. Whatever is put into a sentence is data: its braces mean nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

#: A sentence, or its plural forms by CLDR's names ("one", "other" ...).
Template = str | Mapping[str, str]
#: The plural form that every language has.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language says things. Keys are dotted: `say.welcome`."""

    language: str  #: ISO 639-1
    texts: Mapping[str, Template]
    money: Callable[[Decimal, str], str]  #: (major units, ISO 4217 currency)
    number: Callable[[Decimal], str]
    moment: Callable[[datetime], str]  #: In the zone of the datetime.
    day: Callable[[date], str]
    plural: Callable[[Decimal], str]  #: CLDR's name of a number's plural form.

    def knows(self, key: str) -> bool:
        """Return whether there is such a sentence."""
        return key in self.texts

    def text(
        self, key: str, values: Mapping[str, str], count: Decimal | int = 1
    ) -> str:
        """Return a sentence with its values, in the form that `count` of them take.

        Raises KeyError for a key or a placeholder that no language file has.
        """
        template = self.texts[key]
        if not isinstance(template, str):
            form = self.plural(Decimal(count))
            template = template.get(form, template[OTHER])
        return template.format_map(values)
