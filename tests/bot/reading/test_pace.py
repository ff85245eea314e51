"""How often one conversation may ask a model."""

from bot.reading.pace import HOUR, Pace


def test_a_conversation_may_ask_so_often_and_then_evenly() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0], per_hour=3)
    assert [pace.allows("a") for _ in range(4)] == [True, True, True, False]
    assert pace.allows("b")
    now[0] += HOUR / 3
    assert pace.allows("a")
    assert not pace.allows("a")
    now[0] += HOUR
    assert [pace.allows("a") for _ in range(4)] == [True, True, True, False]
