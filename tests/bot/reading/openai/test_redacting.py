"""What a provider never sees, and that masks move nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.openai.redacting import MASK, Personal, passes_luhn, redacted

CARDS = [
    "4111 1111 1111 1111",
    "4111111111111111",
    "4111-1111-1111-1111",
    "5555.5555.5555.4444",
    "3782 822463 10005",
    "6011000990139424",
    "4222222222222",
]


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_is_masked_wherever_it_stands(card: str) -> None:
    masked = redacted(f"pay with {card}, thanks", (), "TR")
    assert masked.startswith("pay with #")
    assert masked.endswith(", thanks")
    assert not any(map(str.isdigit, masked))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",  # fails the check
        "2 latte and 3 tea",
        "order 12345",
        "8690504014607",  # the number of a product
    ],
)
def test_other_numbers_stay_when_nothing_else_is_hidden(text: str) -> None:
    assert redacted(text, (), "TR") == text


@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        ("call 0532 123 45 67 now", Personal.PHONES, "call #### ### ## ## now"),
        ("call +90 532 123 45 67", Personal.PHONES, "call +## ### ### ## ##"),
        ("to ada.l@shop.example", Personal.EMAILS, "to ###.#@####.#######"),
        ("tax 123.456.789-09", Personal.IDS, "tax ###.###.###-##"),
        ("TR330006100519786457841326", Personal.IDS, MASK * 26),
        ("2 latte", Personal.PHONES, "2 latte"),
    ],
)
def test_the_operator_chooses_what_else_is_hidden(
    text: str, kind: Personal, masked: str
) -> None:
    assert redacted(text, (kind,), "TR") == masked
    assert redacted(text, (), "TR") == text


@given(st.text(), st.sets(st.sampled_from(Personal)))
def test_masks_have_the_length_of_what_they_hide(
    text: str, hidden: set[Personal]
) -> None:
    masked = redacted(text, hidden, "TR")
    assert len(masked) == len(text)
    assert all(m in (o, MASK) for o, m in zip(text, masked, strict=True))


@given(st.from_regex(r"[1-9][0-9]{14}", fullmatch=True))
def test_no_number_that_passes_the_check_of_cards_gets_out(number: str) -> None:
    for digit in "0123456789":
        card = number + digit
        if passes_luhn(card):
            assert card not in redacted(f"it is {card}", (), "TR")
