"""How amounts are typed: with a point or a comma, and no sign between thousands."""

from babel.numbers import get_currency_precision

#: So many digits behind a sign may be thousands: "1.350" is 1350 in half the world.
_THOUSANDS = 3


def amount_pattern(value: object = None, currency: str = "") -> str:
    """Return what a field for an amount takes, as its `pattern`.

    Three decimals it takes only where there can be no doubt: behind a zero, of a
    currency that has as many, and of a `value` that has as many already.
    """
    places = len(str(value or "").partition(".")[2])
    digits = get_currency_precision(currency) if currency else 0
    if _THOUSANDS in (places, digits):
        return "-?[0-9]+([.,][0-9]{1,6})?"
    return "-?(0[.,][0-9]{1,6}|[0-9]+([.,]([0-9]{1,2}|[0-9]{4,6}))?)"
