"""Looking at a customer's picture without a model: codes, and the catalog's pictures.

It costs a fraction of a second of one processor, so it comes before any model: what a
code or a copy of the shop's own picture tells needs no model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog
from sqlalchemy.exc import DBAPIError

from bot.db import DatabaseUnavailable
from bot.domain.regions import Region
from bot.reading.codes import addresses_of
from bot.reading.pictures import PDF, Glance, Unreadable, glance_at
from bot.reading.sighting import Sighting, told_by_codes, told_by_picture
from bot.runtime import Runtime
from bot.worker.judging import MediaFound
from catalog import Index
from catalog.domain.gallery import Alike, Gallery, shown_by
from catalog.domain.views import WHOLE, Box
from catalog.pictures import (
    load_prints,
    picture_owners,
    pictures_revision,
    products_at,
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the things in a picture are looked for: in one shop."""

    tenant_id: str
    index: Index
    runtime: Runtime


async def glanced(found: MediaFound, data: bytes, shelf: Shelf) -> MediaFound:
    """Return a stored picture with what it shows of what the shop sells.

    What cannot be opened says so in `blind`. Never raises.
    """
    if found.mime == PDF:
        return found
    galleries = shelf.runtime.galleries
    try:
        glance = await galleries.look(lambda: glance_at(data))
    except Unreadable as why:
        return replace(found, blind=str(why), error=f"not seen: {why}")
    try:
        sighting = await _sighting(glance, shelf)
    except (DatabaseUnavailable, DBAPIError) as error:
        _log.warning("picture_not_compared", error=str(error))
        sighting = Sighting(codes=tuple(glance.codes))
    shelf.runtime.metrics.count_reading("pictures", sighting.status)
    return replace(found, sighting=sighting)


async def _sighting(glance: Glance, shelf: Shelf) -> Sighting:
    tenant_id, runtime = shelf.tenant_id, shelf.runtime
    things = told_by_codes(glance.codes, await _pages(glance, shelf), shelf.index)
    codes = tuple(glance.codes)
    if things:
        return Sighting(things, codes, searched=True)
    gallery = await _gallery(shelf)
    alike = await _alike(gallery, glance, runtime)
    if not alike:
        return Sighting((), codes, searched=len(gallery) > 0)
    async with runtime.database.reading() as connection:
        owners = await picture_owners(connection, tenant_id, [a.key for a in alike])
    owned = (each.box for each in alike if owners.get(each.key))
    things = told_by_picture(shown_by(alike, owners), _region(next(owned, WHOLE)))
    return Sighting(things, codes, searched=True)


def _region(box: Box) -> Region | None:
    return Region.between(box.left, box.top, box.right, box.bottom)


async def _pages(glance: Glance, shelf: Shelf) -> dict[str, list[str]]:
    """Return the products whose page has the address that a code holds, by code."""
    found: dict[str, list[str]] = {}
    for code in glance.codes:
        addresses = addresses_of(code)
        if addresses:
            async with shelf.runtime.database.reading() as connection:
                found[code] = list(
                    await products_at(connection, shelf.tenant_id, addresses)
                )
    return found


async def _gallery(shelf: Shelf) -> Gallery:
    tenant_id, runtime = shelf.tenant_id, shelf.runtime

    async with runtime.database.reading() as connection:
        revision = await pictures_revision(connection, tenant_id)
    if not revision:
        return Gallery({})

    async def load() -> Mapping[str, str]:
        async with runtime.database.reading() as connection:
            return await load_prints(connection, tenant_id)

    return await runtime.galleries.current(tenant_id, revision, load)


async def _alike(
    gallery: Gallery, glance: Glance, runtime: Runtime
) -> tuple[Alike, ...]:
    if not len(gallery):
        return ()
    return await runtime.galleries.look(lambda: gallery.alike(glance.pixels))
