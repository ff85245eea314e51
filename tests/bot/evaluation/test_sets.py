"""The sets that come with the software are whole, and speak of what the shop has."""

import csv
from collections import Counter
from importlib import resources
from io import BytesIO

import pytest
from PIL import Image
from pydantic import ValidationError

from bot.channels.sniffing import sniff
from bot.evaluation.cases import (
    NOT_UNDERSTOOD,
    BadSet,
    Burst,
    Case,
    Dialogue,
    Move,
    Note,
    Sense,
    Shelf,
    Voice,
    dialogues,
    extractions,
    voice_named,
)
from bot.evaluation.photographs import list_on_paper, things_on_shelf
from bot.reading.pictures import picture_of
from bot.reading.sound import seconds_of
from orders.domain.rules import Field

LANGUAGES = ("en", "es", "pt", "ru", "tr")
ALL: tuple[Case, ...] = (*dialogues(), *extractions())
SHOP = (resources.files("bot.evaluation.sets") / "shop.csv").read_text("utf-8")
ROWS = list(csv.DictReader(SHOP.splitlines()))
SKUS = {row["sku"] for row in ROWS}


def moves_of(case: Case) -> tuple[Move, ...]:
    if isinstance(case, Dialogue):
        return (*case.says, *case.answers.values())
    return (*case.before, case.says)


def test_every_language_has_dialogues_and_single_messages() -> None:
    talks = Counter(case.language for case in dialogues())
    singles = Counter(case.language for case in extractions())
    assert set(talks) == set(singles) == set(LANGUAGES)
    assert min(talks.values()) >= 12
    assert min(singles.values()) >= 8


def test_no_two_cases_have_one_name() -> None:
    names = Counter((case.kind, case.language, case.name) for case in ALL)
    assert set(names.values()) == {1}


@pytest.mark.parametrize("case", dialogues(), ids=lambda case: case.name)
def test_a_dialogue_speaks_of_what_the_shop_sells_and_asks(case: Dialogue) -> None:
    assert {*(case.order or ()), *(case.draft or ()), *case.options} <= SKUS
    topics = {field.value for field in Field} | {NOT_UNDERSTOOD}
    assert {*case.needs, *case.answers} <= topics
    assert set(case.answers) <= {*case.needs, "address"}, "an answer is to a question"
    groups = " ".join(row["option_groups"] for row in ROWS)
    for name in (name for names in case.options.values() for name in names):
        assert name.removeprefix("-") in groups


def test_a_message_speaks_of_what_the_shop_sells() -> None:
    named = {item.sku for case in extractions() for item in case.items or ()}
    assert named - SKUS == {"ambiguous", "unknown", "pointed"}


def test_there_are_photos_and_voice_notes_in_the_sets() -> None:
    needed = Counter(sense for case in ALL for sense in case.senses)
    assert needed[Sense.EYES] >= 5
    assert needed[Sense.EARS] >= 5


def test_every_voice_note_is_there_and_can_be_listened_to() -> None:
    named = {m.voice for case in ALL for m in moves_of(case) if isinstance(m, Voice)}
    for name in named:
        sound = voice_named(name)
        assert sniff(sound) == "audio/ogg"
        assert 1 < seconds_of(sound) < 15
    with pytest.raises(BadSet, match=r"voices/nobody\.ogg is missing"):
        voice_named("nobody")


def test_every_photo_can_be_drawn_and_looked_at() -> None:
    for move in (move for case in ALL for move in moves_of(case)):
        if isinstance(move, Note | Shelf):
            drawn = (
                list_on_paper(move.note)
                if isinstance(move, Note)
                else (things_on_shelf(move.shelf))
            )
            assert sniff(drawn) == "image/jpeg"
            seen = Image.open(BytesIO(picture_of(drawn, "image/jpeg").data))
            colours = seen.getcolors(1_000_000)
            assert colours is None or len(colours) > 50, "an empty photo"


def test_a_photo_is_the_same_every_time() -> None:
    assert list_on_paper(["2 latte"]) == list_on_paper(["2 latte"])
    assert list_on_paper(["2 latte"]) != list_on_paper(["3 latte"])
    with pytest.raises(LookupError, match="no drawing 'unicorn'"):
        things_on_shelf(["unicorn"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"says": []},
        {"says": ["hi"], "ordr": {"TEA": 1}},
        {"says": ["hi"], "fields": {"name": "Ana"}},
        {"says": [{"tap": 0}]},
        {"says": [{"burst": ["only one"]}]},
        {"says": [{"sing": "a song"}]},
    ],
)
def test_a_dialogue_that_says_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Dialogue.model_validate({"name": "x", "language": "en", **wrong})


def test_a_case_says_which_senses_it_needs() -> None:
    burst = Burst(burst=("a", "b"))
    case = Dialogue(name="x", language="en", says=("a", burst, Note(note=("1 tea",))))
    assert case.senses == {Sense.EYES}
