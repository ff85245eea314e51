"""The inbox and a conversation as HTML: who waits, what was said, what may be done."""

import re
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.inbox.accounts import Role
from bot.inbox.steps import StepKind
from bot.inbox.table import message
from bot.web.api.conversation_history import StepView
from bot.web.api.messages import MessageView
from bot.web.api.notes import NoteView
from bot.web.console.stream import items_of, marked
from tests.console import Person, signed_in
from tests.drawings import jpeg, packaging
from tests.house import House, open_house

ANA, MEHMET = "905551112233", "905551112244"


@pytest.fixture(scope="module")
async def house(
    migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("inbox")
    file = shutil.copy(migrated_file, folder / "test.db")
    async with open_house(f"sqlite:///{file}", folder) as house:
        ana = house.phone(ANA, "Ana <b>Yilmaz</b>")
        first = await ana.say('2 latte & <script>alert("1")</script>')
        await house.settle()
        await ana.react("\N{THUMBS UP SIGN}")
        tea = await ana.say("and a tea", reply_to=first)
        await house.settle()
        await ana.amend(tea, "and two teas")
        await ana.send_image(jpeg(packaging(3)), caption="this one")
        await ana.send_location(41.0, 29.0, name="Moda Pier")
        await house.settle()
        await house.phone(MEHMET, "Mehmet").say("can I talk to a person please")
        await house.settle()
        yield house


@pytest.fixture(scope="module")
async def deniz(house: House) -> Person:
    return await signed_in(house, role=Role.MANAGER)


@pytest.fixture(scope="module")
async def ana(house: House) -> str:
    return str((await house.chat(house.phone(ANA))).id)


@pytest.fixture(scope="module")
async def mehmet(house: House) -> str:
    return str((await house.chat(house.phone(MEHMET))).id)


def rows(page: str) -> Sequence[str]:
    """Return the conversations of a list."""
    return re.findall(r'<li class="row[^"]*" data-item data-id="([^"]+)"', page)


# -- the list -------------------------------------------------------------------------


async def test_the_list_says_who_waits_and_why(
    deniz: Person, ana: str, mehmet: str
) -> None:
    page = await deniz.page()
    assert set(rows(page)) == {ana, mehmet}
    assert "Asked for a person" in page
    assert "Picture to look at" in page
    assert "Ana &lt;b&gt;Yilmaz" in page
    assert 'class="ring' in page
    assert page.count("<h1") == 1


async def test_a_queue_has_its_own_and_the_others_say_that_they_are_empty(
    deniz: Person, ana: str, mehmet: str
) -> None:
    assert rows(await deniz.page("/console/inbox?queue=human")) == [ana, mehmet]
    empty = await deniz.page("/console/inbox?queue=failed")
    assert "Nothing has failed." in empty
    assert rows(empty) == []


async def test_a_search_goes_along_when_a_conversation_is_opened(
    deniz: Person, mehmet: str
) -> None:
    page = await deniz.page("/console/inbox?search=mehm&queue=all")
    assert rows(page) == [mehmet]
    assert f'href="/console/conversations/{mehmet}?search=mehm"' in page
    nothing = await deniz.page('/console/inbox?search="><b>')
    assert "Nothing found for" in nothing
    assert '"><b>' not in nothing


async def test_only_what_is_wanted_is_looked_up(deniz: Person, ana: str) -> None:
    async with deniz.session() as session:
        path = f"/console/conversations/{ana}"
        async with session.get(path, headers={"X-Part": "queue"}) as answer:
            text = await answer.text()
    assert 'data-part="queue"' in text
    assert "data-message" not in text


# -- the chat -------------------------------------------------------------------------


async def test_a_chat_shows_what_was_said_as_it_was_said(
    deniz: Person, ana: str
) -> None:
    page = await deniz.page(f"/console/conversations/{ana}")
    words = re.findall(r"<span data-words>(.*?)</span>", page)
    assert words[0] == "2 latte &amp; &lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;"
    assert "<script>alert" not in page
    assert "and two teas" in words
    assert "<del>and a tea</del>" in page
    assert page.count("\N{THUMBS UP SIGN}") >= 1
    assert re.search(r'data-zoom="/v1/messages/[^"]+/media"', page)
    assert "Moda Pier" in page
    assert 'data-status="' in page
    assert page.count("<h1") == 1


async def test_while_the_bot_has_it_nobody_writes_and_is_told_why(
    deniz: Person, ana: str
) -> None:
    page = await deniz.page(f"/console/conversations/{ana}")
    assert "The bot has this conversation. Take it over to write." in page
    assert 'id="reply"' not in page
    assert f"POST /v1/conversations/{ana}/take-over" in page


async def test_who_took_it_over_writes_notes_and_answers(
    house: House, deniz: Person, mehmet: str
) -> None:
    path = f"/v1/conversations/{mehmet}"
    await deniz.call("POST", f"{path}/take-over")
    label = await deniz.call("POST", "/v1/labels", {"name": "Wholesale"})
    await deniz.call("PUT", f"{path}/labels", {"label_ids": [label["id"]]})
    await deniz.call("POST", f"{path}/notes", {"text": "Call him <back>."})
    answer = {"shortcut": "hours", "title": "Hours", "text": "Hello {name}, from 9."}
    await deniz.call("POST", "/v1/canned-replies", answer)
    await deniz.call("POST", f"{path}/messages", {"text": "Deniz here."})
    await house.settle()
    page = await deniz.page(f"/console/conversations/{mehmet}")
    assert 'id="reply"' in page
    assert 'data-insert="Hello Mehmet, from 9."' in page
    assert "Call him &lt;back&gt;." in page
    assert "Deniz Ak took over" in page
    assert "The bot left it to a person: Asked for a person" in page
    assert "Wholesale" in page
    assert "by-agent" in page
    assert "You have it. The bot is silent." in page
    other = await signed_in(house, "Mert Kaya")
    assert "Deniz Ak has it." in await other.page(f"/console/conversations/{mehmet}")


async def test_earlier_messages_come_as_a_part(deniz: Person, ana: str) -> None:
    page = await deniz.page(f"/console/conversations/{ana}/earlier?before=3")
    assert 'data-part="earlier"' in page
    assert "2 latte" in page
    assert "and two teas" not in page


async def test_a_message_s_analysis_is_a_page(
    house: House, deniz: Person, ana: str
) -> None:
    first = (await house.messages(house.phone(ANA)))[0]
    page = await deniz.page(f"/console/messages/{first.id}/analysis")
    assert "rules" in page
    assert "Latte" in page
    assert f"/console/conversations/{ana}#msg-{first.id}" in page


# -- what stands where ----------------------------------------------------------------

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def said(seq: int, minutes: int, **values: Any) -> MessageView:
    moment = NOON + timedelta(minutes=minutes)
    given = {
        **dict.fromkeys(MessageView.model_fields),
        "id": f"msg_{seq}",
        "conversation_id": "cnv",
        "seq": seq,
        "direction": "in",
        "kind": "text",
        "content": {"type": "text", "text": "hi"},
        "state": "done",
        "sent_at": moment,
        "received_at": moment,
        "event": "message",
        "forwarded": 0,
        **values,
    }
    return MessageView.model_validate(given)


def test_notes_and_steps_stand_where_they_happened() -> None:
    note = NoteView(
        id="note_1",
        author="user:1",
        author_name="Deniz",
        is_own=True,
        text="!",
        at=NOON + timedelta(minutes=5),
    )
    step = StepView(
        at=NOON + timedelta(minutes=3),
        kind=StepKind.TAKEN_OVER,
        actor="user:1",
        why=None,
        user_id=None,
        team=None,
        order_id=None,
        order_number=None,
    )
    items = items_of([said(1, 0), said(2, 4)], [note], [step], ZoneInfo("UTC"))
    kinds = [each.kind for each in items]
    assert kinds == ["day", "message", "step", "message", "note"]


def test_what_is_handed_over_is_somebody_s_work_afterwards() -> None:
    given = {"at": NOON, "actor": "bot", "why": None, "user_id": None, "team": None}
    steps = [
        StepView(kind=kind, order_id=None, order_number=None, **given)
        for kind in (StepKind.ASSIGNED, StepKind.HANDED_OVER)
    ]
    _, first, second = items_of([], [], steps, ZoneInfo("UTC"))
    assert first.step == steps[1]
    assert second.step == steps[0]


def test_what_we_write_is_bold_where_phones_show_it_so_and_never_markup() -> None:
    shown = marked("*Total: <b>7</b>* is 2*3*4 * 5, *ok*")
    assert shown == (
        "<strong>Total: &lt;b&gt;7&lt;/b&gt;</strong> is 2*3*4 * 5, <strong>ok</strong>"
    )


def test_a_day_begins_where_the_shop_s_day_begins() -> None:
    late = [said(1, 8 * 60 + 50), said(2, 9 * 60 + 10)]
    assert [each.kind for each in items_of(late, [], [], ZoneInfo("UTC"))] == [
        "day",
        "message",
        "message",
    ]
    istanbul = items_of(late, [], [], ZoneInfo("Europe/Istanbul"))
    assert [each.kind for each in istanbul] == ["day", "message", "day", "message"]


def test_the_last_reaction_counts_and_edits_stand_at_their_message() -> None:
    thumb = {"type": "reaction", "target": "x", "emoji": "\N{THUMBS UP SIGN}"}
    taken_back = {"type": "reaction", "target": "x", "emoji": None}
    messages = [
        said(1, 0),
        said(2, 1, kind="reaction", content=thumb, about_id="msg_1"),
        said(3, 2, kind="system", event="edit", about_id="msg_1"),
        said(4, 3, kind="system", event="clock"),
    ]
    (_, first) = items_of(messages, [], [], ZoneInfo("UTC"))
    assert first.reactions == ["\N{THUMBS UP SIGN}"]
    messages.append(said(5, 4, kind="reaction", content=taken_back, about_id="msg_1"))
    (_, first) = items_of(messages, [], [], ZoneInfo("UTC"))
    assert first.reactions == []
    # Without its message an edit stands for itself.
    (_, edit) = items_of(messages[2:3], [], [], ZoneInfo("UTC"))
    assert edit.message is not None


async def test_an_order_is_made_of_the_message_that_asks_for_it(
    house: House, deniz: Person
) -> None:
    phone = house.phone("905551112255", "Cem")
    await phone.say("3 latte, pick up")
    await house.settle()
    chat = await house.chat(phone)
    (wrote, *_) = [
        each for each in await house.messages(phone) if each.direction == "in"
    ]
    page = await deniz.page(f"/console/messages/{wrote.id}/analysis")
    (method, path) = re.findall(r'data-call="(POST) ([^"]+/order)"', page)[0]
    made = await deniz.call(method, path, {}, status=201)
    assert made["conversation_id"] == chat.id
    assert [each["quantity"] for each in made["lines"]] == ["3"]
    tea = await house.chat(house.phone(MEHMET))
    (asked, *_) = await house.rows(message, conversation_id=tea.id, direction="in")
    unordered = await deniz.page(f"/console/messages/{asked.id}/analysis")
    assert f"{asked.id}/order" not in unordered
