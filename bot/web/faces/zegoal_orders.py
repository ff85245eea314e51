"""Zegoal's `CreateOrder`: an order, and its account where there is none yet.

All of it is one transaction: whatever is refused leaves nothing behind.
"""

from datetime import timedelta

from bot.inbox.calling import take_order
from bot.web.api.call import Call
from bot.web.api.problems import CONFLICT, FORBIDDEN, NOT_FOUND, Problem
from bot.web.api.roles import ORDERING
from bot.web.faces.zegoal import done, place_of, refused
from bot.web.faces.zegoal import endpoints as endpoints  # noqa: PLC0414  # its own
from orders.accounts import ResolvedAccount, resolve_account
from orders.customers import load_address_of
from orders.domain.accounts import AccountRefused, Wanted
from orders.domain.accounts import Code as Why
from orders.domain.calling import CallCode, CallRefused, OrderCall
from orders.domain.ids import Face, Kind, Thing, line_thing
from orders.domain.order import Order
from orders.faces.zegoal import (
    CreateOrderGiven,
)
from orders.faces.zegoal_answers import (
    CreateOrderAnswer,
    CreateOrderTold,
    OrderResponse,
)
from orders.faces.zegoal_telling import (
    Buyer,
    Numbers,
    enriched,
    field_of,
    order_call,
    order_told,
    unit_problems,
)
from orders.faces.zegoal_words import Code, written
from orders.ids import give_ids, resolve_ids

_OF_ACCOUNTS = {
    Why.ACCOUNT_NOT_FOUND: Code.ACCOUNT_NOT_FOUND,
    Why.NAME_AMBIGUOUS: Code.ACCOUNT_AMBIGUOUS,
    Why.NAME_TAKEN: Code.NAME_TAKEN,
    Why.ADDRESS_NOT_FOUND: Code.ADDRESS_NOT_FOUND,
    Why.ADDRESS_REQUIRED: Code.ADDRESS_NOT_FOUND,
}
_OF_CALLS = {
    CallCode.UNKNOWN_PRODUCT: Code.POSITION_NOT_FOUND,
    CallCode.UNKNOWN_VARIANT: Code.POSITION_NOT_FOUND,
    CallCode.NOT_SOLD: Code.POSITION_NOT_FOUND,
    CallCode.SOLD_OUT: Code.SOLD_OUT,
}


@endpoints.post("/CreateOrder", roles=ORDERING, raises=(FORBIDDEN, NOT_FOUND, CONFLICT))
async def zegoal_create_order(call: Call, body: CreateOrderGiven) -> CreateOrderAnswer:
    """Create an order, with or without positions.

    For an account that is found by `account_id`, else by `external_customer_id`, else
    by `customer_name`; where none is found and `create_account` is true, one is made of
    `external_customer_id` and `customer_name`.
    """
    place = await place_of(call, body.tenant)
    full = enriched(body, place, now=call.now)
    account = await _account(call, body, create=bool(full["create_account"]))
    buyer = await _buyer(call, account)
    products = await _products(call, body)
    meant = order_call(body, full, place, buyer, products)
    order = await _placed(call, meant)
    wrong = list(unit_problems(body, order))
    if wrong:
        raise refused(Code.INVALID_FIELD, *wrong)
    numbers = await _numbers(call, order)
    call.note(order.id, number=order.number, account_made=account.created)
    call.after_commit(call.runtime.outbox_bell.ring)
    return CreateOrderAnswer(
        processing_result=done(call, "Order is created."),
        processing_date=written(call.runtime.clock(), place.zone),
        CreateOrder=CreateOrderTold(
            response=OrderResponse(
                tenant=body.tenant,
                order=order_told(order, body, full, buyer, numbers),
                create_account=bool(full["create_account"]),
                TZ=place.zone,
            ),
            request=body.sent,
            enriched_request=full,
        ),
        warnings=list(account.warnings) or None,
    )


