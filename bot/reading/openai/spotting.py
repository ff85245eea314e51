"""Where in a picture a model claims to have seen something, as far as it can be there.

A place is a help for the eye and decides nothing: a wrong one is left out, and costs
what was claimed nothing.
"""

from bot.domain.regions import Region
from bot.domain.understanding import Spot
from bot.reading.openai.answer import SaidBox, SaidMention, Where
from bot.reading.openai.ground import Ground
from bot.reading.pictures import PDF

#: A box may reach so far beyond its picture, as a share of its sides: that is clumsy.
#: One that reaches farther was measured in something else.
_BEYOND = 0.05


def spot_of(ground: Ground, claim: SaidMention) -> Spot | None:
    """Return the picture that a claim stands on, and where in it; None: on words."""
    if claim.where is not Where.IMAGE or not ground.said.has_picture(claim.message):
        return None
    message = ground.request.messages[claim.message]
    # Of a picture that was looked at before, and of pages, no model sees a place.
    seen = message.picture is not None and message.picture.mime != PDF
    region = _region(claim.box) if seen and claim.box is not None else None
    return Spot(message_id=message.id, region=region)


def _region(box: SaidBox) -> Region | None:
    edges = (box.left, box.top, box.right, box.bottom)
    if not all(-_BEYOND <= edge <= 1 + _BEYOND for edge in edges):
        return None
    return Region.between(*edges)
