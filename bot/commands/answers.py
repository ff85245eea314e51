"""What `chatorder init` has to know: from flags, or from a person at the terminal."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import typer
from babel.languages import get_official_languages

from bot.commands.asking import Chosen, ask, choose_password
from bot.commands.beginning import (
    ChannelFacts,
    Found,
    check_database_url,
    check_public_url,
)
from bot.commands.failing import CommandFailed
from bot.inbox.checking import (
    InvalidAccount,
    check_country,
    check_currency,
    check_name,
    check_phone_number_id,
    check_secret,
    check_spoken,
    usual_currency,
    usual_timezone,
)
from bot.inbox.founding import AdminFacts, ShopFacts, zone_of
from bot.inbox.passwords import hash_password
from bot.inbox.users import check_email
from bot.settings import Settings
from catalog.language import languages


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the flags say."""

    questions: bool  #: Somebody may be asked.
    database_url: str | None = None
    public_url: str | None = None
    name: str | None = None
    language: str | None = None
    country: str | None = None
    timezone: str | None = None
    currency: str | None = None
    admin_email: str | None = None
    admin_name: str | None = None
    password_stdin: bool = False
    catalog: Path | None = None
    app_secret: str | None = None
    verify_token: str | None = None
    phone_number_id: str | None = None
    access_token: str | None = None


def settings_wanted(wishes: Wishes, settings: Settings) -> dict[str, str]:
    """Return the settings to add to `.env`: those that are wanted and not set yet.

    Raises CommandFailed for one that is set to something else.
    """
    wanted: dict[str, str] = {}
    for field, given, check in (
        ("database_url", wishes.database_url, check_database_url),
        ("public_url", wishes.public_url, check_public_url),
    ):
        variable = f"CHATORDER_{field.upper()}"
        is_set = field in settings.model_fields_set
        if given is not None:
            value = check(given)
            if not is_set:
                wanted[variable] = value
            elif value != getattr(settings, field):
                raise CommandFailed(
                    f"{variable} is set to something else already: change it in the"
                    " environment or in .env, or leave the option away"
                )
        elif wishes.questions and not is_set and field == "database_url":
            question = "Database (a file, or postgresql://user:password@host/database)"
            value = ask(question, check, default=settings.database_url)
            wanted[variable] = value
    return wanted


def need_answers(wishes: Wishes, found: Found) -> None:
    """Raise CommandFailed naming all that is missing when nobody can be asked."""
    if wishes.questions:
        return
    missing = []
    if found.tenant is None:
        missing += ["--name"] * (wishes.name is None)
        missing += ["--country"] * (wishes.country is None)
    if found.admin is None:
        missing += ["--admin-email"] * (wishes.admin_email is None)
    if missing:
        raise CommandFailed(
            f"without questions it takes {', '.join(missing)} as well;"
            " see `chatorder init --help`"
        )


def shop_facts(wishes: Wishes, now: datetime) -> ShopFacts:
    """Return what the shop is made of. Raises InvalidAccount."""
    answer = partial(_answer, wishes)
    name = answer("Name of the shop, as customers see it", wishes.name, check_name)
    country = answer("Country (ISO code, like TR)", wishes.country, check_country)
    language = answer(
        f"Language ({', '.join(languages())})",
        wishes.language,
        check_spoken,
        default=_usual_language(country),
    )
    timezone = answer(
        "Time zone (like Europe/Istanbul)",
        wishes.timezone,
        partial(zone_of, country),
        default=usual_timezone(country),
    )
    currency = answer(
        "Currency (ISO code)",
        wishes.currency,
        lambda code: check_currency(code, now),
        default=usual_currency(country, now.date()),
    )
    return ShopFacts(name, language, country, timezone, currency)


def admin_facts(wishes: Wishes) -> tuple[AdminFacts, Chosen]:
    """Return what the admin is made of, and the password to show if it was made here.

    Raises InvalidAccount, CommandFailed.
    """
    answer = partial(_answer, wishes)
    email = answer("Email of the first admin", wishes.admin_email, check_email)
    name = answer(
        "Their name",
        wishes.admin_name,
        check_name,
        default=email.partition("@")[0],
    )
    chosen = choose_password(
        from_stdin=wishes.password_stdin,
        questions=wishes.questions,
        about=(email, name),
    )
    hashed = asyncio.run(hash_password(chosen.password))
    return AdminFacts(email, name, hashed), chosen


def channel_facts(wishes: Wishes, found: Found) -> ChannelFacts | None:
    """Return a number to connect; None when it shall wait, or one is connected.

    Raises CommandFailed when only a part of it was given.
    """
    given = {
        "--app-secret": wishes.app_secret,
        "--phone-number-id": wishes.phone_number_id,
        "--access-token": wishes.access_token,
    }
    if found.channels:
        return None
    missing = [flag for flag, value in given.items() if value is None]
    some = len(missing) < len(given) or wishes.verify_token is not None
    if not wishes.questions and missing:
        if some:
            raise CommandFailed(f"a number also needs {', '.join(missing)}")
        return None
    if not some and not typer.confirm(
        "Connect a WhatsApp number now? (Meta's App Dashboard shows what is asked)",
        default=False,
        err=True,
    ):
        return None
    answer = partial(_answer, wishes)
    return ChannelFacts(
        app_secret=answer(
            "App secret (App settings, Basic)",
            wishes.app_secret,
            partial(check_secret, "app secret"),
            hidden=True,
        ),
        verify_token=wishes.verify_token or secrets.token_urlsafe(24),
        phone_number_id=answer(
            "Phone number ID (WhatsApp, API Setup)",
            wishes.phone_number_id,
            check_phone_number_id,
        ),
        access_token=answer(
            "Access token of a system user",
            wishes.access_token,
            partial(check_secret, "access token"),
            hidden=True,
        ),
    )


def catalog_file(wishes: Wishes, found: Found) -> Path | None:
    """Return the file to import, None for none."""
    if wishes.catalog is not None or found.products or not wishes.questions:
        return wishes.catalog
    path = ask("File with the products (empty: later)", _existing_file, default="")
    return Path(path) if path else None


def _existing_file(path: str) -> str:
    if path and not Path(path).is_file():
        raise InvalidAccount("file", f"there is no {path}")
    return path


def _answer(
    wishes: Wishes,
    question: str,
    given: str | None,
    check: Callable[[str], str],
    *,
    default: str | None = None,
    hidden: bool = False,
) -> str:
    if given is not None:
        return check(given)
    if wishes.questions:
        return ask(question, check, default=default, hidden=hidden)
    # `need_answers` was asked before: what is missing has a default, or must be said.
    return check(default or "")


def _usual_language(country: str) -> str:
    official = get_official_languages(country)
    return next((code for code in official if code in languages()), "en")
