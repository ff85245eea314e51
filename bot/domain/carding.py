"""Products as cards of a channel's catalog, where the merchant gave it one.

There customers look at a product and put it into a cart; elsewhere, and where the
provider does not know one of them, the same is said in words and pictures.
"""

from collections.abc import Sequence

from bot.domain.answers import Compared, PictureShown
from bot.domain.describing import Voice
from bot.domain.fitting import INTERACTIVE_BODY, width
from bot.domain.message import OutContent, OutImage, OutText
from bot.domain.outgoing import (
    OutCatalog,
    OutProduct,
    OutProducts,
    ProductCard,
    ProductSection,
)
from bot.domain.replies import AskWhatElse, Browse, Reply
from bot.domain.saying import said
from bot.domain.snapshot import Snapshot
from orders import Draft


def shown(picture: PictureShown, catalog_id: str | None, voice: Voice) -> OutContent:
    """Return a product as a card, or its picture."""
    words = said(picture, voice)
    if catalog_id is None or not picture.sku:
        return OutImage(link=picture.link, caption=words)
    return OutProduct(
        body=words,
        catalog_id=catalog_id,
        card=ProductCard(retailer_id=picture.sku, name=picture.name),
        link=picture.link,
    )


def compared(
    replies: Sequence[Reply], snapshot: Snapshot, voice: Voice
) -> tuple[OutContent, ...]:
    """Return products that were compared as cards; their prices are said in words."""
    catalog_id = snapshot.catalog_id
    if catalog_id is None:
        return ()
    return tuple(
        OutProducts(
            header=snapshot.tenant.name,
            body=said(each, voice),
            catalog_id=catalog_id,
            sections=(
                ProductSection(
                    title=snapshot.tenant.name,
                    cards=tuple(
                        ProductCard(retailer_id=sku, name=name)
                        for sku, (name, *_) in zip(each.skus, each.rows, strict=True)
                    ),
                ),
            ),
        )
        for each in replies
        if is_carded(each, catalog_id)
        if isinstance(each, Compared)
    )


def is_carded(reply: Reply, catalog_id: str | None) -> bool:
    """Return whether a reply is said by cards instead of words of its own."""
    if catalog_id is None or not isinstance(reply, Compared):
        return False
    return len(reply.skus) == len(reply.rows)


def browsable(
    told: Sequence[OutContent],
    replies: Sequence[Reply],
    snapshot: Snapshot,
    draft: Draft,
) -> tuple[OutContent, ...]:
    """Return messages with the catalog's button, for who looks around.

    They do who asks what there is, and who has ordered nothing yet.
    """
    asks = any(isinstance(each, AskWhatElse) for each in replies)
    browses = any(isinstance(each, Browse) for each in replies)
    last = told[-1] if told else None
    if snapshot.catalog_id is None or not (browses or (asks and not draft.lines)):
        return tuple(told)
    if not isinstance(last, OutText) or width(last.body) > INTERACTIVE_BODY:
        return tuple(told)
    goods = snapshot.index.products.values()
    first = next((each for each in goods if each.active), None)
    if first is None:
        return tuple(told)
    return (*told[:-1], OutCatalog(body=last.body, thumbnail=first.sku))
