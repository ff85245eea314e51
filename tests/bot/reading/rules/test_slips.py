"""What is taken back, refused or meant otherwise, in a shop of goods much alike."""

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Intent, Understanding
from bot.reading.rules.reader import understand
from bot.reading.rules.warming import learn_languages
from bot.reading.rules.words import words_for
from catalog import Certain, Index, OptionGroup, OptionValue, Variant
from catalog.language import languages
from orders import Draft
from orders.domain.rules import Field
from tests.factories import a_draft, a_line, a_product
from tests.readings import LANGUAGES, a_request, told

FILLING = OptionGroup("filling", "Filling", (OptionValue("tomato", "помидор"),), 3)
FORMS = tuple(
    Variant(id=f"shirt_{form}", sku=f"SHIRT_{form}", name=form)
    for form in ("Red, M", "Red, L", "Blue, M", "Blue, L")
)
SOLD: dict[str, tuple[str, ...]] = {
    "Butter Croissant": ("tereyağlı kruvasan", "croissant de manteiga"),
    "Chocolate Croissant": ("çikolatalı kruvasan", "croissant de chocolate"),
    "Almond Croissant": ("bademli kruvasan",),
    "Latte": (),
    "Espresso": (),
    "Tea": ("çay",),
    "Olive Oil": (),
    "Sourdough Bread": (),
    "Cheese Toast": (),
    "White Cheese": ("белый сыр",),
    "Tomatoes": ("помидоры",),
    "T-Shirt": ("tişört", "футболка"),
}
SHOP = Index.build(
    [
        a_product(
            id=name,
            sku=name,
            name=name,
            aliases=aliases,
            option_groups=(FILLING,) if name == "Cheese Toast" else (),
            variants=FORMS if name == "T-Shirt" else (),
            unit="kg" if name in ("White Cheese", "Tomatoes") else "piece",
        )
        for name, aliases in SOLD.items()
    ],
    LANGUAGES,
)


def drafted(*names: str) -> Draft:
    lines = tuple(
        a_line(
            id=f"L{place}",
            product_id=name,
            sku=name,
            name=name,
            variant_id="shirt_Red, M" if name == "T-Shirt" else None,
        )
        for place, name in enumerate(names, start=1)
    )
    return a_draft(lines=lines, next_line=len(lines) + 1)


def read(
    text: str, *names: str, asked: Asked | None = None, language: str = "en"
) -> Understanding:
    return understand(
        a_request(
            text, draft=drafted(*names), asked=asked, language=language, index=SHOP
        )
    )


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("no croissant after all", "remove croissant"),
        ("actually no croissant", "remove croissant"),
        ("kruvasanı çıkar", "remove kruvasanı"),
        ("kruvasan olmasın", "remove kruvasan"),
    ],
)
@pytest.mark.parametrize("last", ["Latte", "Butter Croissant"])
def test_a_croissant_that_is_not_wanted_is_the_one_on_the_draft(
    text: str, means: str, last: str
) -> None:
    names = sorted(("Latte", "Butter Croissant"), key=lambda name: name == last)
    assert told(read(text, *names).mentions) == means


def test_no_cheese_does_not_take_the_cheese_toast() -> None:
    said = read("no cheese", "Cheese Toast")
    assert told(said.mentions) == "set -cheese"


