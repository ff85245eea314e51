"""A feed's rows become products, or errors that say what to write instead."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import OptionGroup, OptionValue, Pack, Product, ProductType
from catalog.domain.feed import (
    COLUMNS,
    RowError,
    VariantRow,
    check_header,
    governed,
    parse_row,
    unknown_columns,
)

LEFT_OUT = "no such column, it is left out: "
NO_NUMBER = "is not a number here: write digits and at most one point, such as 12.50"
COMMA = "12.50 if the comma starts the decimals"
LATTE = {"sku": "LAT", "name": "Latte", "price": "85.50"}


def read(**cells: str) -> Product | VariantRow | RowError:
    return parse_row({**LATTE, **cells}, currency="TRY", line=2)


def product(**cells: str) -> Product:
    found = read(**cells)
    assert isinstance(found, Product), found
    return found


def error(**cells: str) -> RowError:
    found = read(**cells)
    assert isinstance(found, RowError), found
    return found


def test_sku_name_and_price_are_enough() -> None:
    assert product() == Product(
        id="", sku="LAT", name="Latte", price=Decimal("85.50"), currency="TRY"
    )


def test_every_field_of_a_product_can_be_written() -> None:
    found = product(
        description="Espresso with milk",
        url="https://shop.example/latte",
        currency="try",
        active="no",
        type="Service",
        unit="kg",
        step="0.1",
        minimum="0.2",
        default_quantity="0.5",
        packs="koli=24|palet=1440",
        list_price="99",
        tax_rate="10%",
        stock="12.5",
        weight_kg="0.35",
        length_cm="10",
        width_cm="5.5",
        height_cm="2",
        seller="Bar",
        external_id="erp-1",
        reference="r-1",
        gtin="4006381333931",
        brand="House",
        colour="brown",
        material="milk",
        category="Drinks > Hot",
        image="https://shop.example/latte.png",
        attributes="roast=dark|origin=Brazil",
        option_groups="Milk: whole*, oat+0.50",
        aliases="caffe latte| cafe latte |",
    )
    assert (found.active, found.type) == (False, ProductType.SERVICE)
    assert (found.step, found.minimum) == (Decimal("0.1"), Decimal("0.2"))
    assert (found.default_quantity, found.unit) == (Decimal("0.5"), "kg")
    assert found.packs == (Pack("koli", Decimal(24)), Pack("palet", Decimal(1440)))
    assert (found.list_price, found.tax_rate) == (Decimal(99), Decimal(10))
    assert (found.stock, found.weight_kg) == (Decimal("12.5"), Decimal("0.35"))
    assert (found.length_cm, found.width_cm) == (Decimal(10), Decimal("5.5"))
    assert (found.height_cm, found.seller) == (Decimal(2), "Bar")
    assert (found.external_id, found.reference) == ("erp-1", "r-1")
    assert (found.gtin, found.brand, found.colour) == (
        "4006381333931",
        "House",
        "brown",
    )
    assert (found.material, found.category) == ("milk", "Drinks > Hot")
    assert found.attributes == {"roast": "dark", "origin": "Brazil"}
    assert found.aliases == ("caffe latte", "cafe latte")
    assert found.option_groups[0].default == "whole"
    assert found.image is not None
    assert found.url is not None
    assert found.description == "Espresso with milk"


def test_every_product_field_has_a_column() -> None:
    fields = set(Product.__dataclass_fields__) - {"id", "variants"}
    assert COLUMNS.keys() == fields | {"parent_sku"}


def test_option_groups_say_choices_surcharges_and_how_many() -> None:
    written = "Milk: whole*, oat/oat milk+0.50; Syrup(0-2): vanilla+0.40, caramel"
    assert product(option_groups=written).option_groups == (
        OptionGroup(
            "milk",
            "Milk",
            (
                OptionValue("whole", "whole"),
                OptionValue("oat", "oat", Decimal("0.50"), ("oat milk",)),
            ),
            default="whole",
        ),
        OptionGroup(
            "syrup",
            "Syrup",
            (
                OptionValue("vanilla", "vanilla", Decimal("0.40")),
                OptionValue("caramel", "caramel"),
            ),
            maximum=2,
        ),
    )


def test_the_least_is_one_step_and_the_usual_is_the_least() -> None:
    found = product(unit="kg", step="0.25")
    assert (found.minimum, found.default_quantity) == (Decimal("0.25"),) * 2
    assert product(minimum="3").default_quantity == 3


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        ("sku", "", "it is empty: write one"),
        ("name", " ", "it is empty: write one"),
        ("price", "", "it is empty: write one"),
        (
            "price",
            "12,50",
            f"'12,50' is not a number here: write {COMMA}",
        ),
        ("price", "-1", "'-1' is not a number here: it cannot be negative"),
        (
            "price",
            "1e9",
            f"'1e9' {NO_NUMBER}",
        ),
        (
            "price",
            "99999999999",
            "'99999999999' is not a number here: write at most 9 digits",
        ),
        (
            "price",
            "1.2345678",
            "'1.2345678' has too many decimals: write at most 6",
        ),
        (
            "price",
            "NaN",
            f"'NaN' {NO_NUMBER}",
        ),
        (
            "list_price",
            "₺5",
            f"'₺5' {NO_NUMBER}",
        ),
        ("step", "0", "0 is not possible here: write a number above 0"),
        ("minimum", "0.0", "0 is not possible here: write a number above 0"),
        ("minimum", "1.5", "1.5 is not a multiple of the step 1"),
        ("default_quantity", "2.5", "2.5 is not a multiple of the step 1"),
        ("tax_rate", "101", "'101' is not a tax rate: write percent, from 0 to 100"),
        ("tax_rate", "-5", "'-5' is not a number here: it cannot be negative"),
        ("stock", "-3", "'-3' is not a number here: it cannot be negative"),
        ("currency", "EUR", "'EUR' is not the shop's: write TRY or nothing"),
        ("active", "maybe", "'maybe' is neither yes nor no: write yes or no"),
        ("type", "thing", "'thing' is no type: write goods or service"),
        ("gtin", "123", "'123' is not a GTIN: write its 8, 12, 13 or 14 digits"),
        ("unit", "u" * 21, "21 characters are too many: write at most 20"),
        ("name", "a\0b", "it holds a control character: remove it"),
        ("packs", "koli", "'koli' is not a pair: write key=value|key=value"),
        ("packs", "koli=0", "0 is not possible here: write a number above 0"),
        ("attributes", "a=1|a=2", "'a' is given twice: give each key once"),
        (
            "option_groups",
            "Milk",
            "'Milk' is not an option group: write Milk: whole*, oat+0.50",
        ),
        (
            "option_groups",
            "Milk:",
            "the option group 'Milk' has no values: write Milk: a, b",
        ),
        (
            "option_groups",
            "Milk(2-1): a, b",
            "(2-1) does not fit the 2 value(s) of 'Milk': write (fewest-most)",
        ),
        (
            "option_groups",
            "Milk: a*, b*",
            "'Milk' has 2 values with *: mark one at most",
        ),
        (
            "option_groups",
            "Milk: a, A",
            "the value of 'Milk' 'a' is given twice: give it once",
        ),
        (
            "option_groups",
            "Milk: a; milk: b",
            "the option group 'milk' is given twice: give it once",
        ),
        (
            "option_groups",
            "Milk: oat+x",
            f"'x' {NO_NUMBER}",
        ),
        (
            "option_groups",
            "Milk: +1",
            "'+1' is not an option: write oat, oat*, or oat+0.50",
        ),
        ("option_groups", "Milk: !", "'!' has no letters or digits: write a name"),
    ],
)
def test_a_wrong_cell_is_refused_with_the_remedy(
    column: str, text: str, message: str
) -> None:
    assert error(**{column: text}) == RowError(2, column, message)


def test_the_usual_quantity_is_not_below_the_least() -> None:
    found = error(minimum="4", default_quantity="2")
    assert found.message == "2 is less than the minimum 4"


def test_a_variant_is_a_row_that_names_its_product() -> None:
    cells = {
        "parent_sku": "TEE",
        "sku": "TEE-RM",
        "attributes": "colour=Red|size=M",
        "price": "",
        "stock": "4",
    }
    found = parse_row(cells, currency="TRY", line=3)
    assert isinstance(found, VariantRow)
    assert found.parent_sku == "TEE"
    assert (found.variant.sku, found.variant.name) == ("TEE-RM", "Red, M")
    assert (found.variant.price, found.variant.stock) == (None, Decimal(4))
    assert found.variant.attributes == {"colour": "Red", "size": "M"}


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"sku": ""}, "sku", "it is empty: write one"),
        ({"attributes": ""}, "attributes", "it is empty: write one"),
        (
            {"unit": "kg"},
            "unit",
            "a variant has none: write it in its product's row",
        ),
    ],
)
def test_a_variant_says_only_what_is_its_own(
    cells: dict[str, str], column: str, message: str
) -> None:
    row = {"parent_sku": "TEE", "sku": "TEE-RM", "attributes": "size=M"}
    assert parse_row({**row, **cells}, currency="TRY", line=3) == RowError(
        3, column, message
    )


def test_a_header_needs_the_three_columns() -> None:
    assert check_header(["price", "sku", "name", "stock"]) == ()
    wrong = check_header(["sku", "sku", "prize", "variants", "prize"])
    assert [(e.column, e.message) for e in wrong] == [
        ("name", "the column is missing: add it"),
        ("price", "the column is missing: add it"),
        ("sku", "the column is there twice: keep one"),
        ("variants", "write each variant as a row with parent_sku"),
    ]


def test_unknown_columns_are_left_out_with_a_warning() -> None:
    told = unknown_columns(["sku", "prize", "variants", "", "zzz", "color", "zzz"])
    assert [(e.column, e.message.removeprefix(LEFT_OUT)) for e in told] == [
        ("prize", "did you mean price?"),
        ("(empty)", "remove it or rename it"),
        ("zzz", "remove it or rename it"),
        ("color", "did you mean colour?"),
    ]


def test_a_feed_sets_what_it_has_columns_for() -> None:
    assert governed(["sku", "name", "price", "zzz"]) == {
        *("sku", "name", "price", "currency"),
    }
    assert governed(["sku", "step"]) == {
        *("sku", "step", "minimum", "default_quantity", "currency"),
    }
    assert "parent_sku" in governed(["sku", "parent_sku"])


def test_no_price_is_written_in_a_word() -> None:
    assert product(price="none").price is None
    assert product(price="None").price is None


def test_a_backslash_takes_a_mark_as_a_letter() -> None:
    found = product(
        aliases=r"a\|b\|c|d\\|C:\x",
        attributes=r"size\=cut=3\|4",
        option_groups=r"Half \+ half\: \(a\*b\)(0-1): x\/y\, z/w*+1",
    )
    assert found.aliases == ("a|b|c", "d\\", "C:\\x")
    assert found.attributes == {"size=cut": "3|4"}
    (group,) = found.option_groups
    (value,) = group.values
    assert group.name == "Half + half: (a*b)"
    assert value.name == "x/y, z"
    assert value.aliases == ("w",)
    assert value.surcharge == 1
    assert group.default == value.id


def test_a_variant_is_not_called_more_than_fits() -> None:
    cells = {"parent_sku": "T", "sku": "T-S", "attributes": f"a={'x' * 600}"}
    found = parse_row(cells, currency="TRY", line=3)
    assert found == RowError(
        3, "attributes", "600 characters are too many: write at most 500"
    )


@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), st.text(max_size=30)))
def test_no_row_breaks_the_parser(cells: dict[str, str]) -> None:
    parse_row(cells, currency="TRY", line=2)


@given(st.decimals(min_value=0, max_value=999_999_999, places=6))
def test_prices_are_read_exactly(price: Decimal) -> None:
    assert product(price=str(price)).price == price
