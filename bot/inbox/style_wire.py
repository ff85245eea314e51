"""A shop's style as merchants write it: a part of `bot.inbox.shop_wire`."""

from string import Formatter
from typing import Annotated, Self

from pydantic import (
    Field,
    StringConstraints,
    model_validator,
)

from bot.inbox.rule_types import Rules, Sentence
from orders.domain.style import OWN_WORDS, Style, Tone

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)
]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
_KNOWN = ", ".join(OWN_WORDS)


class StyleRules(Rules):
    """How the bot speaks for the shop."""

    name: Name | None = Field(
        None, description="The shop's name to customers; null: the tenant's."
    )
    tone: Tone = Field(
        Tone.PLAIN,
        description="How greetings, thanks and the like are worded.",
    )
    own_words: dict[str, dict[Language, Sentence]] = Field(
        default_factory=dict,
        description=f"The shop's own wording of {_KNOWN}, by language. Names in"
        " braces are filled in.",
        examples=[{"order_placed": {"en": "Lovely. Your order {number} is with us."}}],
    )
    small_talk: bool = Field(
        default=False,
        description="A model may word an answer to small talk. It never speaks of"
        " products, prices, stock or orders.",
    )
    pictures: bool = Field(
        default=True,
        description="Two or three products to choose from are shown, where each has a"
        " picture of its own in the catalog.",
    )

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        for sentence, wordings in self.own_words.items():
            if sentence not in OWN_WORDS:
                raise ValueError(f"own_words: there is no {sentence}; use {_KNOWN}")
            for language, words in wordings.items():
                check_words(sentence, language, words)
        return self


def check_words(sentence: str, language: str, words: str) -> None:
    """Raise ValueError, saying where and what, when a wording cannot be filled in."""
    at = f"own_words.{sentence}.{language}"
    needed, allowed = OWN_WORDS[sentence]
    try:
        parts = list(Formatter().parse(words))
    except ValueError as error:
        raise ValueError(f"{at}: {error}; write {{{{ for a brace") from None
    named = {name for _, name, _, _ in parts if name is not None}
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValueError(f"{at}: write a placeholder as {{name}}, nothing more")
    if unknown := sorted(named - needed - allowed):
        known = ", ".join(f"{{{name}}}" for name in sorted(needed | allowed))
        raise ValueError(f"{at}: {{{unknown[0]}}} is not known here; use {known}")
    if missing := sorted(needed - named):
        raise ValueError(f"{at}: {{{missing[0]}}} is missing")


def style_of(rules: StyleRules) -> Style:
    """Return the style that decides."""
    return Style(
        rules.name, rules.tone, rules.own_words, rules.small_talk, rules.pictures
    )


def written_style(style: Style) -> StyleRules:
    """Return the style as merchants write it."""
    own = {key: dict(words) for key, words in style.own.items() if key in OWN_WORDS}
    return StyleRules(
        name=style.name,
        tone=style.tone,
        own_words=own,
        small_talk=style.small_talk,
        pictures=style.pictures,
    )
