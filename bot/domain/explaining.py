"""Why some words are taken for a product: what was found, and what tipped the scale."""

from dataclasses import dataclass

from bot.domain.found import FoundMatch, Outcome, found_for, outcome_of
from bot.domain.understanding import Mention
from catalog import Taught
from catalog.domain.taught import InPlay
from orders.domain.rules import Available


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the bot would do with some words, and why."""

    found: FoundMatch
    sure: float  #: From this chance on, a product is taken without a question.
    alone: Outcome  #: What the catalog says by itself.
    learnt: tuple[InPlay, ...]  #: What was learnt about the words, strongest first.

    @property
    def lead(self) -> float | None:
        """Return by how much the first product leads the second, if there is one."""
        products = self.found.products
        if len(products) < 2:  # noqa: PLR2004  # a first and a second
            return None
        return round(products[0].probability - products[1].probability, 4)


def explained(mention: Mention, index: Taught, available: Available) -> Explanation:
    """Return what a mention is taken for, and why."""
    match = index.find(mention.text)
    return Explanation(
        found=found_for(mention, match, index, available),
        sure=index.sure,
        alone=outcome_of(index.plain.find(mention.text, sure=index.sure)),
        learnt=index.in_play(mention.text),
    )
