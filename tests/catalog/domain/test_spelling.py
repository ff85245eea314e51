"""What is spelt as the cells of a feed is read as the same product."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import OptionGroup, OptionValue, Pack, Product, ProductType, Variant
from catalog.domain.feed import COLUMNS, VariantRow, parse_row
from catalog.domain.folding import fold
from catalog.domain.notation import option_id
from catalog.domain.spelling import HEADER, rows_of
from tests.factories import a_product


def read_back(product: Product) -> Product:
    """Return what a feed makes of a product's rows."""
    found, *others = (
        parse_row(dict(zip(HEADER, cells, strict=True)), currency="TRY", line=line)
        for line, cells in enumerate(rows_of(product), 2)
    )
    assert isinstance(found, Product), found
    variants = []
    for other in others:
        assert isinstance(other, VariantRow), other
        assert other.parent_sku == product.sku
        variants.append(other.variant)
    return replace(found, variants=tuple(variants))


def test_every_column_is_written() -> None:
    assert set(HEADER) == set(COLUMNS)


#: Letters that mean something in a notation, to a spreadsheet, or to CSV.
_LETTERS = "abÇş9 |=;:,/*+()\\\"'@-=\n\tي\xa0\u200b😀"


def texts(longest: int = 6) -> st.SearchStrategy[str]:
    """Return texts as people may write them: without spaces around them."""
    return st.text(_LETTERS, min_size=1, max_size=longest).map(str.strip).filter(bool)


def numbers(least: str = "0") -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=least, max_value=99_999_999, places=6)


def pairs() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(texts(), texts(), max_size=3)


@st.composite
def option_groups(draw: st.DrawFn) -> OptionGroup:
    """Return a group as a feed can have it: ids follow from names."""
    named = texts().filter(fold)
    names = draw(st.lists(named, min_size=1, max_size=3, unique_by=fold))
    values = tuple(
        OptionValue(
            option_id(name),
            name,
            draw(st.sampled_from([Decimal(0), Decimal("0.50"), Decimal("12.500001")])),
            tuple(draw(st.lists(texts(), max_size=2))),
        )
        for name in names
    )
    most = draw(st.integers(1, len(values)))
    name = draw(named)
    return OptionGroup(
        option_id(name),
        name,
        values,
        minimum=draw(st.integers(0, most)),
        maximum=most,
        default=draw(st.sampled_from([None, values[-1].id])),
    )


@st.composite
def products(draw: st.DrawFn) -> Product:
    """Return a product as a feed can have it, variants and all."""
    step = draw(st.sampled_from([Decimal(1), Decimal("0.1"), Decimal("0.25")]))
    least = step * draw(st.integers(1, 5))
    optional = st.one_of(st.none(), texts())
    skus = draw(st.lists(texts(), min_size=3, max_size=3, unique=True))
    variants = tuple(
        Variant(
            "",
            sku,
            draw(texts()),
            draw(pairs().filter(bool)),
            price=draw(st.one_of(st.none(), numbers())),
            stock=draw(st.one_of(st.none(), numbers())),
            gtin=draw(st.sampled_from([None, "12345670"])),
            external_id=draw(optional),
            image=draw(optional),
        )
        for sku in skus[1 : draw(st.integers(1, 3))]
    )
    return Product(
        id="",
        sku=skus[0],
        name=draw(texts()),
        price=draw(st.one_of(st.none(), numbers())),
        currency="TRY",
        description=draw(st.one_of(st.just(""), texts(40))),
        url=draw(optional),
        active=draw(st.booleans()),
        type=draw(st.sampled_from(ProductType)),
        unit=draw(st.sampled_from(["piece", "kg"])),
        step=step,
        minimum=least,
        default_quantity=least + step,
        packs=tuple(
            Pack(unit, draw(numbers("0.000001")))
            for unit in draw(st.lists(texts(), max_size=2, unique=True))
        ),
        list_price=draw(st.one_of(st.none(), numbers())),
        tax_rate=draw(st.decimals(min_value=0, max_value=100, places=2)),
        stock=draw(st.one_of(st.none(), numbers())),
        weight_kg=draw(st.one_of(st.none(), numbers())),
        brand=draw(optional),
        category=draw(optional),
        attributes=draw(pairs()),
        variants=variants,
        option_groups=tuple(
            draw(st.lists(option_groups(), max_size=2, unique_by=lambda g: g.id))
        ),
        aliases=tuple(draw(st.lists(texts(), max_size=3, unique=True))),
    )


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a product has forty fields
)
@given(products())
def test_what_is_written_is_read_as_the_same(product: Product) -> None:
    assert read_back(product) == product


@pytest.mark.parametrize("name", ["=1+1", "+90 555", "-5 %", "@home", "=HYPERLINK(1)"])
def test_cells_that_look_like_formulas_stay_as_they_are(name: str) -> None:
    product = a_product(id="", name=name, aliases=(name,))
    (cells,) = rows_of(product)
    assert cells[HEADER.index("name")] == name
    assert read_back(product) == product


def test_a_product_without_a_price_says_so() -> None:
    (cells,) = rows_of(a_product(price=None))
    assert cells[HEADER.index("price")] == "none"
