"""Questions about products: what is asked, and which facts of the catalog answer."""

# ruff: noqa: RUF001  # Russian

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.understanding import Act, Mention
from bot.reading.rules.reader import understand
from catalog import Index
from tests.factories import a_product
from tests.readings import LANGUAGES, SIZES, a_request, told

PRODUCTS = (
    a_product(
        id="brownie",
        sku="BRO",
        name="Brownie",
        description="Dark chocolate brownie with walnuts. Contains wheat, milk and"
        " eggs. Best within three days.",
        weight_kg=Decimal("0.09"),
    ),
    a_product(
        id="latte",
        sku="LAT",
        name="Latte",
        description="Two shots of espresso under steamed milk.",
    ),
    a_product(id="cappuccino", sku="CAP", name="Cappuccino"),
    a_product(
        id="tee",
        sku="TEE",
        name="T-Shirt",
        aliases=("Tişört", "camiseta", "футболка"),
        variants=SIZES,
        material="100% cotton",
        attributes={"Care": "Machine wash at 30 °C", "Origin": "Made in Turkey"},
    ),
    a_product(
        id="mug",
        sku="MUG",
        name="Coffee Mug",
        aliases=("kupa", "caneca", "taza", "кружка"),
        colour="White",
        description="Stoneware, 300 ml. Dishwasher safe.",
        attributes={"Ağırlık": "350 g"},
    ),
    a_product(
        id="feta",
        sku="FET",
        name="Feta",
        aliases=("beyaz peynir",),
        unit="kg",
        description="Gluten free. Sheep's milk from Ezine.",
    ),
    a_product(
        id="borek",
        sku="BOR",
        name="Börek",
        description="Ispanaklı, 300 g. Buzdolabında 3 gün saklanır. Susam içerir.",
    ),
    a_product(
        id="water", sku="WAT", name="Water", aliases=("su", "água", "agua", "вода")
    ),
    a_product(id="croissant", sku="CRO", name="Chocolate Croissant"),
)
SHOP = Index.build(PRODUCTS, LANGUAGES)

