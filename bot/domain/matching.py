"""What the catalog says to the words, and to the product cards, of a turn."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from bot.domain.understanding import Mention, Sight, Understanding
from catalog import (
    Ambiguous,
    Candidate,
    Certain,
    Index,
    Match,
    Product,
    Taught,
    Unknown,
    Variant,
)
from catalog.domain.folding import tokens


def match_mentions(understanding: Understanding, index: Index) -> dict[int, Match]:
    """Return what the catalog says to each mention's words, by the mention's place.

    Mentions without words are left out. Words about an item ("large") help when the
    name alone does not tell the product.
    """
    return {
        place: _matched(mention, index)
        for place, mention in enumerate(understanding.mentions)
        if mention.text.strip() or mention.sight is not None
    }


def _matched(mention: Mention, index: Index) -> Match:
    if mention.sight is not None:
        return seen(mention.sight, mention.text, index)
    found = index.find(mention.text)
    wishes = [option.text for option in mention.options if not option.negated]
    if isinstance(found, Certain) and _was_learnt(mention, found, index):
        found = _as_said(found, mention, index)
    if not wishes or (isinstance(found, Certain) and not found.variant_required):
        return found
    closer = index.find(" ".join((mention.text, *wishes)))
    if not isinstance(closer, Certain):
        return found
    if isinstance(found, Certain):
        same = closer.candidate.product_id == found.candidate.product_id
        return closer if same else found
    return closer


def seen(sight: Sight, text: str, index: Index) -> Match:
    """Return what a picture shows as the catalog's answer to it."""
    sold = {p.id: p for each in sight.products if (p := index.product(each.product_id))}
    found = tuple(
        Candidate(each.product_id, each.variant_id, each.probability, (each.why,))
        for each in sight.products
        if each.product_id in sold and sold[each.product_id].active
    )
    if not found:
        return Unknown(text)
    if sight.sure:
        best = found[0]
        is_open = best.variant_id is None and bool(sold[best.product_id].variants)
        return Certain(best, variant_required=is_open, others=found[1:])
    return Ambiguous(found) if len(found) > 1 else Unknown(text, found)


def _was_learnt(mention: Mention, found: Certain, index: Index) -> bool:
    is_exact = found.candidate.exact
    return (
        isinstance(index, Taught) and not is_exact and bool(index.in_play(mention.text))
    )


def _as_said(found: Certain, mention: Mention, index: Index) -> Certain:
    """Return a product in the form that is wished: "the usual, but in L".

    What was learnt names a form that was wanted before; what is said now counts more.
    Where that leaves several forms, the choice is open again.
    """
    product = index.product(found.candidate.product_id)
    if product is None:
        return found
    learnt = product.variant(found.candidate.variant_id)
    if learnt is None:
        return found
    left = list(product.variants)
    for option in mention.options:
        named = forms_named(product, option.text, index)
        if named:
            left = [form for form in left if (form.id in named) != option.negated]
    if learnt in left:
        return found
    said = any(not option.negated for option in mention.options)
    form = closest_form(learnt, left) if said else None
    candidate = replace(found.candidate, variant_id=form.id if form else None)
    return replace(found, candidate=candidate, variant_required=form is None)


def forms_named(product: Product, wish: str, index: Index) -> Collection[str]:
    """Return the ids of a product's variants that a wish may name: "in blue", "L"."""
    wished = set(tokens(wish))
    named = {
        form.id
        for form in product.variants
        for value in (form.name, *form.attributes.values())
        if (told := set(tokens(value))) and told <= wished
    }
    if named:
        return named
    # The catalog knows more words for it: other languages, endings, typos.
    found = index.plain.find(f"{product.name} {wish}")
    if isinstance(found, Certain) and found.candidate.product_id == product.id:
        return {each for each in (found.candidate.variant_id,) if each}
    return ()


def closest_form(learnt: Variant, left: Sequence[Variant]) -> Variant | None:
    """Return the form that keeps the most of the learnt one, if there is one such."""
    kept = [
        sum(form.attributes.get(k) == v for k, v in learnt.attributes.items())
        for form in left
    ]
    best = [form for form, much in zip(left, kept, strict=True) if much == max(kept)]
    return best[0] if len(best) == 1 else None
