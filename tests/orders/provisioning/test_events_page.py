"""docs/events.md: it is current, its examples are valid, its snippets work."""

import base64
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from orders.codec import dump_order
from orders.domain.event_names import EVERYTHING, ORDER_UPDATED
from orders.domain.event_types import EVENT_TYPES
from orders.provisioning.envelope import CLOUD_EVENTS, JSON, Event, enveloped
from orders.provisioning.events_page import as_markdown, sample
from orders.provisioning.signing import headers
from orders.provisioning.sink import OrderStep, SinkDelivery, SinkTenant
from orders.provisioning.webhook import event_of
from tests.documents import ROOT, blocks
from tests.factories import NOON, an_order

PAGE = "docs/events.md"
SHOP = SinkTenant("tenant_1", "Çay Evi", "Europe/Istanbul", "TRY", "TR")
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes .. .").decode()
BODY = json.dumps({"type": "order.placed", "data": {"name": "Çağla ☕"}}).encode()


def test_the_page_is_what_the_registry_says() -> None:
    written = (ROOT / PAGE).read_text("utf-8")
    assert written == as_markdown(), (
        "run: python -m orders.provisioning.events_page > docs/events.md"
    )


@pytest.mark.parametrize("name", sorted(EVERYTHING))
def test_every_example_is_valid_and_the_page_shows_it(name: str) -> None:
    EVENT_TYPES[name].model.model_validate(sample(EVENT_TYPES[name]))
    shown = [json.loads(block.text) for block in blocks(PAGE, "json")]
    (example,) = [each for each in shown if each["type"] == name]
    assert example["specversion"] == "1.0"
    assert example["dataschema"].endswith(f"{name}:1")


def a_delivery(**changes: object) -> SinkDelivery:
    given: dict[str, object] = {
        "event_id": "event_1",
        "url": "https://erp.test/",
        "secret": SECRET,
        "order": an_order(number=17),
        "tenant": SHOP,
        "sent_at": NOON,
        "options": {"format": "cloudevents"},
    }
    return SinkDelivery(**{**given, **changes})  # type: ignore[arg-type]  # any field


PAID = OrderStep("payment", "paid", "key:key_1", None, NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("order.placed", {}),
        ("order.updated", {"step": PAID}),
        ("order.cancelled", {"cancelled_at": NOON + timedelta(hours=2)}),
    ],
)
def test_an_order_is_a_cloud_event_of_its_registered_form(
    name: str, changes: dict[str, object]
) -> None:
    delivery = a_delivery(**changes)
    event = event_of(delivery)
    body, content_type = enveloped(event, delivery.options)
    assert content_type == CLOUD_EVENTS
    data = body.pop("data")
    assert body == {
        "specversion": "1.0",
        "id": "event_1",
        "source": "/tenants/tenant_1",
        "type": name,
        "subject": "order_1",
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": f"urn:chatorder:event:{name}:1",
        "partitionkey": "order_1",
    }
    EVENT_TYPES[name].model.model_validate(json.loads(json.dumps(data)))


def test_a_sink_of_before_gets_the_body_that_it_knows() -> None:
    body, content_type = enveloped(event_of(a_delivery()), {})
    assert content_type == JSON
    assert list(body) == ["type", "timestamp", "data"]
    data = body["data"]
    assert isinstance(data, dict)
    assert data["order"] == dump_order(an_order(number=17))


def test_attempts_of_one_event_are_the_same_bytes() -> None:
    first = enveloped(event_of(a_delivery(step=PAID)), {"format": "cloudevents"})
    later = a_delivery(step=PAID, sent_at=NOON + timedelta(hours=9))
    assert enveloped(event_of(later), {"format": "cloudevents"}) == first
    assert first[0]["type"] == ORDER_UPDATED


def test_an_event_without_an_order_has_both_forms() -> None:
    event = Event("e", "channel.alarm.raised", "chn_1", NOON, "tenant_1", {}, "chn_1")
    assert enveloped(event, {})[0]["type"] == "channel.alarm.raised"
    assert enveloped(event, {"format": "cloudevents"})[0]["subject"] == "chn_1"


# -- the snippets ---------------------------------------------------------------------


def snippet(language: str) -> str:
    (block,) = blocks(PAGE, language)
    return block.text


def signed(body: bytes = BODY) -> dict[str, str]:
    return headers(SECRET, event_id="event_1", sent_at=NOON, body=body)


CHECKS = {
    "genuine": (BODY, 0, True),
    "another body": (BODY + b" ", 0, False),
    "ten minutes old": (BODY, 600, False),
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_python_snippet_verifies(name: str, tmp_path: Path) -> None:
    body, later, genuine = CHECKS[name]
    scope: dict[str, object] = {}
    exec(
        compile(snippet("python"), "verify.py", "exec"), scope
    )  # its own code is under test
    verify = scope["verify"]
    assert callable(verify)
    now = NOON.timestamp() + later
    if genuine:
        assert verify(SECRET, signed(), body, now) == "event_1"
        return
    with pytest.raises(ValueError, match=r"signature|old"):
        verify(SECRET, signed(), body, now)


NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="there is no node here")
def test_the_node_snippet_verifies(tmp_path: Path) -> None:
    (tmp_path / "verify.js").write_text(snippet("js"), "utf-8")
    cases = [
        {"body": body.decode(), "now": NOON.timestamp() + later}
        for body, later, _ in CHECKS.values()
    ]
    (tmp_path / "cases.json").write_text(
        json.dumps({"secret": SECRET, "headers": signed(), "cases": cases}), "utf-8"
    )
    program = """
        const { verify } = require("./verify.js");
        const given = require("./cases.json");
        const said = given.cases.map(({ body, now }) => {
          try { return verify(given.secret, given.headers, body, now); }
          catch { return false; }
        });
        console.log(JSON.stringify(said));
    """
    done = subprocess.run(
        [str(NODE), "-e", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    wanted = ["event_1" if genuine else False for *_, genuine in CHECKS.values()]
    assert json.loads(done.stdout) == wanted


@pytest.mark.parametrize("name", ["genuine", "another body"])
def test_the_shell_snippet_verifies(name: str, tmp_path: Path) -> None:
    body, _, genuine = CHECKS[name]
    (tmp_path / "body.json").write_bytes(body)
    given = signed()
    done = subprocess.run(
        ["bash", "-c", snippet("bash")],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "SECRET": SECRET,
            "ID": given["webhook-id"],
            "TIMESTAMP": given["webhook-timestamp"],
            "SIGNATURE": given["webhook-signature"],
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.stdout.strip() == ("genuine" if genuine else "forged"), done.stderr
    assert (done.returncode == 0) is genuine


def test_the_page_can_be_made_by_its_command() -> None:
    assert sys.executable
    assert as_markdown().startswith("# Events")
