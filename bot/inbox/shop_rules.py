"""A tenant's shop rules: as merchants write them, as they decide, and stored.

Nothing here commits. What is stored is tolerant (`orders.codec`): a program one version
older or newer reads it; what merchants write is strict (`bot.inbox.shop_wire`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.inbox.calls_wire import calls_of, written_calls
from bot.inbox.fields_wire import fields_of, written_fields
from bot.inbox.humans_wire import humans_of, written_humans
from bot.inbox.manners_wire import manners_of, written_manners
from bot.inbox.shop_wire import (
    COSTS,
    DAYS,
    AreaRules,
    ConfirmationRules,
    Cost,
    DeliveryRules,
    HolidayRules,
    HoursRules,
    HumansRules,
    PaymentRules,
    ShopRules,
    interval_of,
)
from bot.inbox.style_wire import style_of, written_style
from bot.inbox.templates_wire import templates_of, written_templates
from catalog.domain.money import exponent, to_major, to_minor
from catalog.table import tenant
from orders import Area, Confirms, Holiday, Hours, Interval, PaymentKind, Shop
from orders import PaymentMethod as Method
from orders.codec import dump_shop, load_shop

__all__ = [
    "InvalidRules",
    "RulesChanged",
    "ShopRules",
    "TenantGone",
    "load_shop_rules",
    "parse_rules",
    "rules_of",
    "shop_of",
    "store_shop_rules",
]


class InvalidRules(Exception):
    """Rules cannot be taken. `errors` are pairs of a field's path and what is wrong."""

    def __init__(self, errors: tuple[tuple[str, str], ...]) -> None:
        said = "; ".join(f"{field}: {problem}" for field, problem in errors)
        super().__init__(said)
        self.errors = errors


class RulesChanged(Exception):
    """Somebody stored other rules meanwhile; `version` is theirs: read them again."""

    def __init__(self, version: int) -> None:
        super().__init__(f"the rules were changed meanwhile; they are at {version}")
        self.version = version


class TenantGone(LookupError):
    """There is no such tenant."""


# -- stored ---------------------------------------------------------------------------


async def load_shop_rules(
    connection: AsyncConnection, tenant_id: str
) -> tuple[Shop, int]:
    """Return a tenant's rules and their version. Raises TenantGone."""
    found = await connection.execute(_rules(tenant_id))
    row = found.one_or_none()
    if row is None:
        raise TenantGone(f"there is no tenant {tenant_id}")
    shop = load_shop(row.shop, timezone=row.timezone, country=row.country)
    return shop, row.shop_version


