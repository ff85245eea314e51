"""The earlier messages that a turn's messages answer, however long ago they were."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.found import Outcome as Certainty
from bot.domain.found import load_found
from bot.domain.message import Content, Media, Tap, Text
from bot.domain.snapshot import Quoted, Subject, TurnMessage
from bot.inbox.table import analysis, media, message
from bot.worker.originals import as_it_reads, is_hidden
from bot.worker.recalling import within

_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)
_SUBJECTS = TypeAdapter(tuple[Subject, ...])
_TAP = Tap(id="", title="").type

#: By conversation, and by the provider's id of what is answered.
Quotes = Mapping[str, Mapping[str, Quoted]]


async def quotes_of(connection: AsyncConnection, rows: Iterable[Row[Any]]) -> Quotes:
    """Return what pending messages answer; a button is no answer to its message."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        answered = (row.reply_to or {}).get("provider_id")
        is_tap = row.content.get("type") == _TAP
        if row.state == "pending" and answered is not None and not is_tap:
            wanted[row.conversation_id].add(answered)
    if not wanted:
        return {}
    ids = sorted({each for answers in wanted.values() for each in answers})
    found = await connection.execute(
        select(
            message.c.id,
            message.c.conversation_id,
            message.c.provider_id,
            message.c.direction,
            message.c.content,
            message.c.correction,
            message.c.about,
            media.c.reading,
            analysis.c.result,
            analysis.c.matches,
        )
        .select_from(within(wanted))
        .outerjoin(media, media.c.message_id == message.c.id)
        .outerjoin(analysis, analysis.c.id == message.c.analysis_id)
        .where(message.c.event.in_(("message", "echo")), message.c.provider_id.in_(ids))
    )
    known = {(row.conversation_id, row.provider_id): _quoted(row) for row in found}
    return {
        chat: {each: known.get((chat, each), Quoted()) for each in answers}
        for chat, answers in wanted.items()
    }


def answered(
    messages: Iterable[TurnMessage], quotes: Mapping[str, Quoted]
) -> tuple[TurnMessage, ...]:
    """Return messages with what they answer."""
    return tuple(
        replace(each, quoted=quotes.get(each.reply_to.provider_id or ""))
        if each.reply_to
        else each
        for each in messages
    )


def _quoted(row: Row[*tuple[Any, ...]]) -> Quoted:
    if is_hidden(row.correction):
        return Quoted(known=True, message_id=row.id)
    if row.direction == "out":
        return Quoted(
            known=True,
            message_id=row.id,
            text=row.content.get("body") or row.content.get("caption") or "",
            subjects=_SUBJECTS.validate_python(row.about or ()),
        )
    content = as_it_reads(_CONTENT.validate_python(row.content), row.correction)
    text = _words(content, row.reading)
    return Quoted(
        known=True,
        message_id=row.id,
        text=text,
        subjects=tuple(_named(row, text, is_file=isinstance(content, Media))),
    )


def _named(
    row: Row[*tuple[Any, ...]], text: str, *, is_file: bool
) -> Iterator[Subject]:
    """Yield the products that a customer's message named or showed for certain.

    A turn may have had several messages: what it quotes of this one counts, and what
    was seen, when this one is a picture.
    """
    mentions = (row.result or {}).get("mentions") or ()
    for found in load_found(row.matches):
        if found.outcome is not Certainty.CERTAIN or found.mention >= len(mentions):
            continue
        mention = mentions[found.mention]
        said = (mention.get("quote") or {}).get("text")
        if (said and said in text) or (is_file and mention.get("sight")):
            best = found.products[0]
            yield Subject(product=best.product_id, variant=best.variant_id)


def _words(content: Content, reading: Mapping[str, Any] | None) -> str:
    """Return the words of a customer's message: typed, spoken, or of what was seen."""
    made = reading or {}
    seen = (made.get("visual") or {}).get("query")
    match content:
        case Text(text=text):
            return text
        case Media(caption=caption):
            return caption or made.get("transcript") or seen or ""
    return ""
