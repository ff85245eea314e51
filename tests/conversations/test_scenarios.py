"""The hard cases of messaging, and what proves that each of them goes well.

A proof is a test, or a dialogue of this folder by its file and name.
"""

import re
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.simulator import webhooks
from tests.conversations.test_dialogues import DIALOGUES
from tests.house import open_house
from tests.mall import open_mall, visited

ROOT = Path(__file__).parents[2]
_BOT, _WEB, _CHANNELS = "tests/bot", "tests/bot/web", "tests/bot/channels"
_CLOUD, _CASES = f"{_CHANNELS}/whatsapp_cloud", f"{_WEB}/test_webhook_cases.py"
_PEOPLE = f"{_BOT}/inbox/test_identity.py"

PROOFS: dict[str, tuple[str, ...]] = {
    "1 the handshake": (
        f"{_WEB}/test_webhooks.py::test_only_the_verify_token_opens_the_handshake",
        (
            f"{_WEB}/test_webhooks.py"
            "::test_a_challenge_is_given_back_as_text_that_no_browser_runs"
        ),
        f"{_CLOUD}/test_webhook.py::test_an_empty_token_never_matches",
    ),
    "2 the bytes are signed": (
        f"{_WEB}/test_webhooks.py::test_the_bytes_are_signed_not_their_meaning",
        f"{_CHANNELS}/test_signature.py::test_the_raw_bytes_count_not_what_they_mean",
        f"{_CHANNELS}/test_signature.py::test_a_signature_is_the_published_one",
    ),
    "3 signatures that are none": (
        (
            f"{_WEB}/test_webhooks.py"
            "::test_a_body_without_one_wellformed_signature_is_unauthorised"
        ),
        f"{_WEB}/test_webhooks.py::test_a_signature_that_is_not_ascii_is_unauthorised",
        (
            f"{_CHANNELS}/test_signature.py"
            "::test_anything_else_is_no_signature_and_no_error"
        ),
    ),
    "4 secrets change with a grace": (
        (f"{_CASES}::test_case_4_an_old_secret_of_an_app_is_good_until_its_grace_ends"),
        f"{_WEB}/test_gateway_webhooks.py::test_a_secret_changes_with_a_grace",
    ),
    "5 the signature of another app": (
        (
            f"{_CASES}::test_case_5_an_app_speaks_for_no_number_of_another"
            "_whatever_it_tells"
        ),
        (
            f"{_WEB}/test_webhooks.py"
            "::test_an_app_cannot_speak_for_the_number_of_another"
        ),
        (
            f"{_WEB}/test_webhooks.py"
            "::test_each_app_may_post_to_the_common_address_or_its_own"
        ),
    ),
    "6 gateways that prove nothing": (
        f"{_WEB}/test_gateway_webhooks.py::test_who_proves_nothing_leaves_no_trace",
        (
            f"{_WEB}/test_gateway_webhooks.py"
            "::test_the_gateways_own_key_is_neither_stored_nor_logged"
        ),
        (
            f"{_CHANNELS}/test_gates.py"
            "::test_evolution_is_refused_before_its_body_is_read"
        ),
        (f"{_CHANNELS}/test_gates.py::test_the_algorithm_is_ours_and_not_the_headers"),
        (
            f"{_CHANNELS}/evolution/test_translate.py"
            "::test_a_key_is_hidden_wherever_it_stands"
        ),
    ),
    "7 large bodies, and slow ones": (
        f"{_CASES}::test_case_7_a_body_of_almost_3_megabytes_is_taken",
        f"{_CASES}::test_case_7_sixty_megabytes_are_refused_without_being_held",
        f"{_CASES}::test_case_7_a_body_that_drips_is_given_up",
        (
            f"{_WEB}/test_gateway_webhooks.py"
            "::test_media_that_comes_along_is_kept_with_its_message"
        ),
    ),
    "8 fifty times the same at once": (
        (
            f"{_WEB}/test_webhooks.py"
            "::test_fifty_repetitions_at_two_servers_are_one_message_and_one_answer"
        ),
        (
            f"{_BOT}/db/test_intake.py"
            "::test_the_same_message_in_many_calls_at_once_is_stored_once"
        ),
    ),
    "9 a retry in another batch": (
        (f"{_CASES}::test_case_9_a_retry_that_comes_in_another_batch_doubles_nothing"),
        f"{_WEB}/test_webhooks.py::test_a_repeated_body_changes_nothing",
    ),
    "10 everything in a body, for whom it is": (
        f"{_WEB}/test_webhooks.py::test_everything_in_a_body_is_stored_for_whom_it_is",
        f"{_CLOUD}/test_translate.py::test_a_sample_says_what_we_expect",
        f"{_BOT}/db/test_intake.py::test_people_in_one_call_are_kept_apart",
    ),
    "11 a damaged item in a batch": (
        f"{_CASES}::test_case_11_items_without_id_or_type_are_kept_aside_alone",
        (
            f"{_WEB}/test_webhook_laws.py"
            "::test_a_damaged_item_never_costs_its_neighbours"
        ),
    ),
    "12 crashes before the answer, before the work, and within it": (
        (
            "tests/chaos/test_crashes.py"
            "::test_a_web_killed_between_commit_and_answer_stores_once"
        ),
        (
            "tests/chaos/test_crashes.py"
            "::test_a_worker_killed_between_claim_and_save_loses_nothing"
        ),
        (
            "tests/chaos/test_crashes.py"
            "::test_a_worker_that_slept_past_its_lease_changes_nothing"
        ),
        (
            f"{_BOT}/worker/test_crashing.py"
            "::test_who_dies_after_the_model_and_before_the_commit_answers_once"
        ),
    ),
    "13 no database": (
        (
            f"{_WEB}/test_webhooks.py"
            "::test_a_locked_file_is_unavailable_and_nothing_is_half_written"
        ),
        (
            f"{_WEB}/test_webhooks.py"
            "::test_a_server_that_is_gone_is_unavailable_until_it_is_back"
        ),
    ),
    "14 forty messages of three days ago": (
        (
            "tests/conversations/test_scenarios.py"
            "::test_forty_messages_of_days_ago_are_one_turn_and_no_order"
        ),
        (
            f"{_BOT}/worker/test_manners.py"
            "::test_a_backlog_is_answered_once_with_an_apology"
        ),
    ),
    "15 news in any order": (
        f"{_CASES}::test_case_15_news_in_any_order_and_of_strangers_are_kept",
        (
            f"{_BOT}/inbox/test_statuses.py"
            "::test_neither_order_nor_repetition_changes_what_news_amount_to"
        ),
        (
            f"{_BOT}/inbox/test_statuses.py"
            "::test_news_that_come_before_we_know_the_providers_id_count"
        ),
        f"{_BOT}/worker/test_reported.py::test_what_arrived_did_not_fail",
    ),
    "16 trouble with news": (
        f"{_CASES}::test_case_16_trouble_with_news_costs_no_message",
        (
            f"{_BOT}/worker/test_crashing.py"
            "::test_news_that_break_cost_no_message_and_no_other_news"
        ),
    ),
    "17 fragments in seconds are one turn, and news during it are read with it": (
        (
            "scenarios.yaml: a hello, a wish and two amounts in a few seconds are one"
            " turn and one answer"
        ),
        "english.yaml: a burst is one turn",
        (
            f"{_BOT}/worker/test_saving.py"
            "::test_newer_content_throws_the_result_away_at_most_twice"
        ),
    ),
    "18 who never stops typing is answered at the hard cap": (
        (
            f"{_BOT}/db/test_intake.py"
            "::test_a_burst_is_gathered_until_it_pauses_or_the_cap_is_reached"
        ),
    ),
    "19 a change and a tap on the summary before it": (
        "scenarios.yaml: a change and a tap on the summary before it, in one breath",
        f"{_BOT}/db/test_intake.py::test_a_tap_is_due_at_once",
    ),
    "20 confirmations twice, old, superseded, forged": (
        "english.yaml: two taps make one order",
        "english.yaml: an old button is not the new order",
        (
            f"{_BOT}/domain/test_confirming.py"
            "::test_a_forged_button_changes_nothing_whatever_its_title_says"
        ),
        (
            f"{_BOT}/domain/test_confirming.py"
            "::test_a_button_of_a_draft_that_ended_is_stale"
        ),
        (
            f"{_BOT}/domain/test_buttons.py"
            "::test_a_button_of_another_conversation_is_foreign"
        ),
    ),
    "21 one person at two shops": (
        (
            "tests/conversations/test_scenarios.py"
            "::test_one_person_at_two_shops_has_two_orders"
        ),
        (
            f"{_BOT}/web/api/test_other_tenants.py"
            "::test_what_another_merchant_has_is_not_there"
        ),
    ),
    "22 what was said first and came last": (
        f"{_BOT}/domain/test_ordering.py::test_a_late_message_never_overrides",
        (
            f"{_BOT}/worker/test_saving.py"
            "::test_a_message_sent_before_a_handled_one_is_late"
        ),
    ),
    "23 edits before, during, after the turn, and after the order": (
        (
            f"{_BOT}/domain/test_correcting.py"
            "::test_an_edit_before_the_turn_is_read_as_if_nothing_else_was_ever_said"
        ),
        (
            f"{_BOT}/worker/test_corrections.py"
            "::test_what_is_corrected_while_a_turn_runs_is_read_again"
        ),
        (
            "edits.yaml: an edit changes the line that the message brought, and the"
            " summary is shown again"
        ),
        "edits.yaml: nothing of a placed order is undone by deleting words",
    ),
    "24 deletes in the same moments, and before their message": (
        (
            f"{_BOT}/domain/test_correcting.py"
            "::test_a_delete_takes_out_what_its_message_brought_and_says_so"
        ),
        (
            f"{_BOT}/domain/test_correcting.py"
            "::test_a_delete_that_comes_first_waits_for_its_message"
        ),
        (
            "edits.yaml: what is deleted goes out of the order, and what is deleted at"
            " once was never said"
        ),
    ),
    "25 reactions, taken back, to unknown messages": (
        "scenarios.yaml: a thumb on the summary, and taken back, orders nothing",
        (
            f"{_BOT}/domain/test_speaking.py"
            "::test_reactions_and_system_messages_are_no_words"
        ),
    ),
    "26 an old message is quoted, or an unknown one": (
        (
            f"{_BOT}/domain/test_quoting.py"
            "::test_an_old_message_of_ours_tells_what_is_meant"
        ),
        (
            f"{_BOT}/domain/test_quoting.py"
            "::test_a_message_that_we_never_saw_is_asked_about"
        ),
        (
            f"{_BOT}/domain/test_quoting.py"
            "::test_a_product_card_is_meant_whatever_else_was_said"
        ),
    ),
    "27 carts with impossible prices, amounts and items": (
        "english.yaml: a catalog cart is priced by the shop",
        "english.yaml: a cart with impossible items is taken as far as it goes",
        f"{_BOT}/domain/test_carts.py::test_the_same_product_twice_is_one_line",
    ),
    "28 forms that are no JSON": (
        (
            f"{_BOT}/domain/test_speaking.py"
            "::test_a_form_that_nobody_sent_changes_nothing_and_is_shown_to_a_person"
        ),
        f"{_CLOUD}/test_translate.py::test_a_sample_says_what_we_expect",
        f"{_BOT}/web/test_webhooks.py::test_an_odd_message_is_still_a_message",
    ),
    "29 voice notes: fine, silent, too long, twice": (
        (
            f"{_BOT}/worker/test_senses.py"
            "::test_a_voice_note_is_written_down_and_ordered_from"
        ),
        (
            f"{_BOT}/worker/test_senses.py"
            "::test_a_voice_note_that_is_not_heard_gets_one_honest_line"
        ),
        f"{_BOT}/worker/test_senses.py::test_the_same_voice_note_is_listened_to_once",
    ),
    "30 a caption, and an album": (
        "english.yaml: a picture's caption is read",
        (
            "scenarios.yaml: five photos of an album are one turn, and get one honest"
            " answer"
        ),
    ),
    "31 kinds that nobody can read": (
        f"{_CASES}::test_case_31_what_was_unavailable_and_comes_later_is_a_message",
        (
            f"{_CASES}"
            "::test_case_31_fields_of_today_and_of_tomorrow_are_kept_and_counted"
        ),
        f"{_BOT}/domain/test_speaking.py::test_what_we_cannot_read_is_answered_once",
        f"{_CLOUD}/test_translate.py::test_a_sample_says_what_we_expect",
        f"{_BOT}/web/test_webhooks.py::test_an_odd_message_is_still_a_message",
    ),
    "32 places and contact cards": (
        f"{_BOT}/domain/test_details.py::test_a_location_is_where_to_deliver",
        f"{_BOT}/domain/test_details.py::test_a_location_nowhere_on_earth_is_not_taken",
        (
            f"{_WEB}/test_changed_ids.py"
            "::test_a_shared_number_is_trusted_only_with_its_owners_user_id"
        ),
    ),
    "33 nobody but a user id, and a phone later": (
        (
            f"{_BOT}/worker/test_people.py"
            "::test_who_hides_their_number_orders_and_goes_on_once_it_is_known"
        ),
        (
            f"{_WEB}/test_changed_ids.py"
            "::test_who_has_no_number_is_known_and_answered_by_their_user_id"
        ),
        f"{_PEOPLE}::test_of_two_open_drafts_one_goes_on_and_the_other_is_put_away",
    ),
    "34 numbers change hands": (
        (
            f"{_WEB}/test_changed_ids.py"
            "::test_a_number_changes_in_every_generation_of_the_message"
        ),
        (
            f"{_PEOPLE}"
            "::test_a_new_number_belongs_to_the_same_person_and_the_old_one_to_the_next"
        ),
        f"{_PEOPLE}::test_news_for_whoever_had_a_number_do_not_go_to_who_has_it_now",
    ),
    "35 hidden ids of gateways": (
        f"{_PEOPLE}::test_one_message_as_hidden_id_and_as_number_is_stored_once",
        f"{_PEOPLE}::test_one_key_as_hidden_id_and_as_number_says_that_both_are_one",
    ),
    "36 echoes of our own, and of a person on the phone": (
        (
            f"{_CHANNELS}/evolution/test_translate.py"
            "::test_what_is_typed_on_the_shops_phone_is_an_echo_to_the_customer"
        ),
        (
            f"{_CHANNELS}/waha/test_translate.py"
            "::test_what_is_typed_on_the_shops_phone_is_an_echo_to_the_customer"
        ),
        (
            "tests/end_to_end/test_gateways.py"
            "::test_own_echoes_are_nobodys_words_and_a_persons_take_over"
        ),
        (
            "humans.yaml: who is answered from the phone is left in peace until the"
            " pause is over"
        ),
    ),
    "37 groups, stories, newsletters, histories": (
        f"{_CASES}::test_case_37_groups_and_histories_leave_no_message",
        (
            f"{_CHANNELS}/waha/test_translate.py"
            "::test_what_is_none_of_our_business_is_left_out"
        ),
        (
            f"{_BOT}/channels/evolution/test_translate.py"
            "::test_groups_stories_newsletters_and_the_own_number_are_left_out"
        ),
        (
            "tests/end_to_end/test_gateways.py"
            "::test_what_is_no_customer_or_long_past_gets_no_answer"
        ),
    ),
    "38 two bots, and the shop's own number": (
        (
            f"{_BOT}/domain/test_manners.py"
            "::test_two_bots_that_greet_each_other_are_muted_within_a_few_turns"
        ),
        f"{_CLOUD}/test_translate.py::test_our_own_number_is_no_customer",
    ),
    "39 people without a number, and with several names": (
        f"{_PEOPLE}::test_both_ways_of_writing_a_number_are_one_person",
        f"{_CLOUD}/test_translate.py::test_a_business_scoped_id_is_no_number",
        (
            f"{_BOT}/db/test_intake.py"
            "::test_a_person_known_by_one_alias_keeps_the_conversation_with_another"
        ),
    ),
    "40 a send of which nobody knows whether it arrived": (
        (
            "tests/orders/outbox/test_relay.py"
            "::test_an_unknown_outcome_waits_for_news_and_is_resent_once"
        ),
        (
            "tests/orders/outbox/test_relay.py"
            "::test_news_of_an_unknown_outcome_ends_the_waiting"
        ),
    ),
    "41 every error of the provider takes its way": (
        f"{_CLOUD}/test_errors.py::test_the_code_decides_whatever_the_status",
        (
            f"{_BOT}/worker/test_delivering.py"
            "::test_a_send_that_goes_wrong_takes_its_own_way_and_keeps_the_order"
        ),
        (
            f"{_BOT}/worker/test_delivering.py"
            "::test_the_trouble_of_one_customer_is_not_that_of_another"
        ),
    ),
    "42 the day is over between reading and sending": (
        (
            f"{_BOT}/worker/test_pausing.py"
            "::test_a_window_that_only_the_provider_knows_to_be_closed_is_closed"
        ),
        (
            f"{_BOT}/worker/test_reported.py"
            "::test_what_waits_for_the_window_goes_when_the_customer_writes"
        ),
        (
            f"{_BOT}/worker/test_templates.py"
            "::test_one_template_is_sent_and_people_see_what_it_says"
        ),
    ),
    "43 too long, too many, and told to ignore the rules": (
        f"{_BOT}/domain/test_fitting.py::test_titles_fit_and_differ",
        (
            f"{_BOT}/domain/test_phrasing.py"
            "::test_a_very_long_text_comes_in_pieces_and_loses_nothing"
        ),
        f"{_CLOUD}/test_rich.py::test_whatever_a_model_writes_becomes_valid_messages",
        f"{_CLOUD}/test_outbound.py::test_whatever_has_something_to_say_can_be_sent",
        "scenarios.yaml: what stands in a text is never an order to the shop",
    ),
    "44 letters that break things": (
        (f"{_CASES}::test_case_44_letters_that_break_things_are_stored_without_harm"),
        "scenarios.yaml: letters from everywhere are still an order",
        f"{_CLOUD}/test_translate.py::test_a_text_is_capped",
    ),
    "45 ten minutes without a model": (
        (
            f"{_BOT}/worker/test_senses.py"
            "::test_in_an_outage_the_model_alone_is_waited_for_with_one_kind_word"
        ),
        (
            f"{_BOT}/reading/test_guarding.py"
            "::test_in_an_outage_the_rules_take_over_in_the_same_turn"
        ),
    ),
    "46 media from where it must not come": (
        f"{_CLOUD}/test_media.py::test_another_host_gets_nothing",
        f"{_CLOUD}/test_media.py::test_a_redirect_to_another_host_is_not_followed",
        f"{_CLOUD}/test_media.py::test_what_is_not_as_promised_is_not_kept",
    ),
}


