"""What leaves us fits what WhatsApp takes: cut before it is stored, refused after."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.failure import Action, SendRefused
from bot.channels.graphemes import graphemes, width
from bot.channels.splitting import split
from bot.channels.whatsapp_cloud.fitting import parts
from bot.channels.whatsapp_cloud.outbound import bodies, body, read_receipt
from bot.domain.message import (
    Alias,
    AliasKind,
    Button,
    OutboundMessage,
    OutButtons,
    OutContent,
    OutImage,
    OutList,
    OutText,
    Row,
)

calm = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)

PHONE = Alias(kind=AliasKind.WA_ID, value="16505551234")
YES, NO = Button(id="ok:8f1c", title="Confirm"), Button(id="no:8f1c", title="Change")
LATTE = Row(id="p:latte", title="Latte", description="12 oz")


def a_message(content: OutContent, **changes: Any) -> OutboundMessage:
    return OutboundMessage(to=PHONE, content=content).model_copy(update=changes)


def sent(content: OutContent, **changes: Any) -> dict[str, object]:
    return body(a_message(content, **changes), callback="outbox:1")


def around(kind: str, inner: object) -> dict[str, object]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "16505551234",
        "biz_opaque_callback_data": "outbox:1",
        "type": kind,
        kind: inner,
    }


# -- the JSON -------------------------------------------------------------------------


def test_a_text() -> None:
    text = {"body": "Hi", "preview_url": False}
    assert sent(OutText(body="Hi")) == around("text", text)


def test_an_answer_names_what_it_answers() -> None:
    told = sent(OutText(body="Hi"), reply_to="wamid.IN")
    assert told["context"] == {"message_id": "wamid.IN"}


def test_a_person_without_number_is_a_recipient() -> None:
    told = sent(OutText(body="Hi"), to=Alias(kind=AliasKind.BSUID, value="US.1"))
    assert told["recipient"] == "US.1"
    assert told["recipient_type"] == "individual"
    assert "to" not in told


def test_a_phone_is_written_to_like_a_wa_id() -> None:
    told = sent(OutText(body="Hi"), to=Alias(kind=AliasKind.PHONE, value="+1650"))
    assert told["to"] == "+1650"


def test_a_hidden_id_needs_a_phone() -> None:
    with pytest.raises(SendRefused, match="a phone is needed") as refused:
        sent(OutText(body="Hi"), to=Alias(kind=AliasKind.LID, value="1"))
    assert refused.value.action is Action.NEEDS_PHONE


def test_buttons() -> None:
    content = OutButtons(
        body="Right?", buttons=(YES, NO), header="Order", footer="STOP ends this"
    )
    assert sent(content) == around(
        "interactive",
        {
            "type": "button",
            "header": {"type": "text", "text": "Order"},
            "body": {"text": "Right?"},
            "footer": {"text": "STOP ends this"},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": "ok:8f1c", "title": "Confirm"}},
                    {"type": "reply", "reply": {"id": "no:8f1c", "title": "Change"}},
                ]
            },
        },
    )


def test_a_list() -> None:
    content = OutList(
        body="Which?", button="Choose", rows=(LATTE, Row(id="p:tea", title="Tea"))
    )
    assert sent(content) == around(
        "interactive",
        {
            "type": "list",
            "body": {"text": "Which?"},
            "action": {
                "button": "Choose",
                "sections": [
                    {
                        "rows": [
                            {"id": "p:latte", "title": "Latte", "description": "12 oz"},
                            {"id": "p:tea", "title": "Tea"},
                        ]
                    }
                ],
            },
        },
    )


def test_an_image() -> None:
    link = "https://shop.example/latte.jpg"
    told = sent(OutImage(link=link, caption="Latte"))
    assert told == around("image", {"link": link, "caption": "Latte"})
    assert sent(OutImage(link=link)) == around("image", {"link": link})


def test_a_read_receipt_may_show_that_we_type() -> None:
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert read_receipt("wamid.1", typing=False) == read
    typing = {"typing_indicator": {"type": "text"}}
    assert read_receipt("wamid.1", typing=True) == read | typing


# -- limits: exactly this much, and not one more --------------------------------------


def buttons_of(**changes: Any) -> OutButtons:
    return OutButtons(body="b", buttons=(YES,)).model_copy(update=changes)


def list_of(**changes: Any) -> OutList:
    content = OutList(body="b", button="c", rows=(LATTE,))
    return content.model_copy(update=changes)


def rows(count: int) -> tuple[Row, ...]:
    return tuple(Row(id=f"r{n}", title=f"Row {n}") for n in range(count))


def some_buttons(count: int) -> tuple[Button, ...]:
    return tuple(Button(id=f"b{n}", title=f"Button {n}") for n in range(count))


LIMITS: dict[str, tuple[int, Callable[[int], OutContent]]] = {
    "text": (4096, lambda n: OutText(body="x" * n)),
    "button body": (1024, lambda n: buttons_of(body="x" * n)),
    "button header": (60, lambda n: buttons_of(header="x" * n)),
    "button footer": (60, lambda n: buttons_of(footer="x" * n)),
    "button title": (
        20,
        lambda n: buttons_of(buttons=(Button(id="1", title="x" * n),)),
    ),
    "button id": (256, lambda n: buttons_of(buttons=(Button(id="x" * n, title="t"),))),
    "buttons": (3, lambda n: buttons_of(buttons=some_buttons(n))),
    "list body": (1024, lambda n: list_of(body="x" * n)),
    "list footer": (60, lambda n: list_of(footer="x" * n)),
    "list button": (20, lambda n: list_of(button="x" * n)),
    "rows": (10, lambda n: list_of(rows=rows(n))),
    "row title": (24, lambda n: list_of(rows=(Row(id="1", title="x" * n),))),
    "row description": (
        72,
        lambda n: list_of(rows=(Row(id="1", title="t", description="x" * n),)),
    ),
    "row id": (200, lambda n: list_of(rows=(Row(id="x" * n, title="t"),))),
    "caption": (1024, lambda n: OutImage(link="https://x.example", caption="x" * n)),
}
#: Who receives an id decides what it means: cutting it would name something else.
UNCUT = {"button id", "row id"}


@pytest.mark.parametrize(("most", "make"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_reached_and_not_passed(most: int, make: Any) -> None:
    sent(make(most))
    with pytest.raises(SendRefused, match=str(most)) as refused:
        sent(make(most + 1))
    assert refused.value.action is Action.REFUSE


@pytest.mark.parametrize(("most", "make"), LIMITS.values(), ids=LIMITS)
def test_what_is_at_the_limit_is_one_part_as_it_is(most: int, make: Any) -> None:
    message = a_message(make(most))
    assert parts(message) == (message,)


@pytest.mark.parametrize("name", sorted(set(LIMITS) - UNCUT))
def test_what_is_too_long_is_made_to_fit(name: str) -> None:
    most, make = LIMITS[name]
    assert bodies(a_message(make(most + 1)), callback="outbox:1")


@pytest.mark.parametrize("name", sorted(UNCUT))
def test_an_id_is_never_cut(name: str) -> None:
    most, make = LIMITS[name]
    with pytest.raises(SendRefused, match="the id of a"):
        bodies(a_message(make(most + 1)), callback="outbox:1")


def test_callback_data_has_a_limit() -> None:
    body(a_message(OutText(body="x")), callback="x" * 512)
    with pytest.raises(SendRefused, match="callback data"):
        body(a_message(OutText(body="x")), callback="x" * 513)


REFUSED = {
    "blank text": OutText(body=" \n"),
    "blank body": buttons_of(body=""),
    "blank title": buttons_of(buttons=(Button(id="1", title=" "),)),
    "blank id": buttons_of(buttons=(Button(id="", title="t"),)),
    "an id with a space": buttons_of(buttons=(Button(id="1 ", title="t"),)),
    "the same title twice": buttons_of(
        buttons=(Button(id="1", title="t"), Button(id="2", title="t"))
    ),
    "the same id twice": buttons_of(
        buttons=(Button(id="1", title="t"), Button(id="1", title="u"))
    ),
    "the same row twice": list_of(rows=(LATTE, LATTE)),
    "no buttons": buttons_of(buttons=()),
    "no rows": list_of(rows=()),
    "a blank list button": list_of(button=""),
    "a link that is none": OutImage(link="file:///etc/passwd"),
    "a blank caption": OutImage(link="https://x.example", caption=" "),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_whatsapp_would_refuse_is_refused_before(content: OutContent) -> None:
    with pytest.raises(SendRefused):
        sent(content)


# -- fitting --------------------------------------------------------------------------


def test_only_the_first_part_answers() -> None:
    told = parts(a_message(OutText(body="word " * 2000), reply_to="wamid.IN"))
    assert [part.reply_to for part in told] == ["wamid.IN", None, None]
    assert {part.to for part in told} == {PHONE}


def test_a_long_order_comes_as_text_and_its_question_with_the_buttons() -> None:
    lines = "\n".join(f"{n} x something rather nice" for n in range(60))
    first, last = parts(
        a_message(
            OutButtons(body=f"{lines}\n\nIs this right?", buttons=(YES, NO)),
            reply_to="wamid.IN",
        )
    )
    assert first.content == OutText(body=f"{lines}\n\n")
    assert last.content == OutButtons(body="Is this right?", buttons=(YES, NO))
    assert [first.reply_to, last.reply_to] == ["wamid.IN", None]


def test_titles_that_become_the_same_are_told_apart() -> None:
    names = [f"Chocolate croissant with {nuts}" for nuts in ("nuts", "almonds")]
    choices = tuple(Button(id=f"{n}", title=name) for n, name in enumerate(names))
    (told,) = parts(a_message(buttons_of(buttons=choices)))
    assert isinstance(told.content, OutButtons)
    titles = [button.title for button in told.content.buttons]
    assert titles == ["Chocolate croissant…", "Chocolate croissa… 2"]
    assert [button.id for button in told.content.buttons] == ["0", "1"]


def test_a_title_that_was_cut_is_told_in_full_below() -> None:
    title = "Chocolate croissant with roasted almonds"
    (told,) = parts(a_message(list_of(rows=(Row(id="1", title=title),))))
    assert isinstance(told.content, OutList)
    (row,) = told.content.rows
    assert row == Row(id="1", title="Chocolate croissant wit…", description=title)


def test_fourteen_rows_come_in_two_lists_with_the_same_question() -> None:
    first, second = parts(a_message(list_of(body="Which?", rows=rows(14))))
    assert isinstance(first.content, OutList)
    assert isinstance(second.content, OutList)
    assert (*first.content.rows, *second.content.rows) == rows(14)
    assert [first.content.body, second.content.body] == ["Which?", "Which?"]


def test_choices_without_choices_are_a_text() -> None:
    (told,) = parts(a_message(buttons_of(body="Hi", buttons=())))
    assert told.content == OutText(body="Hi")
    (told,) = parts(a_message(list_of(body="Hi", rows=())))
    assert told.content == OutText(body="Hi")


def test_the_end_of_a_long_caption_follows_as_text() -> None:
    caption = "word " * 300
    image, text = parts(a_message(OutImage(link="https://x.example", caption=caption)))
    assert isinstance(image.content, OutImage)
    assert isinstance(text.content, OutText)
    assert (image.content.caption or "") + text.content.body == caption


#: Text that has something to say, now and then far too much of it.
words = (
    st.lists(
        st.sampled_from(["a", "word ", "End. ", "\n\n", "👨\u200d👩", "🇹🇷", "e\u0301"])
        | st.text(max_size=4),
        min_size=1,
        max_size=8,
    )
    .map("".join)
    .filter(str.strip)
)
long_words = st.tuples(words, st.sampled_from([1, 1, 1, 60, 400])).map(
    lambda pair: pair[0] * pair[1]
)
ids = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10)
contents: st.SearchStrategy[OutContent] = st.one_of(
    st.builds(OutText, body=long_words),
    st.builds(
        OutButtons,
        body=long_words,
        buttons=st.lists(
            st.builds(Button, id=ids, title=words),
            max_size=5,
            unique_by=lambda button: button.id,
        ).map(tuple),
        header=st.none() | st.text(),
        footer=st.none() | st.text(),
    ),
    st.builds(
        OutList,
        body=long_words,
        button=words,
        rows=st.lists(
            st.builds(Row, id=ids, title=words, description=st.none() | st.text()),
            max_size=14,
            unique_by=lambda row: row.id,
        ).map(tuple),
        footer=st.none() | st.text(),
    ),
    st.builds(
        OutImage,
        link=st.just("https://x.example"),
        caption=st.none() | st.text() | long_words,
    ),
)


@calm
@given(content=contents)
def test_whatever_has_something_to_say_can_be_sent(content: OutContent) -> None:
    assert bodies(a_message(content), callback="outbox:1")


@calm
@given(content=contents)
def test_fitting_twice_changes_nothing(content: OutContent) -> None:
    told = parts(a_message(content, reply_to="wamid.IN"))
    assert [again for part in told for again in parts(part)] == list(told)


@calm
@given(text=long_words)
def test_the_parts_of_a_text_joined_are_the_text(text: str) -> None:
    told = [part.content for part in parts(a_message(OutText(body=text)))]
    texts = [content.body for content in told if isinstance(content, OutText)]
    assert len(texts) == len(told)
    assert all(width(part) <= 4096 for part in texts)
    if all(part.strip() for part in split(text, 4096)):  # blank ones are not sent
        assert "".join(texts) == text
        assert [c for part in texts for c in graphemes(part)] == [*graphemes(text)]


@pytest.mark.parametrize("text", ["", " ", "\n" * 5000])
def test_a_blank_message_is_left_for_the_sender_to_refuse(text: str) -> None:
    message = a_message(OutText(body=text))
    assert parts(message) == (message,)
