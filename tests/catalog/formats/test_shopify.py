"""Shopify's product CSV: rows of one handle are one product with its variants."""

# ruff: noqa: E501  # rows are as long as Shopify writes them

from decimal import Decimal
from pathlib import Path

import pytest

from catalog import Product
from catalog.formats.hypertext import from_html, to_html
from catalog.spool import Mistakes, open_spool
from catalog.spooling import spool_file
from tests.feeds import NOW, read
from tests.taking import taken

OLD = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Position,Variant Image,Status,Google Shopping / MPN,Price / Turkey
mug,Mug,<p>For <b>coffee</b> &amp; tea</p><p>Blue</p>,Ada,Kitchen,gift,true,Title,Default Title,,,MUG-1,350,shopify,-2,deny,249.90,299.90,'40063813,https://x.example/mug.jpg,1,,active,,
mug,,,,,,,,,,,,,,,,,,,https://x.example/mug2.jpg,2,,,,
tee,T-shirt,,Ada,Shirts,,true,Color,Red,Size,M,TEE-RM,180,shopify,4,deny,400,,ABC-1,https://x.example/tee.jpg,1,https://x.example/red.jpg,active,,
tee,,,,,,,,Red,,L,,180,shopify,0,continue,450,,,,,,,,
tee,,,,,,,,Blue,,M,TEE-BM,180,,9,deny,400,,,https://x.example/blue.jpg,2,,,,
old,Old thing,,,,,false,Title,Default Title,,,,,,,deny,5,,,,,,active,,
sketch,Sketch,,,,,true,Title,Default Title,,,SK,,,,deny,5,,,,,,draft,,
"""
NEW = """\
Title,URL handle,Description,Vendor,Type,Published on online store,Status,SKU,Barcode,Option1 name,Option1 value,Price,Compare-at price,Inventory tracker,Inventory quantity,Continue selling when out of stock,Weight value (grams),Product image URL,Variant image URL
Mug,mug,Blue,Ada,Kitchen,TRUE,Active,MUG-1,40063813,Title,Default Title,249.90,299.90,shopify,3,DENY,350,https://x.example/mug.jpg,
"""


def written(folder: Path, content: str) -> Path:
    path = folder / "products.csv"
    path.write_text(content)
    return path


def products(folder: Path, content: str) -> dict[str, Product]:
    return {each.sku: each for each in read(written(folder, content))}


def test_a_product_without_options_is_known_by_its_sku(tmp_path: Path) -> None:
    mug = products(tmp_path, OLD)["MUG-1"]
    assert (mug.name, mug.description) == ("Mug", "For coffee & tea\nBlue")
    assert (mug.brand, mug.category) == ("Ada", "Kitchen")
    assert (mug.price, mug.list_price) == (Decimal("249.90"), Decimal("299.90"))
    assert (mug.gtin, mug.weight_kg) == ("40063813", Decimal("0.35"))
    assert mug.stock == 0, "nobody has less than nothing"
    assert mug.image == "https://x.example/mug.jpg", "the first picture"
    assert not mug.variants


def test_options_make_variants_of_the_handle(tmp_path: Path) -> None:
    tee = products(tmp_path, OLD)["tee"]
    assert (tee.name, tee.image) == ("T-shirt", "https://x.example/tee.jpg")
    red, large, blue = tee.variants
    assert [form.sku for form in tee.variants] == ["TEE-RM", "tee/Red/L", "TEE-BM"]
    assert blue.attributes == {"Color": "Blue", "Size": "M"}
    assert (red.price, large.price) == (Decimal(400), Decimal(450))
    assert red.stock == 4
    assert large.stock is None, "it is sold without end"
    assert blue.stock is None, "nobody counts"
    assert (red.image, red.gtin) == ("https://x.example/red.jpg", None)


def test_what_is_not_published_or_not_active_is_off_the_shelf(tmp_path: Path) -> None:
    shop = products(tmp_path, OLD)
    assert {sku: each.active for sku, each in shop.items()} == {
        "MUG-1": True,
        "tee": True,
        "old": False,
        "SK": False,
    }


def test_the_newer_names_of_the_columns_mean_the_same(tmp_path: Path) -> None:
    (mug,) = products(tmp_path, NEW).values()
    assert (mug.sku, mug.name, mug.description) == ("MUG-1", "Mug", "Blue")
    assert (mug.price, mug.list_price, mug.stock) == (
        *(Decimal("249.90"), Decimal("299.90"), Decimal(3)),
    )
    assert (mug.weight_kg, mug.active) == (Decimal("0.35"), True)
    for content in (OLD, NEW):
        found = taken(written(tmp_path, content))
        assert (found.format, found.errors, found.warnings) == ("shopify", [], [])
        assert "aliases" not in found.columns


WRONG = {
    "no handle": (
        "Handle,Title,Variant Price\n,Tea,1\n",
        ["line 2, handle: it is empty: write one"],
    ),
    "no price": (
        "Handle,Title,Variant Price\ntea,Tea,\n",
        ["line 2, variant price: it is empty: write one"],
    ),
    "no column": (
        "Handle,Title\ntea,Tea\n",
        ["line 1, variant price: the column is missing: add it"],
    ),
    "a second variant without options": (
        "Handle,Title,Variant Price,Variant SKU\ntea,Tea,1,A\ntea,,2,B\n",
        [
            (
                "line 3, option1 name: a second variant needs options: write Option1 Name"
                " on the first"
            )
        ],
    ),
    "a price that is none": (
        "Handle,Title,Option1 Value,Variant Price\ntee,Tee,Red,1\ntee,,Blue,dear\n",
        [
            (
                "line 3, variant price: 'dear' is not a number here: write digits and at"
                " most one point, such as 12.50"
            )
        ],
    ),
}


@pytest.mark.parametrize(("content", "errors"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_in_the_words_of_the_file(
    tmp_path: Path, content: str, errors: list[str]
) -> None:
    assert taken(written(tmp_path, content)).errors == errors


def test_a_product_of_which_a_row_is_wrong_is_left_out_as_a_whole(
    tmp_path: Path,
) -> None:
    rows = "tea,Tea,1,A\ntea,,2,B\ncake,Cake,3,C\n"
    path = written(tmp_path, f"Handle,Title,Variant Price,Variant SKU\n{rows}")
    mistakes = Mistakes()
    with open_spool() as spool:
        spool_file(
            path,
            spool,
            mistakes,
            name="shop",
            currency="TRY",
            now=NOW,
            tell=lambda _, __: None,
        )
        assert mistakes.count == 1
        assert [each.sku for each in spool.products(0, 9)] == ["C"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>One</p>\n<p>Two<br/>three</p>", "One\nTwo\nthree"),
        ("<ul><li>a</li><li>b &lt; c</li></ul>", "a\nb < c"),
        ("<style>p{}</style>Tea<script>x<y</script>", "Tea"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("a  \n b", "a b"),
        ("<style>never closed", "never closed"),
        ("<" * 50, "<" * 50),
    ],
)
def test_descriptions_are_read_as_browsers_show_them(source: str, text: str) -> None:
    assert from_html(source) == text


def test_a_description_survives_its_way_through_html() -> None:
    text = "a <b> & c\n\n&amp; d"
    assert from_html(to_html(text)) == text
