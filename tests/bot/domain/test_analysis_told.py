"""An analysis and its order in Ticaret.pro's words: every key, from what is stored."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.analysis import AnalysisRecord, AnalysisStatus, Applied, Trigger
from bot.domain.analysis_told import Beside, analysis_told
from bot.domain.commerce import commerce_of, dump_commerce
from bot.domain.found import (
    FoundMatch,
    FoundProduct,
    Outcome,
    StockStatus,
    dump_found,
)
from bot.domain.shelf import dump_seen, lines_seen
from bot.domain.understanding import (
    Detail,
    DetailMention,
    Entities,
    Intent,
    Mention,
    Understanding,
    Visual,
    VisualAttributes,
    VisualStatus,
)
from orders import Discount, Draft, Field, Missing, Order, OrderState, Shop, price
from orders.domain.rules import missing
from orders.faces.ticaret_telling import (
    Around,
    ContactTold,
    CustomerTold,
    SourceTold,
    order_told,
)
from tests.factories import NOON, a_draft, a_line, a_product, a_shirt, an_order

ATTRIBUTES = VisualAttributes(
    product_type="cup",
    color="white",
    model="grande",
    pattern="plain",
    material="paper",
    brand="Lale",
    visible_text="LATTE 85,50",
    style="take-away",
    shape="round",
    other_features="a lid",
)
SEEN = Visual(
    message=0,
    description="a paper cup with a lid",
    query="latte grande",
    attributes=ATTRIBUTES,
    status=VisualStatus.HIGH_CONFIDENCE,
    candidate_count=3,
    warnings=("the label is blurred",),
)
SAID = Understanding(
    intents=(Intent.ORDER, Intent.ASK_DELIVERY),
    mentions=(Mention(text="latte", quantity=Decimal(48)),),
    details=(DetailMention(detail=Detail.DATE, value="2026-11-23"),),
    confidence=0.9,
    summary="orders two boxes of latte for tomorrow",
    suggested_reply="Noted! Anything else?",
    entities=Entities(
        product_name="latte", color="beyaz", size="L", amount="2 koli", date="yarın"
    ),
    visual=(SEEN,),
    warnings=("the price in the picture was not used",),
)
FOUND = FoundMatch(
    mention=0,
    text="latte",
    outcome=Outcome.CERTAIN,
    products=(
        FoundProduct(
            product_id="product_latte",
            sku="LATTE",
            name="Latte",
            probability=0.97,
            price=Decimal("85.50"),
            currency="TRY",
            stock_status=StockStatus.IN_STOCK,
            stock=Decimal(12),
            url="https://shop.example/latte",
        ),
    ),
)
READ = {"purpose": "read", "model": "m", "response_id": "resp_1", "input_tokens": 900}
HEARD = {"purpose": "transcribe", "model": "t", "response_id": None, "audio_seconds": 3}
USAGE: dict[str, Any] = {
    "calls": [HEARD, READ],
    "input_tokens": 900,
    "response_id": "resp_1",
}
LATTE = a_product(stock=Decimal(12), url="https://shop.example/latte")
DRAFT = a_draft(customer_id="customer_1", note="ring twice")
BEFORE: dict[str, Any] = {"language": "tr", "memory": {"asked": None, "loop": {}}}


def a_record(**changes: Any) -> AnalysisRecord:
    """Return a completed analysis of two boxes of latte, with everything known."""
    complete = AnalysisRecord(
        id="anl_1",
        conversation_id="cnv_1",
        status=AnalysisStatus.COMPLETED,
        trigger=Trigger.AUTO,
        source_type="text_image",
        attempts=1,
        max_attempts=5,
        created_at=NOON,
        updated_at=NOON + timedelta(seconds=2),
        entity_version=1,
        provider="openai",
        model="a-model",
        confidence=0.9,
        result=SAID.model_dump(mode="json"),
        matches=dump_found((FOUND,)),  # type: ignore[arg-type]  # it is JSON
        commerce=dump_commerce(commerce_of(DRAFT, ())),  # type: ignore[arg-type]
        shelf=dump_seen(lines_seen(DRAFT, {LATTE.id: LATTE}, {})),  # type: ignore[arg-type]
        usage=USAGE,
        before=BEFORE,
        draft_id=DRAFT.id,
        draft_version=DRAFT.version,
        ended_at=NOON + timedelta(seconds=2),
    )
    return replace(complete, **changes)


def beside(**changes: Any) -> Beside:
    complete = Beside(
        tenant_id="tenant_1",
        session_id="channel_1",
        jid="12345678@lid",
        thread_id="cnv_1",
        message_id="msg_1",
        contact_id="contact_1",
        draft=DRAFT,
        messages=({"id": "msg_1", "type": "text", "content": {"text": "2 koli"}},),
    )
    return replace(complete, **changes)


def told(record: AnalysisRecord | None = None, **more: Any) -> Any:
    found = analysis_told(record or a_record(), beside(**more))
    return json.loads(found.model_dump_json(by_alias=True))


DONE = Applied(
    order_id="order_1",
    order_no="7",
    actor_type="user",
    actor_id="user_1",
    allow_duplicate=True,
    created_at=NOON,
    message_id="msg_1",
)

# -- the printed contract -------------------------------------------------------------

MOMENT = "moment"
NUMBER = (int, float)
#: `data.order` as it is printed: every key with its type.
ORDER: Mapping[str, Any] = {
    **dict.fromkeys(("id", "accountId", "orderNo", "customerId", "contactId"), str),
    "customer": dict.fromkeys(("id", "title", "shortName", "status"), str),
    "contact": dict.fromkeys(("id", "displayName", "email", "phone", "status"), str),
    **dict.fromkeys(("status", "paymentStatus", "fulfillmentStatus"), str),
    "source": {
        **dict.fromkeys(("channel", "sourceType", "sourceId", "threadId"), str),
        **dict.fromkeys(("messageId", "externalThreadId", "externalMessageId"), str),
        "label": str,
        "metadata": dict,
    },
    "items": [
        {
            **dict.fromkeys(("id", "productId", "sku", "name", "currency"), str),
            **dict.fromkeys(("unitPrice", "quantity", "discountAmount"), NUMBER),
            **dict.fromkeys(("taxRate", "taxAmount"), NUMBER),
            **dict.fromkeys(("lineSubtotal", "lineTotal"), NUMBER),
            "productSnapshot": dict,
            "metadata": dict,
        }
    ],
    **dict.fromkeys(("subtotal", "discountTotal", "taxTotal"), NUMBER),
    **dict.fromkeys(("shippingTotal", "grandTotal"), NUMBER),
    "currency": str,
    "payment": dict,
    "shipping": dict,
    "notes": str,
    "tags": [str],
    "metadata": dict,
    **dict.fromkeys(("createdAt", "updatedAt", "entityVersion"), MOMENT),
}
_DRAFT_ITEM = {
    **dict.fromkeys(("productId", "sku", "name", "variantNote", "notes"), str),
    **dict.fromkeys(("currency", "stockStatus", "productUrl"), str),
    **dict.fromkeys(("quantity", "unitPrice", "stockQuantity"), NUMBER),
    "variantRequired": bool,
}
_ATTRIBUTES = dict.fromkeys(
    (
        *("productType", "color", "model", "pattern", "material", "brand"),
        *("visibleText", "style", "shape", "otherFeatures"),
    ),
    str,
)
#: `data.analysis`. One analysis ends in one way: the other two moments are null.
ANALYSIS: Mapping[str, Any] = {
    **dict.fromkeys(("id", "accountId", "providerSessionId", "remoteJid"), str),
    **dict.fromkeys(("messageId", "provider", "model", "status"), str),
    **dict.fromkeys(("sourceType", "trigger", "intent", "action"), str),
    **dict.fromkeys(("priority", "sentiment", "summary", "suggestedReply"), str),
    "confidence": NUMBER,
    "entities": dict.fromkeys(("productName", "color", "size", "amount", "date"), str),
    "visualDescription": str,
    "warnings": [str],
    **dict.fromkeys(("result", "input", "usage", "lastError"), dict),
    "openaiResponseId": str,
    **dict.fromkeys(("attemptCount", "maxAttempts"), int),
    **dict.fromkeys(("nextAttemptAt", "failedAt", "skippedAt"), None),
    **dict.fromkeys(("completedAt", "createdAt", "updatedAt"), MOMENT),
    "entityVersion": str,
    "productMatches": [
        {
            **dict.fromkeys(("productId", "sku", "name", "currency"), str),
            **dict.fromkeys(("stockStatus", "productUrl", "matchStatus"), str),
            **dict.fromkeys(("confidence", "price", "stockQuantity"), NUMBER),
        }
    ],
    "visualSearch": {
        **dict.fromkeys(("query", "visualDescription", "matchStatus"), str),
        "attributes": _ATTRIBUTES,
        "warnings": [str],
        "candidateCount": int,
        "responseId": str,
        "usage": dict,
    },
    "commerce": {
        **dict.fromkeys(("stage", "orderReadiness"), str),
        "missingFields": list,
        "orderDraft": {
            **dict.fromkeys(("customerId", "contactId", "notes"), str),
            "items": [_DRAFT_ITEM],
            "source": dict.fromkeys(
                ("channel", "sourceId", "sourceType", "threadId", "messageId"), str
            ),
        },
        "nextBestActions": [str],
    },
    "appliedActions": [
        {
            **dict.fromkeys(("type", "orderId", "orderNo"), str),
            **dict.fromkeys(("actorType", "actorId"), str),
            "allowDuplicate": bool,
            "createdAt": MOMENT,
        }
    ],
}


def check(printed: Any, value: Any, where: str = "") -> None:
    """Check that a value has the printed keys with their types, and no more."""
    if printed == MOMENT:
        assert isinstance(value, str), where
        assert value.endswith("Z"), where
    elif printed is None:
        assert value is None, where
    elif isinstance(printed, Mapping):
        assert set(value) == set(printed), where
        for key, each in printed.items():
            check(each, value[key], f"{where}.{key}")
    elif isinstance(printed, list):
        assert value, where
        for each in value:
            check(printed[0], each, f"{where}[]")
    else:
        assert isinstance(value, printed), (where, value)


def a_told_order(order: Order | None = None) -> Any:
    around = Around(
        tenant_id="tenant_1",
        source=SourceTold(
            channel="provider_whatsapp",
            source_type="ai_analysis",
            source_id="anl_1",
            thread_id="cnv_1",
            message_id="msg_1",
            external_thread_id="12345678@lid",
            external_message_id="wamid.1",
            label="whatsapp",
            metadata={"draftId": "draft_1"},
        ),
        customer=CustomerTold(
            id="customer_1", title="Lale", short_name="Ada", status="active"
        ),
        contact=ContactTold(
            id="contact_1",
            display_name="Ada",
            email="ada@example.com",
            phone="+905321234567",
            status="active",
        ),
    )
    found = order_told(order or an_order(number=7, note="ring", tags=("vip",)), around)
    return json.loads(found.model_dump_json(by_alias=True))


def test_the_printed_order_has_every_key_with_its_type() -> None:
    check(ORDER, a_told_order())


def test_the_printed_analysis_has_every_key_with_its_type() -> None:
    line = a_line(variant_name="grande", note="no sugar")
    check(
        ANALYSIS, told(a_record(applied=(DONE,)), draft=replace(DRAFT, lines=(line,)))
    )


def test_no_key_is_ever_missing_when_nothing_is_known() -> None:
    bare = a_record(
        **dict.fromkeys(("provider", "model", "confidence", "result", "matches")),
        **dict.fromkeys(("commerce", "shelf", "usage", "before", "draft_id", "id")),
        status=AnalysisStatus.PENDING,
        next_attempt_at=NOON,
        ended_at=None,
    )
    found = told(bare, draft=Draft("", ""), messages=())
    assert set(found) == set(ANALYSIS)
    assert set(found["commerce"]) == set(ANALYSIS["commerce"])
    assert found["commerce"]["stage"] == "none"
    assert found["commerce"]["orderReadiness"] == "not_applicable"
    assert (found["intent"], found["action"], found["id"]) == (None, None, None)


# -- the order ------------------------------------------------------------------------


def test_t6_the_snapshot_is_the_product_as_it_was_sold() -> None:
    (item,) = a_told_order()["items"]
    assert item["productSnapshot"] == {
        "id": "product_latte",
        "sku": "LATTE",
        "variants": [],
    }


def test_t7_amounts_are_those_of_the_order_in_major_units() -> None:
    order = a_told_order()
    (item,) = order["items"]
    assert (item["unitPrice"], item["quantity"]) == (85.5, 2)
    assert (item["lineSubtotal"], item["lineTotal"], item["taxRate"]) == (171, 171, 10)
    assert (order["subtotal"], order["grandTotal"], order["taxTotal"]) == (
        171,
        171,
        15.55,
    )


@settings(max_examples=25, deadline=None)
@given(
    quantities=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    percent=st.integers(0, 100),
    included=st.booleans(),
)
def test_t7_what_is_printed_adds_up_exactly(
    quantities: list[int], percent: int, included: bool
) -> None:
    lines = tuple(
        a_line(id=f"L{at}", quantity=Decimal(much), unit_price=Decimal("3.33") * at)
        for at, much in enumerate(quantities, 1)
    )
    draft = a_draft(lines=lines, discount=Discount(percent=Decimal(percent)))
    totals = price(draft, replace(Shop(), tax_included=included))
    (line,) = an_order().lines
    sold = tuple(
        replace(
            line,
            id=each.line_id,
            subtotal=each.subtotal,
            discount=each.discount,
            tax=each.tax,
            total=each.total,
        )
        for each in totals.lines
    )
    found = a_told_order(
        an_order(
            lines=sold,
            subtotal=totals.subtotal,
            discount_total=totals.discount,
            tax_total=totals.tax,
            shipping_total=totals.shipping,
            grand_total=totals.grand_total,
            tax_included=included,
        )
    )

    def cents(value: Any) -> Decimal:
        return Decimal(str(value))

    def summed(name: str) -> Decimal:
        return sum((cents(each[name]) for each in found["items"]), Decimal(0))

    assert summed("lineSubtotal") == cents(found["subtotal"])
    assert summed("discountAmount") == cents(found["discountTotal"])
    assert summed("taxAmount") == cents(found["taxTotal"])
    tax = Decimal(0) if included else cents(found["taxTotal"])
    assert cents(found["grandTotal"]) == (
        cents(found["subtotal"])
        - cents(found["discountTotal"])
        + tax
        + cents(found["shippingTotal"])
    )


def test_t8_the_customer_and_the_contact_are_two_things() -> None:
    order = a_told_order()
    assert (order["customerId"], order["contactId"]) == ("customer_1", "contact_1")
    assert order["customer"]["title"] == "Lale"
    assert order["contact"]["displayName"] == "Ada"


def test_t8_a_contact_without_a_customer_lacks_the_customer() -> None:
    lacking = (Missing(Field.NAME),)
    draft = a_draft(name=None)
    stored = dump_commerce(commerce_of(draft, lacking))
    found = told(a_record(commerce=stored), draft=draft)["commerce"]
    assert found["missingFields"] == ["customer"]
    assert found["orderReadiness"] == "missing_info"
    assert found["orderDraft"]["customerId"] is None
    assert found["orderDraft"]["contactId"] == "contact_1"


def test_t9_an_open_variant_is_missing_and_nothing_is_ready() -> None:
    shirt = a_shirt()
    line = a_line(product_id=shirt.id, sku="SHIRT", unit_price=None)
    draft = a_draft(lines=(line,))
    products = {shirt.id: shirt}
    lacking = missing(draft, Shop(), products, {})
    record = a_record(
        commerce=dump_commerce(commerce_of(draft, lacking)),
        shelf=dump_seen(lines_seen(draft, products, {})),
    )
    found = told(record, draft=draft)["commerce"]
    assert "variant" in found["missingFields"]
    assert found["orderReadiness"] != "ready"
    (item,) = found["orderDraft"]["items"]
    assert (item["variantRequired"], item["variantNote"]) == (True, None)
    assert item["stockStatus"] == "depends_on_variant"


def test_t10_the_draft_says_what_was_observed_at_the_analysis() -> None:
    (item,) = told()["commerce"]["orderDraft"]["items"]
    assert item["unitPrice"] == 85.5
    assert (item["stockStatus"], item["stockQuantity"]) == ("in_stock", 12)
    assert item["productUrl"] == "https://shop.example/latte"


def test_t11_an_order_says_where_it_comes_from() -> None:
    assert a_told_order()["source"] == {
        "channel": "provider_whatsapp",
        "sourceType": "ai_analysis",
        "sourceId": "anl_1",
        "threadId": "cnv_1",
        "messageId": "msg_1",
        "externalThreadId": "12345678@lid",
        "externalMessageId": "wamid.1",
        "label": "whatsapp",
        "metadata": {"draftId": "draft_1"},
    }


# -- the analysis ---------------------------------------------------------------------

ENDS = {
    AnalysisStatus.COMPLETED: "completedAt",
    AnalysisStatus.FAILED: "failedAt",
    AnalysisStatus.SKIPPED: "skippedAt",
}


@pytest.mark.parametrize("status", ENDS)
def test_t12_a_failed_one_is_no_skipped_one(status: AnalysisStatus) -> None:
    found = told(a_record(status=status, error="because"))
    moments = {name: found[name] is not None for name in ENDS.values()}
    assert moments == {name: name == ENDS[status] for name in ENDS.values()}
    assert ("because" in found["warnings"]) is (status is AnalysisStatus.SKIPPED)
    is_skipped = status is AnalysisStatus.SKIPPED
    assert found["lastError"] == ({} if is_skipped else {"message": "because"})


def test_t12_tries_and_the_next_one_are_told() -> None:
    record = a_record(
        status=AnalysisStatus.PENDING,
        attempts=2,
        error="no answer",
        next_attempt_at=NOON,
        ended_at=None,
    )
    found = told(record)
    assert (found["attemptCount"], found["maxAttempts"]) == (2, 5)
    assert found["nextAttemptAt"] == "2026-11-22T12:00:00.000Z"
    assert found["lastError"] == {"message": "no answer"}


def test_t13_usage_is_told_per_call_and_apart_for_pictures() -> None:
    found = told()
    assert found["usage"]["calls"] == [HEARD, READ]
    assert found["visualSearch"]["usage"] == {"calls": [READ]}
    assert found["openaiResponseId"] == "resp_1"
    assert found["visualSearch"]["responseId"] == "resp_1"


def test_t13_what_was_read_and_the_reading_are_kept_as_they_are() -> None:
    found = told()
    assert found["result"] == SAID.model_dump(mode="json")
    assert found["input"]["messages"][0]["content"] == {"text": "2 koli"}
    assert found["input"]["before"]["language"] == "tr"


def test_t14_pictures_and_words_have_warnings_of_their_own() -> None:
    found = told()
    assert found["warnings"] == ["the price in the picture was not used"]
    assert found["visualSearch"]["warnings"] == ["the label is blurred"]


def test_t14_an_unreadable_picture_has_a_warning_and_no_description() -> None:
    blind = Visual(message=0, status=VisualStatus.FAILED, warnings=("not readable",))
    said = SAID.model_copy(update={"visual": (blind,)})
    found = told(a_record(result=said.model_dump(mode="json")))
    assert found["visualDescription"] is None
    assert found["visualSearch"]["visualDescription"] is None
    assert found["visualSearch"]["warnings"] == ["not readable"]
    assert found["visualSearch"]["matchStatus"] == "failed"


def test_t15_what_a_picture_shows_is_told_with_its_words_and_candidates() -> None:
    found = told()["visualSearch"]
    assert found["attributes"]["visibleText"] == "LATTE 85,50"
    assert found["attributes"]["otherFeatures"] == "a lid"
    assert found["query"] == "latte grande"
    assert found["candidateCount"] == 3
    assert found["matchStatus"] == "high_confidence"


def test_t16_amount_and_date_are_the_customers_words_beside_what_they_mean() -> None:
    found = told()
    assert found["entities"]["amount"] == "2 koli"
    assert found["entities"]["date"] == "yarın"
    assert found["result"]["mentions"][0]["quantity"] == "48"
    assert found["result"]["details"][0]["value"] == "2026-11-23"


def test_t17_a_suggested_reply_is_told_to_the_agent() -> None:
    assert told()["suggestedReply"] == "Noted! Anything else?"


def test_t18_both_say_at_which_version_they_are() -> None:
    assert told(a_record(entity_version=4))["entityVersion"] == "4"
    first = a_told_order(an_order(updated_at=NOON))["entityVersion"]
    second = a_told_order(an_order(updated_at=NOON + timedelta(microseconds=1)))
    assert first != second["entityVersion"]


def test_t19_the_remote_id_is_no_phone_number() -> None:
    assert told()["remoteJid"] == "12345678@lid"


def test_t20_what_was_done_stands_with_who_did_it() -> None:
    (action,) = told(a_record(applied=(DONE,)))["appliedActions"]
    assert action == {
        "type": "create_order",
        "orderId": "order_1",
        "orderNo": "7",
        "actorType": "user",
        "actorId": "user_1",
        "allowDuplicate": True,
        "createdAt": "2026-11-22T12:00:00.000Z",
    }


def test_an_order_that_the_customer_made_in_the_chat_is_an_action_of_theirs() -> None:
    found = told(a_record(order_id="order_1"), order=an_order(number=7))
    (action,) = found["appliedActions"]
    assert (action["orderNo"], action["actorType"]) == ("7", "customer")
    assert action["actorId"] == "contact_1"


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (OrderState.CONFIRMED, "ordered"),
        (OrderState.PAID, "post_order"),
        (OrderState.CANCELLED, "cancelled"),
    ],
)
def test_commerce_follows_the_order_once_there_is_one(
    state: OrderState, stage: str
) -> None:
    found = told(order=an_order(state=state))["commerce"]
    assert found["stage"] == stage
    assert found["orderReadiness"] != "ready"


def test_ids_are_those_that_the_other_system_knows() -> None:
    found = told(
        a_record(applied=(DONE,)),
        called=lambda kind, internal: f"{kind}:{internal}",
    )
    assert found["id"] == "analysis:anl_1"
    assert found["messageId"] == "message:msg_1"
    assert found["productMatches"][0]["productId"] == "product:product_latte"
    assert found["commerce"]["orderDraft"]["customerId"] == "customer:customer_1"
    assert found["appliedActions"][0]["orderId"] == "order:order_1"
