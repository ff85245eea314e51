"""Pictures of products in the database. Nothing here commits.

A picture is an address. What products name is noted, looked at when it is due, and
forgotten when no product names it any more.
"""

import base64
import binascii
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, bindparam, delete, or_, select, union, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.column import Timestamp
from catalog.domain.gallery import Owner
from catalog.domain.prints import VERSION, Print, unpacked
from catalog.picture_table import catalog_picture
from catalog.table import product, tenant, variant

#: Rows per statement: well within what databases take as parameters. Nobody waits long
#: for a transaction that writes so many.
BATCH = 400


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture that is to be looked at."""

    tenant_id: str
    address: str
    url: str
    attempts: int  #: That failed, in a row.

    @property
    def host(self) -> str:
        """Return the name, and port, of the server that has the picture."""
        try:
            return urlsplit(self.url).netloc.lower()
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking at a picture, and when to look again (None: never)."""

    waiting: Waiting
    again_at: datetime | None
    print: Print | None = None
    error: str | None = None  #: Why there is no print; what was known stays.
    blank: bool = False  #: It was seen, and shows nothing to be known by.
    asked: bool = True  #: False: its host is left alone, and nothing came of it.


@dataclass(frozen=True, slots=True)
class Naming:
    """What a tenant's products name, and what is noted of it."""

    revision: int  #: Of the catalog, when it was read, or a little before.
    urls: Collection[str]
    known: AbstractSet[str]  #: Addresses.


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be noted: pictures that came, and addresses of those that went."""

    revision: int
    came: Sequence[tuple[str, str]]  #: Address and URL.
    gone: Sequence[str]


def address_of(url: str) -> str:
    """Return by what a picture's URL is stored: however long, it has 64 letters."""
    return hashlib.sha256(url.encode()).hexdigest()


# -- noting ---------------------------------------------------------------------------


async def changed_catalogs(connection: AsyncConnection) -> Sequence[str]:
    """Return the tenants whose catalog changed since its pictures were noted."""
    noted = tenant.c.pictures_noted
    found = await connection.execute(
        select(tenant.c.id)
        .where(
            or_(noted.is_(None), noted != tenant.c.catalog_rev),
            tenant.c.catalog_rev > 0,
        )
        .order_by(tenant.c.id)
    )
    return list(found.scalars())


async def read_naming(connection: AsyncConnection, tenant_id: str) -> Naming:
    """Return what a tenant's products name. It is read in parts: nothing is held up."""
    found = await connection.execute(
        select(tenant.c.catalog_rev).where(tenant.c.id == tenant_id)
    )
    revision = found.scalar_one()
    noted = select(catalog_picture.c.address).where(
        catalog_picture.c.tenant_id == tenant_id
    )
    urls = await _texts(connection, _named(tenant_id))
    known = await _texts(connection, noted)
    return Naming(revision, urls, known)


async def _texts(connection: AsyncConnection, query: Select[Any]) -> set[str]:
    found = set[str]()
    async with connection.stream(query) as rows:
        async for part in rows.scalars().partitions(BATCH):
            found.update(text for text in part if text)
    return found


def changes_of(naming: Naming) -> Changes:
    """Return what is to be noted. Takes a processor's time: call it in a thread."""
    urls = {address_of(url): url for url in naming.urls}
    came = [(address, urls[address]) for address in sorted(urls.keys() - naming.known)]
    return Changes(naming.revision, came, sorted(naming.known - urls.keys()))