@pytest.mark.parametrize("case", PROOFS)
def test_what_proves_a_case_is_there(case: str) -> None:
    dialogues = {f"{each.file}: {each.name}" for each in DIALOGUES}
    for proof in PROOFS[case]:
        path, found, name = proof.partition("::")
        if not found:
            assert proof in dialogues
            continue
        text = (ROOT / path).read_text("utf-8")
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), proof


def test_no_case_is_left_out() -> None:
    numbers = {int(case.split()[0]) for case in PROOFS}
    assert len(numbers) == len(PROOFS)
    assert numbers == set(range(1, 47))


async def test_one_person_at_two_shops_has_two_orders(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_mall(sqlite_url, tmp_path) as mall:
        one, two = await mall.shop(), await mall.shop()
        async with visited(one), visited(two):
            for house, wish in ((one, "2 lattes"), (two, "3 teas")):
                phone = house.phone()
                await phone.say(wish)
                await house.settle()
            lines = [
                [(line.name, int(line.quantity)) for line in draft.lines]
                for draft in (
                    await one.draft(one.phone()),
                    await two.draft(two.phone()),
                )
            ]
            words = [b.words for b in one.phone().inbox]
    assert lines == [[("Latte", 2)], [("Tea", 3)]]
    assert not any("Tea" in each for each in words)


async def test_forty_messages_of_days_ago_are_one_turn_and_no_order(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path) as house:
        ana, now = house.phone(), house.runtime.clock()
        began, number = now - timedelta(days=3), house.shop.number
        words = [
            "2 lattes, pick up",
            "yes",
            "confirm",
            "hello?",
            *["still there?"] * 36,
        ]
        messages = [
            webhooks.message(
                ana.person,
                f"wamid.old{place}",
                began + timedelta(minutes=place),
                {"type": "text", "text": {"body": said}},
                None,
            )
            for place, said in enumerate(words)
        ]
        Random(14).shuffle(messages)
        raw = webhooks.encode(webhooks.of_messages(number, ana.person, *messages))
        header = {
            "X-Hub-Signature-256": webhooks.signature(number.app_secret, raw),
        }
        for _ in range(2):  # Meta sends it again, too.
            async with house.simulator.network.session.post(
                f"{house.shop.url}/webhooks/whatsapp", data=raw, headers=header
            ) as answer:
                assert answer.status == 200
        await house.settle()
        incoming = [m for m in await house.messages(ana) if m.direction == "in"]
        turns = await house.analyses()
        assert (len(incoming), len(turns)) == (40, 1)
        assert await house.orders() == []
        assert len(ana.inbox) <= 1
        # What was said first stands in the draft, for whoever looks at it.
        assert [line.sku for line in (await house.draft(ana)).lines] == ["LATTE"]
        assert (await house.chat(ana)).attention == "outdated"
