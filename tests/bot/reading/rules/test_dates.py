"""Days without an hour, as answers to the question when it is wanted."""

from datetime import UTC, datetime

import pytest

from bot.domain.snapshot import Asked
from bot.domain.understanding import Detail
from bot.reading.rules.dates import written_in
from bot.reading.rules.reader import understand
from orders.domain.rules import Field
from tests.factories import a_draft
from tests.readings import a_request

ANSWERS = {
    "tomorrow": "2026-11-23",
    "yarın": "2026-11-23",
    "amanhã": "2026-11-23",
    "mañana": "2026-11-23",
    "завтра": "2026-11-23",
    "on Friday": "2026-11-27",
    "12.12.": "2026-12-12",
    "12.12": "2026-12-12",
    "12/12": "2026-12-12",
    "12.12.26": "2026-12-12",
    "2026-12-12": "2026-12-12",
    "12 Aralık": "2026-12-12",
    "12 de dezembro": "2026-12-12",
    "el 12 de diciembre": "2026-12-12",
    "12 декабря": "2026-12-12",
    "December 12th": "2026-12-12",
    "3 May": "2027-05-03",
    "12.12. at 18:00": "2026-12-12T18:00+03:00",
    "1.11.": "2026-11-01",
}


@pytest.mark.parametrize("text", ANSWERS)
def test_a_day_answers_the_question_when_it_is_wanted(text: str) -> None:
    found = understand(a_request(text, asked=Asked(field=Field.DATE)))
    days = [d.value for d in found.details if d.detail is Detail.DATE]
    assert days == [ANSWERS[text]]
    assert not found.mentions


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "99.99.", "0.0.", "1/1/1/1", "12.12.99999", "0000-00-00", "2 may be"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    asked = text != "2 may be"
    assert written_in(text, NOW, country="TR", asked=asked) is None


def test_the_month_comes_first_where_people_write_it_first() -> None:
    found = written_in("12/24/2026", NOW, country="US", asked=False)
    assert found is not None
    assert found.day.isoformat() == "2026-12-24"


def test_an_hour_that_follows_is_one_of_the_day_that_was_said() -> None:
    wanted = datetime(2026, 11, 25, tzinfo=UTC)
    draft = a_draft(lines=(), next_line=1, due_at=wanted, due_day_only=True)
    found = understand(a_request("at 5pm", draft=draft))
    assert [d.value for d in found.details] == ["2026-11-25T17:00+03:00"]
