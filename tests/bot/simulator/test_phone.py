"""Phones send what Meta would send, and show what the shop answers."""

import asyncio
import base64
import hashlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.simulator.bubble import Choice, Tick
from bot.simulator.network import WebhookRefused
from bot.simulator.phone import NothingLikeThat, Phone
from bot.simulator.simulator import Simulator
from tests.simulation import NUMBER, Stage
from tests.standin import Json

PNG = b"\x89PNG\r\n\x1a\n and so on"


async def test_a_text_arrives_as_a_signed_webhook_of_meta_shape(
    stage: Stage, ana: Phone
) -> None:
    bubble = await ana.say("2 süt / ekmek 🍞")
    assert stage.product.payloads == [
        {
            "object": "whatsapp_business_account",
            "entry": [
                {
                    "id": "100200300400500",
                    "changes": [
                        {
                            "value": {
                                "messaging_product": "whatsapp",
                                "metadata": {
                                    "display_phone_number": "902125550101",
                                    "phone_number_id": "106540352242922",
                                },
                                "contacts": [
                                    {
                                        "profile": {"name": "Ana"},
                                        "wa_id": "905320000001",
                                        "user_id": ana.person.user_id,
                                    }
                                ],
                                "messages": [
                                    {
                                        "from": "905320000001",
                                        "from_user_id": ana.person.user_id,
                                        "id": bubble.id,
                                        "timestamp": "1795348800",
                                        "type": "text",
                                        "text": {"body": "2 süt / ekmek 🍞"},
                                    }
                                ],
                            },
                            "field": "messages",
                        }
                    ],
                }
            ],
        }
    ]
    assert bubble.id.startswith("wamid.")
    assert bubble.state is Tick.DELIVERED


async def test_a_wrong_signature_is_not_taken(stage: Stage) -> None:
    network = stage.simulator.network
    assert await network.post_bytes(b"{}", signature="sha256=00") == 403
    assert await network.post({"entry": []}) == 200


async def test_a_person_with_a_username_hides_the_number(stage: Stage) -> None:
    hidden = stage.simulator.phone("905320000009", "Efe", shares_number=False)
    await hidden.say("hi")
    message = stage.product.messages[0]
    assert "from" not in message
    assert message["from_user_id"] == hidden.person.user_id
    value = stage.product.payloads[0]["entry"][0]["changes"][0]["value"]
    assert "wa_id" not in value["contacts"][0]


async def test_a_message_may_be_old_and_may_come_twice(
    stage: Stage, ana: Phone
) -> None:
    earlier = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    await ana.say("first", wamid="wamid.A", sent_at=earlier)
    await ana.say("first", wamid="wamid.A", sent_at=earlier)
    assert [each["id"] for each in stage.product.messages] == ["wamid.A", "wamid.A"]
    assert stage.product.messages[0]["timestamp"] == "1795163400"
    assert len(ana.bubbles) == 1


async def test_pictures_and_voice_notes_name_their_media(
    stage: Stage, ana: Phone
) -> None:
    await ana.send_image(PNG, "image/png", caption="two of these")
    await ana.send_voice(b"OggS...")
    image, audio = stage.product.messages
    assert image["type"] == "image"
    assert image["image"]["caption"] == "two of these"
    digest = base64.b64encode(hashlib.sha256(PNG).digest()).decode()
    assert image["image"]["sha256"] == digest
    assert audio["type"] == "audio"
    assert audio["audio"]["voice"] is True
    assert audio["audio"]["mime_type"] == "audio/ogg; codecs=opus"
    stored = stage.simulator.media.get(image["image"]["id"])
    assert stored is not None
    assert stored.data == PNG


async def test_a_cart_a_place_and_other_kinds(stage: Stage, ana: Phone) -> None:
    await ana.send_cart([("LATTE", 2, Decimal("95.50"))], note="soon please")
    await ana.send_location(41.0, 29.0, name="Home")
    await ana.send({"type": "sticker", "sticker": {"id": "1"}})
    cart, place, sticker = stage.product.messages
    assert cart["order"] == {
        "catalog_id": "700800900",
        "text": "soon please",
        "product_items": [
            {
                "product_retailer_id": "LATTE",
                "quantity": 2,
                "item_price": 95.5,
                "currency": "TRY",
            }
        ],
    }
    assert place["location"] == {"latitude": 41.0, "longitude": 29.0, "name": "Home"}
    assert sticker["sticker"] == {"id": "1"}


async def test_a_tap_answers_the_message_it_stands_under(
    stage: Stage, ana: Phone
) -> None:
    _, answer = await stage.graph.buttons(ana.wa_id, "Right?", "Confirm", "Cancel")
    shown = await ana.expects("Right?")
    await ana.tap("Confirm")
    await ana.tap(1, on=shown)
    first, second = stage.product.messages
    assert first["context"] == {
        "from": "902125550101",
        "id": answer["messages"][0]["id"],
    }
    assert first["interactive"] == {
        "type": "button_reply",
        "button_reply": {"id": "id:Confirm", "title": "Confirm"},
    }
    assert second["interactive"]["button_reply"]["id"] == "id:Cancel"
    again = ana.bubble(shown.id)
    assert again is not None
    assert again.chosen == "id:Cancel"


