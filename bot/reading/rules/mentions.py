"""Mentions: what each item of a sentence is to become, in the light of the draft."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.believing import is_believed
from bot.reading.rules.doubling import doubled
from bot.reading.rules.everything import for_all, of_every_line
from bot.reading.rules.items import Item, items_of, split_options
from bot.reading.rules.marks import Kind, Sentence, asks, says
from bot.reading.rules.names import Shelf
from bot.reading.rules.optional import (
    attach,
    attaches,
    describes,
    is_drafted_option,
    tell_options,
    unwanted,
)
from bot.reading.rules.parts import VERBS, Part, parts_of
from bot.reading.rules.quoting import (
    GUESSED,
    POINTING,
    SURE,
    Source,
    judged,
    quote_of,
    quoted_by,
)
from bot.reading.rules.refusing import other_form
from bot.reading.rules.repeating import differences
from bot.reading.rules.replacing import Replacement, replacement_in
from bot.reading.rules.restating import restates
from bot.reading.rules.retracting import counts_anew, retract, retracts
from bot.reading.rules.serving import served
from bot.reading.rules.sharing import exchanged, share, some_for

_ASKS = ("ask_price", "ask_have")
#: Commas and bullets: what stands before an item of a list.
_LEADS = ",\u060c\u3001|-*\u2013\u2014\u2022\u00b7\u2023"


def mentions_of(
    sentence: Sentence, source: Source, shelf: Shelf, earlier: Sequence[Mention]
) -> tuple[Mention, ...]:
    """Return the mentions after a sentence: those said `earlier`, and its own.

    An earlier one may have grown an option: "latte" and then "no sugar".
    """
    if form := other_form(sentence, source, shelf):
        return (*earlier, *form)
    if (otherwise := differences(sentence, source, shelf)) is not None:
        return (*earlier, *otherwise)
    if twice := doubled(sentence, source, shelf):
        return (*earlier, *twice)
    if every := of_every_line(sentence, source, shelf, earlier):
        return (*earlier, *every)
    if not is_question(sentence) and (told := served(sentence, source, shelf, earlier)):
        return (*earlier, *told)
    found = list(earlier)
    replacement = replacement_in(sentence, shelf)
    if replacement is not None:
        before, after = replacement.before, replacement.after
        _read(before, source, shelf, found)
        found.extend(_replacing(replacement, source, shelf))
        _read(after, source, shelf, found)
    else:
        _read(sentence, source, shelf, found)
    return tuple(found)


def is_question(sentence: Sentence) -> bool:
    """Return whether a sentence asks about products instead of ordering them."""
    if says(sentence, "want", "remove", "set", "add", "more"):
        return False
    if says(sentence, *_ASKS):
        return not _orders_before_asking(sentence)
    counted = any(
        mark.amount is not None and mark.amount.said
        for mark in sentence
        if mark.kind is Kind.AMOUNT
    )
    return asks(sentence) and not counted


def _orders_before_asking(sentence: Sentence) -> bool:
    """Return whether something is ordered first: "2 lattes, and how much is it?"."""
    for part in parts_of(sentence):
        if part.says(*_ASKS):
            return False
        if any(mark.amount is not None and mark.amount.said for mark in part.marks):
            return True
    return False


def _read(
    sentence: Sentence, source: Source, shelf: Shelf, found: list[Mention]
) -> None:
    if not sentence:
        return
    if is_question(sentence):
        found.extend(_asked(sentence, source, shelf))
        return
    wants = says(sentence, "want", "add", "more")
    orders = wants or _orders(sentence, shelf, found)
    corrects = restates(sentence, source, shelf)
    before: Part | None = None
    for part in parts_of(sentence):
        corrects = corrects or part.says("correction") or counts_anew(part)
        if part.says(*_ASKS) and not part.says("want"):
            found.extend(_asked_in(part, source, shelf, explicit=True))
            continue
        items = items_of(part.marks, shelf)
        if retracts(part, before, sentence):
            retract(items, shelf, found)
        before = part
        if (exchange := exchanged(items, part, source, shelf)) is not None:
            found.extend(exchange)
            continue
        if not items and corrects and part.comma:
            continue
        for item in items:
            if for_all(item, shelf, found) or share(item, part, source, shelf, found):
                continue
            _tell(
                item,
                part,
                source,
                shelf,
                found,
                wants=wants,
                orders=orders,
                corrects=corrects,
            )


def _tell(
    item: Item,
    part: Part,
    source: Source,
    shelf: Shelf,
    found: list[Mention],
    *,
    wants: bool,
    orders: bool,
    corrects: bool,
) -> None:
    """Add an item to what was found, or to the mention that it belongs to."""
    verb = _act_of(part)
    points = (item.points and item.share is None) or item.ordinal is not None
    if not item.body and not points and item.options:
        tell_options(item, verb, source, shelf, found)
        return
    said = split_options(item, shelf) if verb is not Act.REMOVE else item
    if verb is Act.REMOVE and (negated := unwanted(item, part, source, shelf)):
        said, verb = negated, Act.SET
    if not said.body:
        act = verb or (Act.ADD if wants and not corrects else None)
        if (pointing := _pointing(said, act, corrects=corrects)) is not None:
            _merge_or_add(pointing, said, source, found)
        return
    if verb is Act.SET and (said.points or _verb_points(part, shelf)):
        found.extend(_turned(said, source, shelf))
        return
    if attaches(said, part, found, shelf):
        attach(found, OptionMention(text=said.text(shelf)))
        return
    own = verb is not None or part.says("want", "add", "more")
    wish = own or (wants and part.joint is None and not part.comma)
    listed = part.is_joined or _is_led(part, source)
    if not is_believed(said, part, shelf, wants=wish, orders=orders, listed=listed):
        return
    act = verb or Act.ADD
    if act is Act.SET or (corrects and act is Act.ADD):
        act = _set_or_add(said, source, shelf, found)
    mention = _mention(said, act, source, shelf)
    found.append(_named_fully(mention, said, found, shelf))


def _named_fully(
    mention: Mention, item: Item, found: Sequence[Mention], shelf: Shelf
) -> Mention:
    """Return "a red one" after a shirt as a red shirt."""
    product = shelf.certain(found[-1].text) if found and item.stands_in else None
    if product is None:
        return mention
    text = f"{product.name} {mention.text}"
    same = shelf.certain(text)
    if same is None or same.id != product.id:
        if not describes(item, found[-1], shelf):
            return mention
        option = OptionMention(text=mention.text)
        update = {"text": found[-1].text, "options": (*mention.options, option)}
        return mention.model_copy(update={**update, "confidence": SURE})
    return mention.model_copy(update={"text": text, "confidence": SURE})


def _orders(sentence: Sentence, shelf: Shelf, found: Sequence[Mention]) -> bool:
    """Return whether the turn orders something, so far or in this sentence."""
    if any(mention.act is Act.ADD and mention.text for mention in found):
        return True
    return any(
        mark.kind is Kind.NAME
        or (mark.kind is Kind.WORD and shelf.knows(mark.tokens[0].word))
        or (
            mark.amount is not None and mark.amount.said and following.kind is Kind.WORD
        )
        for mark, following in pairwise((*sentence, sentence[-1]))
    )


def _is_led(part: Part, source: Source) -> bool:
    """Return whether a comma or a bullet stands before a part."""
    before = source.text[: part.marks[0].start].rstrip()
    return bool(before) and before[-1] in _LEADS


def _verb_points(part: Part, shelf: Shelf) -> bool:
    """Return whether a verb points itself: "make it"."""
    tokens = part.verb.tokens if part.verb else ()
    phrases = (shelf.words.phrase_at((token,), 0) for token in tokens)
    return any(phrase and "pointers" in phrase.keys for phrase in phrases)


def _act_of(part: Part) -> Act | None:
    if part.verb is None:
        return None
    return next(act for key, act in VERBS if part.verb.means(key))


def _asked(sentence: Sentence, source: Source, shelf: Shelf) -> Iterable[Mention]:
    explicit = says(sentence, *_ASKS)
    for part in parts_of(sentence):
        yield from _asked_in(part, source, shelf, explicit=explicit)


def _asked_in(
    part: Part, source: Source, shelf: Shelf, *, explicit: bool
) -> Iterable[Mention]:
    for item in items_of(part.marks, shelf):
        about = _only_name(split_options(item, shelf), shelf)
        if about.body and (explicit or _known(about, shelf)):
            yield _mention(about, Act.ASK, source, shelf)
        elif not about.body and about.options and explicit:
            text = about.options[0].text
            yield judged(Mention(act=Act.ASK, text=text), item, source, shelf)


def _only_name(item: Item, shelf: Shelf) -> Item:
    """Return an item without what is asked about it: "is the latte hot?"."""
    if item.product_id is None or shelf.certain(item.text(shelf)) is not None:
        return item
    names = (mark for mark in item.marks if mark.kind is Kind.NAME)
    return replace(item, body=tuple(token for mark in names for token in mark.tokens))


def _pointing(item: Item, verb: Act | None, *, corrects: bool) -> Mention | None:
    """Return a mention that only points: "make it 3", "one more", "the second one"."""
    counted = item.amount is not None and (item.amount.said or verb is not None)
    quantity, unit = item.quantity, item.unit
    where = item.ordinal
    if verb is Act.REMOVE:
        if not (item.points or where or counted):
            return None
        return Mention(act=Act.REMOVE, quantity=quantity, unit=unit, ordinal=where)
    adds = item.more or (verb is Act.ADD and counted)
    if adds or (verb is Act.SET and (counted or item.options)):
        return Mention(
            act=Act.ADD if adds else Act.SET,
            quantity=quantity,
            unit=unit,
            ordinal=where,
            options=item.options,
        )
    if counted:
        sure = POINTING if corrects or where else GUESSED
        return Mention(
            act=Act.SET, quantity=quantity, unit=unit, ordinal=where, confidence=sure
        )
    return None


def _merge_or_add(
    pointing: Mention, item: Item, source: Source, found: list[Mention]
) -> None:
    """Add a pointing mention; "the latte, make it 3" is one."""
    quoted = quoted_by(pointing, item, source)
    last = found[-1] if found else None
    bare = last is not None and last.act is Act.ADD and last.text
    if (
        pointing.act is Act.ADD
        and not item.more
        and last is not None
        and bare
        and last.quantity is None
        and last.quote is not None
        and last.quote.message == source.message
    ):
        update = {"quantity": pointing.quantity, "unit": pointing.unit}
        found[-1] = last.model_copy(update=update)
        return
    if last is not None and last.act is Act.ASK and pointing.act is Act.ADD:
        quoted = quoted.model_copy(update={"text": last.text})
    if (
        pointing.act is Act.SET
        and pointing.quantity is not None
        and pointing.ordinal is None
        and last is not None
        and bare
        and last.quantity is None
        and last.quote is not None
        and last.quote.message == source.message
    ):
        act = Act.SET if source.drafted else Act.ADD
        found[-1] = last.model_copy(
            update={"act": act, "quantity": pointing.quantity, "unit": pointing.unit}
        )
        return
    sure = min(quoted.confidence, POINTING)
    found.append(quoted.model_copy(update={"confidence": sure}))


def _turned(item: Item, source: Source, shelf: Shelf) -> Iterable[Mention]:
    """Yield "make it large" as an option, "make it a tea" as a replacement.

    "Make one of them a tea" takes one away and adds the tea.
    """
    text = item.text(shelf)
    product = shelf.certain(text)
    if product is not None and not is_drafted_option(text, source, shelf):
        if product.id in source.drafted:
            yield _mention(item, Act.SET, source, shelf)
            return
        if item.share is not None:
            count = item.share.quantity
            less = Mention(act=Act.REMOVE, quantity=count, confidence=POINTING)
            yield quoted_by(less, item, source)
            more = Mention(text=text, quantity=_counted(item) or count)
            yield judged(more, item, source, shelf)
            return
        mention = Mention(act=Act.REPLACE, text=text, quantity=_counted(item))
        yield judged(mention, item, source, shelf)
        return
    option = OptionMention(text=text)
    options = (*item.options, option)
    mention = Mention(act=Act.SET, options=options, quantity=_counted(item))
    yield quoted_by(mention, item, source).model_copy(update={"confidence": POINTING})


def _counted(item: Item) -> Decimal | None:
    """Return a quantity that is more than an article: not the 1 of "a tea"."""
    return item.quantity if item.amount and item.amount.said else None


def _set_or_add(
    item: Item, source: Source, shelf: Shelf, found: Sequence[Mention]
) -> Act:
    """Return SET when there is such a line to set; "2 latte olsun" may also order."""
    if item.more:
        return Act.ADD
    product = shelf.certain(item.text(shelf))
    told = {p.id for m in found if m.text and (p := shelf.certain(m.text)) is not None}
    known = product is not None and product.id in source.drafted | told
    says_how = item.amount is not None or bool(item.options) or len(item.body) > 1
    return Act.SET if known and says_how else Act.ADD


def _known(item: Item, shelf: Shelf) -> bool:
    return any(shelf.knows(token.word) for token in item.body)


def _replacing(found: Replacement, source: Source, shelf: Shelf) -> Iterable[Mention]:
    """Yield a replacement; "change one latte to a tea" leaves the other lattes."""
    if found.goes.amount is not None and found.goes.amount.said:
        yield from some_for(found.goes, found.comes, source, shelf)
        return
    comes = split_options(found.comes, shelf)
    mention = _mention(comes, Act.REPLACE, source, shelf)
    quote = quote_of(found.marks, source)
    text = found.goes.text(shelf)
    quantity = _counted(comes)
    yield mention.model_copy(
        update={"replaces": text, "quote": quote, "quantity": quantity}
    )


def _mention(item: Item, act: Act, source: Source, shelf: Shelf) -> Mention:
    mention = Mention(
        act=act,
        text=item.text(shelf),
        quantity=item.quantity,
        unit=item.unit,
        options=item.options,
        ordinal=item.ordinal,
    )
    return judged(mention, item, source, shelf)
