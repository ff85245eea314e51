"""Whose order it is: found by id, by external id or by name, else a new account.

The rules are one table, from Zegoal's page on CreateOrder ("attribute validation
algorithm"). An account is a customer of ours. Nothing is guessed: an id that is not
found never falls back to a name, and one of several equal names is never the first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a call says of its account. Empty texts are None."""

    account_id: str | None = None  #: As the caller knows it.
    external_id: str | None = None
    name: str | None = None
    create: bool = True  #: Make an account where there is none.
    address_id: str | None = None  #: As the caller knows it.


@dataclass(frozen=True, slots=True)
class Account:
    """A customer, as far as it matters here."""

    id: str
    name: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of what was wanted."""

    by_id: Account | None = None
    by_external_id: Account | None = None
    by_name: tuple[Account, ...] = ()


class Code(StrEnum):
    """Why there is no account, or no address."""

    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    NO_IDENTIFICATION = "NO_IDENTIFICATION"
    NAME_REQUIRED = "NAME_REQUIRED"
    EXTERNAL_ID_REQUIRED = "EXTERNAL_ID_REQUIRED"
    NAME_TAKEN = "NAME_TAKEN"
    NAME_AMBIGUOUS = "NAME_AMBIGUOUS"
    ADDRESS_NOT_FOUND = "ADDRESS_NOT_FOUND"
    ADDRESS_REQUIRED = "ADDRESS_REQUIRED"


class Given(StrEnum):
    """Which of the caller's fields is meant; each system has its own word for it."""

    ACCOUNT_ID = "account_id"
    EXTERNAL_ID = "external_customer_id"
    NAME = "customer_name"
    ADDRESS_ID = "account_address_id"


class AccountRefused(Exception):
    """There is no account, or no address: nothing was made. The message says why."""

    def __init__(self, code: Code, field: Given, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.code = code
        self.field = field
        self.message = message  #: What is wrong and what to do, without the field.


@dataclass(frozen=True, slots=True)
class Use:
    """It is this account. `warnings`: where the call contradicts itself."""

    account: Account
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Create:
    """A new account is to be made."""

    external_id: str
    name: str


Decision = Use | Create


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: the first whose `applies` is true decides."""

    name: str
    applies: Callable[[Wanted, Found], bool]
    decide: Callable[[Wanted, Found], Decision]


def decide(wanted: Wanted, found: Found) -> Decision:
    """Return whose order it is. Raises AccountRefused."""
    rule = next(rule for rule in RULES if rule.applies(wanted, found))
    return rule.decide(wanted, found)


def address_of(
    wanted: str | None, known: Sequence[str], default: str | None
) -> str | None:
    """Return the address that is meant of an account's: the named, default or only one.

    All are ids of ours. Raises AccountRefused.
    """
    if wanted is not None and wanted not in known:
        raise AccountRefused(
            Code.ADDRESS_NOT_FOUND,
            Given.ADDRESS_ID,
            "is no address of this account: give one of its addresses",
        )
    if wanted is not None:
        return wanted
    if default is not None:
        return default
    if len(known) == 1:
        return known[0]
    many = "has several addresses" if known else "has no address"
    raise AccountRefused(
        Code.ADDRESS_REQUIRED,
        Given.ADDRESS_ID,
        f"is required: the account {many} and none of them is the default;"
        " give the address of the order, or make one the default",
    )


# -- the rules ------------------------------------------------------------------------


def _used(account: Account | None, wanted: Wanted) -> Use:
    if account is None:
        raise LookupError("a rule used an account that was not found")
    odd = {
        Given.EXTERNAL_ID: (wanted.external_id, account.external_id),
        Given.NAME: (wanted.name, account.name),
    }
    warnings = tuple(
        f"{field}: {said!r} was ignored, the account's is {known!r}"
        for field, (said, known) in odd.items()
        if said is not None and said != known
    )
    return Use(account, warnings)


def _refuse(
    code: Code, field: Given, message: str
) -> Callable[[Wanted, Found], Decision]:
    def refused(wanted: Wanted, found: Found) -> Decision:
        del found
        values: Mapping[str, str | None] = {
            "account_id": wanted.account_id,
            "external_id": wanted.external_id,
            "name": wanted.name,
        }
        raise AccountRefused(code, field, message.format_map(values))

    return refused


RULES: tuple[Rule, ...] = (
    Rule(
        "the id is found: whatever else was sent",
        lambda wanted, found: wanted.account_id is not None and found.by_id is not None,
        lambda wanted, found: _used(found.by_id, wanted),
    ),
    Rule(
        "the id is not found: never another way, never a new account",
        lambda wanted, _: wanted.account_id is not None,
        _refuse(
            Code.ACCOUNT_NOT_FOUND,
            Given.ACCOUNT_ID,
            "there is no account {account_id}: give the id of one, or leave it out",
        ),
    ),
    Rule(
        "the external id is found: also when another account has the name",
        lambda wanted, found: (
            wanted.external_id is not None and found.by_external_id is not None
        ),
        lambda wanted, found: _used(found.by_external_id, wanted),
    ),
    Rule(
        "the external id is not found, and nothing shall be made",
        lambda wanted, _: wanted.external_id is not None and not wanted.create,
        _refuse(
            Code.ACCOUNT_NOT_FOUND,
            Given.EXTERNAL_ID,
            "there is no account with the external id {external_id}:"
            " send create_account true to make one",
        ),
    ),
    Rule(
        "the external id is new, and no name was given",
        lambda wanted, _: wanted.external_id is not None and wanted.name is None,
        _refuse(
            Code.NAME_REQUIRED,
            Given.NAME,
            "is required to make an account for the external id {external_id}",
        ),
    ),
    Rule(
        "the external id is new, and the name is somebody's",
        lambda wanted, found: wanted.external_id is not None and bool(found.by_name),
        _refuse(
            Code.NAME_TAKEN,
            Given.NAME,
            "{name} is the name of an account without the external id {external_id}:"
            " send its account_id, or another name",
        ),
    ),
    Rule(
        "the external id is new, and so is the name",
        lambda wanted, _: wanted.external_id is not None,
        lambda wanted, _: Create(wanted.external_id or "", wanted.name or ""),
    ),
    Rule(
        "nothing to find an account by",
        lambda wanted, _: wanted.name is None,
        _refuse(
            Code.NO_IDENTIFICATION,
            Given.ACCOUNT_ID,
            "is required, or external_customer_id, or customer_name:"
            " nothing says whose order it is",
        ),
    ),
    Rule(
        "several accounts have the name",
        lambda _, found: len(found.by_name) > 1,
        _refuse(
            Code.NAME_AMBIGUOUS,
            Given.NAME,
            "several accounts have the name {name}:"
            " send the account_id or the external_customer_id of one",
        ),
    ),
    Rule(
        "one account has the name",
        lambda _, found: len(found.by_name) == 1,
        lambda wanted, found: _used(found.by_name[0], wanted),
    ),
    Rule(
        "the name is not found, and nothing shall be made",
        lambda wanted, _: not wanted.create,
        _refuse(
            Code.ACCOUNT_NOT_FOUND,
            Given.NAME,
            "there is no account with the name {name}:"
            " send create_account true and an external_customer_id to make one",
        ),
    ),
    Rule(
        "the name is new, and an account needs an external id",
        lambda _, __: True,
        _refuse(
            Code.EXTERNAL_ID_REQUIRED,
            Given.EXTERNAL_ID,
            "is required to make an account with the name {name}",
        ),
    ),
)