async def test_a_row_of_a_list_is_picked(stage: Stage, ana: Phone) -> None:
    rows = (("Latte", "hot"), ("Simit", "warm"))
    await stage.graph.listing(ana.wa_id, "What?", "Menu", *rows)
    await ana.pick("Simit")
    assert stage.product.messages[0]["interactive"] == {
        "type": "list_reply",
        "list_reply": {"id": "row:Simit", "title": "Simit", "description": "warm"},
    }


async def test_what_is_not_there_cannot_be_tapped(stage: Stage, ana: Phone) -> None:
    with pytest.raises(LookupError, match="Ana has no such message"):
        await ana.tap("Confirm")
    await stage.graph.buttons(ana.wa_id, "Right?", "Yes")
    with pytest.raises(LookupError, match="no 'Confirm' among"):
        await ana.tap("Confirm")


async def test_a_forged_button_can_be_sent(stage: Stage, ana: Phone) -> None:
    await ana.answer("button_reply", Choice("confirm:evil", "Confirm"))
    reply = stage.product.messages[0]["interactive"]["button_reply"]
    assert reply["id"] == "confirm:evil"


async def test_a_reaction_comes_and_goes(stage: Stage, ana: Phone) -> None:
    await stage.graph.text(ana.wa_id, "hello")
    shown = await ana.expects("hello")
    await ana.react("👍")
    await ana.react(None)
    given, taken = stage.product.messages
    assert given["reaction"] == {"message_id": shown.id, "emoji": "👍"}
    assert taken["reaction"] == {"message_id": shown.id}


async def test_waiting_gives_each_answer_once_and_in_order(
    stage: Stage, ana: Phone
) -> None:
    await stage.graph.text(ana.wa_id, "one")
    await stage.graph.text(ana.wa_id, "two")
    assert (await ana.expects("one")).text == "one"
    assert (await ana.expects(lambda bubble: bubble.kind == "text")).text == "two"
    with pytest.raises(NothingLikeThat, match=r"waited 0\.01 s for 'one'; came: "):
        await ana.expects("one", within=0.01)


async def test_waiting_ends_when_the_answer_comes(stage: Stage, ana: Phone) -> None:
    waiting = asyncio.ensure_future(ana.expects("late", within=5))
    await stage.graph.text(ana.wa_id, "early")
    assert not waiting.done()
    await stage.graph.text(ana.wa_id, "late")
    assert (await waiting).text == "late"


async def test_silence_is_noticed_when_it_is_broken(stage: Stage, ana: Phone) -> None:
    await ana.stays_silent(seconds=0.01)
    await stage.graph.text(ana.wa_id, "are you there?")
    with pytest.raises(NothingLikeThat, match="expected silence"):
        await ana.stays_silent(seconds=1)


async def test_two_phones_talk_at_once_and_apart(stage: Stage, ana: Phone) -> None:
    mehmet = stage.simulator.phone("905320000002", "Mehmet")

    async def echo(message: Json) -> None:
        await stage.graph.text(message["from"], "echo: " + message["text"]["body"])

    stage.product.script = echo
    await asyncio.gather(ana.say("a"), mehmet.say("m"))
    assert (await ana.expects("echo")).text == "echo: a"
    assert (await mehmet.expects("echo")).text == "echo: m"
    assert len(ana.inbox) == len(mehmet.inbox) == 1


async def test_the_network_tries_again_as_meta_does(stage: Stage, ana: Phone) -> None:
    stage.product.next_statuses.extend([503, 500])
    bubble = await ana.say("hi")
    assert bubble.state is Tick.DELIVERED
    assert len(stage.product.messages) == 1


async def test_a_message_that_is_never_taken_says_so(stage: Stage, ana: Phone) -> None:
    stage.product.next_statuses.extend([503, 503, 503])
    with pytest.raises(WebhookRefused, match="answered 503"):
        await ana.say("hi")
    assert ana.bubbles[0].state is Tick.FAILED


async def test_ticks_and_typing_follow_the_read_receipt(
    stage: Stage, ana: Phone
) -> None:
    first, second, third = [await ana.say(word) for word in ("a", "b", "c")]
    status, _ = await stage.graph.read(second.id, typing=True)
    assert status == 200
    states = [bubble.state for bubble in ana.bubbles]
    assert states == [Tick.READ, Tick.READ, Tick.DELIVERED]
    assert ana.is_typed_to
    await stage.graph.text(ana.wa_id, "done")
    assert not ana.is_typed_to
    status, error = await stage.graph.read("wamid.unknown")
    assert (status, error["error"]["code"]) == (400, 100)
    assert first.id != third.id


async def test_nothing_works_before_the_simulator_runs() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    idle = Simulator(NUMBER, "http://127.0.0.1:1/", clock=lambda: now, new_id=str)
    with pytest.raises(RuntimeError, match="not running"):
        await idle.post({})
