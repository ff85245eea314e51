"""What is taken over from before, and from whom it is not."""

from dataclasses import replace

import pytest

from bot.domain.message import Text
from bot.domain.snapshot import Buyer
from bot.domain.understanding import Detail, Intent
from orders import Address, Draft, Evidence, Fulfilment, Source, Unset, changed
from tests.factories import an_order
from tests.turns import a_snapshot, decided, is_told, says, wants

ADDRESS = Address(text="Lale Sokak 5, Istanbul", street="Lale Sokak", city="Istanbul")
LAST = an_order(name="Ana Lovelace", address=ADDRESS)
BUYER = Buyer("cus_1", name="Ana Lovelace", address=ADDRESS, email="ana@example.com")


def ordered(name: str | None = None, *, may_be_another: bool = False) -> Draft:
    """Return the draft of somebody who orders, and maybe says a name."""
    before = a_snapshot([Text(text=f"2 latte, {name}")], last_order=LAST)
    who = replace(before.contact, may_be_another=may_be_another)
    draft = Draft("draft_1", "TRY", fulfilment=Fulfilment.DELIVERY)
    snapshot = replace(before, contact=who, buyer=BUYER, draft=draft)
    details = [is_told(Detail.NAME, name)] if name else []
    said = says(Intent.ORDER, mentions=(wants("latte", 2),), details=tuple(details))
    return decided(snapshot, said).draft


@pytest.mark.parametrize("name", [None, "Ana", "ana lovelace", "Anna Lovelace"])
def test_the_last_address_is_filled_in_for_the_same_person(name: str | None) -> None:
    assert ordered(name).address == ADDRESS


def test_a_second_person_on_one_phone_gets_nothing_of_the_first_ones_order() -> None:
    draft = ordered("Mehmet Kaya")
    assert (draft.name, draft.address, draft.email) == ("Mehmet Kaya", None, None)


def test_who_says_their_name_later_loses_what_was_filled_in_of_another_one() -> None:
    filled = ordered()
    snapshot = a_snapshot([Text(text="I am Mehmet Kaya")], last_order=LAST)
    told = says(Intent.ORDER, details=(is_told(Detail.NAME, "Mehmet Kaya"),))
    draft = decided(replace(snapshot, draft=filled, buyer=BUYER), told).draft
    assert filled.address == ADDRESS
    assert (draft.name, draft.address) == ("Mehmet Kaya", None)
    assert draft.lines == filled.lines


def test_nothing_is_filled_in_when_another_may_hold_the_phone() -> None:
    draft = ordered(may_be_another=True)
    assert (draft.name, draft.address, draft.email) == (None, None, None)


def test_what_an_agent_emptied_is_asked_for_and_not_filled_in_again() -> None:
    by_agent = Evidence(Source.AGENT, actor="user:user_ana")
    emptied = changed(ordered(), [Unset("name", by_agent), Unset("address", by_agent)])
    before = a_snapshot([Text(text="1 more latte")], last_order=LAST)
    said = says(Intent.ORDER, mentions=(wants("latte", 1),))
    draft = decided(replace(before, buyer=BUYER, draft=emptied), said).draft
    assert draft.lines != emptied.lines
    assert (draft.name, draft.address) == (None, None)


def test_what_an_agent_emptied_in_one_order_is_filled_in_again_in_the_next() -> None:
    by_agent = Evidence(Source.AGENT, actor="user:user_ana")
    emptied = changed(ordered(), [Unset("name", by_agent)])
    before = a_snapshot([Text(text="cancel it")], last_order=LAST)
    gone = decided(replace(before, draft=emptied), says(Intent.CANCEL_DRAFT))
    assert gone.next_draft is not None
    more = a_snapshot([Text(text="2 latte")], last_order=LAST)
    said = says(Intent.ORDER, mentions=(wants("latte", 2),))
    draft = decided(replace(more, buyer=BUYER, draft=gone.next_draft), said).draft
    assert draft.name == "Ana Lovelace"
