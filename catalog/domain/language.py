"""A language as data: the words that a catalog and a reader must know.

Words are folded (`catalog.domain.folding.fold`) when they are letters at all; a sign
such as "👍" stays as it is. Several words are one space apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

#: What a language must be able to say, and what for. A language file has exactly these.
PHRASES: Mapping[str, str] = {
    # -- whole messages and intents --
    "greet": "hello",
    "thanks": "thank you",
    "yes": "agreement",
    "weak_yes": 'agreement that is often said without meaning it: "ok"',
    "no": "refusal",
    "no_more": 'nothing else: "that\'s all"',
    "stop": "wants no more messages; counts only as the whole message",
    "start": "wants messages again; counts only as the whole message",
    "human": "wants a person",
    "complaint": "something went wrong",
    "browse": "what does the shop sell?",
    "order_status": "where is my order?",
    "cancel_order": "cancel the order that was placed",
    "cancel": "forget what was collected so far",
    "repeat": "the same as last time",
    "undo": "back to how it was before the last change",
    # -- around products --
    "want": "asks to buy; says nothing else",
    "ask_price": "what does it cost?",
    "ask_have": "do you have it?",
    "ask_delivery": "do you deliver (there)?",
    "remove": 'takes a line out: "remove"',
    "set": 'sets a quantity: "make it"',
    "change": "something shall be another way, not said how",
    "add": 'puts something more: "add"',
    "more": 'counts on top: "one more"',
    "again": 'once more, and counts nothing: "me again"',
    "instead": 'what follows goes: "instead of"',
    "instead_after": "what precedes goes",
    "swap": 'exchanges: "swap"',
    "for": 'between what goes and what comes: "with"',
    "all": 'stands for every line: "both", "all of them"',
    "except": "what is named stays out of it",
    "only": "that and nothing else",
    "keep": 'something stays: "keep"',
    "reverse": 'one for the other: "the other way round"',
    "double": 'twice as much: "double it"',
    "the_other": 'a choice that was not taken: "the other one"',
    "cheapest": "what costs the least",
    "further": "what else there is to choose from: the next page",
    "dearest": "what costs the most",
    "connectors": 'joins items: "and"',
    "but": "limits what was said before",
    "correction": 'takes back what was said: "actually"',
    "negation": 'without it, before the word: "no"',
    "negation_after": "without it, after the word",
    "with": "with it, before the word",
    "with_after": "with it, after the word",
    "qualifiers": 'how much of an option: "extra"',
    "little": 'those of the qualifiers that mean little of it: "light"',
    "pointers": 'stands for the last line: "it"',
    "number_joiners": 'between tens and ones: "e" of "vinte e dois"',
    "times": 'between a number and a product: "x"',
    "ordinal_tail": 'after an ordinal: "one" in "the second one"',
    "manner": 'how an item shall be, whatever it is: "hot"',
    "talk": 'nothing that is sold, whatever counts it: "a moment"',
    "serves": 'after a number, for so many: "people"',
    "clause": 'makes what follows a comma or an "and" talk instead of an item',
    # -- details --
    "delivery": "bring it to me",
    "pickup": "I come and get it",
    "payment_cash": "cash",
    "payment_card": "by card",
    "payment_transfer": "by bank transfer",
    "name_before": "a name follows",
    "name_maybe": "a name may follow",
    "address_before": "an address follows",
    "address_after": "an address precedes",
    "address_words": "words of addresses: street, floor",
    "date": 'days and times as said: "tomorrow"',
    "time_before": 'an hour follows: "at"',
    "coupon_before": "a coupon code follows",
    "tax_id_before": "a tax number follows",
    "note_before": "a note to the shop follows",
    "gift_before": "a text for the gift follows",
    # -- mood --
    "positive": "is pleased",
    "negative": "is displeased",
    "questions": "words that make a sentence a question",
}

#: What a question about a product may be about. A language file has exactly these.
SUBJECTS: tuple[str, ...] = (
    "picture",
    "weight",
    "dimensions",
    "forms",
    "contents",
    "material",
    "gluten",
    "nuts",
    "dairy",
    "egg",
    "soy",
    "sesame",
    "sugar",
    "vegan",
    "vegetarian",
    "halal",
    "kosher",
    "pork",
    "alcohol",
    "caffeine",
    "allergens",
    "calories",
    "origin",
    "warranty",
    "care",
    "shelf_life",
    "storage",
    "power",
    "waterproof",
    "age",
    "organic",
    "spicy",
    "brand",
    "lacks",
    "restock",
    "cheaper",
)


#: What a whole message means that answers an earlier one and names nothing. A language
#: file has exactly these.
QUOTED: tuple[str, ...] = ("this", "not_this", "price")


#: What answers to questions about who buys and who receives mean, and what announces
#: such facts. A language file has exactly these.
ANSWERS: tuple[str, ...] = (
    "company",
    "person",
    "company_before",
    "tax_office_before",
    "recipient_before",
)


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """One language.

    Units, packs, colours and sizes map what is said to one word for all languages:
    "kilo" to "kg", "adet" to "piece", "mavi" to "blue".
    """

    code: str  #: ISO 639-1
    letters: frozenset[str]  #: Letters that give the language away.
    fillers: frozenset[str]  #: Words that say nothing about what is wanted.
    suffixes: tuple[str, ...]  #: Endings that a product word may carry; longest first.
    #: Endings that dictionaries have where sentences have another: "bulochk-a".
    base_endings: tuple[str, ...]
    without_suffixes: tuple[str, ...]  #: Endings that mean "without".
    with_suffixes: tuple[str, ...]  #: Endings that mean "with".
    verb_suffixes: tuple[str, ...]  #: Endings of verbs and of nothing else.
    #: Last letters that change before an ending, and what they were.
    final_letters: Mapping[str, str]
    verbs_last: bool  #: "latteyi sil", not "remove the latte".
    units: Mapping[str, str]
    packs: Mapping[str, str]  #: Units that hold several: "koli" to "koli".
    numbers: Mapping[str, Decimal]
    multipliers: Mapping[str, Decimal]  #: "dozen": multiplies the number before it.
    fractions: Mapping[str, Decimal]  #: "half": adds to, or stands for, a number.
    ordinals: Mapping[str, int]  #: 1 is the first, -1 the last.
    colours: Mapping[str, str]
    sizes: Mapping[str, str]
    #: One word that is several: "polkilo" to "pol kilo".
    spelt: Mapping[str, tuple[str, ...]]
    #: Letters to how people write them with a Latin keyboard: "zh" and "j" for one.
    romanised: Mapping[str, tuple[str, ...]]
    #: "tomorrow" to "1", the days from today; "friday" to "fri".
    days: Mapping[str, str]
    day_parts: Mapping[str, str]  #: "in the evening" to "pm".
    phrases: Mapping[str, tuple[str, ...]]  #: Keys are those of `PHRASES`.
    #: "made of" to "material"; the subjects are those of `SUBJECTS`.
    subjects: Mapping[str, str] = field(default_factory=dict)
    #: "for my company" to "company"; what they mean are those of `ANSWERS`.
    answers: Mapping[str, str] = field(default_factory=dict)
    #: "i want this" to "this": whole answers to a message; see `QUOTED`.
    quoted: Mapping[str, str] = field(default_factory=dict)
