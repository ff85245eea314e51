"""Tax documents: what one looks like in a country, and whether its check digits fit.

The rules of each number are python-stdnum's, which cites the authority of each. The
examples are made up: their check digits fit, and they are nobody's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum.ar import cuit
from stdnum.br import cnpj, cpf
from stdnum.by import unp
from stdnum.cl import rut
from stdnum.co import nit
from stdnum.ec import ci
from stdnum.ec import ruc as ruc_ec
from stdnum.es import nif as nif_es
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as vat_gb
from stdnum.mx import rfc
from stdnum.pe import ruc as ruc_pe
from stdnum.pt import nif as nif_pt
from stdnum.ru import inn
from stdnum.tr import tckimlik, vkn
from stdnum.ua import edrpou, rntrc
from stdnum.uy import rut as rut_uy

#: Where nothing is known of a country's numbers: so many letters and digits.
_LIKELY = range(5, 21)


@dataclass(frozen=True, slots=True)
class TaxDocument:
    """One kind of document of a country."""

    name: str  #: As its people call it, in any language: "CPF".
    example: str
    validate: Callable[[str], str]
    business: bool | None = None  #: True: only companies have it; None: both do.


@dataclass(frozen=True, slots=True)
class TaxNumber:
    """A number that can be one. `number` is without what people put between."""

    number: str
    document: TaxDocument | None = None  #: None: of a country that we do not know.


def _rfc(number: str) -> str:
    return rfc.validate(number, validate_check_digits=False)


DOCUMENTS: Mapping[str, tuple[TaxDocument, ...]] = {
    "TR": (
        TaxDocument("TCKN", "12345678950", tckimlik.validate, business=False),
        TaxDocument("VKN", "1234567890", vkn.validate),
    ),
    "BR": (
        TaxDocument("CPF", "123.456.789-09", cpf.validate, business=False),
        TaxDocument("CNPJ", "12.345.678/0001-95", cnpj.validate, business=True),
    ),
    "AR": (TaxDocument("CUIT", "20-12345678-6", cuit.validate),),
    # Its last digit is not always one that can be reckoned: names were too alike.
    "MX": (TaxDocument("RFC", "GODE561231GR8", _rfc),),
    "CL": (TaxDocument("RUT", "12.345.678-5", rut.validate),),
    "CO": (TaxDocument("NIT", "123.456.789-6", nit.validate),),
    "PE": (TaxDocument("RUC", "20123456786", ruc_pe.validate),),
    "EC": (
        TaxDocument("RUC", "1712345675001", ruc_ec.validate),
        TaxDocument("CI", "1712345675", ci.validate, business=False),
    ),
    "UY": (TaxDocument("RUT", "211234560019", rut_uy.validate, business=True),),
    "ES": (TaxDocument("NIF", "12345678Z", nif_es.validate),),
    "PT": (TaxDocument("NIF", "123456789", nif_pt.validate),),
    "RU": (TaxDocument("ИНН", "1234567894", inn.validate),),
    "BY": (TaxDocument("УНП", "123456783", unp.validate),),
    "UA": (
        TaxDocument("ЄДРПОУ", "12345678", edrpou.validate, business=True),
        TaxDocument("РНОКПП", "1234567899", rntrc.validate, business=False),
    ),
    "GB": (TaxDocument("VAT", "GB123456782", vat_gb.validate, business=True),),
}

#: Of a number with the letters of its country before it, as invoices in the EU have it.
_VAT_EXAMPLES: Mapping[str, str] = {
    "AT": "ATU12345675",
    "BE": "BE1234567894",
    "BG": "BG123456786",
    "CY": "CY10013345A",
    "CZ": "CZ12345679",
    "DE": "DE123456788",
    "DK": "DK12345674",
    "EE": "EE123456780",
    "FI": "FI12345671",
    "FR": "FR12345678221",
    "GR": "EL123456783",
    "HR": "HR12345678903",
    "HU": "HU12345676",
    "IE": "IE1234560F",
    "IT": "IT12345678887",
    "LT": "LT123456715",
    "LU": "LU12345613",
    "LV": "LV40001234006",
    "MT": "MT12345671",
    "NL": "NL123456789B13",
    "PL": "PL1234567802",
    "RO": "RO12345674",
    "SE": "SE123456789701",
    "SI": "SI12345679",
    "SK": "SK1234567895",
}


def documents_of(country: str) -> tuple[TaxDocument, ...]:
    """Return the documents that a country has; none: we know nothing of them."""
    known = DOCUMENTS.get(country)
    if known is not None:
        return known
    example = _VAT_EXAMPLES.get(country)
    if example is None:
        return ()
    return (TaxDocument("VAT", example, _vat_of(country), business=True),)


def tax_number(country: str, words: str) -> TaxNumber | None:
    """Return the number that words are in a country, None when they cannot be one.

    A VAT number with the letters of its country is one in the whole European Union. In
    a country that we do not know, any likely number passes as it was written.
    """
    written = words.strip()
    plain = "".join(char for char in written if char.isalnum())
    if len(plain) not in _LIKELY or _is_one_digit(plain):
        return None
    documents = documents_of(country)
    for document in documents:
        number = _valid(document.validate, written)
        number = number or _valid(document.validate, plain)
        if number is not None:
            return TaxNumber(number, document)
    if _is_in_union(country):
        number = _valid(vat.validate, written)
        if number is not None:
            return TaxNumber(number, TaxDocument("VAT", written, vat.validate))
    known = bool(documents) or not any(map(str.isdigit, plain))
    return None if known else TaxNumber(plain.upper())


def _vat_of(country: str) -> Callable[[str], str]:
    """Return what reads a VAT number with or without its country's letters."""
    letters = "EL" if country == "GR" else country

    def validate(number: str) -> str:
        bare = number.strip().upper()
        return vat.validate(bare if bare.startswith(letters) else letters + bare)

    return validate


def _is_in_union(country: str) -> bool:
    return country in _VAT_EXAMPLES or country in {"ES", "PT"}


def _valid(validate: Callable[[str], str], number: str) -> str | None:
    try:
        return validate(number)
    except ValidationError:
        return None


def _is_one_digit(plain: str) -> bool:
    """Return whether it is one digit again and again: it passes sums, and is none."""
    digits = {char for char in plain if char.isdigit()}
    return plain.isdigit() and len(digits) == 1
