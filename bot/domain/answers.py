"""What we say to questions about products, before it has words.

Facts are quoted from the catalog; prices and stock are told by code.
"""

from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.facts import Fact


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product question answered with catalog facts, rendered by code."""

    name: str
    price: Decimal | None
    unit: str
    available: Decimal | None  #: None: nobody counts; 0: sold out.
    description: str = ""
    options: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()  #: What there is in the place of a sold-out one.


@dataclass(frozen=True, slots=True)
class FactsQuoted:
    """What the catalog says about a product, word for word."""

    name: str
    facts: tuple[Fact, ...]
    unit: str = "piece"  #: What a weight is the weight of.


@dataclass(frozen=True, slots=True)
class Compared:
    """Products and their prices per unit, the cheapest first."""

    rows: tuple[tuple[str, Decimal, str], ...]  #: (name, price, unit)
    skus: tuple[str, ...] = ()  #: Of the rows, in their order.


@dataclass(frozen=True, slots=True)
class PictureShown:
    """A picture of a product, by its public link."""

    name: str
    link: str
    sku: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPassedOn:
    """The catalog does not say it: a person is asked, and the bot goes on."""

    names: tuple[str, ...] = ()  #: What it is about; none: nothing in particular.


@dataclass(frozen=True, slots=True)
class OtherLanguages:
    """Somebody writes in a language that we do not speak: these we do. Said once."""

    names: tuple[str, ...]  #: Each in itself.


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Words of a model that were checked: a courtesy, and nothing about the shop."""

    text: str


ProductAnswer = ProductFacts | FactsQuoted | Compared | PictureShown | QuestionPassedOn
Talk = OtherLanguages | SmallTalk
