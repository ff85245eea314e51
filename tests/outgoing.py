"""Messages of the rich kinds: as they should be, and as models and people write."""

from bot.domain.message import OutContent
from bot.domain.outgoing import (
    OutCatalog,
    OutDocument,
    OutLink,
    OutLocationRequest,
    OutProduct,
    OutProducts,
    OutReaction,
    OutTemplate,
    ProductCard,
    ProductSection,
)

PDF = "https://shop.example/files/invoice-7.pdf"
PAY = "https://pay.example/o/7"

SOUND: dict[str, OutContent] = {
    "document": OutDocument(link=PDF, filename="Invoice 7.pdf", caption="Your invoice"),
    "link": OutLink(
        body="Order 7 is 12.50.", title="Pay", url=PAY, header="Order 7", footer="Shop"
    ),
    "location request": OutLocationRequest(body="Where shall we bring it?"),
    "product": OutProduct(
        body="Latte: 95.00",
        catalog_id="194836987003835",
        card=ProductCard(retailer_id="latte", name="Latte"),
        footer="Shop",
    ),
    "products": OutProducts(
        header="Drinks",
        body="These we have.",
        catalog_id="194836987003835",
        sections=(
            ProductSection(
                title="Hot", cards=(ProductCard(retailer_id="latte", name="Latte"),)
            ),
            ProductSection(
                title="Cold", cards=(ProductCard(retailer_id="ayran", name="Ayran"),)
            ),
        ),
        footer="Shop",
    ),
    "catalog": OutCatalog(body="Have a look.", thumbnail="latte", footer="Shop"),
    "template": OutTemplate(
        name="order_shipped",
        language="tr",
        parameters=("7", "Ada"),
        header="7",
        button="o/7",
        body="Your order 7 is on its way.",
    ),
    "reaction": OutReaction(target="wamid.IN", emoji="👍🏽"),
    "no reaction": OutReaction(target="wamid.IN"),
}

_LONG = "| a | b |\n|---|---|\n**bold** see https://x.example/?a=1\n\n" * 80
_CARDS = tuple(ProductCard(retailer_id=f"p{n}", name=f"Product {n}") for n in range(70))

#: Too long, twice the same, with emoji and Markdown: models write like this.
WILD: dict[str, OutContent] = {
    "document": OutDocument(
        link=PDF, filename="a/b\\" + "ç" * 300 + ".pdf", caption=_LONG
    ),
    "document without a name": OutDocument(link=PDF, filename=" ", caption=" "),
    "link": OutLink(
        body=_LONG,
        title="💳 Pay **now** 👩🏽‍💻 with any card",
        url=PAY,
        header="#" * 90,
        footer="f" * 90,
    ),
    "link with an emoji for a title": OutLink(body="Pay here.", title="💳", url=PAY),
    "link to nowhere": OutLink(
        body="Pay here.", title="Pay", url="javascript:alert(1)"
    ),
    "link that is too long": OutLink(body="Pay", title="Pay", url=PAY + "x" * 2001),
    "location request": OutLocationRequest(body=_LONG),
    "product": OutProduct(
        body=_LONG,
        catalog_id="1",
        card=ProductCard(retailer_id="latte", name="Latte"),
        footer="f" * 90,
    ),
    "product of no catalog": OutProduct(
        body="Latte",
        catalog_id="",
        card=ProductCard(retailer_id="latte", name="Latte"),
        link="https://shop.example/latte.jpg",
    ),
    "product without a picture": OutProduct(
        body="Latte", catalog_id="", card=ProductCard(retailer_id="", name="Latte")
    ),
    "products": OutProducts(
        header=" ",
        body=_LONG,
        catalog_id="1",
        sections=(
            ProductSection(title="**" * 30, cards=_CARDS[:40]),
            ProductSection(title="", cards=_CARDS),
            ProductSection(title="Empty", cards=()),
            *(ProductSection(title="Same", cards=(_CARDS[n],)) for n in range(12)),
        ),
    ),
    "products of many sections": OutProducts(
        header="Menu",
        body="b",
        catalog_id="1",
        sections=tuple(
            ProductSection(title="Same", cards=(_CARDS[n],)) for n in range(12)
        ),
    ),
    "no products": OutProducts(header="h", body="Menu", catalog_id="1", sections=()),
    "catalog": OutCatalog(body=_LONG, thumbnail="latte", footer="f" * 90),
    "catalog without a picture": OutCatalog(body="Look", thumbnail=" "),
    "template": OutTemplate(
        name="order_shipped",
        language="tr",
        parameters=("a\nb\t  c", "", "x" * 2000),
        header="h\n" * 60,
        button=" ",
    ),
}
