"""Many made-up customers in one scratch shop: who they are, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.evaluation.simulating.conversing import (
    DELIVERY_FEE,
    Clock,
    Script,
    converse,
)
from bot.evaluation.simulating.figures import Conversed
from bot.evaluation.simulating.personas import Persona
from bot.evaluation.stage import open_stage
from bot.evaluation.wallet import Wallet
from bot.settings import Settings
from orders import PaymentKind, PaymentMethod, Shop

#: Conversations of the same goal, each in other words.
SEEDS_PER_GOAL = 3
#: Crowds of two seeds have no goal in common.
_GOALS = 100_000

_CASH = {
    "en": "cash",
    "tr": "nakit",
    "pt": "dinheiro",
    "es": "efectivo",
    "ru": "наличные",
}
_TRANSFER = {
    "en": "bank transfer",
    "tr": "havale",
    "pt": "transferência",
    "es": "transferencia",
    "ru": "перевод",
}
#: What the shop of the crowd asks, beside what every shop does.
RULES = Shop(
    delivery_fee=DELIVERY_FEE,
    payments=(
        PaymentMethod("cash", _CASH, PaymentKind.CASH),
        PaymentMethod("transfer", _TRANSFER, PaymentKind.TRANSFER),
    ),
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many come, which languages they speak, and what all else follows from."""

    reader: str
    conversations: int
    seed: int
    languages: Sequence[str]


def scripts(crowd: Crowd) -> list[Script]:
    """Return who comes: every persona, in one language after the other."""
    personas, languages = tuple(Persona), tuple(crowd.languages)
    found: list[Script] = []
    for number in range(-(-crowd.conversations // SEEDS_PER_GOAL)):
        round_, place = divmod(number, len(personas))
        language = languages[(place + round_) % len(languages)]
        goal = crowd.seed * _GOALS + number
        found += [
            Script(personas[place], language, goal, said)
            for said in range(SEEDS_PER_GOAL)
        ]
    return found[: crowd.conversations]


async def come(
    crowd: Crowd,
    settings: Settings,
    wallet: Wallet,
    *,
    tell: Callable[[Conversed], None] = lambda _: None,
) -> tuple[Conversed, ...]:
    """Let a crowd shop, one customer after the other; `tell` hears of each.

    When the money for a model runs out the rest stays at home. Raises BadSet when a
    phrase table is wrong.
    """
    clock, done = Clock(), []
    async with open_stage(
        settings, crowd.reader, wallet, rules=RULES, clock=clock
    ) as stage:
        for script in scripts(crowd):
            if crowd.reader != "rules" and wallet.is_empty:
                break
            conversed = await converse(stage, clock, script)
            done.append(conversed)
            tell(conversed)
    return tuple(done)
