"""Products that a model claims were spoken of, as far as they were."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from bot.domain.understanding import Act, Mention, OptionMention, Quote
from bot.reading.openai.answer import SaidMention, SaidOption, Where
from bot.reading.openai.evidence import quantity_of
from bot.reading.openai.ground import Ground
from bot.reading.openai.spotting import spot_of
from bot.reading.openai.telling import asked_in
from bot.reading.openai.wording import SURE, searchable
from catalog import Ambiguous, Certain, Product, fold, tokens

_LONGEST_QUERY, _LONGEST_NOTE = 120, 500
#: Nobody speaks of more products in one turn.
_MOST = 60
#: Words that point are few: "make it three", "two more of those with oat milk please".
_FEW = 9


def mentions_on(
    ground: Ground, claims: Sequence[SaidMention], blind: Collection[int]
) -> Iterator[Mention]:
    """Yield what remains of claims. `blind`: messages whose picture shows nothing."""
    known = set()
    for claim in claims[:_MOST]:
        quote = _evidence(ground, claim, blind)
        if quote is None:
            ground.warn("a product without the customer's words was left out")
            continue
        mention = _mention(ground, claim, quote)
        if mention is None:
            continue
        if not mention.text and not _says_something(ground, mention):
            ground.warn("what was pointed at without a word about it was left out")
            continue
        same = (mention.act, mention.text, mention.ordinal, quote)
        if same not in known:
            known.add(same)
            yield mention


def _evidence(
    ground: Ground, claim: SaidMention, blind: Collection[int]
) -> Quote | None:
    found = ground.said.quote(claim.message, claim.quote)
    if claim.where is Where.TEXT:
        return found
    if not ground.said.has_picture(claim.message) or claim.message in blind:
        return None
    own = Quote(message=claim.message, text=claim.quote.strip()[:_LONGEST_QUERY])
    return found or own


def _mention(ground: Ground, claim: SaidMention, quote: Quote) -> Mention | None:
    if claim.where is Where.IMAGE:
        named = _pictured(ground, claim)
    else:
        named = _named(ground, claim, quote)
    if named is None:
        return None
    text, product = named
    line = claim.line
    if line is not None and not 1 <= line <= len(ground.request.draft.lines):
        line = None
    return Mention(
        act=claim.act,
        text=text,
        candidate=claim.candidate if product is not None else None,
        quantity=_quantity(ground, claim, quote),
        unit=_unit(ground, claim, quote),
        options=tuple(_options(ground, claim, product)),
        ordinal=line if not text else None,
        replaces=_replaced(ground, claim.replaces),
        note=_note(ground, claim.note, quote),
        quote=quote,
        confidence=min(max(claim.confidence, 0.0), 1.0),
        asks=asked_in(ground, claim, product),
        spot=spot_of(ground, claim),
    )


def _named(
    ground: Ground, claim: SaidMention, quote: Quote
) -> tuple[str, Product | None] | None:
    """Return the words to look up, and the product that was chosen for them."""
    words = ground.said.original(claim.text.strip(), quote.message)
    product = _chosen(ground, claim.candidate)
    if words and not ground.said.says(words, within=quote.text):
        ground.warn("a product was named in words that nobody said")
        heard = _heard(ground, quote)
        return (heard, None) if heard else None
    if product is None or not words:
        return words, product
    index = ground.request.index
    found, agrees = searchable(words, product, index, claim.confidence)
    if not agrees:
        ground.warn("the catalog knows these words as another product")
    return found, product


def _heard(ground: Ground, quote: Quote) -> str | None:
    """Return what the rules hear as a product in the words of a quote."""
    for mention in ground.rules.mentions:
        heard = mention.quote
        if not mention.text or heard is None or heard.message != quote.message:
            continue
        if heard.text in quote.text or quote.text in heard.text:
            return mention.text
    return None


def _pictured(ground: Ground, claim: SaidMention) -> tuple[str, Product | None] | None:
    """Return what is seen in a picture, in the catalog's words.

    What a model reads in a picture nobody can check: so none of its own words go on,
    only those of what we sell.
    """
    index, text = ground.request.index, claim.text.strip()[:_LONGEST_QUERY]
    product = _chosen(ground, claim.candidate)
    if product is not None and claim.confidence >= SURE:
        return searchable(product.name, product, index, 1.0)[0], product
    match = index.find(text) if text else None
    if isinstance(match, Certain):
        found = index.product(match.candidate.product_id)
        return (found.name, found) if found is not None else None
    words = tokens(text)
    known = [word for word in words if index.knows(word)]
    mostly = 2 * len(known) >= len(words)
    if mostly and isinstance(index.find(" ".join(known)), Ambiguous):
        return " ".join(known), None
    ground.warn("something in a picture is nothing that is sold here")
    return None


def _chosen(ground: Ground, candidate: str | None) -> Product | None:
    product = ground.shown.candidates.get(candidate) if candidate is not None else None
    if candidate is not None and product is None:
        ground.warn(f"there is no candidate {candidate[:20]}")
    return product


def _says_something(ground: Ground, mention: Mention) -> bool:
    """Return whether words that only point say what is to be done, and with what.

    An amount, an option or a note does in a few words; "the last one" alone, or a
    number somewhere in a long sentence, does when the rules hear the same.
    """
    quoted = tokens(mention.quote.text) if mention.quote else ()
    if mention.asks is not None:
        return True
    told = mention.quantity is not None or mention.options or mention.note
    if told and mention.act is not Act.REMOVE and len(quoted) <= _FEW:
        return True
    return any(
        each.act is mention.act and not each.text and each.quantity == mention.quantity
        for each in ground.rules.mentions
    )


def _quantity(ground: Ground, claim: SaidMention, quote: Quote) -> Decimal | None:
    if claim.quantity is None:
        return None
    amount = quantity_of(
        claim.quantity,
        quote.text,
        about=claim.text,
        # Where we know the words for numbers, another word is none.
        guess=bool(claim.text) and not ground.knows_language,
    )
    if amount is None or float(amount) != claim.quantity:
        ground.warn("an amount that was not said was left out")
    return amount


def _unit(ground: Ground, claim: SaidMention, quote: Quote) -> str | None:
    unit = (claim.unit or "").strip()
    if claim.where is Where.IMAGE:
        return unit if fold(unit) in ground.request.index.units else None
    return unit if unit and ground.said.says(unit, within=quote.text) else None


def _options(
    ground: Ground, claim: SaidMention, product: Product | None
) -> Iterator[OptionMention]:
    for option in claim.options:
        text = option.text.strip()
        offered = claim.where is Where.IMAGE and _offers(product, text)
        if text and (offered or ground.said.says(text)):
            yield _option(option, text)
        else:
            ground.warn("an option that nobody asked for was left out")


def _offers(product: Product | None, text: str) -> bool:
    """Return whether a product comes with an option, or in a form, of that name."""
    if product is None:
        return False
    values = [v.name for group in product.option_groups for v in group.values]
    names = [*values, *(variant.name for variant in product.variants)]
    return fold(text) in map(fold, names)


def _option(option: SaidOption, text: str) -> OptionMention:
    return OptionMention(
        text=text, negated=option.negated, qualifier=option.qualifier or None
    )


def _replaced(ground: Ground, name: str | None) -> str | None:
    drafted = any(line.name == name for line in ground.request.draft.lines)
    return name if name and (drafted or ground.said.says(name)) else None


def _note(ground: Ground, note: str | None, quote: Quote) -> str | None:
    text = (note or "").strip()[:_LONGEST_NOTE]
    return text if text and ground.said.contains(text, quote.message) else None
