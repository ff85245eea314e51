"""Whose order it is: every row of the table, and nothing is ever guessed."""

from dataclasses import dataclass

import pytest

from orders.domain.accounts import (
    RULES,
    Account,
    AccountRefused,
    Code,
    Create,
    Decision,
    Found,
    Given,
    Use,
    Wanted,
    address_of,
    decide,
)

ADA = Account("customer_ada", "Ada", "ext-1")
BOB = Account("customer_bob", "Bob", "ext-2")


@dataclass(frozen=True)
class Case:
    id: str
    wanted: Wanted
    found: Found
    result: Decision | tuple[Code, Given]


NOT_FOUND = (Code.ACCOUNT_NOT_FOUND, Given.ACCOUNT_ID)
CASES = [
    Case("an id", Wanted("1"), Found(by_id=ADA), Use(ADA)),
    Case(
        "an id wins over all else, and says what it ignored",
        Wanted("1", "ext-2", "Bob"),
        Found(by_id=ADA, by_external_id=BOB, by_name=(BOB,)),
        Use(
            ADA,
            (
                "external_customer_id: 'ext-2' was ignored, the account's is 'ext-1'",
                "customer_name: 'Bob' was ignored, the account's is 'Ada'",
            ),
        ),
    ),
    Case(
        "an unknown id never falls back to a match",
        Wanted("9", "ext-1", "Ada"),
        Found(by_external_id=ADA, by_name=(ADA,)),
        NOT_FOUND,
    ),
    Case("an unknown id is never made", Wanted("9", "new", "New"), Found(), NOT_FOUND),
    Case(
        "an unknown id with create off",
        Wanted("9", "new", "New", create=False),
        Found(),
        NOT_FOUND,
    ),
    Case(
        "an external id wins over a name, also another's",
        Wanted(external_id="ext-1", name="Bob"),
        Found(by_external_id=ADA, by_name=(BOB,)),
        Use(ADA, ("customer_name: 'Bob' was ignored, the account's is 'Ada'",)),
    ),
    Case(
        "a new external id and a new name",
        Wanted(external_id="new", name="New"),
        Found(),
        Create("new", "New"),
    ),
    Case(
        "a new external id and somebody's name",
        Wanted(external_id="new", name="Ada"),
        Found(by_name=(ADA,)),
        (Code.NAME_TAKEN, Given.NAME),
    ),
    Case(
        "a new external id without a name",
        Wanted(external_id="new"),
        Found(),
        (Code.NAME_REQUIRED, Given.NAME),
    ),
    Case(
        "a new external id with create off names the id",
        Wanted(external_id="new", name="Ada", create=False),
        Found(by_name=(ADA,)),
        (Code.ACCOUNT_NOT_FOUND, Given.EXTERNAL_ID),
    ),
    Case("a name", Wanted(name="Ada"), Found(by_name=(ADA,)), Use(ADA)),
    Case(
        "a name with create off",
        Wanted(name="Ada", create=False),
        Found(by_name=(ADA,)),
        Use(ADA),
    ),
    Case(
        "a name that several have is never the first",
        Wanted(name="Ada"),
        Found(by_name=(ADA, BOB)),
        (Code.NAME_AMBIGUOUS, Given.NAME),
    ),
    Case(
        "a new name needs an external id",
        Wanted(name="New"),
        Found(),
        (Code.EXTERNAL_ID_REQUIRED, Given.EXTERNAL_ID),
    ),
    Case(
        "a new name with create off names the name",
        Wanted(name="New", create=False),
        Found(),
        (Code.ACCOUNT_NOT_FOUND, Given.NAME),
    ),
    Case("nothing", Wanted(), Found(), (Code.NO_IDENTIFICATION, Given.ACCOUNT_ID)),
    Case(
        "nothing with create off",
        Wanted(create=False),
        Found(),
        (Code.NO_IDENTIFICATION, Given.ACCOUNT_ID),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_whose_order_it_is(case: Case) -> None:
    if not isinstance(case.result, tuple):
        assert decide(case.wanted, case.found) == case.result
        return
    with pytest.raises(AccountRefused) as refused:
        decide(case.wanted, case.found)
    assert (refused.value.code, refused.value.field) == case.result
    assert "None" not in str(refused.value)


def test_every_rule_decides_some_case() -> None:
    used = {
        next(rule.name for rule in RULES if rule.applies(case.wanted, case.found))
        for case in CASES
    }
    assert used == {rule.name for rule in RULES}


def test_what_the_caller_wrote_is_no_template() -> None:
    with pytest.raises(AccountRefused, match=r"\{name\}"):
        decide(Wanted(name="{name}{x}", create=False), Found())


@pytest.mark.parametrize(
    ("wanted", "known", "default", "expected"),
    [
        ("a", ["a", "b"], "b", "a"),
        (None, ["a", "b"], "b", "b"),
        (None, ["a"], None, "a"),
        ("c", ["a"], "a", Code.ADDRESS_NOT_FOUND),
        ("", ["a"], "a", Code.ADDRESS_NOT_FOUND),
        (None, ["a", "b"], None, Code.ADDRESS_REQUIRED),
        (None, [], None, Code.ADDRESS_REQUIRED),
    ],
)
def test_which_address_it_is(
    wanted: str | None, known: list[str], default: str | None, expected: str
) -> None:
    if not isinstance(expected, Code):
        assert address_of(wanted, known, default) == expected
        return
    with pytest.raises(AccountRefused) as refused:
        address_of(wanted, known, default)
    assert refused.value.code is expected
    assert refused.value.field is Given.ADDRESS_ID
