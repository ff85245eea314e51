"""Feeds for Google and Meta: items become products, groups become variants."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from catalog import Product
from catalog.formats.rows import BadFeed, Told
from catalog.spool import Given, Mistakes, open_spool
from catalog.spooling import spool_file
from tests.feeds import NOW, read
from tests.taking import taken

SHOES = """\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"
     xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Shoes</title><link>https://shop.example</link>
<item>
  <g:id>MUG</g:id><title>Mug &amp; saucer</title>
  <description><![CDATA[For <b>coffee</b>]]></description>
  <link>https://shop.example/mug</link>
  <g:image_link>https://shop.example/mug.jpg</g:image_link>
  <g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>
  <g:additional_image_link>https://shop.example/3.jpg</g:additional_image_link>
  <g:availability>out of stock</g:availability>
  <g:price>1.249,90 TRY</g:price><g:sale_price>TRY 999,90</g:sale_price>
  <g:brand>Ada</g:brand><g:gtin>40063813</g:gtin><g:mpn>M-1</g:mpn>
  <g:product_type>Kitchen &gt; Mugs</g:product_type>
  <g:google_product_category>674</g:google_product_category>
  <g:shipping_weight>500 g</g:shipping_weight><g:product_width>2 in</g:product_width>
  <g:shipping><g:country>TR</g:country><g:price>1 TRY</g:price></g:shipping>
  <media:title>Not this one</media:title>
</item>
<item>
  <g:id>RUN-38-R</g:id><title>Runner - Red, 38</title><g:price>700 TRY</g:price>
  <g:item_group_id>RUN</g:item_group_id><g:color>Red</g:color><g:size>38</g:size>
  <g:availability>in_stock</g:availability>
</item>
<item>
  <g:id>RUN-39-R</g:id><title>Runner - Red, 39</title><g:price>710 TRY</g:price>
  <g:item_group_id>RUN</g:item_group_id><g:color>Red</g:color><g:size>39</g:size>
  <g:availability>preorder</g:availability>
  <g:product_detail><g:section_name>More</g:section_name>
    <g:attribute_name>width</g:attribute_name>
    <g:attribute_value>wide: EE</g:attribute_value>
  </g:product_detail>
