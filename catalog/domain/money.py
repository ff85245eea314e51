"""Money: integer minor units by ISO 4217, unit prices as exact decimals, no floats."""

from decimal import ROUND_HALF_UP, Decimal

#: ISO 4217 currencies whose exponent is not 2.
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THREE = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_WITH_THREE.split(), 3),
}

#: A unit price keeps at most this many decimals of the major unit.
PRICE_DECIMALS = 6


def exponent(currency: str) -> int:
    """Return how many decimals the currency's major unit has (JPY 0, TRY 2, KWD 3)."""
    return _EXPONENTS.get(currency, 2)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return an amount of major units as minor units, rounded once, half up."""
    scaled = amount.scaleb(exponent(currency))
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_major(minor: int, currency: str) -> Decimal:
    """Return minor units as an exact decimal of major units."""
    return Decimal(minor).scaleb(-exponent(currency))


def line_total(unit_price: Decimal, quantity: Decimal, currency: str) -> int:
    """Return what a line costs in minor units: rounded once, half up."""
    return to_minor(unit_price * quantity, currency)
