"""Rules for orders of other programs as merchants write them: for the shop's rules."""

from pydantic import Field

from bot.inbox.rule_types import Rules
from orders.domain.calls import Calls


class CallsRules(Rules):
    """What programs that order in one call may do when they do not say so."""

    creates_accounts: bool = Field(
        default=True,
        description="An order for a new account makes the account: Zegoal's"
        " `create_account` where a call does not send it.",
    )


def calls_of(rules: CallsRules) -> Calls:
    """Return the rules that decide."""
    return Calls(creates_accounts=rules.creates_accounts)


def written_calls(calls: Calls) -> CallsRules:
    """Return rules as merchants write them."""
    return CallsRules(creates_accounts=calls.creates_accounts)
