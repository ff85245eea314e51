"""What the first turns would wait for: the words of all languages, learnt before."""

from bot.reading.rules.spelling import romanised
from bot.reading.rules.words import (
    joining_words,
    lexicon,
    vocabulary,
    whole_messages,
    words_for,
)
from catalog.language import languages


def learn_languages() -> None:
    """Build the words of every language, alone and with all others beside it.

    Takes a few tenths of a second of CPU the first time in a process, and nothing
    later: a worker does it in a thread before its first turn.
    """
    joining_words()
    for key in ("stop", "start"):
        whole_messages(key)
    words_for("")  # What menus are read with.
    for code in languages():
        vocabulary(code)
        lexicon(code)
        romanised(code)
        words_for(code)
        words_for(code, ())
        words_for(code, (code,))
