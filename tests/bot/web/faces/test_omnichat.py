"""OmniChat's callbacks on the frame; what they do is told in `test_callbacks`."""

from pathlib import Path

import pytest

from bot.inbox.api_table import audit
from tests.api import Api
from tests.bot.web.test_callbacks import PROVISIONED, open_office

ADDRESS = "/v2/orders/nothing/statusChange"
KEY = {"Authorization": "Bearer co_test_key_admin"}


async def test_a_callback_is_done_once_for_its_key_and_stands_in_the_audit(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with open_office(sqlite_url, tmp_path) as office:
        once = {"Idempotency-Key": "callback-1"}
        for _ in range(2):
            answer = await office.call("statusChange", PROVISIONED, **once)
            assert (answer.status, answer.json["status"]) == (200, "provisioned")
        other = PROVISIONED | {"status": "PACKAGED"}
        answer = await office.call("statusChange", other, **once)
        assert (answer.status, answer.json["type"]) == (422, "about:blank")
        assert await office.state() == "provisioned"
        (row,) = await office.house.rows(audit, action="omnichat_status_change")
        assert (row.actor, row.target) == ("key:key_integration", office.order_id)


@pytest.mark.parametrize(
    "form", ["text/plain", "application/x-www-form-urlencoded", "a/b; charset=utf-8"]
)
async def test_json_by_another_name_is_read_and_anything_else_is_not(
    faces: Api, form: str
) -> None:
    body = b'{"responsible": "ERP", "status": "SHIPPED"}'
    headers = KEY | {"Content-Type": form}
    answer = await faces.nobody("POST", ADDRESS, body, headers=headers)
    assert answer.status == (415 if form.startswith("a/b") else 404)


@pytest.mark.parametrize(
    ("body", "headers", "field"),
    [
        (b"{", {}, "body"),
        (b"", {}, "body"),
        (b'{"status": "SHIPPED"}', {}, "responsible"),
        (b"{}", {"Idempotency-Key": "with spaces"}, None),
    ],
)
async def test_only_what_is_wrong_with_the_body_names_a_field(
    faces: Api, body: bytes, headers: dict[str, str], field: str | None
) -> None:
    answer = await faces.nobody("POST", ADDRESS, body, headers=KEY | headers)
    assert (answer.status, answer.body.get("field")) == (400, field)