async def store_shop_rules(
    connection: AsyncConnection,
    tenant_id: str,
    shop: Shop,
    expected_version: int,
    now: datetime,
) -> int:
    """Store a tenant's rules, all of them, and return their new version.

    They hold from the next turn on; what was shown to customers before is asked again
    where it differs. Raises RulesChanged when they are not at `expected_version` any
    more, TenantGone.
    """
    found = await connection.execute(_rules(tenant_id).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise TenantGone(f"there is no tenant {tenant_id}")
    if row.shop_version != expected_version:
        raise RulesChanged(row.shop_version)
    await connection.execute(
        update(tenant)
        .where(tenant.c.id == tenant_id)
        .values(
            shop=dump_shop(shop),
            shop_version=expected_version + 1,
            shop_changed_at=now,
        )
    )
    return expected_version + 1


def _rules(tenant_id: str) -> Select[Any]:
    columns = (tenant.c.shop, tenant.c.shop_version, tenant.c.timezone)
    return select(*columns, tenant.c.country).where(tenant.c.id == tenant_id)


# -- written --------------------------------------------------------------------------


def parse_rules(data: Mapping[str, object]) -> ShopRules:
    """Return rules as written in JSON or TOML. Raises InvalidRules, naming fields."""
    try:
        return ShopRules.model_validate(data)
    except ValidationError as error:
        raise InvalidRules(
            tuple(
                (_path(each["loc"]), each["msg"].removeprefix("Value error, "))
                for each in error.errors(include_url=False)
            )
        ) from None


def shop_of(rules: ShopRules, currency: str) -> Shop:
    """Return the rules that decide. Raises InvalidRules for amounts that cannot be."""
    money = _Money(currency)
    delivery, hours = rules.delivery, rules.hours
    by = rules.confirmation
    shop = Shop(
        fulfilments=tuple(dict.fromkeys(rules.fulfilments)),
        delivery_fee=money.minor("delivery.fee", delivery.fee),
        free_delivery_from=money.maybe("delivery.free_from", delivery.free_from),
        minimum_order=money.minor("minimum_order", rules.minimum_order),
        tax_included=rules.tax == "included",
        required=tuple(dict.fromkeys(rules.required)),
        areas=tuple(_area(money, n, each) for n, each in enumerate(delivery.areas)),
        payments=tuple(_method(each) for each in rules.payments),
        hours=_hours(hours) if hours else None,
        confirms=by.by,
        approval_from=money.maybe("confirmation.auto_below", by.auto_below) or 0,
        postal_formats=delivery.postal_formats,
        wrong_product=_cost(rules.wrong_product),
        manners=manners_of(rules.manners),
        style=style_of(rules.style),
        humans=humans_of(
            rules.humans, money.maybe("humans.asked_from", rules.humans.asked_from)
        ),
        fields=fields_of(rules.fields, money.minor),
        templates=templates_of(rules.templates),
        calls=calls_of(rules.calls),
    )
    if money.errors:
        raise InvalidRules(tuple(money.errors))
    return replace(shop, when_closed=hours.when_closed) if hours else shop


def rules_of(shop: Shop, currency: str) -> ShopRules:
    """Return rules as merchants write them; `shop_of` makes the same shop of them."""

    def written(minor: int) -> str:
        return f"{to_major(minor, currency):f}"

    def maybe(minor: int | None) -> str | None:
        return None if minor is None else written(minor)

    is_auto = shop.confirms is Confirms.AUTO
    return ShopRules(
        fulfilments=shop.fulfilments,
        minimum_order=written(shop.minimum_order),
        tax="included" if shop.tax_included else "excluded",
        required=shop.required,
        delivery=DeliveryRules(
            fee=written(shop.delivery_fee),
            free_from=maybe(shop.free_delivery_from),
            areas=tuple(
                AreaRules(
                    name=area.name,
                    postal_prefixes=area.postal_prefixes,
                    cities=area.cities,
                    fee=written(area.fee),
                    minimum_order=written(area.minimum_order),
                    free_from=maybe(area.free_from),
                    lead_minutes=area.lead_minutes,
                )
                for area in shop.areas
            ),
            postal_formats=shop.postal_formats,
        ),
        payments=tuple(map(_written_method, shop.payments)),
        hours=_written_hours(shop),
        confirmation=ConfirmationRules(
            by=shop.confirms,
            auto_below=written(shop.approval_from) if is_auto else None,
        ),
        wrong_product=_written_cost(shop.wrong_product),
        manners=written_manners(shop.manners),
        style=written_style(shop.style),
        humans=HumansRules(
            **written_humans(shop.humans).model_dump(),
            asked_from=maybe(shop.humans.asked_from),
        ),
        fields=written_fields(shop.fields, written),
        templates=written_templates(shop.templates),
        calls=written_calls(shop.calls),
    )


_WORDS: tuple[tuple[Literal["little", "some", "much"], int], ...] = (
    ("little", COSTS["little"]),
    ("some", COSTS["some"]),
    ("much", COSTS["much"]),
)


class _Money:
    """Reads amounts of one currency and remembers which cannot be one."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self.errors: list[tuple[str, str]] = []

    def minor(self, field: str, amount: str) -> int:
        major = Decimal(amount)
        minor = to_minor(major, self._currency)
        if to_major(minor, self._currency) != major:
            decimals = exponent(self._currency)
            problem = f"{amount} has more decimals than {self._currency}: {decimals}"
            self.errors.append((field, problem))
        return minor

    def maybe(self, field: str, amount: str | None) -> int | None:
        return None if amount is None else self.minor(field, amount)


def _cost(given: Cost) -> Decimal:
    return Decimal(COSTS[given] if isinstance(given, str) else given)


def _written_cost(cost: Decimal) -> Cost:
    return next((word for word, number in _WORDS if number == cost), int(cost))


def _area(money: _Money, number: int, area: AreaRules) -> Area:
    at = f"delivery.areas[{number}]"
    return Area(
        name=area.name,
        postal_prefixes=area.postal_prefixes,
        cities=area.cities,
        fee=money.minor(f"{at}.fee", area.fee),
        minimum_order=money.minor(f"{at}.minimum_order", area.minimum_order),
        free_from=money.maybe(f"{at}.free_from", area.free_from),
        lead_minutes=area.lead_minutes,
    )


def _method(rules: PaymentRules) -> Method:
    kinds = {kind.value for kind in PaymentKind}
    kind = rules.kind or (rules.id if rules.id in kinds else PaymentKind.OTHER)
    return Method(
        id=rules.id,
        names=rules.names,
        kind=PaymentKind(kind),
        instructions=rules.instructions,
        link=rules.link,
        fulfilments=tuple(dict.fromkeys(rules.fulfilments)),
        accepts=tuple(dict.fromkeys(rules.accepts)),
    )


def _written_method(method: Method) -> PaymentRules:
    return PaymentRules(
        id=method.id,
        names=dict(method.names),
        kind=method.kind,
        instructions=dict(method.instructions),
        link=method.link,
        fulfilments=method.fulfilments,
        accepts=method.accepts,
    )


def _hours(rules: HoursRules) -> Hours:
    return Hours(
        week=tuple(_intervals(getattr(rules, day)) for day in DAYS),
        holidays=tuple(
            Holiday(each.date, _intervals(each.hours), each.name)
            for each in rules.holidays
        ),
    )


def _intervals(spans: tuple[str, ...]) -> tuple[Interval, ...]:
    return tuple(Interval(*interval_of(span)) for span in spans)


def _written_hours(shop: Shop) -> HoursRules | None:
    if shop.hours is None:
        return None
    week = dict(zip(DAYS, map(_spans, shop.hours.week), strict=True))
    return HoursRules(
        **week,
        holidays=tuple(
            HolidayRules(date=each.day, hours=_spans(each.intervals), name=each.name)
            for each in shop.hours.holidays
        ),
        when_closed=shop.when_closed,
    )


def _spans(intervals: tuple[Interval, ...]) -> tuple[str, ...]:
    return tuple(f"{i.opens:%H:%M}-{i.closes:%H:%M}" for i in intervals)


def _path(parts: tuple[int | str, ...]) -> str:
    """Return a field's path: `delivery.areas[1].fee`."""
    path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in parts)
    return path.removeprefix(".") or "rules"
