"""A stored activity, as Repzo's callers read it."""

from collections.abc import Callable

from orders.advice.domain.activity import StoredActivity
from orders.advice.domain.request import Activity
from orders.faces.repzo import (
    AccuracyTold,
    ActivityTold,
    GeneratedAnswer,
    GeneratedOrderTold,
    InsightsTold,
    KeptGiven,
    KeptResult,
    ModelTold,
    Recommended,
    ShortRecommendation,
)

#: Our own advice, where the caller asked for nobody's.
MODEL = "chatorder-advice"


def activity_told(
    stored: StoredActivity, order_called: Callable[[str], str]
) -> ActivityTold:
    """Return all of an activity. `order_called` gives an order's id to callers."""
    given = KeptGiven.model_validate(stored.given)
    result = KeptResult.of(stored.result)
    return ActivityTold(
        id=stored.id,
        client=given.client,
        rep=given.rep,
        activity_type=stored.activity,
        input_data=given.input_data,
        ai_model=_model(given, result),
        recommendations=result.recommendations if result else [],
        insights=result.insights if result else InsightsTold(),
        status=stored.state,
        processing_time=stored.seconds,
        accuracy=result.accuracy if result else AccuracyTold(),
        feedback=given.feedback,
        generated_order=_proposal(stored, result, order_called),
        metadata=given.metadata,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def _model(given: KeptGiven, result: KeptResult | None) -> ModelTold | None:
    if given.ai_model is None and result is None:
        return None
    confidence = result.accuracy.estimated if result else None
    model = given.model if given.ai_model is not None else ModelTold(name=MODEL)
    return model.model_copy(update={"confidence": confidence})


def _proposal(
    stored: StoredActivity,
    result: KeptResult | None,
    order_called: Callable[[str], str],
) -> GeneratedOrderTold | None:
    if result is None or result.generated_order is None or stored.order_id is None:
        return result.generated_order if result else None
    order_id = order_called(stored.order_id)
    return result.generated_order.model_copy(update={"order_id": order_id})


def short(result: KeptResult) -> GeneratedAnswer:
    """Return what `generate` answers: the recommendations in their short form."""
    found = [
        ShortRecommendation(
            product=each.product,
            quantity=each.quantity,
            confidence=each.confidence,
            reason=each.reason,
        )
        for each in result.recommendations
    ]
    return GeneratedAnswer(data=Recommended(recommendations=found))


def judged(stored: StoredActivity) -> frozenset[str]:
    """Return which recommendations feedback may name: these, and those it named."""
    result = KeptResult.of(stored.result)
    said = KeptGiven.model_validate(stored.given).judgement.named
    if result is None:
        return frozenset(said)
    lines = (each.product for each in result.recommendations)
    return frozenset((*lines, *result.products, *said))


def words_of(
    activity: Activity,
    given: KeptGiven,
    result: KeptResult | None,
    *names: str | None,
) -> str:
    """Return all that a search looks at, one thing a line."""
    found = result.recommendations if result else []
    words = (
        activity.value,
        given.client,
        given.rep,
        *names,
        given.model.name,
        given.judgement.comments,
        *(each.product_name for each in found),
    )
    return "\n".join(word for word in words if word)
