"""Who speaks to the customer: a shop, in a language, a tone and words of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.direction import isolated
from bot.domain.wording import Wording
from catalog.domain.money import to_major
from orders.domain.style import Style, Tone

#: The sentences that shops may word themselves: key -> `orders.domain.style.OWN_WORDS`.
_OWN: Mapping[str, str] = {
    "say.welcome_hello": "welcome",
    "say.handed_over": "handed_over",
    "ask.hours": "closed",
    "say.order_placed.numbered": "order_placed",
}


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: a shop, in a language and a currency."""

    wording: Wording
    shop: str
    currency: str
    style: Style = field(default_factory=Style)

    def text(self, key: str, count: Decimal | int = 1, **values: str) -> str:
        """Return a sentence of the language, every value on one line.

        A value that is written from right to left keeps its direction to itself.
        """
        plain = {name: in_a_sentence(value) for name, value in values.items()}
        own = self._own(key, plain)
        return own or self.wording.text(self._toned(key), plain, count)

    def blocks(self, key: str, **values: str) -> str:
        """Return a sentence whose values may have several lines of our own making."""
        return self.wording.text(key, values)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which to name what the shop wrote in several."""
        return self.wording.language, "en"

    def minor(self, amount: int) -> str:
        """Return an amount of minor units as money."""
        return self.price(to_major(amount, self.currency))

    def price(self, amount: Decimal) -> str:
        """Return an amount of major units as money."""
        return self.wording.money(amount, self.currency)

    def _toned(self, key: str) -> str:
        """Return the key of a sentence in the shop's tone, where there is one."""
        toned = f"tones.{self.style.tone.value}.{key}"
        is_plain = self.style.tone is Tone.PLAIN
        return toned if not is_plain and self.wording.knows(toned) else key

    def _own(self, key: str, values: Mapping[str, str]) -> str | None:
        """Return a sentence in the shop's own words, if it has any that can be used."""
        sentence = _OWN.get(key)
        words = (
            self.style.own_words(sentence, self.wording.language) if sentence else None
        )
        if words is None:
            return None
        try:
            return one_line(words.format_map({"shop": self.shop, **values}))
        except (LookupError, ValueError, AttributeError):
            # Stored by another version, which fills in more: our own words, then.
            return None


def voice_of(wording: Wording, shop: str, currency: str, style: Style) -> Voice:
    """Return the voice of a shop. `shop` is its tenant's name."""
    return Voice(wording, style.name or shop, currency, style)


def one_line(text: str) -> str:
    """Return a text without line breaks: data never looks like another paragraph."""
    return " ".join(text.split())


def in_a_sentence(text: str) -> str:
    """Return data as it is put into a sentence: on one line, its direction its own.

    By the Unicode Bidirectional Algorithm's isolates, and only where they change
    anything: a name in Latin letters stays as it is.
    """
    return isolated(one_line(text))
