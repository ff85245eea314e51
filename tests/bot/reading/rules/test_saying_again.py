"""What made-up customers were misheard in: places, amounts said anew, and units."""

# ruff: noqa: RUF001  # Russian

from decimal import Decimal

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Understanding
from bot.reading.rules.reader import understand
from catalog import Index, OptionGroup, OptionValue
from orders import Draft, Evidence
from orders.domain.draft import Source
from orders.domain.rules import Field
from tests.factories import a_draft, a_line, a_product
from tests.readings import LANGUAGES, a_request, told

_TOAST = OptionGroup(
    "filling",
    "Filling",
    (OptionValue("tomato", "Tomato", aliases=("помидор",)),),
    minimum=0,
)
_SHOP = Index.build(
    [
        a_product(
            id=name,
            sku=name.upper(),
            name=name.title(),
            aliases=aliases,
            **({"option_groups": (_TOAST,)} if name == "toast" else {}),
            **({"unit": "kg", "step": Decimal("0.1")} if name in weighed else {}),
        )
        for weighed in [("cucumbers", "tomatoes", "olives")]
        for name, aliases in {
            "toast": ("тост с сыром", "tostada"),
            "tomatoes": ("помидоры", "tomates"),
            "cucumbers": ("огурцы", "pepinos"),
            "olives": ("aceitunas negras",),
            "latte": ("латте",),
            "tea": ("té", "чай"),
            "enamel mug": ("taza esmaltada",),
            "tote bag": ("bolsa de algodón", "sacola de algodão"),
            "carrot cake": ("havuçlu kek",),
        }.items()
    ],
    LANGUAGES,
)


def _draft(**quantities: str) -> Draft:
    lines = tuple(
        a_line(
            id=f"L{place}",
            product_id=name.replace("_", " "),
            sku=name.upper(),
            name=name.title(),
            quantity=Decimal(quantity),
            unit=_SHOP.products[name.replace("_", " ")].unit,
            evidence=(Evidence(Source.MESSAGE, quote=f"{quantity} {name}"),),
        )
        for place, (name, quantity) in enumerate(quantities.items(), start=1)
    )
    return a_draft(lines=lines, next_line=len(lines) + 1)


def _heard(
    text: str, language: str, asked: Field | None = None, /, **lines: str
) -> Understanding:
    return understand(
        a_request(
            text,
            language=language,
            index=_SHOP,
            draft=_draft(**lines),
            asked=Asked(field=asked) if asked else None,
        )
    )


NO_PLACES = [
    ("es", "hola de nuevo"),
    ("es", "hola, soy yo otra vez"),
    ("es", "¿siguen ahí?"),
    ("es", "no sé todavía"),
    ("ru", "это снова я"),
    ("ru", "здравствуйте ещё раз"),
    ("ru", "500 г помидоров"),
    ("ru", "ещё два кило огурцов пожалуйста"),
    ("tr", "selam, yine ben"),
    ("tr", "tekrar merhaba"),
    ("tr", "orada mısınız"),
    ("tr", "eşime soracağım"),
    ("pt", "oi de novo"),
    ("en", "it's ana again"),
    ("en", "later please"),
    ("en", "I will ask my husband"),
    ("en", "2 lates"),
]


@pytest.mark.parametrize(("language", "text"), NO_PLACES)
def test_what_is_said_instead_of_an_address_is_no_address(
    language: str, text: str
) -> None:
    assert _heard(text, language, Field.ADDRESS, tea="1").details == ()


PLACES = [
    ("tr", "Kadıköy"),
    ("en", "in Moda"),
    ("en", "Baker St"),
    ("en", "221b Baker"),
    ("en", "next to the old mosque"),
    ("en", "10115 Berlin"),
    ("es", "Plaza Mayor"),
    ("ru", "Арбат 12"),
    ("ru", "34710 г. Москва"),
    ("ru", "рядом с метро"),
    ("pt", "Liberdade, São Paulo"),
]


@pytest.mark.parametrize(("language", "text"), PLACES)
def test_a_street_a_number_or_strange_words_are_an_address(
    language: str, text: str
) -> None:
    (place,) = _heard(text, language, Field.ADDRESS, tea="1").details
    assert place.value == text


@pytest.mark.parametrize("field", [Field.NAME, Field.RECIPIENT])
@pytest.mark.parametrize("text", ["hola de nuevo", "это снова я", "selam, yine ben"])
def test_a_greeting_is_nobodys_name(field: Field, text: str) -> None:
    assert _heard(text, "en", field, tea="1").details == ()


