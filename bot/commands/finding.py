"""`chatorder catalog search`: what the bot would take some words for, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.failing import CommandFailed
from bot.commands.opening import configured, in_transaction, tenant_named
from bot.commands.printing import JsonFlag, TenantOption, show, table
from bot.domain.explaining import Explanation, explained
from bot.domain.found import FoundProduct, Outcome
from bot.domain.product_matches import status_of
from bot.domain.understanding import Mention
from bot.ident import utc_now
from bot.privacy.subject import contacts_known_as
from catalog import Taught
from catalog.aliases import load_aliases
from catalog.domain.learnt import SHOP
from catalog.indexing import build_index
from catalog.language import languages, load_language
from catalog.store import load_products
from catalog.teachable import fillers

EPILOG = 'Example: chatorder catalog search "2 choc croissants" --tenant tenant_01...'
_COLUMNS = ("probability", "sku", "name", "price", "stock", "why")
#: What the bot does with words, by what was found for them.
_DOES: Mapping[Outcome, str] = {
    Outcome.CERTAIN: "the bot takes it",
    Outcome.AMBIGUOUS: "the bot asks which one",
    Outcome.UNKNOWN: "the bot says that it did not find it, or asks",
}


def search(
    text: Annotated[str, typer.Argument(help="What a customer might write.")],
    *,
    tenant: TenantOption,
    contact: Annotated[
        str | None,
        typer.Option(
            help="As the bot understands this customer: phone number or contact id."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what a customer's words would be taken for, how surely, and why.

    The reasons go word by word: what was typed, and what it was taken for. What was
    learnt about the words, from orders and from agents, stands among them.
    """

    async def work(connection: AsyncConnection) -> Explanation:
        owner = await tenant_named(connection, tenant)
        tenant_id = owner.tenant.id
        contact_id = await _contact(connection, tenant_id, contact)
        known = (tenant_id, contact_id)
        learnt = (await load_aliases(connection, {known}))[known]
        products = await load_products(connection, tenant_id)
        packs = [load_language(code) for code in languages()]
        index = Taught(
            build_index(products, packs),
            learnt,
            now=utc_now(),
            fillers=fillers(),
            sure=owner.shop.sure,
        )
        return explained(Mention(text=text), index, {})

    explanation = in_transaction(configured(), work)
    show(_data(explanation), _lines(text, explanation), as_json=as_json)


async def _contact(
    connection: AsyncConnection, tenant_id: str, wanted: str | None
) -> str:
    if wanted is None:
        return SHOP
    found = await contacts_known_as(connection, tenant_id, wanted)
    if len(found) != 1:
        known = ", ".join(found)
        problem = f"several contacts are: {known}" if found else "nobody is"
        raise CommandFailed(
            f"{problem} known as {wanted!r}: name one contact by its id"
        )
    return found[0]


def _lines(text: str, explanation: Explanation) -> Iterator[str]:
    found = explanation.found
    yield f"{text!r}: {found.outcome}: {_DOES[found.outcome]}"
    yield f"taken without a question from {explanation.sure:.0%} on"
    if found.variant_required:
        yield "which of its variants is still to be asked"
    if found.products:
        yield from _table(found.products)
    if explanation.lead is not None:
        yield f"the first leads the second by {explanation.lead:.2f}"
    if explanation.learnt:
        yield f"without what was learnt: {explanation.alone}"
    for play in explanation.learnt:
        meaning = play.alias.meaning
        means = meaning.variant_id or meaning.product_id
        yield f"{play.why}: {play.alias.words!r} is {means}, weight {play.strength:.2f}"
    if found.alternatives:
        yield "it is sold out; instead of it the customer is offered:"
        yield from _table(found.alternatives)


def _table(products: Sequence[FoundProduct]) -> Sequence[str]:
    rows = [_row(each) for each in products]
    return table([_COLUMNS, *([row[name] for name in _COLUMNS] for row in rows)])


def _data(explanation: Explanation) -> Mapping[str, object]:
    found = explanation.found
    return {
        "outcome": found.outcome,
        "match_status": status_of(found),
        "variant_required": found.variant_required,
        "sure_from": explanation.sure,
        "outcome_without_learnt": explanation.alone,
        "lead": explanation.lead,
        "candidates": [_row(each) for each in found.products],
        "alternatives": [_row(each) for each in found.alternatives],
        "learnt": [
            {
                "words": play.alias.words,
                "product_id": play.alias.meaning.product_id,
                "variant_id": play.alias.meaning.variant_id,
                "why": play.why,
                "strength": round(play.strength, 4),
            }
            for play in explanation.learnt
        ],
    }


def _row(found: FoundProduct) -> Mapping[str, str]:
    price, stock = found.price, found.stock
    return {
        "product_id": found.product_id,
        "variant_id": found.variant_id or "",
        "sku": found.sku,
        "name": found.name,
        "price": "" if price is None else f"{price} {found.currency}",
        "stock": "" if stock is None else f"{stock}",
        "stock_status": found.stock_status,
        "probability": f"{found.probability:.2f}",
        "why": ", ".join(found.why),
    }
