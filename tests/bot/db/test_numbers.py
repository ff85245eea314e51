"""One number, in all the ways in which WhatsApp writes it."""

import pytest

from bot.db.numbers import forms_of

#: As received, its E.164 form, and the other way of writing it.
NUMBERS = {
    "Brazil, with the ninth digit": ("5511987654321", "+5511987654321", "551187654321"),
    "Brazil, without it": ("551187654321", "+5511987654321", "5511987654321"),
    "a landline in Brazil": ("551133334444", "+551133334444", None),
    "Mexico, today": ("525512345678", "+525512345678", "5215512345678"),
    "Mexico, before 2019": ("5215512345678", "+525512345678", "525512345678"),
    "Argentina, a mobile": ("5491112345678", "+5491112345678", "541112345678"),
    "Argentina, without its 9": ("541112345678", "+5491112345678", "5491112345678"),
    "Turkey": ("905551112233", "+905551112233", None),
    "no number of any country": ("10001", None, None),
}
#: What looks like a number, or begins like one, and is none.
IDS = (
    ("bsuid", "BR.5511987654321"),
    ("bsuid", "5511987654321"),
    ("ent_bsuid", "MX.ENT.5215512345678"),
    ("lid", "103899771998284@lid"),
    ("lid", "5511987654321"),
    ("username", "5511987654321"),
    ("wa_id", "BR.5511987654321"),
    ("wa_id", "٩٠٥٥٥١١١٢٢٣٣"),
)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_known_in_all_its_forms(name: str) -> None:
    received, e164, other = NUMBERS[name]
    wanted = [("phone", e164)] * bool(e164) + [("wa_id", other)] * bool(other)
    assert list(forms_of("wa_id", received)) == wanted
    if e164:
        assert ("wa_id", received) in forms_of("phone", e164)


@pytest.mark.parametrize(("kind", "value"), IDS)
def test_what_is_no_number_is_never_read_as_one(kind: str, value: str) -> None:
    assert forms_of(kind, value) == ()