async def add_pictures(
    connection: AsyncConnection,
    tenant_id: str,
    came: Sequence[tuple[str, str]],
    *,
    now: datetime,
) -> None:
    """Note at most `BATCH` pictures. Those that somebody else has noted stay."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {"tenant_id": tenant_id, "address": address, "url": url, "due_at": now}
        for address, url in came
    ]
    put = dialect.insert(catalog_picture).on_conflict_do_nothing()
    await connection.execute(put, rows)


async def drop_pictures(
    connection: AsyncConnection, tenant_id: str, gone: Sequence[str], *, revision: int
) -> bool:
    """Forget at most `BATCH` pictures; return False when the catalog is a later one.

    Then a product may name them again.
    """
    found = await connection.execute(
        select(tenant.c.catalog_rev)
        .where(tenant.c.id == tenant_id)
        .with_for_update(key_share=True)
    )
    if found.scalar_one() != revision:
        return False
    await connection.execute(
        delete(catalog_picture).where(
            catalog_picture.c.tenant_id == tenant_id,
            catalog_picture.c.address.in_(gone),
        )
    )
    return True


async def end_noting(
    connection: AsyncConnection, tenant_id: str, changes: Changes
) -> None:
    """Write down of which revision of the catalog the pictures are noted."""
    values: dict[str, Any] = {"pictures_noted": changes.revision}
    if changes.gone:
        values["pictures_rev"] = tenant.c.pictures_rev + 1
    await connection.execute(
        update(tenant).where(tenant.c.id == tenant_id).values(values)
    )


def _named(tenant_id: str) -> Select[Any]:
    sold = select(product.c.id).where(
        product.c.tenant_id == tenant_id, product.c.active
    )
    of_products = select(product.c.image).where(
        product.c.tenant_id == tenant_id, product.c.active
    )
    of_variants = select(variant.c.image).where(
        variant.c.tenant_id == tenant_id, variant.c.product_id.in_(sold)
    )
    return select(union(of_products, of_variants).subquery().c.image)


# -- looking --------------------------------------------------------------------------


async def due_tenants(connection: AsyncConnection, *, now: datetime) -> Sequence[str]:
    """Return the tenants with pictures that are due."""
    waits = select(catalog_picture.c.address).where(
        catalog_picture.c.tenant_id == tenant.c.id, catalog_picture.c.due_at <= now
    )
    found = await connection.execute(
        select(tenant.c.id).where(waits.exists()).order_by(tenant.c.id)
    )
    return list(found.scalars())


async def claim_pictures(
    connection: AsyncConnection,
    tenant_id: str,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    resting: Mapping[str, datetime],
) -> Sequence[Waiting]:
    """Take pictures that are due; nobody else does before the lease is over.

    Those of `resting` hosts are put off until then, some at a time.
    """
    table = catalog_picture
    found = await connection.execute(
        select(table.c.tenant_id, table.c.address, table.c.url, table.c.attempts)
        .where(table.c.tenant_id == tenant_id, table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.address)
        .limit(BATCH if resting else limit)
        .with_for_update(skip_locked=True)
    )
    due = [Waiting(*row) for row in found]
    claimed = [each for each in due if each.host not in resting][:limit]
    until = {each.address: resting.get(each.host) for each in due}
    until = {address: at for address, at in until.items() if at is not None}
    until |= {each.address: now + lease for each in claimed}
    if until:
        await connection.execute(
            _of_one().values(due_at=bindparam("until", type_=Timestamp)),
            [{"of": tenant_id, "at": a, "until": at} for a, at in until.items()],
        )
    return claimed


async def store_looks(
    connection: AsyncConnection, looks: Sequence[Looked], *, now: datetime
) -> None:
    """Store what came of looking. A print that cannot be made anew stays."""
    changed = set()
    for each in sorted(looks, key=lambda e: (e.waiting.tenant_id, e.waiting.address)):
        waiting, failed = each.waiting, each.error is not None
        values: dict[str, Any] = {"due_at": each.again_at}
        if each.asked:
            attempts = waiting.attempts + 1 if failed else 0
            values |= {"attempts": attempts, "error": each.error, "looked_at": now}
        if each.print is not None or each.blank:
            packed = each.print.packed() if each.print is not None else b""
            stored = base64.b64encode(packed).decode() or None
            values |= {"print": stored, "print_version": VERSION}
            if await _stored(connection, waiting) != stored:
                changed.add(waiting.tenant_id)
        await connection.execute(
            _of_one().values(values), [{"of": waiting.tenant_id, "at": waiting.address}]
        )
    for tenant_id in sorted(changed):
        await connection.execute(
            update(tenant)
            .where(tenant.c.id == tenant_id)
            .values(pictures_rev=tenant.c.pictures_rev + 1)
        )


async def _stored(connection: AsyncConnection, waiting: Waiting) -> str | None:
    """Return the print by which a picture is known until now."""
    found = await connection.execute(
        select(catalog_picture.c.print).where(
            catalog_picture.c.tenant_id == waiting.tenant_id,
            catalog_picture.c.address == waiting.address,
            catalog_picture.c.print_version == VERSION,
        )
    )
    stored: str | None = found.scalar()
    return stored


def _of_one() -> Any:  # noqa: ANN401  # an update that SQLAlchemy types by its table
    return update(catalog_picture).where(
        catalog_picture.c.tenant_id == bindparam("of"),
        catalog_picture.c.address == bindparam("at"),
    )


# -- searching ------------------------------------------------------------------------


async def pictures_revision(connection: AsyncConnection, tenant_id: str) -> int:
    """Return how often the tenant's prints have changed; 0: there are none."""
    found = await connection.execute(
        select(tenant.c.pictures_rev).where(tenant.c.id == tenant_id)
    )
    revision: int = found.scalar_one()
    return revision


