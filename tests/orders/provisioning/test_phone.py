"""Phone numbers in parts."""

import pytest

from orders.provisioning.phone import PhoneParts, split


@pytest.mark.parametrize(
    ("phone", "country", "parts"),
    [
        ("+5541999999999", "BR", PhoneParts("999999999", "41", "55")),
        ("+90 532 123 45 67", "TR", PhoneParts("1234567", "532", "90")),
        ("0532 123 45 67", "TR", PhoneParts("1234567", "532", "90")),
        ("905321234567", "TR", PhoneParts("1234567", "532", "90")),
        ("5541999999999", "TR", PhoneParts("999999999", "41", "55")),
        ("+1 (415) 555-2671", "TR", PhoneParts("5552671", "415", "1")),
        ("12345", "TR", PhoneParts("12345")),
        ("ask Ada", "TR", PhoneParts("")),
        ("٠٥٣٢١٢٣٤٥٦٧", "TR", PhoneParts("1234567", "532", "90")),
    ],
    ids=[
        "with its plus",
        "written in groups",
        "as dialled at home",
        "as messengers write it",
        "as messengers write a foreign one",
        "foreign, with signs",
        "no valid number comes whole",
        "no digits",
        "other digits",
    ],
)
def test_the_parts_of_a_phone_number(
    phone: str, country: str, parts: PhoneParts
) -> None:
    assert split(phone, country) == parts
