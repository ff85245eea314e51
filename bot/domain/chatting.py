"""Small talk in a model's words, where the shop allows it and they are harmless."""

from bot.domain.answers import SmallTalk
from bot.domain.course import Course
from bot.domain.message import Media, Text
from bot.domain.replies import Greeting, YouAreWelcome
from bot.domain.small_talk import refused
from bot.domain.understanding import Intent

_TALK = frozenset({Intent.GREET, Intent.THANKS})
_OURS = (Greeting, YouAreWelcome)


def chat(course: Course) -> None:
    """Say a checked courtesy of the model in the place of ours."""
    said = course.understanding
    words = (said.suggested_reply or "").strip()
    nothing_else = not (said.mentions or said.details or said.pick or course.changes)
    only_ours = bool(course.said) and all(isinstance(s, _OURS) for s in course.said)
    is_talk = set(said.intents) <= _TALK and nothing_else and only_ours
    if not (words and is_talk and course.snapshot.shop.style.small_talk):
        return
    language = course.languages[0]
    heard = [text for m in course.messages if (text := _text(m.content))]
    if refused(words, language, heard, course.snapshot.index.knows) is None:
        course.said = [SmallTalk(words)]


def _text(content: object) -> str:
    match content:
        case Text(text=text):
            return text
        case Media(caption=caption):
            return caption or ""
    return ""