async def _account(
    call: Call, body: CreateOrderGiven, *, create: bool
) -> ResolvedAccount:
    """Return whose order it is. Raises Problem."""
    wanted = Wanted(
        account_id=None if body.account_id is None else str(body.account_id),
        external_id=body.external_id,
        name=body.name,
        create=create,
        address_id=None
        if body.account_address_id is None
        else str(body.account_address_id),
    )
    try:
        return await resolve_account(
            call.connection,
            call.tenant_id,
            wanted,
            face=Face.ZEGOAL,
            address_text=(body.address_text or "").strip(),
            phone=(body.tel_num or "").strip() or None,
            email=(body.email or "").strip() or None,
            new_id=call.new_id,
            now=call.now,
        )
    except AccountRefused as error:
        code = _OF_ACCOUNTS.get(error.code, Code.INVALID_FIELD)
        raise refused(code, (error.field, error.message)) from None


async def _buyer(call: Call, found: ResolvedAccount) -> Buyer:
    """Return the account in Zegoal's numbers; what has none is given one."""
    person = Thing(Kind.CUSTOMER, found.account.id)
    home = Thing(Kind.ADDRESS, found.address_id) if found.address_id else None
    numbers = await give_ids(
        call.connection,
        call.tenant_id,
        Face.ZEGOAL,
        [each for each in (person, home) if each],
        now=call.now,
    )
    stored = home and await load_address_of(
        call.connection, call.tenant_id, home.internal_id
    )
    return Buyer(
        customer_id=found.account.id,
        name=found.account.name,
        number=int(numbers[person]),
        address=stored[1] if stored else None,
        address_number=int(numbers[home]) if home else None,
    )


async def _products(call: Call, body: CreateOrderGiven) -> dict[int, str]:
    """Return our ids of the positions that are named. Raises Problem."""
    wanted = [each.catalog_position_id for each in body.positions]
    known = await resolve_ids(
        call.connection,
        call.tenant_id,
        Face.ZEGOAL,
        Kind.PRODUCT,
        {str(number) for number in wanted if number is not None},
    )
    unknown = [
        (
            f"order_positions.{at}.catalog_position_id",
            f"the catalog has no position {number}: GetOrderingCatalog lists them",
        )
        for at, number in enumerate(wanted)
        if number is not None and str(number) not in known
    ]
    if unknown:
        raise refused(Code.POSITION_NOT_FOUND, *unknown)
    return {int(number): ours for number, ours in known.items()}


async def _placed(call: Call, meant: OrderCall) -> Order:
    """Return the order that was made. Raises Problem."""
    overdue = call.runtime.settings.provisioning_overdue_seconds
    try:
        called = await take_order(
            call.connection,
            meant,
            actor=call.actor,
            overdue_after=timedelta(seconds=overdue),
            audit=False,
            new_id=call.new_id,
            now=call.now,
        )
    except CallRefused as error:
        raise _not_placed(error) from None
    return called.order


def _not_placed(error: CallRefused) -> Problem:
    codes = [_OF_CALLS.get(each.code, Code.INVALID_FIELD) for each in error.problems]
    errors = [(field_of(each), each.message) for each in error.problems]
    return refused(codes[0], *errors)


async def _numbers(call: Call, order: Order) -> Numbers:
    """Give the order and its positions numbers, in their order."""
    numbers: dict[Thing, str] = {}
    mine = [Thing(Kind.ORDER, order.id)]
    # Things are numbered by the letters of their ids: L10 would come before L2.
    for letters in sorted({len(line.id) for line in order.lines}) or [0]:
        mine += [
            line_thing(order.id, line.id)
            for line in order.lines
            if len(line.id) == letters
        ]
        numbers |= await give_ids(
            call.connection, call.tenant_id, Face.ZEGOAL, mine, now=call.now
        )
    return Numbers(
        order=int(numbers[mine[0]]),
        positions={
            line.id: int(numbers[line_thing(order.id, line.id)]) for line in order.lines
        },
    )
