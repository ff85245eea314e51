"""WhatsApp's own addresses: people, and what is none."""

import pytest

from bot.channels.failure import Action, SendRefused
from bot.channels.jids import Chat, aliases, jid_of, read
from bot.domain.message import Alias, AliasKind


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5511999999999@s.whatsapp.net", "5511999999999"),
        ("5511999999999:12@s.whatsapp.net", "5511999999999"),
        ("5511999999999@c.us", "5511999999999"),
        ("103899771998284@lid", "103899771998284@lid"),
        ("103899771998284:3@lid", "103899771998284@lid"),
    ],
)
def test_a_person_is_one_whatever_stands_around_the_number(
    text: str, value: str
) -> None:
    jid = read(text)
    assert jid.chat is Chat.PERSON
    assert jid.alias is not None
    assert jid.alias.value == value


@pytest.mark.parametrize(
    ("text", "chat"),
    [
        ("120363041234567890@g.us", Chat.GROUP),
        ("status@broadcast", Chat.STATUS),
        ("1600000000@broadcast", Chat.STATUS),
        ("120363144038483540@newsletter", Chat.NEWSLETTER),
        ("0@s.whatsapp.net", Chat.OTHER),
        ("abc@s.whatsapp.net", Chat.OTHER),
        ("5511999999999", Chat.OTHER),
        ("5511999999999@evil.example", Chat.OTHER),
        ("", Chat.OTHER),
        (None, Chat.OTHER),
    ],
)
def test_what_is_no_person_is_never_answered(text: str | None, chat: Chat) -> None:
    jid = read(text)
    assert (jid.chat, jid.alias) == (chat, None)


def test_numbers_come_before_hidden_ids() -> None:
    found = aliases(
        ["1038997719@lid", None, "5511999999999@c.us", "5511999999999@c.us"]
    )
    assert [alias.value for alias in found] == ["5511999999999", "1038997719@lid"]


def test_answers_go_where_the_person_is() -> None:
    number = Alias(kind=AliasKind.WA_ID, value="5511999999999")
    hidden = Alias(kind=AliasKind.LID, value="103899771998284@lid")
    assert jid_of(number, "c.us") == "5511999999999@c.us"
    assert jid_of(hidden, "c.us") == "103899771998284@lid"
    for strange in (
        Alias(kind=AliasKind.BSUID, value="BR.13491208655302741918"),
        Alias(kind=AliasKind.LID, value="1038997719@g.us"),
        Alias(kind=AliasKind.WA_ID, value="120363041234567890@g.us"),
    ):
        with pytest.raises(SendRefused) as refused:
            jid_of(strange, "c.us")
        assert refused.value.action is Action.NEEDS_PHONE
