"""What we say to customers: one TOML file for each language, loaded and checked.

`en.toml` is the model: every other file has its keys and its placeholders.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from string import Formatter

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal, get_currency_symbol

from bot.domain.wording import OTHER, Template, Wording
from catalog.domain.money import exponent

#: The language of last resort, and the model of all others.
MODEL = "en"
_SUFFIX = ".toml"
_PLURAL_FORMS = frozenset({"zero", "one", "two", "few", "many", OTHER})
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: Quantities have at most six decimals; zeros at the end say nothing.
_NUMBER = "#,##0.######"
#: How many written numbers and moments are kept: writing one takes a tenth of a
#: millisecond, and a page says the same ones again and again.
_KEPT = 4096
#: Where a pattern for money has the currency.
_SIGN = "\u00a4"
_NO_BREAK = "\u00a0"
#: Narrow symbols that mean one currency to everybody; locales would rather write the
#: code of a foreign one ("TRY171.00"). From the Unicode CLDR's narrow symbols.
_SYMBOLS = {
    "AZN": "\u20bc",
    "EUR": "\u20ac",
    "GBP": "\u00a3",
    "GEL": "\u20be",
    "ILS": "\u20aa",
    "INR": "\u20b9",
    "KRW": "\u20a9",
    "KZT": "\u20b8",
    "NGN": "\u20a6",
    "PHP": "\u20b1",
    "RUB": "\u20bd",
    "TRY": "\u20ba",
    "UAH": "\u20b4",
    "USD": "$",
    "VND": "\u20ab",
}


class BadTexts(Exception):
    """A texts file is malformed or incomplete; the message says where and why."""


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages that we speak, sorted."""
    names = (entry.name for entry in resources.files("bot.texts").iterdir())
    return tuple(sorted(n.removesuffix(_SUFFIX) for n in names if n.endswith(_SUFFIX)))


@cache
def spoken() -> Mapping[str, str]:
    """Return all languages that we speak: code -> its name in itself."""
    return {c: Locale.parse(c).get_display_name(c) or c for c in languages()}


def wording_for(*codes: str | None, country: str | None = None) -> Wording:
    """Return the first of these languages that we speak, else English.

    Amounts, numbers and times are written as people write them in that country, where
    the Unicode CLDR knows the language there.
    """
    for code in codes:
        language = (code or "").replace("_", "-").split("-")[0].lower()
        if language in languages():
            return load_wording(language, country or "")
    return load_wording(MODEL, country or "")


@cache
def load_wording(code: str, country: str = "") -> Wording:
    """Return a language's wording. Raises `BadTexts`, also when there is no file."""
    if country:
        return written_in(load_wording(code), country)
    if code not in languages():
        known = ", ".join(languages())
        raise BadTexts(f"bot/texts has no {code}.toml; it has {known}")
    file = resources.files("bot.texts") / f"{code}{_SUFFIX}"
    model = None if code == MODEL else load_wording(MODEL)
    return parse_wording(code, file.read_text(encoding="utf-8"), model)


def parse_wording(code: str, text: str, model: Wording | None = None) -> Wording:
    """Return the wording that a file's text describes, or raise `BadTexts`.

    With a `model`, keys and placeholders are the model's.
    """
    try:
        locale = Locale.parse(code)
        data = tomllib.loads(text)
    except (UnknownLocaleError, ValueError) as error:
        raise BadTexts(f"{code}.toml: {error}") from error
    texts = dict(_flat(code, "", data))
    for key, template in texts.items():
        _check_forms(code, key, template, locale)
    if model is not None:
        _check_like(code, texts, model.texts)
    return _written(code, texts, locale)


def written_in(wording: Wording, country: str) -> Wording:
    """Return a wording with amounts, numbers and times as they are written there."""
    try:
        locale = Locale(wording.language, territory=country.upper())
    except (UnknownLocaleError, ValueError):
        return wording
    return _written(wording.language, wording.texts, locale)


def _written(code: str, texts: Mapping[str, Template], locale: Locale) -> Wording:
    return Wording(
        language=code,
        texts=texts,
        money=lambda amount, currency: _money(amount, currency, locale),
        number=lambda number: _number(number, locale),
        moment=lambda moment: _moment(moment, locale),
        day=lambda day: format_date(day, "full", locale),
        plural=locale.plural_form,
    )


def placeholders(template: Template) -> frozenset[str]:
    """Return the names that a sentence, in any of its forms, wants to be given."""
    forms = [template] if isinstance(template, str) else list(template.values())
    return frozenset(
        name for form in forms for _, name, _, _ in Formatter().parse(form) if name
    )


