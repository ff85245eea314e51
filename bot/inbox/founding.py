"""The first minutes of a shop: its tenant and its first admin. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.snapshot import Tenant
from bot.inbox.accounts import Role, add_tenant
from bot.inbox.checking import (
    InvalidAccount,
    check_country,
    check_currency,
    check_name,
    check_spoken,
    check_timezone,
    usual_currency,
    usual_timezone,
)
from bot.inbox.users import User, add_user, check_email
from catalog.table import tenant as tenants
from orders import Shop


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a tenant is made of, checked."""

    name: str
    language: str
    country: str
    timezone: str
    currency: str

    @classmethod
    def checked(
        cls,
        *,
        name: str,
        language: str,
        country: str,
        timezone: str | None,
        currency: str | None,
        now: datetime,
    ) -> Self:
        """Return the facts; what is not given follows from the country.

        Raises InvalidAccount naming the field and the remedy.
        """
        country = check_country(country)
        return cls(
            name=check_name(name),
            language=check_spoken(language),
            country=country,
            timezone=zone_of(country, timezone),
            currency=check_currency(
                currency or usual_currency(country, now.date()), now
            ),
        )


@dataclass(frozen=True, slots=True)
class AdminFacts:
    """What the first admin is made of, checked; the password is hashed already."""

    email: str
    name: str
    password_hash: str


def zone_of(country: str, timezone: str | None) -> str:
    """Return the given time zone, else the country's. Raises InvalidAccount."""
    if timezone:
        return check_timezone(timezone)
    usual = usual_timezone(country)
    if usual is None:
        raise InvalidAccount(
            "timezone",
            f"{country} has more than one; give an IANA name such as Europe/Istanbul",
        )
    return usual


async def has_tenants(connection: AsyncConnection) -> bool:
    """Return whether anybody has a shop here."""
    found = await connection.execute(select(tenants.c.id).limit(1))
    return found.first() is not None


async def found_shop(
    connection: AsyncConnection, facts: ShopFacts, *, tenant_id: str, now: datetime
) -> Tenant:
    """Store a tenant with the rules that every shop begins with.

    Raises InvalidAccount when the name is taken.
    """
    return await add_tenant(
        connection,
        id=tenant_id,
        name=facts.name,
        language=facts.language,
        timezone=facts.timezone,
        currency=facts.currency,
        country=facts.country,
        shop=Shop(),
        now=now,
    )


async def add_admin(
    connection: AsyncConnection,
    facts: AdminFacts,
    *,
    tenant_id: str,
    user_id: str,
    now: datetime,
) -> User:
    """Store an admin. Raises InvalidAccount."""
    return await add_user(
        connection,
        id=user_id,
        tenant_id=tenant_id,
        email=check_email(facts.email),
        name=check_name(facts.name),
        role=Role.ADMIN,
        password_hash=facts.password_hash,
        now=now,
    )
