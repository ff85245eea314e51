"""What customers read: all sentences, and those that the shop words itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from bot.inbox.shop_wire import ShopRules
from bot.texts import languages, load_wording
from bot.web.api.models import Given
from bot.web.api.shop_rules import read_shop_rules
from bot.web.console.frame import Visit
from bot.web.console.saying import chosen_language
from bot.web.console.settings.room import page
from orders.domain.style import OWN_WORDS, Tone

#: Where the sentences stand that a shop may word itself.
_STANDS = {
    "welcome": "say.welcome_hello",
    "handed_over": "say.handed_over",
    "closed": "ask.hours",
    "order_placed": "say.order_placed.numbered",
}
#: A form of a sentence that is none of the plural's.
_ONLY = ""


class Looked(Given):
    """In which language."""

    language: str = Field("", max_length=10)


@dataclass(frozen=True, slots=True)
class Own:
    """A sentence that the shop may word itself."""

    name: str
    ours: str  #: What is said without.
    own: str
    fills: tuple[str, ...]  #: What may be filled in; the first ones must be.


@page("texts")
async def show_texts(visit: Visit) -> Mapping[str, object]:
    """Show what customers read in one language."""
    asked = visit.query(Looked)
    language = chosen_language(asked.language, visit.tenant.language)
    found = await read_shop_rules(visit.call)
    texts = load_wording(language).texts
    return {
        "language": language,
        "spoken_languages": languages(),
        "version": found.version,
        "base": json.dumps(_without_own(found.rules, language)),
        "own": [
            Own(
                name,
                _said(texts, _STANDS.get(name, ""), found.rules.style.tone),
                found.rules.style.own_words.get(name, {}).get(language, ""),
                (*sorted(needed), *sorted(allowed)),
            )
            for name, (needed, allowed) in OWN_WORDS.items()
        ],
        "sentences": [
            (key, {_ONLY: text} if isinstance(text, str) else text)
            for key, text in texts.items()
        ],
    }


def _said(texts: Mapping[str, object], key: str, tone: Tone) -> str:
    """Return a sentence as it is said in a tone."""
    text = texts.get(f"tones.{tone.value}.{key}", texts.get(key, ""))
    return text if isinstance(text, str) else ""


def _without_own(rules: ShopRules, language: str) -> Mapping[str, object]:
    """Return rules as they are sent back, but for own words in this language."""
    kept = rules.model_dump(mode="json")
    kept["style"]["own_words"] = {
        sentence: {code: text for code, text in words.items() if code != language}
        for sentence, words in rules.style.own_words.items()
    }
    return kept
