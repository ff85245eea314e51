"""What a customer's move puts into the chat."""

import asyncio
from collections.abc import Sequence

from bot.domain.message import (
    Button,
    Cart,
    CartItem,
    ChoiceSource,
    Content,
    Media,
    MediaKind,
    OutButtons,
    Row,
    Tap,
    Text,
)
from bot.evaluation.cases import (
    Basket,
    Burst,
    Move,
    Note,
    Shelf,
    Touch,
    Voice,
    voice_named,
)
from bot.evaluation.paper import PaperChannel
from bot.evaluation.photographs import list_on_paper, things_on_shelf
from bot.evaluation.stage import Talk


class CannotMove(Exception):
    """The customer is stuck: what they would tap is not there."""


async def contents_of(
    move: Move, talk: Talk, channel: PaperChannel
) -> Sequence[Content]:
    """Return the messages of a move. Raises CannotMove."""
    if isinstance(move, Note | Shelf):
        photo = await asyncio.to_thread(_photo, move)
        return [_file(MediaKind.IMAGE, photo, move.caption, channel)]
    match move:
        case str():
            return [Text(text=move)]
        case Burst(burst=texts):
            return [Text(text=text) for text in texts]
        case Touch(tap=place):
            return [_tapped(talk, place)]
        case Basket(cart=lines):
            items = (CartItem(retailer_id=sku, quantity=n) for sku, n in lines)
            return [Cart(items=tuple(items))]
        case Voice(voice=name):
            return [_file(MediaKind.VOICE, voice_named(name), None, channel)]


def _photo(move: Note | Shelf) -> bytes:
    if isinstance(move, Note):
        return list_on_paper(move.note)
    return things_on_shelf(move.shelf)


def _tapped(talk: Talk, place: int) -> Tap:
    shown = talk.choices
    choices: Sequence[Button | Row] = ()
    if shown is not None:
        choices = shown.buttons if isinstance(shown, OutButtons) else shown.rows
    if place > len(choices):
        raise CannotMove(f"there is no choice {place} to tap, but {len(choices)}")
    chosen = choices[place - 1]
    is_button = isinstance(shown, OutButtons)
    source = ChoiceSource.BUTTON if is_button else ChoiceSource.LIST
    return Tap(id=chosen.id, title=chosen.title, source=source)


def _file(
    kind: MediaKind, data: bytes, caption: str | None, channel: PaperChannel
) -> Media:
    return Media(kind=kind, provider_media_id=channel.keep(data), caption=caption)