def test_what_is_weighed_is_a_product_though_another_one_has_it_as_an_option() -> None:
    said = read("полкило белого сыра и 2 кг помидоров", language="ru")
    assert [(str(m.quantity), m.unit) for m in said.mentions] == [
        ("0.5", "kg"),
        ("2", "kg"),
    ]
    for mention, product in zip(
        said.mentions, ("White Cheese", "Tomatoes"), strict=True
    ):
        match = SHOP.find(mention.text)
        assert isinstance(match, Certain)
        assert match.candidate.product_id == product


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2 olive oils... sorry, 2 sourdough breads", "add 2 sourdough bread"),
        ("2 olive oils sorry 2 sourdough breads", "add 2 sourdough bread"),
        ("2 latte, pardon 2 çay", "add 2 çay"),
        ("2 lattes and 3 teas... sorry, 2 espressos", "add 3 tea; add 2 espresso"),
        ("2 lattes... sorry, 3 lattes", "add 2 latte; set 3 latte"),
        ("2 lattes. sorry, can I get 2 teas", "add 2 latte; add 2 tea"),
        ("2 latte, pardon 1 çay da", "add 2 latte; add 1 çay"),
        ("not a latte, a tea", "remove latte; add 1 tea"),
    ],
)
def test_a_slip_of_the_tongue_is_taken_back(text: str, means: str) -> None:
    assert told(read(text).mentions) == means


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("sim mas quero 2", "pt"),
        ("sí pero quiero 2", "es"),
        ("yes but I want 2", "en"),
        ("evet ama 2 istiyorum", "tr"),
        ("да, но хочу 2", "ru"),
    ],
)
def test_a_yes_with_another_number_sets_the_number(text: str, language: str) -> None:
    said = read(
        text, "Espresso", asked=Asked(field=Field.CONFIRMATION), language=language
    )
    assert told(said.mentions) == "set 2"


def test_a_number_that_is_wanted_is_no_choice_between_two_ways() -> None:
    asked = Asked(field=Field.FULFILMENT, choices=("delivery", "pickup"))
    said = read("na verdade quero 4", "Espresso", asked=asked)
    assert (said.pick, told(said.mentions)) == (None, "set 4")
    assert read("2", "Espresso", asked=asked).pick is not None


@pytest.mark.parametrize(
    ("text", "language", "form"),
    [
        ("not the red one, the blue", "en", "blue"),
        ("kırmızı değil, mavi", "tr", "mavi"),
        ("no el rojo, el azul", "es", "azul"),
        ("не красный, а синий", "ru", "синий"),  # noqa: RUF001  Russian
    ],
)
def test_another_form_is_chosen_or_set_when_one_is_refused(
    text: str, language: str, form: str
) -> None:
    choices = tuple(variant.id for variant in FORMS)
    asked = Asked(field=Field.VARIANT, about="L1", choices=choices)
    pick = read(text, "T-Shirt", asked=asked, language=language).pick
    assert pick is not None
    assert pick.text == form
    said = read(text, "T-Shirt", language=language)
    assert told(said.mentions).lower() == "set +blue, m"


@pytest.mark.parametrize(
    "text", ["bir yetkiliyle görüşmek istiyorum", "bir insanla görüşmek istiyorum"]
)
def test_one_person_is_a_person_and_no_amount(text: str) -> None:
    said = read(text, language="tr")
    assert (said.intents, said.mentions) == ((Intent.HUMAN,), ())


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("un té, paso a recogerlo", {"fulfilment": "pickup"}),
        ("2 teas. I'll pick them up", {"fulfilment": "pickup"}),
        (
            "deliver it to 5 Rose Street",
            {"fulfilment": "delivery", "address": "5 Rose Street"},
        ),
        (
            "2 çay Kadıköy'e gönderin, adım Ayşe Kaya",
            {"fulfilment": "delivery", "address": "Kadıköy", "name": "Ayşe Kaya"},
        ),
        (
            "Moda Cad. No 5 Kadıköy'e gönderin, adım Ayşe",
            {
                "fulfilment": "delivery",
                "address": "Moda Cad. No 5 Kadıköy",
                "name": "Ayşe",
            },
        ),
        ("2 çay gönderin", {}),
        ("deliver to me 2 lattes", {"fulfilment": "delivery"}),
    ],
)
def test_where_it_goes_is_heard(text: str, details: dict[str, str]) -> None:
    said = read(text)
    assert {each.detail.value: each.value for each in said.details} == details


def test_an_english_sentence_is_not_spelt_in_russian_letters() -> None:
    said = read("we would like tri lattes")
    assert [mention.quantity for mention in said.mentions] == [None]
    assert told(read("hello dva latte").mentions) == "add 2 latte"


def test_languages_that_were_learnt_are_not_built_in_a_turn() -> None:
    learn_languages()
    before = words_for.cache_info().misses
    for code in languages():
        words_for(code)
        words_for(code, ())
    assert words_for.cache_info().misses == before