AMOUNTS = [
    ("ru", "килограмм огурцов", "add 1 [kg] огурц"),
    ("ru", "хочу килограмм помидоров и чай", "add 1 [kg] помидоров; add чай"),
    ("es", "KILO Y MEDIO DE ACEITUNAS NEGRAS", "add 1.5 [kg] aceitunas negras"),
    ("es", "MEDIO KILO DE TOMATES", "add 0.5 [kg] tomates"),
    ("pt", "quilo e meio de pepinos", "add 1.5 [kg] pepinos"),
    (
        "ru",
        "500 г помидоров и один тост с сыром",
        "add 500 [g] помидоров; add 1 тост с сыром",
    ),
    ("es", "1 taza esmaltada", "add 1 taza esmaltada"),
    ("es", "2 bolsas de algodón", "add 2 bolsa de algodón"),
    ("pt", "2 sacolas de algodão", "add 2 sacola de algodão"),
    ("en", "pound cake", "add pound cake"),
]


@pytest.mark.parametrize(("language", "text", "expected"), AMOUNTS)
def test_units_count_and_names_with_a_unit_in_them_are_names(
    language: str, text: str, expected: str
) -> None:
    assert told(_heard(text, language).mentions) == expected


ANEW = [
    ("en", "3 lattes instead", "latte", "set 3 latte"),
    ("pt", "3 lattes em vez disso", "latte", "set 3 latte"),
    ("ru", "давайте 1 латте", "latte", "set 1 латте"),
    ("tr", "havuçlu kek sayısını 3 yapın", "carrot_cake", "set 3 havuçlu kek"),
    ("en", "I said 2 kg of cucumbers", "cucumbers", "set 2 [kg] cucumbers"),
    ("es", "dije 2 kg de pepinos", "cucumbers", "set 2 [kg] pepinos"),
    ("tr", "2 kg dedim", "cucumbers", "set 2 [kg]"),
    ("en", "3 lattes instead", "tea", "add 3 latte"),
    ("ru", "давайте 1 латте", "tea", "add 1 латте"),
]


@pytest.mark.parametrize(("language", "text", "line", "expected"), ANEW)
def test_an_amount_that_is_said_instead_sets_its_line(
    language: str, text: str, line: str, expected: str
) -> None:
    assert told(_heard(text, language, None, **{line: "1"}).mentions) == expected


ANSWERING_A_SUMMARY = [
    ("2 kg cucumbers", "set 2 [kg] cucumbers"),  # All of a weight.
    ("2 kg cucumbers please", "set 2 [kg] cucumbers"),
    ("another 2 kg cucumbers", "add 2 [kg] cucumbers"),
    ("and 2 kg cucumbers", "add 2 [kg] cucumbers"),
    ("2 tea", "set 2 tea"),  # The words that the line was made of.
    ("3 tea", "add 3 tea"),
    ("2 more tea", "add 2 tea"),
    ("2 latte", "add 2 latte"),  # Not on the summary.
]


@pytest.mark.parametrize(("text", "expected"), ANSWERING_A_SUMMARY)
def test_what_is_said_again_after_a_summary_puts_its_line_right(
    text: str, expected: str
) -> None:
    lines = {"cucumbers": "1", "tea": "2"}
    assert told(_heard(text, "en", Field.CONFIRMATION, **lines).mentions) == expected
    unasked = told(_heard(text, "en", None, **lines).mentions)
    assert unasked == expected.replace("set", "add")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "hola, soy yo otra vez"),
        ("es", "otra vez"),
        ("en", "hello once more"),
        ("pt", "mais uma vez"),
        ("tr", "bir kez daha"),
        ("ru", "ещё раз"),
    ],
)
def test_once_more_is_no_amount(language: str, text: str) -> None:
    assert _heard(text, language, Field.CONFIRMATION, tea="2").mentions == ()


@pytest.mark.parametrize(
    ("text", "way"),
    [("entrga", "delivery"), ("delivry", "delivery"), ("pickp", "pickup")],
)
def test_a_way_that_is_typed_badly_answers_the_question_for_it(
    text: str, way: str
) -> None:
    (said,) = _heard(text, "en", Field.FULFILMENT, tea="2").details
    assert said.value == way


def test_a_product_is_no_badly_typed_way() -> None:
    said = _heard("latte", "en", Field.FULFILMENT, tea="2")
    assert (told(said.mentions), said.details) == ("add latte", ())
