import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.failure import Action, SendRefused, SendUnavailable
from bot.channels.whatsapp_cloud.errors import MEANINGS, is_error, outcome

ACTIONS: dict[Action, list[int]] = {
    Action.PAUSE_CHANNEL: [
        *(0, 190, 3, 10, 200, 250, 299, 131005, 131031, 368, 130497, 131042, 131048)
    ],
    Action.SLOW_DOWN: [4, 80007, 130429],
    Action.SLOW_PAIR: [131056],
    Action.RETRY: [1, 2, 131000, 131016, 131057, 133016],
    Action.ONCE_MORE: [131052, 131053],
    Action.NOT_TODAY: [131049, 130472],
    Action.HOLD_FOR_WINDOW: [131047],
    Action.NEEDS_PHONE: [131062],
    Action.PLAIN_TEXT: [100, 131008, 131009, 131051, 132000, 132016],
    Action.REFUSE: [*(131026, 131050, 131064, 131021, 131030, 131020, 131041)],
}


def an_answer(code: object, **more: object) -> bytes:
    return json.dumps({"error": {"code": code, "message": "m", **more}}).encode()


@pytest.mark.parametrize(
    ("code", "action"),
    [(code, action) for action, codes in ACTIONS.items() for code in codes],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_the_code_decides_whatever_the_status(
    code: int, action: Action, status: int
) -> None:
    error = outcome(status, an_answer(code))
    assert (error.code, error.action) == (code, action)
    again = action in {Action.RETRY, Action.SLOW_DOWN, Action.SLOW_PAIR}
    assert isinstance(error, SendUnavailable if again else SendRefused)


def test_every_action_is_some_codes() -> None:
    assert {meaning.action for meaning in MEANINGS.values()} == set(Action)


@pytest.mark.parametrize(
    ("status", "body", "action"),
    [
        (400, b"", Action.REFUSE),
        (404, b"<html>", Action.REFUSE),
        (401, b"", Action.PAUSE_CHANNEL),
        (403, b"", Action.PAUSE_CHANNEL),
        (429, b"", Action.SLOW_DOWN),
        (500, b"", Action.RETRY),
        (503, b"[]", Action.RETRY),
        (400, an_answer(99999), Action.REFUSE),
        (400, an_answer(99999, is_transient=True), Action.RETRY),
        (500, an_answer(99999), Action.RETRY),
        (400, an_answer("many"), Action.REFUSE),
    ],
)
def test_without_a_known_code_the_status_decides(
    status: int, body: bytes, action: Action
) -> None:
    assert outcome(status, body).action is action


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"error": "no"}', b"\xff"])
def test_what_is_no_error_is_none(body: bytes) -> None:
    assert not is_error(body)
    assert is_error(an_answer(1))


@given(status=st.integers(100, 599), body=st.binary(), header=st.none() | st.text())
def test_any_answer_has_an_outcome(status: int, body: bytes, header: str) -> None:
    assert outcome(status, body, retry_after=header).action in set(Action)
