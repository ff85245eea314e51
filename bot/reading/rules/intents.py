"""Intents: what a turn wants, from its phrases and from what they left unsaid."""

from collections.abc import Iterable, Sequence
from unicodedata import category

from bot.domain.snapshot import Asked
from bot.domain.understanding import Act, Intent, Mention
from bot.reading.rules.marks import Kind, Mark, Sentence, asks, says
from bot.reading.rules.mentions import is_question
from bot.reading.rules.tokens import Token
from bot.reading.rules.words import whole_messages, words_of
from orders.domain.rules import Field

#: What a phrase means for the turn when its sentence says it.
_SPOKEN: tuple[tuple[str, Intent], ...] = (
    ("greet", Intent.GREET),
    ("thanks", Intent.THANKS),
    ("complaint", Intent.COMPLAINT),
    ("order_status", Intent.ORDER_STATUS),
    ("cancel_order", Intent.CANCEL_ORDER),
    ("repeat", Intent.REPEAT),
    ("change", Intent.CHANGE),
    ("reverse", Intent.CHANGE),
)
#: Sentences with these are about something else than products.
_ELSEWHERE = frozenset(
    {
        Intent.HUMAN,
        Intent.COMPLAINT,
        Intent.ORDER_STATUS,
        Intent.CANCEL_ORDER,
        Intent.CANCEL_DRAFT,
    }
)
#: Facts of an order: who cancels one of them does not cancel the order.
_FACTS = (
    "address_before",
    "coupon_before",
    "delivery",
    "gift_before",
    "name_before",
    "note_before",
    "payment_card",
    "payment_cash",
    "payment_transfer",
    "pickup",
)
#: Leading first: what must not be overheard, then what changes the order.
ORDER = (
    Intent.STOP,
    Intent.START,
    Intent.HUMAN,
    Intent.COMPLAINT,
    Intent.CANCEL_ORDER,
    Intent.CANCEL_DRAFT,
    Intent.ORDER_STATUS,
    Intent.UNDO,
    Intent.REPEAT,
    Intent.REMOVE,
    Intent.CHANGE,
    Intent.ORDER,
    Intent.CHOOSE,
    Intent.CONFIRM,
    Intent.DECLINE,
    Intent.ASK_DELIVERY,
    Intent.ASK_PRODUCT,
    Intent.BROWSE,
    Intent.THANKS,
    Intent.GREET,
    Intent.OTHER,
)
#: What parts one thing that is said from the next.
_JOINTS = ("connectors", "but", "add", "want", "set", "remove", "swap")
#: Signs beside a command that say nothing else: hands, and what forbids.
_STRESS = frozenset("🙏✋🖐🛑❌🚫⛔")
#: What may stand beside a yes without taking anything back.
_BESIDE_YES = (
    "yes",
    "weak_yes",
    "thanks",
    "greet",
    "positive",
    "no_more",
    "pointers",
    "want",
)
_ACTS = {
    Act.ADD: Intent.ORDER,
    Act.SET: Intent.CHANGE,
    Act.REPLACE: Intent.CHANGE,
    Act.REMOVE: Intent.REMOVE,
    Act.ASK: Intent.ASK_PRODUCT,
}


def whole_message(text: str, tokens: Sequence[Token]) -> Intent | None:
    """Return STOP or START when that is all that a message says, in any language.

    Its `tokens` may be spelt in other letters than its `text`.
    """
    said = {
        _bare(words_of(text)),
        _bare(token.word for token in tokens),
    }
    if said & whole_messages("stop"):
        return Intent.STOP
    return Intent.START if said & whole_messages("start") else None


def _bare(words: Iterable[str]) -> tuple[str, ...]:
    """Return words without punctuation and signs that only stress them."""
    return tuple(
        word
        for word in words
        if word not in _STRESS and not category(word[0]).startswith("P")
    )


