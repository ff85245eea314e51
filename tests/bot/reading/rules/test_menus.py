"""Orders from a menu: products that take sizes, fillings and sauces."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.items import option_of, with_options
from bot.domain.understanding import Act, Mention, OptionMention
from bot.reading.rules.marks import sentences
from bot.reading.rules.menu import menu_of
from bot.reading.rules.names import Shelf
from bot.reading.rules.quoting import UNKNOWN, Source
from bot.reading.rules.reader import understand
from bot.reading.rules.serving import served
from bot.reading.rules.tokens import tokenize
from bot.reading.rules.words import words_for
from catalog import Index, OptionGroup, OptionValue, Product
from orders import LineOption, times, unit_price
from tests.factories import a_product
from tests.goods import GOODS
from tests.menus import KEBAPS, PASTEIS, PIES, a_dish, a_group, index_of
from tests.readings import a_request, told

PIE_SHOP, KEBAP_SHOP, PASTEL_SHOP = map(index_of, (PIES, KEBAPS, PASTEIS))
#: Two groups have the same word.
SHARED = a_dish("Tea", "", a_group("Kind", "Cinnamon"), a_group("Spice", "Cinnamon"))

ENGLISH = {
    # -- options before, after, with and without --
    "a large rye dough flat pie with chives and goat cheese": (
        "add 1 flat pie +large +rye dough +chives +goat cheese"
    ),
    "flat pie feta": "add flat pie +feta",
    "feta flat pie": "add flat pie +feta",
    "2 flat pies with spinach hold the capers and a nettle tea with honey": (
        "add 2 flat pie +spinach -capers; add 1 nettle tea +honey"
    ),
    "flat pie no feta no capers, extra mushrooms, light on the chives": (
        "add flat pie -feta -capers +extra:mushrooms +light on the:chives"
    ),
    "a flat pie with a lot of feta and not too much spinach": (
        "add 1 flat pie +a lot of:feta +not too much:spinach"
    ),
    "a flat pie with everything but capers": ("add 1 flat pie +everything -capers"),
    "nettle tea no sugar, lime tea extra honey": (
        "add nettle tea -sugar; add lime tea +extra:honey"
    ),
    "large flat pie. no capers please": "add flat pie +large -capers",
    "a flat pie without feta or capers and a lime tea": (
        "add 1 flat pie -feta -capers; add 1 lime tea"
    ),
    "a flat pie with no feta but spinach": "add 1 flat pie -feta +spinach",
    "a flat pie, i don't want any capers on it": "add 1 flat pie -capers",
    "a flat pie with feta and leave the capers off": "add 1 flat pie +feta -capers",
    # -- which option belongs to which product --
    "small flat pie feta spinach large birch soda": (
        "add flat pie +small +feta +spinach; add birch soda +large"
    ),
    "a medium birch soda small flat pie and a lime tea": (
        "add 1 birch soda +medium; add flat pie +small; add 1 lime tea"
    ),
    "one flat pie with feta, capers and chives and two birch sodas": (
        "add 1 flat pie +feta +capers +chives; add 2 birch soda"
    ),
    "2 x small birch soda and a smoked trout roll with chives": (
        "add 2 birch soda +small; add 1 smoked trout roll +chives"
    ),
    "a flat pie with green and red peppers": ("add 1 flat pie +green +red peppers"),
    # -- several of one, told apart --
    "two large flat pies with feta and extra spinach, one without capers, and a "
    "diet birch soda": (
        "add 1 flat pie +large +feta +extra:spinach; "
        "add 1 flat pie +large +feta +extra:spinach -capers; add 1 diet birch soda"
    ),
    "two flat pies one with feta and one with capers": (
        "add 1 flat pie +feta; add 1 flat pie +capers"
    ),
    "three flat pies, two small with feta and one large with capers": (
        "add 2 flat pie +small +feta; add 1 flat pie +large +capers"
    ),
    "2 lime teas 1 with honey": "add 1 lime tea; add 1 lime tea +honey",
    "two flat pies with feta and one with capers": (
        "add 2 flat pie +feta; add 1 flat pie +capers"
    ),
    # -- products that are left out, or said twice --
    "one medium feta and one large spinach flat pie": (
        "add 1 flat pie +medium +feta; add 1 flat pie +large +spinach"
    ),
    "a large with spinach and feta": "add 1 flat pie +large +spinach +feta",
    "a drink: birch soda": "add 1 birch soda",
    "a large birch soda to drink": "add 1 birch soda +large",
    "a flat pie with feta and no drinks": "add 1 flat pie +feta",
    # -- amounts --
    "flat pie x2 with feta": "add 2 flat pie +feta",
    "a pot of nettle tea with two lemon slices": (
        "add 1 nettle tea +pot +2x:lemon slices"
    ),
    "a two filling flat pie with feta and chives": "add 1 flat pie +feta +chives",
    "half a dozen small birch sodas": "add 6 birch soda +small",
    # -- how it is written --
    "flatpie with mushroom and horseraddish": ("add flatpie +mushroom +horseraddish"),
    # -- what nobody sells is not lost, and nothing is made of it --
    "2 flat pies with truffles": "add 2 flat pie +truffles",
    "2 unicorn rolls with chives": "add 2 unicorn rolls +chives",
    "a unicorn pie and a lime tea with honey": (
        "add 1 unicorn pie; add 1 lime tea +honey"
    ),
    "2 large nettle tea, John": "add 2 nettle tea +large",
    "2 nettle tea, John": "add 2 nettle tea",
}
TURKISH = {
    "2 adana dürüm bol soğanlı turşusuz 1 büyük ayran": (
        "add 2 adana dürüm +bol:soğanlı -turşu; add 1 ayran +büyük"
    ),
    "iki tavuk dürüm soğansız acılı, bir künefe kaymaklı": (
        "add 2 tavuk dürüm -soğan +acılı; add 1 künefe +kaymaklı"
    ),
    "2 adana lavaş acısız ve 2 küçük ayran": (
        "add 2 adana +lavaş +acısız; add 2 ayran +küçük"
    ),
    "3 adana dürüm, biri soğansız": "add 2 adana dürüm; add 1 adana dürüm -soğan",
    "adana dürüm soğan olmasın bol sumak": "add adana dürüm -soğan +bol:sumak",
    "1 adana 1 tavuk dürüm 2 ayran": "add 1 adana; add 1 tavuk dürüm; add 2 ayran",
    "bir büyük tavuk dürüm patatesli marulsuz istiyorum": (
        "add 1 tavuk dürüm +büyük +patatesli -marul"
    ),
    "bir adana az acılı soğan koymayın lütfen": "add 1 adana +az:acılı -soğan",
    "büyük ayran 2 tane": "add 2 [piece] ayran +büyük",
}
PORTUGUESE = {
    "dois pastéis grandes de queijo com catupiry e um caldo de cana": (
        "add 2 pastéis +grandes +queijo +catupiry; add 1 caldo de cana"
    ),
    "3 pasteis de carne sem cebola e 2 guaranás grandes": (
        "add 3 pasteis +carne -cebola; add 2 guaraná +grandes"
    ),
    "quero dois pastéis, um de carne e um de frango": (
        "add 1 pastel +carne; add 1 pastel +frango"
    ),
    "um pastel de frango com bastante queijo, outro sem azeitona": (
        "add 1 pastel +frango +bastante:queijo; add 1 pastel -azeitona"
    ),
}


def read(text: str, shop: Index, language: str) -> tuple[Mention, ...]:
    return understand(a_request(text, index=shop, language=language)).mentions


@pytest.mark.parametrize(("text", "lines"), ENGLISH.items())
def test_an_order_from_an_english_menu_is_told_line_by_line(
    text: str, lines: str
) -> None:
    assert told(read(text, PIE_SHOP, "en")) == lines


@pytest.mark.parametrize(("text", "lines"), TURKISH.items())
def test_an_order_from_a_turkish_menu_is_told_line_by_line(
    text: str, lines: str
) -> None:
    assert told(read(text, KEBAP_SHOP, "tr")) == lines


@pytest.mark.parametrize(("text", "lines"), PORTUGUESE.items())
def test_an_order_from_a_portuguese_menu_is_told_line_by_line(
    text: str, lines: str
) -> None:
    assert told(read(text, PASTEL_SHOP, "pt")) == lines


def chosen(text: str) -> dict[str, list[tuple[str, str]]]:
    """Return the ids of the options of each product that a text orders."""
    found: dict[str, list[tuple[str, str]]] = {}
    for mention in read(text, PIE_SHOP, "en"):
        product = PIE_SHOP.products[mention.text.lower().replace(" ", "_")]
        options = (option_of(product, option) for option in mention.options)
        found[product.id] = [(o[0].id, o[1].id) for o in options if o]
    return found


def test_a_part_of_a_name_is_the_value_that_shares_the_noun_of_the_next() -> None:
    assert chosen("a flat pie with green and red peppers") == {
        "flat_pie": [("filling", "green_peppers"), ("filling", "red_peppers")]
    }


def test_the_same_word_is_an_option_of_the_product_that_it_is_said_of() -> None:
    assert chosen("a flat pie with chives and a smoked trout roll with chives") == {
        "flat_pie": [("filling", "chives")],
        "smoked_trout_roll": [("sauce", "chives")],
    }


def test_a_size_word_of_the_language_is_the_menus_size() -> None:
    assert chosen("a big flat pie with feta")["flat_pie"][0] == ("size", "large")


def test_a_shop_whose_products_take_no_options_has_no_menu() -> None:
    plain = [product for product in GOODS if not product.option_groups]
    assert menu_of(index_of(tuple(plain))) is None


#: A group is called as a part of the names of its values.
COFFEES = index_of(
    (
        a_dish(
            "Latte",
            "drink",
            a_group("Size", "Small", "Large"),
            a_group("Shots", "Espresso shot", "Vanilla syrup", many=True),
            a_group("Milk", "Oat milk", "Soy milk"),
        ),
    )
)
COFFEE = {
    "a latte with two espresso shots, large": "add 1 latte +2x:espresso shots +large",
    "a latte two espresso shots large": "add 1 latte +2x:espresso shots +large",
    "latte with 2 espresso shots large": "add latte +2x:espresso shots +large",
    "latte with 2 oat milks": "add latte +2x:oat milks",
    "a latte with two shots": "add 1 latte +2x:shots",
}


@pytest.mark.parametrize(("text", "lines"), COFFEE.items())
def test_a_number_after_with_counts_an_option_and_not_the_product(
    text: str, lines: str
) -> None:
    assert told(read(text, COFFEES, "en")) == lines


NOT_LOST = {
    "flat pie with feta and a lasagna and two lime teas": (
        "add flat pie +feta; add 1 lasagna; add 2 lime tea"
    ),
    "flat pie with feta, lasagna": "add flat pie +feta; add lasagna",
    "flat pie with feta and pineapple": "add flat pie +feta; add pineapple",
    "a flat pie with feta, some bread and a lime tea": (
        "add 1 flat pie +feta; add bread; add 1 lime tea"
    ),
    "flat pie with feta, pineapple and capers": (
        "add flat pie +feta +pineapple +capers"
    ),
    "flat pie with feta and my wife hates olives": "add flat pie +feta",
    "flat pie with feta and hurry up": "add flat pie +feta",
    "flat pie with feta and top it off with capers": "add flat pie +feta +capers",
    "flat pie with feta and thank you so much": "add flat pie +feta",
}


@pytest.mark.parametrize(("text", "lines"), NOT_LOST.items())
def test_what_the_menu_lacks_is_kept_as_it_was_said_and_talk_is_not(
    text: str, lines: str
) -> None:
    assert told(read(text, PIE_SHOP, "en")) == lines


ONE_PIE = index_of(PIES[:1])


@pytest.mark.parametrize(
    ("text", "lines"),
    {
        "two lasagnas with feta": "add 2 lasagnas +feta",
        "two lasagnas with feta and capers": "add 2 lasagnas +feta +capers",
        "two lasagnas, one with feta": "add 1 lasagnas; add 1 lasagnas +feta",
        "2 tickets with feta": "add 2 tickets +feta",
    }.items(),
)
def test_a_strange_dish_is_not_made_the_only_one_there_is(
    text: str, lines: str
) -> None:
    mentions = read(text, ONE_PIE, "en")
    assert told(mentions) == lines
    assert all(mention.confidence <= UNKNOWN for mention in mentions)


OTHER_NUMBERS = {
    "flat pie with feta for 4": "add flat pie +feta",
    "flat pie with feta for 2 people": "add flat pie +feta +2 people",
    "flat pie with feta for 5 people at 7": "add flat pie +feta +5 people",
    "flat pie feta 10 minutes": "add flat pie +feta",
    "flat pie with feta apartment 5": "add flat pie +feta",
    "flat pie with feta x2": "add 2 flat pie +feta",
    "large flat pie feta 2": "add 2 flat pie +large +feta",
    "12345678 flat pies with feta": "add [12345678] flat pie +feta",
    "a million flat pies": "add 1000000 flat pie",
    "2 million flat pies with feta": "add [2million] flat pie +feta",
}


@pytest.mark.parametrize(("text", "lines"), OTHER_NUMBERS.items())
def test_only_a_number_at_the_product_or_its_options_counts_it(
    text: str, lines: str
) -> None:
    assert told(read(text, PIE_SHOP, "en")) == lines


@pytest.mark.parametrize(
    "text",
    [
        "where is my flat pie with feta",
        "why is the flat pie with feta so expensive",
        "i ordered a flat pie with feta",
        "did you get my 2 flat pies with feta?",
        "never bring me a flat pie with feta",
        "my 2 kids like feta",
    ],
)
@pytest.mark.parametrize("shop", [PIE_SHOP, ONE_PIE], ids=("many", "one"))
def test_what_tells_of_dishes_orders_none(text: str, shop: Index) -> None:
    assert Act.ADD not in {mention.act for mention in read(text, shop, "en")}


@pytest.mark.parametrize(
    "text",
    [
        "flat pie " + "feta capers chives " * 200 + " flat pie",
        "1 feta " * 500,
        "flat pie " * 400,
        "with feta, " * 300,
    ],
    ids=("options", "numbers", "products", "list"),
)
def test_a_text_that_is_no_order_is_not_laid_out_as_dishes(text: str) -> None:
    shelf = Shelf(PIE_SHOP, words_for("en"))
    for sentence in sentences(tokenize(text), shelf):
        assert sum(len(mark.tokens) for mark in sentence) <= 160
        assert served(sentence, Source(0, text, frozenset()), shelf, ()) == ()


def test_the_words_of_a_menu_are_looked_up_once_for_all_events() -> None:
    menu = menu_of(PIE_SHOP)
    assert menu is not None
    values = frozenset({(0, 0), (0, 1)})
    assert menu.takers.of(values) is menu.takers.of(values)


QUESTIONS_AND_CHANGES = {
    "do you have flat pies with feta?": "ask",
    "how much is a flat pie with feta": "ask",
    "remove the flat pie": "remove",
    "no drinks": "remove",
}


@pytest.mark.parametrize(("text", "act"), QUESTIONS_AND_CHANGES.items())
def test_what_is_no_order_is_not_read_as_one(text: str, act: str) -> None:
    assert {mention.act for mention in read(text, PIE_SHOP, "en")} <= {act}


_VALUES = ("feta", "spinach", "capers", "chives", "mushrooms", "goat cheese")


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 20),
    st.sampled_from(("small", "medium", "large")),
    st.lists(st.sampled_from(_VALUES), min_size=1, max_size=4, unique=True),
    st.sampled_from(_VALUES),
)
def test_nothing_that_is_listed_is_lost_or_added(
    count: int, size: str, fillings: list[str], without: str
) -> None:
    wanted = [filling for filling in fillings if filling != without]
    text = f"{count} {size} flat pies with {' '.join(wanted)} but no {without}"
    mentions = read(text, PIE_SHOP, "en")
    assert len(mentions) == 1
    assert mentions[0].quantity == Decimal(count)
    said = [(option.text, option.negated) for option in mentions[0].options]
    assert said == [(size, False), *((w, False) for w in wanted), (without, True)]


_ANYTHING = (
    *("2", "a", "no", "with", "and", "extra", "large", ",", "flat", "pie", "feta"),
    *("tea", "lime", "x", "not", "but", "light", "one", "the", "soda", "all", "0"),
    *("-1", "capers", "green", "or", "hold", "another", "free", "2x", "of", "them"),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(_ANYTHING),
        max_size=14,
    )
)
def test_any_words_in_any_order_are_read_without_an_error(words: list[str]) -> None:
    for mention in read(" ".join(words), PIE_SHOP, "en"):
        assert mention.quantity is None or mention.quantity > 0


def test_the_reader_says_which_value_is_meant_and_the_line_takes_that_one() -> None:
    group = SHARED.option_groups[1]
    said = OptionMention(text="cinnamon", group=group.id, value=group.values[0].id)
    assert option_of(SHARED, said) == (group, group.values[0])
    assert option_of(SHARED, OptionMention(text="cinnamon")) is None


def a_coffee(most: int) -> Product:
    shot = OptionValue("shot", "Shot", surcharge=Decimal(20))
    group = OptionGroup("extras", "Extras", (shot,), maximum=most)
    return a_product(price=Decimal(100), option_groups=(group,))


@pytest.mark.parametrize(
    ("most", "said", "price", "note"),
    [
        (2, "2x", "140", None),
        (2, "50x", "140", "50x shots"),
        (1, "2x", "120", "2x shots"),
        (30, "99999999999x", "500", "99999999999x shots"),
        (2, "0x", "120", None),
        (2, "1x", "120", None),
        (2, "extra", "120", None),
    ],
)
def test_more_of_an_option_than_its_group_holds_is_told_and_not_charged(
    most: int, said: str, price: str, note: str | None
) -> None:
    coffee = a_coffee(most)
    wanted = OptionMention(text="shots", qualifier=said)
    options, told_so = with_options(coffee, (), (wanted,))
    assert unit_price(coffee, None, options) == Decimal(price)
    assert told_so == note


@pytest.mark.parametrize(
    ("qualifier", "count"),
    [("0x", 1), ("2x", 2), ("20x", 20), ("21x", 20), ("9" * 5_000 + "x", 20)],
)
def test_an_option_is_had_once_to_twenty_times(qualifier: str, count: int) -> None:
    option = LineOption("extras", "shot", "Shot", qualifier=qualifier)
    assert option.count == count


def test_two_of_an_option_cost_twice_its_price() -> None:
    shot = OptionValue("shot", "Shot", surcharge=Decimal(20))
    group = OptionGroup("extras", "Extras", (shot,), maximum=2)
    coffee = a_product(price=Decimal(100), option_groups=(group,))
    said = OptionMention(text="shots", qualifier=times(2))
    options, _ = with_options(coffee, (), (said,))
    assert options[0].count == 2
    assert unit_price(coffee, None, options) == Decimal(140)
