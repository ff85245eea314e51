"""How an order is paid: methods as data, and which of them a customer's words mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.domain.folding import fold
from orders.domain.draft import Fulfilment


class PaymentKind(StrEnum):
    """What customers call it in every language: "cash", "by card", "havale"."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    OTHER = "other"


class Instrument(StrEnum):
    """What a method takes, where systems ask for exactly that."""

    BOLETO = "boleto"
    CREDIT_CARD = "credit_card"
    DEBIT_CARD = "debit_card"
    PIX = "pix"


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """One way to pay. Names and instructions are by language, ISO 639-1."""

    id: str
    names: Mapping[str, str]
    kind: PaymentKind = PaymentKind.OTHER
    instructions: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None  #: https: where it is paid.
    fulfilments: tuple[Fulfilment, ...] = (Fulfilment.DELIVERY, Fulfilment.PICKUP)
    accepts: tuple[Instrument, ...] = ()  #: Empty: its kind says all there is.

    def called(self, languages: Iterable[str]) -> str:
        """Return the name in the first of these languages that it has, else any."""
        return in_language(self.names, languages) or self.id

    def told(self, languages: Iterable[str]) -> str:
        """Return how to pay, in the first of these languages it has; may be empty."""
        return in_language(self.instructions, languages)


def in_language(texts: Mapping[str, str], languages: Iterable[str]) -> str:
    """Return the text in the first of these languages, else the first there is."""
    for language in languages:
        if language in texts:
            return texts[language]
    return next(iter(texts.values()), "")


def methods_for(
    methods: Sequence[PaymentMethod], way: Fulfilment | None
) -> tuple[PaymentMethod, ...]:
    """Return the methods for a way of delivery; all while that is open."""
    return tuple(m for m in methods if way is None or way in m.fulfilments)


def methods_meant(
    methods: Sequence[PaymentMethod], words: str
) -> tuple[PaymentMethod, ...]:
    """Return the methods that a customer's words, or an id, mean: none, one, several.

    The id and the names come before the kind: "card" may be the name of one of two.
    """
    said = fold(words)
    exact = tuple(
        method
        for method in methods
        if words == method.id or said in {fold(name) for name in method.names.values()}
    )
    return exact or tuple(method for method in methods if words == method.kind)