def _flat(
    code: str, path: str, data: Mapping[str, object]
) -> list[tuple[str, Template]]:
    found: list[tuple[str, Template]] = []
    for name, value in data.items():
        key = f"{path}.{name}" if path else name
        if isinstance(value, str):
            found.append((key, _checked(code, key, value)))
        elif not isinstance(value, dict) or not value:
            raise BadTexts(f"{code}.toml: {key} must be a text, not {value!r}")
        elif value.keys() <= _PLURAL_FORMS:
            found.append((key, _plural(code, key, value)))
        else:
            found += _flat(code, key, value)
    return found


def _plural(code: str, key: str, value: Mapping[str, object]) -> dict[str, str]:
    forms = {}
    for form, text in value.items():
        if not isinstance(text, str):
            raise BadTexts(f"{code}.toml: {key}.{form} must be a text, not {text!r}")
        forms[form] = _checked(code, f"{key}.{form}", text)
    return forms


def _checked(code: str, key: str, text: str) -> str:
    """Return the text. Raises when it is empty or does more than name placeholders."""
    if not text.strip():
        raise BadTexts(f"{code}.toml: {key} is empty")
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise BadTexts(f"{code}.toml: {key}: {error}") from error
    for _, name, spec, conversion in parts:
        if name is not None and (spec or conversion or not _NAME.fullmatch(name)):
            raise BadTexts(
                f"{code}.toml: {key}: write a placeholder as {{name}}, nothing more"
            )
    return text


def _check_forms(code: str, key: str, template: Template, locale: Locale) -> None:
    if isinstance(template, str):
        return
    wanted = {*locale.plural_form.tags, OTHER}
    if missing := sorted(wanted - template.keys()):
        raise BadTexts(f"{code}.toml: {key} lacks its plural form {missing[0]!r}")


def _check_like(
    code: str, texts: Mapping[str, Template], model: Mapping[str, Template]
) -> None:
    if missing := sorted(model.keys() - texts.keys()):
        raise BadTexts(f"{code}.toml: {missing[0]} is missing; {MODEL}.toml has it")
    if unknown := sorted(texts.keys() - model.keys()):
        raise BadTexts(f"{code}.toml: {unknown[0]} is not known; {MODEL}.toml lacks it")
    for key, template in texts.items():
        wanted, found = placeholders(model[key]), placeholders(template)
        if wanted != found:
            differing = ", ".join(sorted(wanted ^ found))
            raise BadTexts(
                f"{code}.toml: {key} must have the placeholders of {MODEL}.toml;"
                f" they differ in: {differing}"
            )


def _money(amount: Decimal, currency: str, locale: Locale) -> str:
    """Return "₺171.00", "171,00 €", "CHF 5.00": as the language writes it."""
    # Unit prices may have more decimals than the currency: none of them is hidden.
    decimals = -int(amount.normalize().as_tuple().exponent)
    return format_currency(
        amount,
        currency,
        format=_with_symbol(currency, locale),
        locale=locale,
        decimal_quantization=decimals <= exponent(currency),
    )


@cache
def _with_symbol(currency: str, locale: Locale) -> str:
    """Return the locale's pattern for money in this currency."""
    pattern: str = locale.currency_formats["standard"].pattern
    symbol = _SYMBOLS.get(currency)
    if symbol is not None:
        return pattern.replace(_SIGN, symbol)
    if get_currency_symbol(currency, locale) != currency:
        return pattern
    return pattern.replace(f"{_SIGN}#", f"{_SIGN}{_NO_BREAK}#")


@lru_cache(maxsize=_KEPT)
def _number(number: Decimal, locale: Locale) -> str:
    text: str = format_decimal(number, _NUMBER, locale)
    return text


def _moment(moment: datetime, locale: Locale) -> str:
    # Equal moments of two zones are equal keys: the zone is one of its own.
    told = moment.replace(second=0, microsecond=0, tzinfo=None)
    return _local(told, moment.tzinfo, locale)


@lru_cache(maxsize=_KEPT)
def _local(told: datetime, zone: tzinfo | None, locale: Locale) -> str:
    moment = told.replace(tzinfo=zone)
    day = format_date(moment, "medium", locale=locale)
    hour = format_time(moment, "short", tzinfo=zone, locale=locale)
    pattern = str(get_datetime_format("medium", locale=locale))
    return pattern.replace("{0}", hour).replace("{1}", day)
