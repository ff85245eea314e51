"""What was seen in the pictures of a turn, and what the catalog says to it."""

from collections.abc import Sequence

from bot.domain.understanding import Visual, VisualAttributes, VisualStatus
from bot.reading.openai.answer import SeenImage
from bot.reading.reader import ReadableMessage
from catalog import Ambiguous, Certain, Index

UNREADABLE = "the picture cannot be made out"
_NOT_SAID = "the model said nothing of the picture"
_LONGEST = 500
#: Text in a picture may be a whole list.
_LONGEST_TEXT = 3000


def visuals_of(
    images: Sequence[SeenImage], messages: Sequence[ReadableMessage], index: Index
) -> tuple[Visual, ...]:
    """Return one `Visual` for each message that came with a picture."""
    seen = {image.message: image for image in reversed(images)}
    found = []
    for place, message in enumerate(messages):
        if message.blind is not None:
            found.append(_failed(place, message.blind))
        elif message.seen is not None:
            found.append(message.seen.model_copy(update={"message": place}))
        elif message.picture is not None:
            found.append(_visual(place, seen.get(place), index))
    return tuple(found)


def _visual(place: int, image: SeenImage | None, index: Index) -> Visual:
    if image is None or not image.readable:
        return _failed(place, UNREADABLE if image else _NOT_SAID)
    query = image.query.strip()[:_LONGEST]
    status, count = _searched(query, index)
    return Visual(
        message=place,
        description=image.description.strip()[:_LONGEST],
        query=query,
        attributes=VisualAttributes(
            **{
                name: text[: _LONGEST_TEXT if name == "visible_text" else _LONGEST]
                for name, text in image.attributes.model_dump().items()
                if text
            }
        ),
        status=status,
        candidate_count=count,
    )


def _failed(place: int, why: str) -> Visual:
    return Visual(message=place, status=VisualStatus.FAILED, warnings=(why,))


def _searched(query: str, index: Index) -> tuple[VisualStatus, int]:
    if not query:
        return VisualStatus.NOT_SEARCHED, 0
    match = index.find(query)
    if isinstance(match, Certain):
        return VisualStatus.HIGH_CONFIDENCE, 1 + len(match.others)
    if isinstance(match, Ambiguous):
        return VisualStatus.AMBIGUOUS, len(match.candidates)
    near = len(match.near)
    return (VisualStatus.LOW_CONFIDENCE if near else VisualStatus.NO_MATCH), near
