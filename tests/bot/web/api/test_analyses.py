"""What was read in a message, what happened beside the words, and who waits."""

from tests.api import Office


async def test_a_message_s_analysis_says_what_was_read_and_found(
    quick_office: Office,
) -> None:
    ana = quick_office.house.phone()
    chat = await quick_office.write(ana, "2 latte and a unicorn please")
    listed = await quick_office.agent.read(f"/v1/conversations/{chat}/messages")
    *_, first = listed["data"]
    read = await quick_office.agent.read(f"/v1/messages/{first['id']}/analysis")
    assert (read["status"], read["reader"]) == ("completed", "rules")
    assert read["intents"][0] == "order"
    latte = read["mentions"][0]
    assert (latte["quantity"], latte["outcome"]) == ("2", "certain")
    assert latte["products"][0]["name"] == "Latte"
    assert read["usage"] is None, "no model was asked"
    assert read["draft_id"] is not None
    ours = next(each for each in listed["data"] if each["direction"] == "out")
    none = await quick_office.agent.get(f"/v1/messages/{ours['id']}/analysis")
    assert none.body["id"] == read["id"]  # The turn that said it.
    nobody = await quick_office.agent.get("/v1/messages/msg_none/analysis")
    assert (nobody.status, nobody.kind) == (404, "not-found")
    assert (
        await quick_office.integration.get(f"/v1/messages/{first['id']}/analysis")
    ).status == 403


async def test_a_conversation_s_history_says_who_had_it_and_who_waits(
    office: Office,
) -> None:
    ana, mehmet = office.house.phone(), office.house.phone("905559998877", "Mehmet")
    await office.write(ana, "2 latte")
    first = ana.inbox[0]
    chat = await office.write(mehmet, "I want to talk to a person")
    queues = await office.agent.read("/v1/conversations/queues")
    assert queues["waiting"] == 1
    assert queues["newest"] == {"id": chat, "name": "Mehmet"}
    path = f"/v1/conversations/{chat}"
    await office.agent.post(f"{path}/take-over")
    await office.agent.post(f"{path}/messages", {"text": "Here I am."})
    assert (await office.agent.read("/v1/conversations/queues"))["newest"] is None
    await office.agent.post(f"{path}/hand-back")
    history = await office.agent.read(f"{path}/history")
    assert [each["kind"] for each in history["data"]] == [
        "handed_back",
        "taken_over",
        "handed_over",
    ]
    assert history["data"][-1]["why"] == "request"
    assert history["data"][0]["actor"] == office.agent.actor
    later = await office.agent.read(
        f"{path}/history", since=history["data"][0]["at"], limit=1
    )
    assert [each["kind"] for each in later["data"]] == ["handed_back"]
    # What a customer reacts to is named by our own id of it.
    await ana.react("\N{THUMBS UP SIGN}", to=first)
    await office.house.settle()
    ana_chat = (await office.house.chat(ana)).id
    listed = await office.agent.read(f"/v1/conversations/{ana_chat}/messages")
    thumb = next(each for each in listed["data"] if each["kind"] == "reaction")
    about = await office.agent.read(f"/v1/messages/{thumb['about_id']}")
    assert about["direction"] == "out"
