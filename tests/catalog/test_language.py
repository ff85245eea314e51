"""Every language says the same things, and a bad file says what is wrong with it."""

from dataclasses import fields
from importlib import resources

import pytest

from catalog.domain.folding import fold
from catalog.domain.language import PHRASES, LanguagePack
from catalog.language import (
    BadLanguageFile,
    languages,
    load_chatter,
    load_language,
    parse_chatter,
    parse_language,
)

#: What a language may truly lack, such as endings that English does not have.
MAY_BE_EMPTY = {
    "letters",
    "without_suffixes",
    "with_suffixes",
    "verb_suffixes",
    "final_letters",
    "base_endings",
    "spelt",
    "romanised",
    "number_joiners",
    "instead",
    "instead_after",
    "with",
    "with_after",
}


def english() -> str:
    file = resources.files("catalog.languages") / "en.toml"
    return file.read_text(encoding="utf-8")


def test_five_languages_are_there() -> None:
    assert {"en", "es", "pt", "ru", "tr"} <= set(languages())


@pytest.mark.parametrize("code", languages())
def test_every_language_can_say_everything(code: str) -> None:
    pack = load_language(code)
    assert pack.phrases.keys() == PHRASES.keys()
    lists = {each.name: getattr(pack, each.name) for each in fields(LanguagePack)}
    said = {**lists, **pack.phrases, "verbs_last": True}
    assert {key for key, value in said.items() if not value} <= MAY_BE_EMPTY


@pytest.mark.parametrize("code", languages())
def test_every_language_tells_units_colours_and_sizes_the_same(code: str) -> None:
    pack, reference = load_language(code), load_language("en")
    for table in ("units", "colours", "sizes"):
        assert set(getattr(pack, table).values()) == set(
            getattr(reference, table).values()
        )


@pytest.mark.parametrize("code", languages())
def test_all_words_are_folded(code: str) -> None:
    pack = load_language(code)
    words = [*pack.fillers, *pack.units, *pack.numbers, *pack.ordinals, *pack.colours]
    words += [word for texts in pack.phrases.values() for word in texts]
    assert [word for word in words if fold(word) not in {word, ""}] == []


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("verbs_last = false", "verbs_last = 3", "en.toml: verbs_last must be true"),
        ("greet = [", "greeting = [", "en.toml: phrases.greet is missing (hello)"),
        ("[units]", "[unit]", "en.toml: units is missing"),
        ('half = "0.5"', "half = 0.5", "en.toml: fractions.half must be a number"),
        ('half = "0.5"', 'half = "-1"', "en.toml: fractions.half must be a number"),
        ("first = 1", "first = 0", "en.toml: ordinals.first must be a whole number"),
        ("green = []", 'green = ["navy"]', "'navy' is both"),
        ('times = ["x"', 'times = [7, "x"', "phrases.times must be a list of texts"),
        ("[phrases]", "[phrases", "en.toml is not valid TOML"),
        ("[phrases]", "[phrases]\nsing = []", "phrases.sing is not known"),
    ],
)
def test_a_bad_file_names_itself_the_key_and_what_is_expected(
    before: str, after: str, complaint: str
) -> None:
    text = english()
    assert before in text
    with pytest.raises(BadLanguageFile) as refusal:
        parse_language("en", text.replace(before, after, 1))
    assert complaint in str(refusal.value)


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BadLanguageFile, match=r"no xx\.toml; it has en, es"):
        load_language("xx")


def test_the_everyday_words_of_many_languages_are_folded_words() -> None:
    chatter = load_chatter()
    assert {"please", "lutfen", "porfa", "пожалуиста", "bitte"} <= chatter.fillers
    assert all(word == fold(word) and " " not in word for word in chatter.fillers)
    assert chatter.units["шт"] == "piece"
    assert "caja" in chatter.packs


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x", "not valid TOML"),
        ("[units]\n", "packs is missing"),
        ('[en]\nfillers = "a"\n[units]\n[packs]\nwords = []', "must be a list"),
        ("[en]\nwords = []\n[units]\n[packs]\nwords = []", "fillers is missing"),
        ("[units]\n[packs]\n", "words is missing"),
    ],
)
def test_a_bad_file_of_everyday_words_says_what_is_wrong(
    text: str, complaint: str
) -> None:
    with pytest.raises(BadLanguageFile, match=complaint):
        parse_chatter(text)