</item>
</channel></rss>
"""
ATOM = """\
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title><entry><g:id>A</g:id><title>Tea</title>
<link href="https://shop.example/a"/><summary>Green</summary><g:price>5 TRY</g:price>
</entry></feed>
"""
TSV = """\
id\ttitle\tprice\timage link\tavailability\titem group id\tsize\tproduct_detail
A\tTea\t5,50 TRY\thttps://x.example/a.jpg\tin stock\t\t\t
S-M\tShirt\t9 TRY\t\tin stock\tS\tM\tx:cut:slim,x:sleeve:long
"""
META = """\
# See the guide for what each column holds,,,,,,,,,
id,title,price,availability,quantity_to_sell_on_facebook,status,item_group_id,color,additional_variant_attribute,condition
A,Tea,5 TRY,in stock,7,active,,,,new
B,Cake,5 TRY,in stock,,archived,,,,new
C,Pie,5 TRY,out of stock,7,active,,,,new
S-R,Shirt,9 TRY,in stock,3,active,S,Red,"Cut:slim,Scent:rose",new
"""


def written(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "feed"
    path.write_bytes(content.encode(encoding))
    return path


def products(folder: Path, content: str) -> dict[str, Product]:
    return {each.sku: each for each in read(written(folder, content))}


def test_an_item_of_google_is_a_product_with_all_that_it_says(tmp_path: Path) -> None:
    mug = products(tmp_path, SHOES)["MUG"]
    assert (mug.name, mug.description) == ("Mug & saucer", "For <b>coffee</b>")
    assert (mug.price, mug.list_price) == (Decimal("999.90"), Decimal("1249.90"))
    assert (mug.url, mug.image) == (
        "https://shop.example/mug",
        "https://shop.example/mug.jpg",
    )
    assert (mug.brand, mug.gtin, mug.reference) == ("Ada", "40063813", "M-1")
    assert (mug.category, mug.stock) == ("Kitchen > Mugs", Decimal(0))
    assert (mug.weight_kg, mug.width_cm) == (Decimal("0.5"), Decimal("5.08"))


def test_items_of_a_group_are_variants_of_one_product(tmp_path: Path) -> None:
    run = products(tmp_path, SHOES)["RUN"]
    assert (run.name, run.price, run.stock) == ("Runner", Decimal(700), None)
    small, large = run.variants
    assert (small.sku, small.attributes) == (
        "RUN-38-R",
        {"colour": "Red", "size": "38"},
    )
    assert (large.price, large.stock) == (Decimal(710), None)
    assert large.attributes["width"] == "wide: EE"


def test_what_has_no_field_is_told_once_and_prices_end_discounts(
    tmp_path: Path,
) -> None:
    found = taken(written(tmp_path, SHOES))
    assert (found.format, found.errors) == ("google", [])
    assert found.warnings == [
        "line 1, additional_image_link: it has no field here and is left out"
    ]
    assert {"list_price", "stock", "parent_sku"} <= found.columns
    assert not {"active", "material", "aliases", "length_cm"} & found.columns
    assert "list_price" in taken(written(tmp_path, ATOM)).columns


def test_a_feed_may_be_atom_and_a_table_with_tabs(tmp_path: Path) -> None:
    tea = products(tmp_path, ATOM)["A"]
    assert (tea.url, tea.description) == ("https://shop.example/a", "Green")
    table = products(tmp_path, TSV)
    assert (table["A"].price, table["A"].image) == (
        Decimal("5.50"),
        "https://x.example/a.jpg",
    )
    (shirt,) = table["S"].variants
    assert shirt.attributes == {"size": "M", "cut": "slim", "sleeve": "long"}
    assert taken(written(tmp_path, TSV)).format == "google"


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1254", "iso-8859-9"])
def test_xml_says_its_encoding_itself(tmp_path: Path, encoding: str) -> None:
    text = ATOM.replace("Tea", "Çay şekeri")
    path = written(
        tmp_path, f'<?xml version="1.0" encoding="{encoding}"?>{text}', encoding
    )
    assert [each.name for each in read(path)] == ["Çay şekeri"]
    path = written(tmp_path, text, encoding)
    assert [e.name for e in read(path, told=Told(encoding=encoding))] == ["Çay şekeri"]


def test_meta_says_how_many_there_are_and_what_is_off_the_shelf(
    tmp_path: Path,
) -> None:
    found = taken(written(tmp_path, META))
    assert (found.format, found.errors, found.warnings) == ("meta", [], [])
    shop = products(tmp_path, META)
    assert [shop[sku].stock for sku in "ABC"] == [7, None, 0]
    assert [shop[sku].active for sku in "ABC"] == [True, False, True]
    (form,) = shop["S"].variants
    assert form.stock == 3
    assert form.attributes == {"colour": "Red", "Cut": "slim", "Scent": "rose"}


ITEM = "<item><id>{id}</id><title>Tea</title><price>{price}</price>{more}</item>"


def rss(*items: str) -> str:
    return f"<rss><channel>{''.join(items)}</channel></rss>"


WRONG = {
    "another currency": (
        ITEM.format(id="A", price="5 USD", more=""),
        "line 1, price: item 1: 'USD' is not the shop's: write TRY or nothing",
    ),
    "two currencies": (
        ITEM.format(id="A", price="5 TRY", more="<sale_price>4 USD</sale_price>"),
        "line 1, sale_price: item 1: USD is not the currency of the price: write TRY",
    ),
    "a word that nobody knows": (
        ITEM.format(id="A", price="5", more="<availability>maybe</availability>"),
        (
            "line 1, availability: item 1: 'maybe' is no availability: write"
            " in_stock or"
            " out_of_stock"
        ),
    ),
    "no price": (
        ITEM.format(id="A", price="", more=""),
        "line 1, price: item 1: it is empty: write one",
    ),
    "no GTIN": (
        ITEM.format(id="A", price="5", more="<gtin>12</gtin>"),
        "line 1, gtin: item 1: '12' is not a GTIN: write its 8, 12, 13 or 14 digits",
    ),
    "a weight": (
        ITEM.format(
            id="A", price="5", more="<shipping_weight>1 stone</shipping_weight>"
        ),
        (
            "line 1, shipping_weight: item 1: '1 stone' is not a number here: write"
            " digits"
            " and at most one point, such as 12.50"
        ),
    ),
    "a price of a group, told once": (
        ITEM.format(id="A", price="x", more="<item_group_id>G</item_group_id>"),
        (
            "line 1, price: item 1: 'x' is not a number here: write digits and at"
            " most one"
            " point, such as 12.50"
        ),
    ),
    "an id twice": (
        ITEM.format(id="A", price="5", more="") * 2,
        "line 1, sku: 'A' is also on line 1: give each row its own",
    ),
}


@pytest.mark.parametrize(("item", "error"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_an_item_is_told_in_the_words_of_the_feed(
    tmp_path: Path, item: str, error: str
) -> None:
    assert taken(written(tmp_path, rss(item))).errors == [error]


def test_a_group_that_is_called_like_its_first_item_gets_another_sku(
    tmp_path: Path,
) -> None:
    more = "<item_group_id>A</item_group_id><size>{}</size>"
    items = [ITEM.format(id=i, price="5", more=more.format(i)) for i in ("A", "B")]
    found = taken(written(tmp_path, rss(*items)))
    assert (found.errors, found.kept) == ([], {"A-group": ["A", "B"]})
    # A product of that name is the group itself.
    whole = ITEM.format(id="A", price="5", more="")
    found = taken(written(tmp_path, rss(items[1], whole)))
    assert (found.errors, found.kept) == ([], {"A": ["B"]})


def test_groups_may_be_scattered(tmp_path: Path) -> None:
    more = "<item_group_id>{}</item_group_id><size>{}</size>"
    items = [
        ITEM.format(id=f"{group}{n}", price="5", more=more.format(group, n))
        for n in range(3)
        for group in "XY"
    ]
    found = taken(written(tmp_path, rss(*items)))
    assert found.kept == {"X": ["X0", "X1", "X2"], "Y": ["Y0", "Y1", "Y2"]}


def test_columns_that_must_be_there_are_told(tmp_path: Path) -> None:
    assert taken(written(tmp_path, "id,title\nA,Tea\n")).errors == [
        "line 1, price: the column is missing: add it"
    ]


SALES = {
    "now": ("2026-11-20T00:00+03:00/2026-11-30T23:59+03:00", 4, ""),
    "until the end of a day": ("2026-11-20/2026-11-22", 4, ""),
    "over": ("2026-11-01T00:00+0300/2026-11-22T14:59+0300", 5, "is over"),
    "not yet": ("2026-11-22T12:01Z/2026-12-01T00:00Z", 5, "has not begun"),
    "no times": ("soon", 5, "cannot be read, the sale price is left out: write"),
}


@pytest.mark.parametrize(("span", "price", "why"), SALES.values(), ids=SALES)
def test_a_sale_price_is_charged_while_the_sale_lasts(
    tmp_path: Path, span: str, price: int, why: str
) -> None:
    sale = (
        "<sale_price>4 TRY</sale_price>"
        f"<sale_price_effective_date>{span}</sale_price_effective_date>"
    )
    path = written(tmp_path, rss(ITEM.format(id="A", price="5 TRY", more=sale)))
    (tea,) = read(path)
    assert tea.price == price
    assert (tea.list_price is None) == (price == 5)
    warnings = taken(path).warnings
    assert len(warnings) == (1 if why else 0)
    for warning in warnings:
        assert warning.startswith("line 1, sale_price_effective_date: item 1: ")
        assert why in warning


def test_sale_prices_that_are_left_out_are_named_and_counted(tmp_path: Path) -> None:
    sale = (
        "<sale_price>4</sale_price>"
        "<sale_price_effective_date>2020-01-01/2020-01-02</sale_price_effective_date>"
    )
    items = [ITEM.format(id=f"S{n}", price="5", more=sale) for n in range(25)]
    found = taken(written(tmp_path, rss(*items)))
    assert len(found.warnings) == 21
    assert found.warnings[-1].endswith("the same is true of 5 more rows")


def grouped(folder: Path, *statuses: str) -> Given:
    """Return the product of a group whose items have these statuses."""
    rows = "".join(
        f"S{n},Shirt {n},{n + 1} TRY,in stock,7,{status},S,c{n}\n"
        for n, status in enumerate(statuses)
    )
    head = "id,title,price,availability,inventory,status,item_group_id,color\n"
    with open_spool() as spool:
        spool_file(
            written(folder, head + rows),
            spool,
            Mistakes(),
            name="shop",
            currency="TRY",
            now=NOW,
            tell=lambda _, __: None,
        )
        (found,) = spool.products(0, 9)
    return found


SEVEN = 7_000_000


@pytest.mark.parametrize(
    ("statuses", "active", "stocks", "name"),
    [
        (("archived", "active"), True, [0, SEVEN], "Shirt 1"),
        (("active", "archived"), True, [SEVEN, 0], "Shirt 0"),
        (("archived", "active", "hidden"), True, [0, SEVEN, 0], "Shirt 1"),
        (("archived", "archived"), False, [SEVEN, SEVEN], "Shirt 0"),
    ],
)
def test_a_group_is_off_the_shelf_when_all_its_items_are(
    tmp_path: Path, statuses: Sequence[str], active: bool, stocks: object, name: str
) -> None:
    shirt = grouped(tmp_path, *statuses)
    assert (shirt.values["active"], shirt.values["name"]) == (active, name)
    assert [form.values["stock"] for form in shirt.variants] == stocks


DAMAGED = {
    "entities": (
        '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss>&b;</rss>',
        "shop, line 1: it declares a document type",
    ),
    "a file of the machine": (
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>',
        "shop, line 1: it declares a document type",
    ),
    "cut off": (SHOES[:900], r"shop, line \d+: the XML is broken \(.*\): export"),
    "not well formed": ("<rss>\n<item></rss>", r"shop, line 2: the XML is broken"),
    "no prefix": ("<rss><g:item/></rss>", "the XML is broken"),
    "a page": ("<html><body/></html>", "shop is XML with <html>, not a product feed"),
    "no items": ("<rss><channel/></rss>", "shop has no items: write an <item>"),
    "nested": ("<rss>" * 100, "elements are nested too deeply"),
    "a long text": (rss(f"<item><id>{'x' * 300_000}"), "a text is far too long"),
    "a long item": (
        rss("<item>" + f"<a>{'x' * 200_000}</a>" * 6),
        "an item is far too long",
    ),
    "elements without end": (
        rss("<item>" + "<a/>" * 5_001),
        "an item has more than 5000 elements: remove some",
    ),
    "a long tag": (f'<rss a="{"x" * 2_000_000}"/>', "has a tag that is far too long"),
    "an encoding": (
        '<?xml version="1.0" encoding="ebcdic-x"?><rss/>',
        "the XML is|not known",
    ),
    "zeros": ("<rss>\0\0\0\0</rss>", "the XML is broken"),
}


@pytest.mark.parametrize(("content", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_feed_that_is_damaged_or_an_attack_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(BadFeed, match=message):
        taken(written(tmp_path, content))
