"""Bar codes and QR codes in photos."""

import pytest
import zxingcpp
from PIL import Image

from bot.reading.codes import LONGEST, MOST, addresses_of, codes_in, numbers_of
from bot.reading.pictures import Unreadable, glance_at, pixels_of
from catalog.domain import prints
from tests.drawings import code, ean, jpeg, packaging, photo_of, qr

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
    assert codes_in(photo_of(card, qr(PAGE))) == (PAGE,)


def test_an_address_is_no_number() -> None:
    assert numbers_of("https://shop.example/MILK-1") == ()