#: What is said (of the product after "@" when it only points), what is asked, and the
#: facts that answer; no facts: a person is asked.
QUOTED = [
    ("is the feta gluten free?", "feta: sentence:1"),
    ("does the brownie contain nuts?", "brownie: sentence:1"),
    ("does a brownie have eggs in it?", "brownie: sentence:2"),
    ("what's in the brownie?", "brownie: sentence:2"),
    ("what is the t-shirt made of?", "tee: material"),
    ("how much does a brownie weigh?", "brownie: weight"),
    ("how much does it weigh?@mug", "mug: attribute:Ağırlık"),
    ("is the mug dishwasher safe?", "mug: sentence:2"),
    ("can I put the mug in the dishwasher?", "mug: sentence:2"),
    ("can the t-shirt be machine washed", "tee: attribute:Care"),
    ("what color is the mug?", "mug: colour"),
    ("I am allergic to nuts, can I eat the brownie?", "brownie: sentence:1"),
    ("does it have gluten@brownie", "brownie: sentence:2"),
    ("is it made of stoneware?@mug", "mug: sentence:1"),
    ("can I keep the börek in the fridge?", "borek: sentence:2"),
    ("brownie glutensiz mi?", "brownie: sentence:2"),
    ("browni fındıklı mı?", "brownie: sentence:1"),
    ("tişört neyden yapılmış?", "tee: material"),
    ("kupa bulaşık makinesinde yıkanır mı?", "mug: sentence:2"),
    ("kupanın ağırlığı ne kadar?", "mug: attribute:Ağırlık"),
    ("börekte susam var mı?", "borek: sentence:3"),
    ("latte'nin içinde ne var?", "latte: sentence:1"),
    ("o brownie tem glúten?", "brownie: sentence:2"),
    ("o brownie leva nozes?", "brownie: sentence:1"),
    ("a camiseta é feita de quê?", "tee: material"),
    ("pode lavar na máquina?@mug", "mug: sentence:2"),
    ("quanto pesa o brownie?", "brownie: weight"),
    ("qual a cor da caneca?", "mug: colour"),
    ("tem lactose no latte?", "latte: sentence:1"),
    ("¿el brownie lleva nueces?", "brownie: sentence:1"),
    ("¿lleva nueces?@brownie", "brownie: sentence:1"),
    ("¿de qué está hecha la camiseta?", "tee: material"),
    ("¿cuánto pesa la taza?", "mug: attribute:Ağırlık"),
    ("¿la feta es sin gluten?", "feta: sentence:1"),
    ("¿se puede lavar la camiseta?", "tee: attribute:Care"),
    ("в brownie есть орехи?", "brownie: sentence:1"),
    ("сколько весит кружка?", "mug: attribute:Ağırlık"),
    ("какой состав у brownie?", "brownie: sentence:2"),
    ("а состав?@brownie", "brownie: sentence:2"),
    ("из чего сделана футболка?", "tee: material"),
    ("какого цвета кружка?", "mug: colour"),
]
#: Questions that no fact answers: whatever sounds alike is not quoted.
UNANSWERED = [
    "is it vegan?@brownie",
    "is the brownie halal?",
    "does the brownie contain palm oil?",
    "what is the warranty on the mug?",
    "do you have the mug in blue?",
    "how big is the feta?",
    "does it come with a lid?@mug",
    "is it microwave safe?@mug",
    "how much weight can the mug carry?",
    "is there alcohol in the brownie?",
    "where does the mug come from?",
    "is the brownie suitable for children?",
    "kupa garantili mi?",
    "brownie helal mi?",
    "börekte fıstık var mı?",
    "kupanın mavisi var mı?",
    "o brownie é vegano?",
    "a caneca tem garantia?",
    "o brownie tem álcool?",
    "¿el brownie es vegano?",
    "¿la taza tiene garantía?",
    "¿el brownie lleva soja?",
    "это веганский brownie?",
    "на кружку есть гарантия?",
    "в brownie есть алкоголь?",
]
BY_CODE = [
    ("what sizes does the t-shirt come in?", "forms tee"),
    ("which colours do you have of the t-shirt?", "forms tee"),
    ("is there a picture of the brownie?", "picture brownie"),
    ("send me a photo of the brownie pls", "picture brownie"),
    ("when will the brownie be back?", "restock brownie"),
    ("which is cheaper, latte or cappuccino?", "cheaper latte, cheaper cappuccino"),
    ("tişörtün bedenleri neler?", "forms tee"),
    ("browninin fotoğrafı var mı?", "picture brownie"),
    ("hangisi daha ucuz, latte mi cappuccino mu?", "cheaper latte, cheaper cappuccino"),
    ("tem foto do brownie?", "picture brownie"),
    ("quais tamanhos tem a camiseta?", "forms tee"),
    ("quando volta o brownie?", "restock brownie"),
    ("¿qué tallas hay de la camiseta?", "forms tee"),
    ("¿tienes foto del brownie?", "picture brownie"),
    ("¿cuándo vuelve el brownie?", "restock brownie"),
    ("¿cuál es más barato, latte o cappuccino?", "cheaper latte, cheaper cappuccino"),
    ("есть фото brownie?", "picture brownie"),
    ("какие размеры футболки есть?", "forms tee"),
    ("что дешевле, latte или cappuccino?", "cheaper latte, cheaper cappuccino"),
]
#: What is told anyway, or is an order: nothing more is asked.
NOT_ASKED = [
    ("how much is the latte?", "ask latte"),
    ("do you have brownies?", "ask brownie"),
    ("tell me more about the brownie", "ask brownie"),
    ("do you have the t-shirt in blue?", "ask t shirt blue"),
    ("2 latte and a brownie please", "add 2 latte; add 1 brownie"),
    ("1 latte with oat milk, how long will it take?", "add 1 latte +oat milk"),
    ("i want a brownie without nuts", "add 1 brownie -nuts"),
    ("can i have the latte without milk?", "add latte -milk"),
    ("latte ne kadar?", "ask latte"),
    ("2 latte, biri sütsüz olsun", None),
    ("quero um brownie sem nozes", "add 1 brownie -nozes"),
    ("un latte sin azúcar", "add 1 latte -azúcar"),
    ("хочу латте без сахара", None),
]


def asked(said: str) -> tuple[Mention, ...]:
    """Return what is read from words; after "@" stands what was spoken of before."""
    text, _, spoken_of = said.partition("@")
    request = replace(a_request(text, index=SHOP), spoken_of=spoken_of or None)
    return understand(request).mentions


def facts_in(mentions: tuple[Mention, ...]) -> list[str]:
    return [
        f"{pointer.product_id}: {pointer.fact}"
        for mention in mentions
        for pointer in (mention.asks.facts if mention.asks else ())
    ]


@pytest.mark.parametrize(("said", "first"), QUOTED)
def test_the_fact_that_answers_comes_first(said: str, first: str) -> None:
    mentions = asked(said)
    assert [mention.act for mention in mentions] == [Act.ASK]
    assert facts_in(mentions)[:1] == [first]


@pytest.mark.parametrize("said", UNANSWERED)
def test_what_no_fact_says_is_asked_and_nothing_is_quoted(said: str) -> None:
    (mention,) = asked(said)
    assert (mention.act, facts_in((mention,))) == (Act.ASK, [])
    assert mention.asks is not None


@pytest.mark.parametrize(("said", "topics"), BY_CODE)
def test_pictures_forms_and_prices_are_for_code_to_tell(said: str, topics: str) -> None:
    found = [
        f"{mention.asks.topic.value} {match.id}"
        for mention in asked(said)
        if mention.asks
        if (match := SHOP.products.get(_product(mention.text)))
    ]
    assert ", ".join(found) == topics


def _product(text: str) -> str:
    match = SHOP.find(text)
    return match.candidate.product_id if hasattr(match, "candidate") else ""


@pytest.mark.parametrize(("said", "read"), NOT_ASKED)
def test_orders_and_plain_questions_stay_what_they_are(
    said: str, read: str | None
) -> None:
    mentions = asked(said)
    assert all(mention.asks is None for mention in mentions)
    assert read is None or told(mentions) == read
