"""Bar codes and QR codes in photos."""

import pytest
import zxingcpp
from PIL import Image

from bot.reading.codes import LONGEST, MOST, addresses_of, codes_in, numbers_of
from bot.reading.pictures import Unreadable, glance_at, pixels_of
from catalog.domain import prints
from tests.drawings import code, ean, held_sideways, jpeg, packaging, photo_of, qr

MILK, TEA = "8690000000012", "4006381333931"
PAGE = "https://shop.example/p/tea"
PHOTOS: dict[str, tuple[Image.Image, set[str]]] = {
    "one code": (photo_of(ean(MILK)), {MILK}),
    "turned a little": (photo_of(ean(MILK), turned=12), {MILK}),
    "on its side": (photo_of(ean(MILK), turned=90), {MILK}),
    "upside down": (photo_of(ean(MILK), turned=180), {MILK}),
    "small in a large photo": (photo_of(ean(MILK, scale=2), size=1900), {MILK}),
    "several": (photo_of(ean(MILK, 2), ean(TEA, 2), qr(PAGE)), {MILK, TEA, PAGE}),
    "the same twice": (photo_of(ean(MILK, 2), ean(MILK, 2)), {MILK}),
    "a case of them": (
        photo_of(code("18690000000019", zxingcpp.BarcodeFormat.ITF14)),
        {"18690000000019"},
    ),
    "the shop's own number": (
        photo_of(code("MILK-1", zxingcpp.BarcodeFormat.Code128)),
        {"MILK-1"},
    ),
    "none": (packaging(3), set()),
}


@pytest.mark.parametrize("case", PHOTOS)
def test_codes_are_read(case: str) -> None:
    photo, expected = PHOTOS[case]
    assert set(glance_at(jpeg(photo, 80)).codes) == expected


#: A portrait of three codes of 1200 pixels height, and where they are in it.
TALL = photo_of(ean(MILK), qr(PAGE), qr(TEA)).crop((0, 0, 900, 1200))
LIES = {
    MILK: (253 / 900, 120 / 1200, 284 / 900, 150 / 1200),
    PAGE: (236 / 900, 401 / 1200, 100 / 900, 100 / 1200),
    TEA: (236 / 900, 633 / 1200, 84 / 900, 84 / 1200),
}


@pytest.mark.parametrize(
    "data",
    [
        jpeg(TALL),
        held_sideways(TALL),
        jpeg(TALL.resize((1800, 2400), 0)),  # It is scaled down to be read.
    ],
    ids=["upright", "lying in its file", "large"],
)
def test_a_code_is_told_with_its_place_in_the_upright_photo(data: bytes) -> None:
    codes = glance_at(data).codes
    assert set(codes) == set(LIES)
    for text, region in codes.items():
        assert region is not None
        found = (region.left, region.top, region.width, region.height)
        assert found == pytest.approx(LIES[text], abs=0.01), text


def test_the_place_of_a_code_that_lies_askew_holds_all_of_it() -> None:
    photo = photo_of(qr(PAGE), turned=20)
    region = glance_at(jpeg(photo)).codes[PAGE]
    assert region is not None
    # Its corners lie at (100, 288), (193, 255), (228, 348) and (133, 383).
    edges = (100 / 1200, 255 / 1200, 128 / 1200, 128 / 1200)
    found = (region.left, region.top, region.width, region.height)
    assert found == pytest.approx(edges, abs=0.01)


def test_a_wall_of_codes_is_read_in_part() -> None:
    wall = Image.new("L", (1600, 1600), 255)
    for n in range(24):
        wall.paste(qr(f"N{n:02}", 3), (20 + n % 6 * 260, 20 + n // 6 * 260))
    assert len(codes_in(wall)) == MOST


def test_a_large_photo_is_small_when_it_is_compared() -> None:
    pixels = glance_at(jpeg(photo_of(size=2500))).pixels
    assert max(pixels.shape[:2]) == prints.LONGEST
    assert pixels_of(jpeg(packaging(1))).shape[2] == 3


@pytest.mark.parametrize("data", [b"", b"GIF89a", jpeg(packaging(1))[:200]])
def test_a_damaged_photo_says_so(data: bytes) -> None:
    for look in (glance_at, pixels_of):
        with pytest.raises(Unreadable):
            look(data)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("https://shop.example/p/tea", "http://www.shop.example/p/tea/"),
        ("http://WWW.shop.example/p/tea/?utm_source=qr", "https://shop.example/p/tea"),
        ("https://shop.example:8443/p?id=7", "https://shop.example:8443/p?id=7"),
        ("https://shop.example/%C3%A7ay", "https://shop.example/çay"),
    ],
)
def test_an_address_is_compared_however_it_is_written(text: str, stored: str) -> None:
    assert stored in addresses_of(text)


@pytest.mark.parametrize("text", ["8690000000012", "WIFI:S:x;;", "http://[", "https:"])
def test_what_is_no_address_is_compared_with_none(text: str) -> None:
    assert addresses_of(text) == ()


@pytest.mark.parametrize("path", ["a%00b", "a%0Ab", "a%ED%A0%80".lower(), "x" * 600])
def test_no_database_is_asked_for_what_it_cannot_hold(path: str) -> None:
    for each in addresses_of(f"https://shop.example/{path}"):
        assert each.isprintable()
        assert len(each) <= LONGEST


def test_a_code_that_is_not_printable_names_nothing() -> None:
    card = qr("BEGIN:VCARD\nN:Ana\nEND:VCARD")
    assert list(codes_in(photo_of(card, qr(PAGE)))) == [PAGE]


def test_an_address_is_no_number() -> None:
    assert numbers_of("https://shop.example/MILK-1") == ()
