"""Cases are played through the product, and judged by what it really did."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from bot.evaluation.cases import Case, Dialogue, Extraction
from bot.evaluation.playing import play
from bot.evaluation.running import Plan, run
from bot.evaluation.stage import Stage, open_stage
from bot.evaluation.wallet import Wallet
from bot.settings import Settings
from tests.graph_api import Say
from tests.openai_reader import obliging
from tests.openai_server import (
    Asked,
    OpenAIServer,
    answer,
    failure,
    image,
    mention,
    openai_server,
    settings_for,
)

ONE = Decimal(1)
A_DOLLAR = 1_000_000
RULES = Plan("rules")
OPENAI = Plan("openai")


def a_dialogue(*says: Any, **more: Any) -> Dialogue:
    return Dialogue.model_validate(
        {"name": "a case", "language": "en", "says": says, **more}
    )


def an_extraction(says: Any, **more: Any) -> Extraction:
    return Extraction.model_validate(
        {"name": "a case", "language": "en", "says": says, **more}
    )


@pytest.fixture(scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with open_stage(Settings(), "rules", Wallet(0)) as stage:
        yield stage


PICKUP = {"needs": ["confirmation"], "answers": {"confirmation": "yes"}}
ORDERS = "2 tea and a simit, pickup"


async def test_a_dialogue_that_ends_as_wanted_passes(stage: Stage) -> None:
    case = a_dialogue(ORDERS, **PICKUP, order={"TEA": 2, "SIMIT": 1})
    played = await play(stage, case)
    assert played.passed, played.problems
    assert (played.questions, played.needless, played.false_order) == (1, (), False)
    assert len(played.seconds) == len(played.reading) == 2
    assert set(played.readers) == {"rules"}
    assert played.used.cost_micros == 0
    assert played.chat[0] == f"> {ORDERS}"
    assert played.chat[1].startswith("< ")
    assert "[Confirm]" in " ".join(played.chat)
    assert "order 1" in played.chat[-1]


async def test_an_order_that_is_not_what_was_wanted_is_a_false_one(
    stage: Stage,
) -> None:
    played = await play(stage, a_dialogue(ORDERS, **PICKUP, order={"TEA": 3}))
    assert played.problems == ("ordered 1 SIMIT, 2 TEA; wanted 3 TEA",)
    assert played.false_order


async def test_an_order_that_was_not_wanted_at_all_is_a_false_one(
    stage: Stage,
) -> None:
    played = await play(stage, a_dialogue(ORDERS, **PICKUP))
    assert played.problems == ("ordered 1 SIMIT, 2 TEA: nothing was to be",)
    assert played.false_order


async def test_no_order_is_a_failure_and_no_false_order(stage: Stage) -> None:
    played = await play(stage, a_dialogue("1 tea", order={"TEA": 1}))
    assert played.problems == ("no order; wanted 1 TEA",)
    assert not played.false_order


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fields": {"name": "Bea"}}, "name is 'Ana'; wanted 'Bea'"),
        ({"fields": {"fulfilment": "delivery"}}, "fulfilment is 'pickup'"),
        ({"orders": 2}, "1 orders; wanted 2"),
        ({"owner": "agent"}, "it is the bot's; wanted the agent's"),
        ({"opted_out": True}, "not opted out"),
        ({"draft": {"TEA": 1}}, "kept nothing; wanted 1 TEA"),
    ],
)
async def test_everything_that_a_case_names_is_looked_at(
    stage: Stage, wrong: dict[str, Any], told: str
) -> None:
    order = {"order": {"TEA": 2, "SIMIT": 1}}
    played = await play(stage, a_dialogue(ORDERS, **PICKUP, **order, **wrong))
    assert any(told in problem for problem in played.problems), played.problems


async def test_options_are_part_of_an_order(stage: Stage) -> None:
    says = "a latte with oat milk, pickup"
    oat = {**PICKUP, "order": {"LATTE": 1}}
    right = await play(stage, a_dialogue(says, **oat, options={"LATTE": ["Oat milk"]}))
    assert right.passed, right.problems
    for options in ({}, {"LATTE": ["Almond milk"]}, {"LATTE": ["-Oat milk"]}):
        wrong = await play(stage, a_dialogue(says, **oat, options=options))
        assert wrong.false_order, "wrong milk is a wrong order"


async def test_a_question_that_the_customer_left_no_reason_for_is_needless(
    stage: Stage,
) -> None:
    asked = {"answers": {"fulfilment": "pickup", "confirmation": "yes"}}
    case = a_dialogue("1 tea", needs=["confirmation"], **asked, order={"TEA": 1})
    played = await play(stage, case)
    assert played.passed
    assert (played.questions, played.needless) == (2, ("fulfilment",))


async def test_asking_again_what_was_answered_is_needless(stage: Stage) -> None:
    case = a_dialogue("1 tea", needs=["fulfilment"], answers={"fulfilment": "hm"})
    played = await play(stage, case)
    assert "fulfilment" in played.needless or "not_understood" in played.needless


async def test_a_tap_needs_a_button(stage: Stage) -> None:
    stuck = await play(stage, a_dialogue({"tap": 1}))
    assert stuck.problems == ("there is no choice 1 to tap, but 0",)
    case = a_dialogue(
        {"cart": [["TEA", 2]]},
        needs=["fulfilment", "confirmation"],
        answers={"fulfilment": {"tap": 2}, "confirmation": {"tap": 1}},
        order={"TEA": 2},
        fields={"fulfilment": "pickup"},
    )
    tapped = await play(stage, case)
    assert tapped.passed, tapped.problems


@pytest.mark.parametrize(
    ("case", "hits", "problems"),
    [
        (
            an_extraction("2 tea", items=[{"sku": "TEA", "quantity": 2}]),
            (1, 0, 0),
            (),
        ),
        (
            an_extraction("2 tea", items=[{"sku": "TEA"}]),
            (0, 1, 1),
            ("missing: add 1 TEA", "invented: add 2 TEA"),
        ),
        (
            an_extraction("1 tea", intents=["thanks"]),
            (0, 0, 0),
            ("intent order; wanted thanks",),
        ),
        (
            an_extraction(
                "a latte with oat milk", items=[{"sku": "LATTE", "options": ["soy"]}]
            ),
            (1, 0, 0),
            ("add 1 LATTE: [['oat milk']]; wanted ['soy']",),
        ),
        (
            an_extraction("mail me at ana@example.com", details={"email": "bea@"}),
            (0, 0, 0),
            ("email is 'ana@example.com'; wanted 'bea@'",),
        ),
        (
            an_extraction(
                "two croissants", items=[{"sku": "ambiguous", "quantity": 2}]
            ),
            (1, 0, 0),
            (),
        ),
    ],
)
async def test_what_is_read_in_a_message_is_compared(
    stage: Stage, case: Extraction, hits: tuple[int, int, int], problems: Any
) -> None:
    played = await play(stage, case)
    assert (played.hits, played.problems) == (hits, problems)


async def test_the_rules_are_not_blamed_for_having_no_eyes() -> None:
    cases: list[Case] = [
        a_dialogue({"note": ["1 tea"]}),
        an_extraction("thanks!", intents=["thanks"]),
    ]
    report = await run(RULES, Settings(), Wallet(0), cases=cases)
    assert (len(report.played), report.without_senses, report.not_played) == (0, 1, 1)
    report = await run(RULES, Settings(), Wallet(1), cases=cases)
    assert (len(report.played), report.without_senses, report.not_played) == (1, 1, 0)


# -- a model --------------------------------------------------------------------------


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with openai_server() as server:
        server.mind = obliging
        yield server


def settings(server: OpenAIServer) -> Settings:
    return Settings(**settings_for(server))


def sees_tea(asked: Asked) -> Any:
    """See tea in every picture; and what is said, as everybody does."""
    if not asked.pictures:
        return obliging(asked)
    tea = next(c["n"] for c in asked.document["candidates"] if c["name"] == "Tea")
    seen = mention("2 tea", "tea", 2, where="image", candidate=tea)
    return answer(images=[image(query="tea")], mentions=[seen])


async def test_a_model_is_measured_with_photos_and_voice_notes(
    server: OpenAIServer,
) -> None:
    server.mind = sees_tea
    server.speech = lambda _: "3 simit please my dear"
    cases: list[Case] = [
        an_extraction(
            {"note": ["2 tea"], "caption": "please"},
            items=[{"sku": "TEA", "quantity": 2}],
        ),
        an_extraction({"voice": "iki_cay.tr"}, items=[{"sku": "SIMIT", "quantity": 3}]),
    ]
    wallet = Wallet(A_DOLLAR)
    plan = Plan("openai", repeat=2, at_a_time=2)
    report = await run(plan, settings(server), wallet, cases=cases)
    assert [each.error for each in report.played] == [None] * 4
    assert [each.problems for each in report.played] == [()] * 4
    assert len(server.heard) == 2, "nothing is remembered from one run to the next"
    assert any(asked.pictures for asked in server.asked)
    used = [each.used for each in report.played]
    assert all(each.input_tokens == 2000 and each.cached_tokens for each in used)
    assert 0 < sum(each.cost_micros for each in used) == report.spent == wallet.spent
    assert {each.readers for each in report.played} == {("openai",)}


async def test_an_evaluation_costs_no_more_than_it_may(server: OpenAIServer) -> None:
    case = an_extraction("3 simit please my dear")
    once = await run(OPENAI, settings(server), Wallet(A_DOLLAR), cases=[case])
    wallet = Wallet(once.spent * 2 + 1)
    report = await run(OPENAI, settings(server), wallet, cases=[case] * 5)
    assert len(report.played) == 2, "the one that emptied it may be half by the rules"
    assert report.not_played == 3
    assert report.spent == once.spent * 3


async def test_a_service_that_is_away_is_told_and_not_waited_for_case_by_case(
    server: OpenAIServer,
) -> None:
    server.always = Say(401, failure("invalid_api_key"))
    cases: list[Case] = [
        a_dialogue(f"{n} simit please my dear", order={"SIMIT": n})
        for n in range(1, 10)
    ]
    report = await run(OPENAI, settings(server), Wallet(A_DOLLAR), cases=cases)
    assert len(report.played) == 4
    assert report.not_played == 5
    first = report.played[0]
    assert first.error is not None
    assert first.error.startswith("unauthorised")
    assert not first.passed