def intents_in(sentence: Sentence) -> frozenset[Intent]:
    """Return what a sentence says by its phrases alone."""
    found = {intent for key, intent in _SPOKEN if says(sentence, key)}
    named = any(mark.kind is Kind.NAME for mark in sentence)
    if says(sentence, "human") and not _counts(sentence) and not named:
        found.add(Intent.HUMAN)
    if _takes_back(sentence):
        found.add(Intent.UNDO)
    elif says(sentence, "cancel") and not _has_content(sentence):
        of_order = not says(sentence, *_FACTS)
        found.add(Intent.CANCEL_DRAFT if of_order else Intent.CHANGE)
    if says(sentence, "browse") and not named:
        found.add(Intent.BROWSE)
    if says(sentence, "ask_price", "ask_have") and is_question(sentence):
        found.add(Intent.ASK_PRODUCT)
    agrees = says(sentence, "yes", "weak_yes")
    if (
        not found
        and not agrees
        and says(sentence, "want")
        and not _has_content(sentence)
    ):
        found.add(Intent.ORDER)
    if found & {Intent.ORDER_STATUS, Intent.CANCEL_ORDER, Intent.BROWSE}:
        found.discard(Intent.ASK_PRODUCT)
    return frozenset(found)


def _counts(sentence: Sentence) -> bool:
    """Return whether more than people are counted: not the one of "one operator"."""
    return any(
        mark.amount is not None
        and mark.amount.said
        and not (mark.amount.quantity == 1 and says(sentence[at + 1 : at + 2], "human"))
        for at, mark in enumerate(sentence)
    )


def _takes_back(sentence: Sentence) -> bool:
    """Return whether the last change is to be undone: that, and not some product."""
    stands = 0
    for at, mark in enumerate(sentence):
        if mark.before or mark.means(*_JOINTS):
            stands = at
        if not mark.means("undo"):
            continue
        apart = (e for e in range(at + 1, len(sentence)) if _is_joint(sentence[e]))
        return not _has_content(sentence[stands : next(apart, len(sentence))])
    return False


def _is_joint(mark: Mark) -> bool:
    return bool(mark.before) or mark.means(*_JOINTS)


def names_products(sentence: Sentence, intents: frozenset[Intent]) -> bool:
    """Return whether products in a sentence are wanted, and not complained about."""
    if intents & _ELSEWHERE:
        return False
    counted = any(mark.amount and mark.amount.said for mark in sentence)
    if Intent.UNDO in intents and not _has_content(sentence):
        return False
    return counted or Intent.BROWSE not in intents


def of_mentions(mentions: Iterable[Mention]) -> frozenset[Intent]:
    """Return the intents that mentions are."""
    return frozenset(_ACTS[mention.act] for mention in mentions)


def yes_or_no(
    turn: Sequence[Sentence], asked: Asked | None, *, says_more: bool
) -> frozenset[Intent]:
    """Return CONFIRM, DECLINE or neither.

    A yes counts only when nothing else is said: "yes but no onions" is a change. What
    was `says_more` (products, details) is neither.
    """
    confirming = asked is not None and asked.field is Field.CONFIRMATION
    marks = [mark for sentence in turn for mark in sentence]
    if says_more or not marks:
        return frozenset()
    agrees = says(marks, "yes") or (
        says(marks, "weak_yes") and not says(marks, "thanks")
    )
    agrees = agrees or (confirming and says(marks, "weak_yes"))
    refuses = says(marks, "no") and not (agrees and _only_beside_yes(marks_of(turn)))
    if agrees and says(marks, "but"):
        return frozenset({Intent.CHANGE})
    if refuses:
        return frozenset({Intent.DECLINE})
    wonders = any(asks(sentence) for sentence in turn) or says(marks, "questions")
    if agrees and not wonders and _only_beside_yes(marks_of(turn)):
        return frozenset({Intent.CONFIRM})
    if says(marks, "no_more") and not confirming:
        return frozenset({Intent.DECLINE})
    return frozenset()


def marks_of(turn: Sequence[Sentence]) -> Sentence:
    """Return all marks of a turn."""
    return tuple(mark for sentence in turn for mark in sentence)


def leading_first(found: Iterable[Intent]) -> tuple[Intent, ...]:
    """Return the intents in the order in which they matter, OTHER when none."""
    wanted = frozenset(found)
    ordered = tuple(intent for intent in ORDER if intent in wanted)
    return ordered or (Intent.OTHER,)


def _only_beside_yes(marks: Sentence) -> bool:
    """Return whether nothing but agreement and courtesy is said."""
    return all(mark.kind is Kind.FILLER or mark.means(*_BESIDE_YES) for mark in marks)


def _has_content(sentence: Sentence) -> bool:
    kinds = (Kind.NAME, Kind.WORD, Kind.AMOUNT, Kind.ORDINAL)
    return any(mark.kind in kinds for mark in sentence)