async def load_prints(connection: AsyncConnection, tenant_id: str) -> Mapping[str, str]:
    """Return the tenant's prints by the URLs of their pictures, as they are stored.

    They are read in parts: nothing is held up.
    """
    query = select(catalog_picture.c.url, catalog_picture.c.print).where(
        catalog_picture.c.tenant_id == tenant_id,
        catalog_picture.c.print_version == VERSION,
        catalog_picture.c.print.is_not(None),
    )
    found: dict[str, str] = {}
    async with connection.stream(query) as rows:
        async for part in rows.partitions(BATCH):
            found.update((row.url, row.print) for row in part)
    return found


def prints_of(stored: Mapping[str, str]) -> Mapping[str, Print]:
    """Return loaded prints. Takes a processor's time: call it in a thread."""
    found = ((url, _print(each)) for url, each in stored.items())
    return {url: each for url, each in found if each is not None}


def _print(stored: str) -> Print | None:
    try:
        return unpacked(base64.b64decode(stored, validate=True))
    except (ValueError, binascii.Error):
        return None  # Another program's: the picture is not known, and that is all.


async def picture_owners(
    connection: AsyncConnection, tenant_id: str, urls: Collection[str]
) -> Mapping[str, Sequence[Owner]]:
    """Return which products and variants have these pictures now, by URL."""
    owners: defaultdict[str, list[Owner]] = defaultdict(list)
    if not urls:
        return owners
    products = await connection.execute(
        select(product.c.image, product.c.id).where(
            product.c.tenant_id == tenant_id,
            product.c.active,
            product.c.image.in_(sorted(urls)),
        )
    )
    for image, product_id in products:
        owners[image].append(Owner(product_id))
    variants = await connection.execute(
        select(variant.c.image, variant.c.product_id, variant.c.id)
        .join(product, product.c.id == variant.c.product_id)
        .where(
            variant.c.tenant_id == tenant_id,
            product.c.active,
            variant.c.image.in_(sorted(urls)),
        )
    )
    for image, product_id, variant_id in variants:
        owners[image].append(Owner(product_id, variant_id))
    return owners


async def products_at(
    connection: AsyncConnection, tenant_id: str, urls: Collection[str]
) -> Sequence[str]:
    """Return the ids of the active products whose page has one of these URLs."""
    found = await connection.execute(
        select(product.c.id)
        .where(
            product.c.tenant_id == tenant_id,
            product.c.active,
            product.c.url.in_(sorted(urls)),
        )
        .order_by(product.c.id)
        .limit(BATCH)
    )
    return list(found.scalars())
