"""Which method a customer's words mean, and how the draft is paid."""

from dataclasses import dataclass, replace

import pytest

from orders import Draft, Fulfilment, PaymentKind, PaymentMethod, payment_of
from orders.domain.payment import methods_meant
from tests.factories import a_draft, a_payment, a_shop

CASH = a_payment()
CARD = a_payment(
    id="pos",
    kind=PaymentKind.CARD,
    names={"en": "Card at the door", "tr": "Kapıda kart"},
    fulfilments=(Fulfilment.DELIVERY,),
)
ONLINE = a_payment(id="online", kind=PaymentKind.CARD, names={"en": "Card online"})
WALLET = a_payment(id="wallet", kind=PaymentKind.OTHER, names={"en": "Papara"})

MEANT = [
    ("an id", "wallet", (WALLET,)),
    ("a name", "papara", (WALLET,)),
    ("a name in another language", "kapida kart", (CARD,)),
    ("what everybody calls it", "cash", (CASH,)),
    ("two of a kind", "card", (CARD, ONLINE)),
    ("nothing here", "bitcoin", ()),
    ("what we know and do not take", "transfer", ()),
]


@pytest.mark.parametrize(
    ("words", "meant"), [m[1:] for m in MEANT], ids=[m[0] for m in MEANT]
)
def test_the_methods_that_words_mean(
    words: str, meant: tuple[PaymentMethod, ...]
) -> None:
    assert methods_meant((CASH, CARD, ONLINE, WALLET), words) == meant


def test_a_name_wins_over_a_kind() -> None:
    plain = replace(ONLINE, id="plain", names={"en": "Card"})
    assert methods_meant((CARD, plain), "card") == (plain,)


@dataclass(frozen=True)
class Case:
    id: str
    draft: Draft
    payments: tuple[PaymentMethod, ...]
    paid: PaymentMethod | None


PICKED_UP = a_draft(fulfilment=Fulfilment.PICKUP)
CASES = [
    Case("none to choose from", a_draft(payment="cash"), (), None),
    Case("the only one is taken silently", a_draft(), (CASH,), CASH),
    Case("of several none is taken", a_draft(), (CASH, CARD), None),
    Case("the one that was chosen", a_draft(payment="pos"), (CASH, CARD), CARD),
    Case("the only one for this way", PICKED_UP, (CASH, CARD), CASH),
    Case(
        "the chosen one is for another way",
        replace(PICKED_UP, payment="pos"),
        (CASH, CARD),
        None,
    ),
    Case("the chosen one is gone", a_draft(payment="wallet"), (CASH,), None),
    Case("words that mean two", a_draft(payment="card"), (CARD, ONLINE), None),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_how_a_draft_is_paid(case: Case) -> None:
    assert payment_of(case.draft, a_shop(payments=case.payments)) == case.paid


NAMED = [(("tr", "en"), "Nakit"), (("de", "en"), "Cash"), ((), "Cash")]


@pytest.mark.parametrize(("languages", "name"), NAMED)
def test_a_method_is_called_in_a_language_that_it_has(
    languages: tuple[str, ...], name: str
) -> None:
    assert CASH.called(languages) == name


def test_a_method_without_instructions_tells_none() -> None:
    assert replace(CASH, instructions={}).told(("en",)) == ""
