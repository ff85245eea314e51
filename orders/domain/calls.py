"""The shop's rules for orders that other programs make in one call, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calls:
    """What such a call may do when it does not say so itself."""

    #: An order for an account that is new makes the account.
    creates_accounts: bool = True
