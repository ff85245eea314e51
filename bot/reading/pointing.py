"""Joining what pictures show with what is said: "2 of these" is about the picture.

Whoever reads the words, a product in a picture becomes a mention like any other, with
the message that it was seen in as its evidence. Words that name another product with
certainty win over the picture; words that do not are wishes about what it shows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.message import Text
from bot.domain.understanding import (
    PICTURED,
    Act,
    Intent,
    Mention,
    OptionMention,
    Quote,
    Sight,
    Spot,
    Understanding,
    Visual,
)
from bot.reading.reader import Reading, ReadingRequest
from bot.reading.rules.intents import leading_first, of_mentions
from bot.reading.rules.reader import text_of, understand
from bot.reading.rules.telling import summary_of
from bot.reading.sighting import Sighting, Thing
from catalog import Ambiguous, Certain, Unknown

#: Whoever says that, and no amount, does not order what a picture shows.
_ELSEWHERE: Final = frozenset(
    {
        Intent.CANCEL_DRAFT,
        Intent.CANCEL_ORDER,
        Intent.COMPLAINT,
        Intent.DECLINE,
        Intent.HUMAN,
        Intent.ORDER_STATUS,
        Intent.REMOVE,
        Intent.STOP,
    }
)
#: What is said beside a picture that is simply wanted.
_WANTS: Final = frozenset(
    {Intent.ORDER, Intent.CHANGE, Intent.GREET, Intent.START, Intent.THANKS}
)
_POINTING: Final = frozenset({Act.ADD, Act.SET, Act.ASK})
_ELSE = "the words name something else than the picture shows"


def with_pictures(said: Understanding, request: ReadingRequest) -> Understanding:
    """Return an understanding with what the pictures of the turn show. Pure."""
    messages = request.messages
    seen = {n: m.sighting for n, m in enumerate(messages) if m.sighting is not None}
    if not seen:
        return said
    turn = _Turn(said, request)
    for place, sighting in seen.items():
        turn.look(place, sighting)
    return turn.understanding(tuple(_visuals(said, seen, request)))


def pictured(reading: Reading, request: ReadingRequest) -> Reading:
    """Return a reading that knows what the pictures of its turn show. Pure."""
    told = with_pictures(reading.understanding, request)
    return replace(reading, understanding=told)


class _Turn:
    """The mentions of a turn, on the way to those that know its pictures."""

    def __init__(self, said: Understanding, request: ReadingRequest) -> None:
        self._said, self._request = said, request
        self._mentions: list[Mention] = list(said.mentions)
        self._shown: list[Mention] = []
        self._spent: list[Mention] = []  #: Pointed at pictures: they say no more.
        self._warnings: list[str] = []

    def look(self, place: int, sighting: Sighting) -> None:
        """Take in what the picture of a message shows."""
        things = [
            replace(each, sight=each.sight.model_copy(update={"message": place}))
            for each in sighting.things
        ]
        if not things:
            return
        pointing = self._pointing(place)
        if pointing:
            self._spent += pointing
            self._shown += [
                self._pointed(place, mention, thing)
                for mention in pointing
                for thing in things
            ]
        elif not self._settled_by_words(place, things):
            self._shown += [
                shown
                for thing in things
                if (shown := self._wanted(place, thing)) is not None
            ]

    def understanding(self, visual: tuple[Visual, ...]) -> Understanding:
        said = self._said
        kept = [each for each in self._mentions if each not in self._spent]
        mentions = (*kept, *self._shown)
        intents = leading_first(
            (set(said.intents) - {Intent.OTHER}) | of_mentions(mentions)
        )
        told = said.intents != (Intent.OTHER,) or not self._shown
        sure = min((each.confidence for each in self._shown), default=said.confidence)
        return said.model_copy(
            update={
                "mentions": mentions,
                "intents": intents,
                "visual": visual,
                "confidence": said.confidence if told else sure,
                "summary": said.summary
                if told
                else summary_of(intents, mentions, said.details),
                "entities": self._entities(mentions),
                "warnings": tuple(dict.fromkeys((*said.warnings, *self._warnings))),
            }
        )

    # -- words about pictures ---------------------------------------------------------

    def _pointing(self, place: int) -> list[Mention]:
        """Return the mentions without a name that are about the picture of a message.

        They stand beneath it, in an answer to it, or in the text right after pictures.
        """
        places = {place, *self._answers_to(place)}
        found = self._bare(self._mentions, places)
        if not found and text_of(self._request.messages[place].content).strip():
            # A model that was not shown the picture may have made nothing of "2 of
            # these"; the rules hear an amount.
            own = [m for m in self._mentions if _place(m) == place]
            found = (
                [] if own else self._bare(understand(self._request).mentions, {place})
            )
        return found

    def _answers_to(self, place: int) -> Iterator[int]:
        messages = self._request.messages
        picture = messages[place]
        for number, message in enumerate(messages):
            quoted = message.reply_to.provider_id if message.reply_to else None
            if quoted is not None and quoted == picture.provider_id:
                yield number
        after = place + 1
        while after < len(messages) and messages[after].sighting is not None:
            if text_of(messages[after].content).strip():
                return
            after += 1
        if after < len(messages) and not text_of(picture.content).strip():
            following = messages[after]
            is_answer = following.reply_to is not None
            if isinstance(following.content, Text) and not is_answer:
                yield after

    def _bare(self, mentions: Sequence[Mention], places: set[int]) -> list[Mention]:
        return [
            mention
            for mention in mentions
            if _place(mention) in places
            and not mention.text.strip()
            and mention.ordinal is None
            and mention.act in _POINTING
        ]

    def _pointed(self, place: int, mention: Mention, thing: Thing) -> Mention:
        # "Make it 2" beside a picture is about the picture: it is put.
        act = Act.ASK if mention.act is Act.ASK else Act.ADD
        told = {
            "text": self._name(thing.sight),
            "sight": thing.sight,
            "spot": self._spot(place, thing, mention.spot),
            "act": act,
        }
        return mention.model_copy(update=told)

    def _spot(self, place: int, thing: Thing, before: Spot | None) -> Spot:
        """Return where a thing is. `before`: where a model saw what is said of it."""
        picture, region = self._request.messages[place].id, thing.region
        if region is None and before is not None and before.message_id == picture:
            region = before.region
        return Spot(message_id=picture, region=region)

    def _settled_by_words(self, place: int, things: Sequence[Thing]) -> bool:
        """Let the names in a caption say what they can; False when there are none."""
        own = [
            number
            for number, mention in enumerate(self._mentions)
            if _place(mention) == place and mention.text.strip()
        ]
        for number in own:
            mention = self._mentions[number]
            if len(things) > 1 and self._names_nothing(mention):
                # "2 of each": of everything in the picture.
                self._spent.append(mention)
                self._shown += [self._pointed(place, mention, each) for each in things]
                continue
            told = self._told_by(place, mention, things)
            if told is None:
                self._warnings.append(_ELSE)
            else:
                self._mentions[number] = told
        return bool(own)

    def _names_nothing(self, mention: Mention) -> bool:
        match = self._request.index.find(mention.text)
        return isinstance(match, Unknown) and mention.act in _POINTING

    def _told_by(
        self, place: int, mention: Mention, things: Sequence[Thing]
    ) -> Mention | None:
        """Return what a name beside the picture means; None: something else."""
        shown = {
            seen.product_id: each for each in things for seen in each.sight.products
        }
        match = self._request.index.find(mention.text)
        if isinstance(match, Certain):
            thing = shown.get(match.candidate.product_id)
            return self._seen(place, mention, thing) if thing else None
        if len(things) > 1:
            return mention
        mention = self._seen(place, mention, things[0])
        sight, found = things[0].sight, set[str]()
        if isinstance(match, Ambiguous):
            found = {each.product_id for each in match.candidates} & set(shown)
        if found:
            left = tuple(seen for seen in sight.products if seen.product_id in found)
            sure = sight.sure or len(left) == 1
            sight = sight.model_copy(update={"products": left, "sure": sure})
            return mention.model_copy(update={"sight": sight})
        wish = OptionMention(text=mention.text)
        told = {
            "text": self._name(sight),
            "sight": sight,
            "options": (*mention.options, wish),
        }
        return mention.model_copy(update=told)

    def _seen(self, place: int, mention: Mention, thing: Thing) -> Mention:
        spot = self._spot(place, thing, mention.spot)
        return mention.model_copy(update={"spot": spot})

    def _wanted(self, place: int, thing: Thing) -> Mention | None:
        """Return the mention that a picture is by itself; None when it is none."""
        intents = set(self._said.intents) - {Intent.OTHER}
        if intents & _ELSEWHERE:
            return None
        words = text_of(self._request.messages[place].content).strip()
        asks = Intent.ASK_PRODUCT in intents or (words and not intents <= _WANTS)
        unclear = bool(words) and not intents
        return Mention(
            act=Act.ASK if asks or unclear else Act.ADD,
            text=self._name(thing.sight),
            quote=Quote(message=place, text=words or thing.words),
            sight=thing.sight,
            spot=self._spot(place, thing, None),
            confidence=thing.sight.products[0].probability,
        )

    def _name(self, sight: Sight) -> str:
        product = self._request.index.product(sight.products[0].product_id)
        return product.name if sight.sure and product is not None else PICTURED

    def _entities(self, mentions: Sequence[Mention]) -> object:
        entities = self._said.entities
        first = next((m.text for m in mentions if m.text not in ("", PICTURED)), None)
        if entities.product_name or first is None:
            return entities
        return entities.model_copy(update={"product_name": first})


def _place(mention: Mention) -> int | None:
    return mention.quote.message if mention.quote else None


def _visuals(
    said: Understanding, seen: dict[int, Sighting], request: ReadingRequest
) -> Iterator[Visual]:
    """Yield what is seen in each picture; what a model saw stays, the rest is added."""
    by_model = {each.message: each for each in said.visual}
    for place in sorted({*by_model, *seen}):
        told, sighting = by_model.get(place), seen.get(place)
        if sighting is None or (told is not None and not sighting.things):
            if told is not None:
                yield told
            continue
        own = sighting.visual(place, request.index)
        if told is None:
            yield own
        else:
            found = {"status": own.status, "candidate_count": own.candidate_count}
            yield told.model_copy(update=found)
