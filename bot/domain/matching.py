"""What the catalog says to the words, and to the product cards, of a turn."""

from bot.domain.course import Course
from bot.domain.snapshot import TurnMessage
from bot.domain.understanding import Mention, Understanding
from catalog import Candidate, Certain, Index, Match


def match_mentions(understanding: Understanding, index: Index) -> dict[int, Match]:
    """Return what the catalog says to each mention's words, by the mention's place.

    Mentions without words are left out. Words about an item ("large") help when the
    name alone does not tell the product.
    """
    return {
        place: _matched(mention, index)
        for place, mention in enumerate(understanding.mentions)
        if mention.text.strip()
    }


def _matched(mention: Mention, index: Index) -> Match:
    found = index.find(mention.text)
    wishes = [option.text for option in mention.options if not option.negated]
    if not wishes or (isinstance(found, Certain) and not found.variant_required):
        return found
    closer = index.find(" ".join((mention.text, *wishes)))
    if not isinstance(closer, Certain):
        return found
    if isinstance(found, Certain):
        same = closer.candidate.product_id == found.candidate.product_id
        return closer if same else found
    return closer


def referred(course: Course, mention: Mention, message: TurnMessage) -> Certain | None:
    """Return the product of the card that a message answers: "2 of this"."""
    answered_to = message.reply_to
    retailer_id = answered_to.product_retailer_id if answered_to else None
    if mention.text.strip() or retailer_id is None:
        return None
    found = course.snapshot.index.by_retailer_id(retailer_id)
    if found is None:
        return None
    product, variant = found
    return Certain(Candidate(product.id, variant.id if variant else None, 1.0))
