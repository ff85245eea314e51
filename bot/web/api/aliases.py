"""What customers call things: listed, told, forgotten, taken back."""

from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field, field_validator

from bot.privacy.people import find_contact
from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.models import Given, Id, Moment, Page, Paging, Shown
from bot.web.api.problems import CONFLICT, Problem, invalid, not_found
from bot.web.api.roles import ORDERING
from catalog.alias_rows import AliasesFull
from catalog.aliases import AliasGone, StoredAlias, find_alias, list_aliases
from catalog.domain.learnt import LONGEST, SHOP, Heard, Lesson, Meaning
from catalog.lookup import find_products
from catalog.teachable import teachable
from catalog.teaching import NothingToTakeBack, forget, take_back, teach

endpoints = Endpoints(
    "aliases",
    "What customers call products. It is learnt from confirmed orders and from agents'"
    " corrections, of each customer alone; the whole shop learns what several customers"
    " agree on, and what it is told here. Nothing beats a code, a name or an alias of"
    " the product itself.",
)


class AliasesGiven(Paging):
    """Which aliases."""

    scope: Literal["shop", "customer"] | None = Field(
        None, description="Everybody's, or those of single customers."
    )
    contact_id: Id | None = Field(None, description="Of this customer.")
    product_id: Id | None = Field(None, description="That mean this product.")


class AliasGiven(Given):
    """Words, and what is meant by them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"words": "the usual", "product_id": "prd_1", "contact_id": "con_1"},
                {"words": "40 mm ones", "product_id": "prd_2", "variant_id": "var_1"},
            ]
        }
    )

    words: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="Without how many: `coke 2` is kept as `coke`. What customers say"
        " as a whole message (yes, thanks, stop) cannot be taught.",
        examples=["40 mm ones"],
    )
    product_id: Id
    variant_id: Id | None = None
    contact_id: Id | None = Field(
        None, description="Whose words they are; without: everybody's in this shop."
    )

    @field_validator("words")
    @classmethod
    def _tell_something(cls, words: str) -> str:
        return teachable(words)


class AliasView(Shown):
    """Words, and what is meant by them."""

    id: str
    words: str = Field(description="As they were said last.")
    contact_id: str | None = Field(description="Whose words; null: everybody's.")
    product_id: str
    variant_id: str | None
    lesson: Lesson = Field(
        description="How it was learnt last: from a confirmed order, a correction of an"
        " agent, told by an agent, or several customers."
    )
    times: int = Field(description="How many lessons there were.")
    strength: float = Field(
        description="What it counts for by now: it fades by half every 180 days, unless"
        " an agent told it."
    )
    actor: str | None = Field(description="The agent who taught it last.")
    learnt_at: Moment
    created_at: Moment
    forgotten: bool
    can_undo: bool


class UndoneView(Shown):
    """The alias as it was before; null: it was new, and is gone."""

    alias: AliasView | None


@endpoints.get("/v1/aliases", roles=ORDERING)
async def list_of_aliases(call: Call, query: AliasesGiven) -> Page[AliasView]:
    """List what was learnt, the newest first; what was forgotten, too."""
    found, total = await list_aliases(
        call.connection,
        call.tenant_id,
        is_shops=None if query.scope is None else query.scope == "shop",
        contact_id=query.contact_id,
        product_id=query.product_id,
        limit=query.limit,
        offset=query.offset,
    )
    return Page(data=[_view(each, call.now) for each in found], total=total)


@endpoints.post("/v1/aliases", roles=ORDERING, status=201, raises=(CONFLICT,))
async def remember_alias(call: Call, body: AliasGiven) -> AliasView:
    """Tell the bot what words mean.

    For one customer, or for the whole shop. It does not fade, and it outweighs all
    that was learnt of these words before; a name or a code of a product it never beats.
    """
    await _check(call, body)
    said = Heard(
        body.contact_id or SHOP,
        body.words,
        Meaning(body.product_id, body.variant_id),
        Lesson.TOLD,
        call.actor,
    )
    try:
        (alias_id,) = await teach(call.connection, call.tenant_id, [said], now=call.now)
        stored = await find_alias(call.connection, call.tenant_id, alias_id)
    except AliasesFull as full:
        raise Problem(
            CONFLICT, f"{full}, and no more are kept: forget one that is not needed"
        ) from None
    except AliasGone:
        raise Problem(
            CONFLICT, "somebody took it back in this moment: tell it again"
        ) from None
    call.note(alias_id, product_id=body.product_id)
    return _view(stored, call.now)


@endpoints.delete("/v1/aliases/{alias_id}", roles=ORDERING)
async def forget_alias(call: Call, alias_id: Id) -> None:
    """Let the bot forget what words mean.

    Orders do not bring it back: only an agent does, by telling it or by a correction.
    """
    try:
        await forget(
            call.connection, call.tenant_id, alias_id, actor=call.actor, now=call.now
        )
    except AliasGone:
        raise not_found("alias", alias_id) from None


@endpoints.post("/v1/aliases/{alias_id}/undo", roles=ORDERING, raises=(CONFLICT,))
async def undo_alias(call: Call, alias_id: Id) -> UndoneView:
    """Take back what happened to an alias last: a lesson, or that it was forgotten.

    What that lesson did to other meanings of the words is undone with it.
    """
    try:
        before = await take_back(call.connection, call.tenant_id, alias_id)
    except AliasGone:
        raise not_found("alias", alias_id) from None
    except NothingToTakeBack:
        raise Problem(
            CONFLICT, "one step can be taken back, and it was: there is no other"
        ) from None
    return UndoneView(alias=None if before is None else _view(before, call.now))


async def _check(call: Call, body: AliasGiven) -> None:
    """Raise Problem unless product, variant and contact are the shop's own."""
    found = await find_products(call.connection, call.tenant_id, ids=[body.product_id])
    if not found:
        raise invalid("product_id", "the shop sells no such product")
    if not found[0].active:
        raise invalid("product_id", "the product is off the shelf: activate it first")
    variant_id = body.variant_id
    if variant_id is not None and found[0].variant(variant_id) is None:
        known = ", ".join(f"{v.id} ({v.name})" for v in found[0].variants) or "none"
        raise invalid("variant_id", f"the product has no such variant; it has: {known}")
    contact_id = body.contact_id
    if contact_id is None:
        return
    contact = await find_contact(call.connection, call.tenant_id, contact_id)
    if contact is None:
        raise invalid("contact_id", "the shop knows no such contact")
    if contact.erased_at is not None:
        raise invalid("contact_id", "the contact was erased: nothing is kept of them")


def _view(stored: StoredAlias, now: datetime) -> AliasView:
    alias = stored.alias
    return AliasView(
        id=stored.id,
        words=alias.words,
        contact_id=alias.owner or None,
        product_id=alias.meaning.product_id,
        variant_id=alias.meaning.variant_id,
        lesson=alias.lesson,
        times=alias.times,
        strength=round(alias.strength(now), 4),
        actor=stored.actor,
        learnt_at=alias.learnt_at,
        created_at=stored.created_at,
        forgotten=alias.forgotten,
        can_undo=stored.before is not None,
    )
