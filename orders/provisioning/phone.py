"""Phone numbers in parts, as order systems want them."""

from dataclasses import dataclass

import phonenumbers


@dataclass(frozen=True, slots=True)
class PhoneParts:
    """A phone number, digits only. Parts that cannot be told are None."""

    number: str
    area_code: str | None = None
    country_code: str | None = None


def split(phone: str, country: str) -> PhoneParts:
    """Return the parts of a phone number, as dialled in `country` or with its code.

    Messengers write numbers with the country code and without a plus; those are
    understood, too. What is no valid number comes back whole, as its digits.
    """
    digits = "".join(str(int(each)) for each in phone if each.isdecimal())
    for spelling, region in ((phone, country), (f"+{digits}", None)):
        try:
            parsed = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return _parts(parsed)
    return PhoneParts(digits)


def _parts(parsed: phonenumbers.PhoneNumber) -> PhoneParts:
    national = phonenumbers.national_significant_number(parsed)
    length = phonenumbers.length_of_national_destination_code(parsed)
    return PhoneParts(
        number=national[length:],
        area_code=national[:length] or None,
        country_code=str(parsed.country_code),
    )
