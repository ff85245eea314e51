"""In which language we answer: the customer's, if we speak it; else the shop's."""

from bot.domain.answers import OtherLanguages
from bot.domain.course import Course, remembered


def hear_language(course: Course) -> None:
    """Remember a language that was told; say once which ones we speak.

    One that we do not speak changes nothing else: see `Snapshot.answers_in`.
    """
    told, spoken = course.understanding.language, course.snapshot.spoken
    if told is None:
        return
    if not spoken or told in spoken:
        course.memory = remembered(course.memory, language_told=True)
    elif not course.memory.told_languages:
        course.memory = remembered(course.memory, told_languages=True)
        course.say(OtherLanguages(tuple(spoken.values())))
