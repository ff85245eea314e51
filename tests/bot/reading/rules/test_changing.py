"""Changes of a draft that holds a latte (L1) and a croissant (L2)."""

import pytest

from bot.domain.understanding import Intent
from bot.reading.rules.reader import understand
from tests.readings import a_draft_of, a_request, told

CHANGES: dict[str, tuple[Intent, str]] = {
    # -- English --
    "make it 3": (Intent.CHANGE, "set 3"),
    "make that two": (Intent.CHANGE, "set 2"),
    "actually 4": (Intent.CHANGE, "set 4"),
    "3": (Intent.CHANGE, "set 3"),
    "make the latte 3": (Intent.CHANGE, "set 3 latte"),
    "the latte, make it 3": (Intent.CHANGE, "set 3 latte"),
    "change the latte to 4": (Intent.CHANGE, "set 4 latte"),
    "set the croissant to 6": (Intent.CHANGE, "set 6 croissant"),
    "sorry I meant 2 croissants": (Intent.CHANGE, "set 2 croissant"),
    "no, 3 lattes": (Intent.CHANGE, "set 3 latte"),
    "make it large": (Intent.CHANGE, "set +large"),
    "make it oat milk": (Intent.CHANGE, "set +oat milk"),
    "make the second one 5": (Intent.CHANGE, "set #2 5"),
    "the last one is 3": (Intent.CHANGE, "set #-1 3"),
    "no sugar": (Intent.CHANGE, "set -sugar"),
    "without sugar please": (Intent.CHANGE, "set -sugar"),
    "yes but no onions": (Intent.CHANGE, "set -onions"),
    "can you remove sugar from the latte": (Intent.CHANGE, "set latte -sugar"),
    "croissant instead of the bagel": (Intent.CHANGE, "replace croissant <- bagel"),
    "instead of the latte, a tea": (Intent.CHANGE, "replace tea <- latte"),
    "swap the latte for a tea": (Intent.CHANGE, "replace tea <- latte"),
    "change the latte to a tea": (Intent.CHANGE, "replace tea <- latte"),
    "replace the latte with 2 teas": (Intent.CHANGE, "replace 2 tea <- latte"),
    "remove the latte": (Intent.REMOVE, "remove latte"),
    "remove 1 latte": (Intent.REMOVE, "remove 1 latte"),
    "remove it": (Intent.REMOVE, "remove"),
    "2 latte, no 3 latte": (Intent.CHANGE, "add 2 latte; set 3 latte"),
    "2 latte, hayır 3 latte": (Intent.CHANGE, "add 2 latte; set 3 latte"),
    "0 latte": (Intent.REMOVE, "remove latte"),
    "make it 0": (Intent.REMOVE, "remove"),
    "make it zero": (Intent.REMOVE, "remove"),
    "latteyi 0 yap": (Intent.REMOVE, "remove latte"),
    "0 latte, 2 tea": (Intent.REMOVE, "remove latte; add 2 tea"),
    "latte 0, tea 3": (Intent.REMOVE, "remove latte; add 3 tea"),
    "latteyi 0, çayı 3 yap": (Intent.REMOVE, "remove latte; add 3 çay"),
    "2 latte 0 sugar": (Intent.ORDER, "add 2 latte -sugar"),
    "make it -3": (Intent.CHANGE, "set [-3]"),
    "make it 5000000": (Intent.CHANGE, "set [5000000]"),
    "remove the second one": (Intent.REMOVE, "remove #2"),
    "remove the latte and the croissant": (
        Intent.REMOVE,
        "remove latte; remove croissant",
    ),
    "no croissant": (Intent.REMOVE, "remove croissant"),
    "cancel the croissant": (Intent.REMOVE, "remove croissant"),
    "drop the croissant please": (Intent.REMOVE, "remove croissant"),
    "i don't want the latte": (Intent.REMOVE, "remove latte"),
    "not latte, cappuccino": (Intent.REMOVE, "remove latte; add cappuccino"),
    "2 tea and remove the latte": (Intent.REMOVE, "add 2 tea; remove latte"),
    "add one more": (Intent.ORDER, "add 1"),
    "2 more": (Intent.ORDER, "add 2"),
    "one more latte": (Intent.ORDER, "add 1 latte"),
    "another croissant": (Intent.ORDER, "add 1 croissant"),
    "please add 2 more lattes": (Intent.ORDER, "add 2 latte"),
    "2 latte": (Intent.ORDER, "add 2 latte"),
    # -- Turkish --
    "3 olsun": (Intent.CHANGE, "set 3"),
    "yarım kilo olsun": (Intent.CHANGE, "set 0.5 [kg]"),
    "2 tane olsun": (Intent.CHANGE, "set 2 [piece]"),
    "latteyi 3 yap": (Intent.CHANGE, "set 3 latte"),
    "latte'yi 3 yap": (Intent.CHANGE, "set 3 latte"),
    "latte 5 olsun": (Intent.CHANGE, "set 5 latte"),
    "latte 1 tane olsun": (Intent.CHANGE, "set 1 [piece] latte"),
    "hayır 3 latte": (Intent.CHANGE, "set 3 latte"),
    "ikinciyi 4 yap": (Intent.CHANGE, "set #2 4"),
    "şeker olmasın": (Intent.CHANGE, "set -şeker"),
    "latte şekersiz olsun": (Intent.CHANGE, "set latte -şeker"),
    "bagel yerine croissant": (Intent.CHANGE, "replace croissant <- bagel"),
    "latteyi çay ile değiştir": (Intent.CHANGE, "replace çay <- latte"),
    "croissantı çıkar": (Intent.REMOVE, "remove croissant"),
    "latte olmasın": (Intent.REMOVE, "remove latte"),
    "evet ama latte olmasın": (Intent.REMOVE, "remove latte"),
    "latte istemiyorum": (Intent.REMOVE, "remove latte"),
    "latte'yi iptal et": (Intent.REMOVE, "remove latte"),
    "latteleri sil": (Intent.REMOVE, "remove latte"),
    "onu çıkar": (Intent.REMOVE, "remove"),
    "ilkini çıkar": (Intent.REMOVE, "remove #1"),
    "latte ve croissantı çıkar": (Intent.REMOVE, "remove latte; remove croissant"),
    "latteyi çıkar çay ekle": (Intent.REMOVE, "remove latte; add çay"),
    "bagel olmasın çay olsun": (Intent.REMOVE, "remove bagel; add çay"),
    "latte değil cappuccino": (Intent.REMOVE, "remove latte; add cappuccino"),
    "bir tane daha": (Intent.ORDER, "add 1 [piece]"),
    "latteden 2 tane daha": (Intent.ORDER, "add 2 [piece] latte"),
    "2 çay ekleyin lütfen": (Intent.ORDER, "add 2 çay"),
    "2 çay olsun": (Intent.ORDER, "add 2 çay"),
}


@pytest.mark.parametrize("said", CHANGES)
def test_changes_are_heard_with_the_line_that_they_mean(said: str) -> None:
    draft = a_draft_of("latte", "croissant")
    understanding = understand(a_request(said, draft=draft))
    assert (understanding.intent, told(understanding.mentions)) == CHANGES[said]
    assert not understanding.says(Intent.CONFIRM)


def test_setting_what_is_not_on_the_draft_orders_it() -> None:
    assert told(understand(a_request("2 latte olsun")).mentions) == "add 2 latte"


def test_a_turn_may_add_and_correct_itself() -> None:
    understanding = understand(a_request("2 latte", "make it 3"))
    assert told(understanding.mentions) == "add 2 latte; set 3"


def test_a_bare_number_is_only_a_guess() -> None:
    draft = a_draft_of("latte")
    bare = understand(a_request("3", draft=draft)).confidence
    assert bare < understand(a_request("make it 3", draft=draft)).confidence
