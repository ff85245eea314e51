"""What WhatsApp would refuse is refused before: every check names what is wrong."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.channels.emoji import is_emoji, without_emoji
from bot.channels.failure import Action, SendRefused
from bot.channels.graphemes import graphemes, width
from bot.channels.whatsapp_cloud.limits import EMOJI, Limit


def within(limit: Limit, text: str) -> str:
    """Return text that is not blank and not too long. Raises `SendRefused`."""
    if not text.strip():
        raise refused(f"{limit.name} is empty")
    if width(text) > limit.most:
        raise refused(
            f"{limit.name} has {width(text)} characters, WhatsApp takes {limit.most}"
        )
    return text


def id_of(limit: Limit, value: str) -> str:
    """Return an id with nothing around it. Raises `SendRefused`."""
    if value != value.strip():
        raise refused(f"{limit.name} begins or ends with a space")
    return within(limit, value)


def count(limit: Limit, items: Sequence[object]) -> None:
    """Raise `SendRefused` for none, or too many."""
    if not 1 <= len(items) <= limit.most:
        raise refused(f"{limit.name} are {len(items)}, WhatsApp takes 1-{limit.most}")


def differ(what: str, values: Sequence[str]) -> None:
    """Raise `SendRefused` when two are the same."""
    if len(set(values)) < len(values):
        raise refused(f"{what} are not all different")


def is_address(link: str) -> bool:
    """Return whether a link is an http(s) address, with nothing odd in it."""
    begins = link.startswith(("https://", "http://"))
    return begins and link.isprintable() and " " not in link and _has_host(link)


def _has_host(link: str) -> bool:
    try:
        return bool(urlsplit(link).hostname)
    except ValueError:
        return False


def address(what: str, link: str) -> str:
    """Return an http(s) address. Raises `SendRefused`."""
    if not is_address(link):
        raise refused(f"{what} is no http(s) address")
    return link


def wordy(limit: Limit, text: str) -> str:
    """Return text without pictures in it. Raises `SendRefused`."""
    if without_emoji(text) != text:
        raise refused(f"{limit.name} has an emoji in it")
    return within(limit, text)


def one_line(limit: Limit, text: str) -> str:
    """Return text with single spaces only, as templates take it."""
    if text != " ".join(text.split()):
        raise refused(f"{limit.name} has line breaks, tabs, or spaces in a row")
    return within(limit, text)


def one_emoji(emoji: str) -> str:
    """Return one picture. Raises `SendRefused` for anything else."""
    if len(list(graphemes(emoji))) != 1 or not is_emoji(emoji):
        raise refused(f"{EMOJI.name} is not one emoji")
    return within(EMOJI, emoji)


def refused(why: str) -> SendRefused:
    """Return the error of a message that nobody would take."""
    return SendRefused(why, code=None, action=Action.REFUSE)
