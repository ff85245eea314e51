"""A placed order is told to every sink that listens, with a key that stays."""

from orders import Outgoing, SinkAccount, SinkState, provisioning_events


def a_sink(sink_id: str, state: SinkState = SinkState.ACTIVE) -> SinkAccount:
    return SinkAccount(sink_id, "tenant_1", "webhook", "https://erp.test/", "", state)


def test_every_sink_gets_its_own_event_also_one_that_is_paused() -> None:
    sinks = [a_sink("sink_1"), a_sink("sink_3", SinkState.PAUSED)]
    events = provisioning_events("order_1", "tenant_1", sinks)
    assert [event.unique_key for event in events] == [
        "order:order_1:sink:sink_1",
        "order:order_1:sink:sink_3",
    ]
    assert events[0] == Outgoing(
        unique_key="order:order_1:sink:sink_1",
        lane="order:order_1:sink:sink_1",
        payload={
            "type": "order.placed",
            "tenant_id": "tenant_1",
            "order_id": "order_1",
            "sink_id": "sink_1",
        },
    )


def test_a_sink_that_fails_holds_up_no_other() -> None:
    sinks = [a_sink("sink_1"), a_sink("sink_2")]
    first, second = provisioning_events("order_1", "tenant_1", sinks)
    assert first.lane != second.lane


def test_the_same_order_gives_the_same_keys_again() -> None:
    sinks = [a_sink("sink_1")]
    assert provisioning_events("o", "tenant_1", sinks) == provisioning_events(
        "o", "tenant_1", sinks
    )


def test_another_tenants_sink_hears_nothing() -> None:
    assert provisioning_events("order_1", "tenant_2", [a_sink("sink_1")]) == ()
