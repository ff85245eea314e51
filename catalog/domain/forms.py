"""Which variant of a product the words of a query leave."""

from catalog.domain.entry import Form
from catalog.domain.query import Query
from catalog.domain.vocabulary import Vocabulary

#: Words matched worse than this do not choose a variant.
_SURE_WORD = 0.7


def form_of(
    forms: tuple[Form, ...], query: Query, vocabulary: Vocabulary
) -> Form | None:
    """Return the variant that a query leaves, or None while several are possible."""
    said = _said(query, vocabulary)
    for words in said:
        hits = tuple(form for form in forms if not form.every.isdisjoint(words))
        if hits:
            forms = hits
    if len(forms) > 1:
        # "blue" is also a word of "light blue": prefer what was named completely.
        every = frozenset().union(*said)
        forms = tuple(form for form in forms if _is_named(form, every))
    return forms[0] if len(forms) == 1 else None


def _said(query: Query, vocabulary: Vocabulary) -> list[frozenset[str]]:
    """Return for each typed word what it may mean, well enough spelt."""
    meanings = [term.meanings for term in query.terms]
    meanings += [part for each in query.compounds for _, part in each.parts]
    return [
        frozenset(
            vocabulary.words[each.word] for each in found if each.quality >= _SURE_WORD
        )
        for found in meanings
    ]


def _is_named(form: Form, said: frozenset[str]) -> bool:
    return bool(form.words) and all(
        not said.isdisjoint(equivalents) for equivalents in form.words
    )
