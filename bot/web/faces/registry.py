"""Which faces there are, in the order of the documentation. A new one is a line."""

from bot.web.api.endpoint import Endpoint, Endpoints
from bot.web.api.face import Face
from bot.web.faces import akinon, omnichat, repzo, ticaret, zegoal_catalog

FACE_SUBJECTS: tuple[Endpoints, ...] = (
    ticaret.endpoints,
    repzo.endpoints,
    zegoal_catalog.endpoints,  # Those of its orders, too.
    akinon.endpoints,
    omnichat.endpoints,
)

FACES: tuple[Face, ...] = tuple(dict.fromkeys(each.face for each in FACE_SUBJECTS))
FACE_ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for subject in FACE_SUBJECTS for endpoint in subject.declared
)
