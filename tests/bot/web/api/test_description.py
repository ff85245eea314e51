"""The API describes itself: completely, validly, and readably without a network."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from bot.web.api.call import Call
from bot.web.api.endpoint import Endpoints
from bot.web.api.face import NATIVE
from bot.web.api.manual import Manual, inline, paragraphs
from bot.web.api.models import Id
from bot.web.api.problems import KINDS
from bot.web.api.refusing import face_of
from bot.web.api.registry import ENDPOINTS, SUBJECTS
from bot.web.api.roles import EVERYBODY
from bot.web.application import build
from bot.web.describing import document
from bot.web.faces.registry import FACE_ENDPOINTS, FACE_SUBJECTS, FACES
from tests.api import Api

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def described() -> Any:
    return json.loads(json.dumps(document()))


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_the_description_is_valid_openapi(described: Any) -> None:
    assert described["openapi"].startswith("3.1")
    validate(described)


async def test_every_route_of_the_api_is_described(
    quick_api: Api, described: Any
) -> None:
    app: web.Application = build(quick_api.runtime)
    routes = {
        (route.resource.canonical, route.method)
        for route in app.router.routes()
        if route.resource is not None
        and face_of((NATIVE, *FACES), route.resource.canonical)
    }
    told = {(path, method) for path, method, _ in operations(described)}
    assert {each for each in routes if each[1] != "HEAD"} == told


def test_operations_have_names_words_and_examples(described: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))
    for endpoint in (*ENDPOINTS, *FACE_ENDPOINTS):
        assert endpoint.summary, endpoint.name
        assert endpoint.tag in {each.tag for each in (*SUBJECTS, *FACE_SUBJECTS)}
        if endpoint.body is not None:
            examples = endpoint.body.model_json_schema().get("examples", [])
            assert examples, f"{endpoint.name}: the body needs an example"
            for example in examples:
                endpoint.body.model_validate_json(json.dumps(example))


def test_every_answer_that_an_endpoint_may_give_is_told(described: Any) -> None:
    by_name = {op["operationId"]: op for _, _, op in operations(described)}
    for endpoint in ENDPOINTS:
        told = set(by_name[endpoint.name]["responses"])
        expected = {str(kind.status.value) for kind in endpoint.problems}
        assert told == expected | {str(endpoint.status.value)}
        # 403 of all: a browser that is signed in is asked whether it was the console.
        assert {"401", "403", "429", "503"} <= told
        assert ("404" in told) >= bool(endpoint.places)
        assert by_name[endpoint.name]["x-roles"] == sorted(endpoint.roles)


def test_every_kind_of_problem_belongs_to_the_table() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for endpoint in ENDPOINTS:
        assert set(endpoint.problems) <= set(KINDS), endpoint.name


def test_every_kind_of_problem_is_in_the_documentation() -> None:
    written = (ROOT / "docs" / "errors.md").read_text()
    for kind in KINDS:
        assert f"| `{kind.name}` | {kind.status.value} |" in written, kind.name


async def _of_a_thing(call: Call, thing_id: Id) -> None:
    """Do nothing."""


@pytest.mark.parametrize("path", ["/v1/things", "/v1/things/{other_id}"])
def test_a_signature_that_does_not_fit_its_path_is_refused(path: str) -> None:
    endpoints = Endpoints("things", "Things.")
    with pytest.raises(TypeError, match="do not fit"):
        endpoints.get(path, roles=EVERYBODY)(_of_a_thing)


# -- pages ----------------------------------------------------------------------------


class _Page(HTMLParser):
    """Collects ids, links and everything that would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        facts = dict(attrs)
        self.tags.add(tag)
        if "id" in facts:
            assert facts["id"] not in self.ids, f"the id {facts['id']} twice"
            self.ids.add(facts["id"])
        if tag == "a":
            self.links.add(facts["href"])
        elif "src" in facts or "href" in facts:
            self.fetched.add(facts.get("src") or facts["href"])


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
async def test_a_page_needs_nothing_but_itself(quick_api: Api, path: str) -> None:
    answer = await quick_api.nobody.get(path)
    assert answer.status == 200
    page = _Page(answer.raw.decode())
    assert page.fetched == {"data:,"}
    assert "script" not in page.tags
    assert not [link for link in page.links if "//" in link]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "@import" not in answer.raw.decode()


async def test_every_link_of_the_pages_leads_somewhere(quick_api: Api) -> None:
    pages = {
        path: _Page((await quick_api.nobody.get(path)).raw.decode())
        for path in ("/docs", "/docs/errors")
    }
    for path, page in pages.items():
        for link in page.links:
            target, _, fragment = link.partition("#")
            if fragment:
                assert fragment in pages[target or path].ids, link
            else:
                assert (await quick_api.nobody.get(target)).status == 200


async def test_the_page_shows_every_operation_with_an_example(quick_api: Api) -> None:
    text = (await quick_api.nobody.get("/docs")).raw.decode()
    page = _Page(text)
    for endpoint in ENDPOINTS:
        assert endpoint.name in page.ids
    assert text.count("curl ") >= len(ENDPOINTS)
    for kind in KINDS:
        errors = (await quick_api.nobody.get("/docs/errors")).raw.decode()
        assert f'id="{kind.name}"' in errors


async def test_the_name_in_an_address_is_shown_as_text(quick_api: Api) -> None:
    answer = await quick_api.nobody(
        "GET", "/docs", headers={"Host": '"><script>alert(1)</script>'}
    )
    assert b"<script>" not in answer.raw


def test_words_become_html_and_nothing_else() -> None:
    assert inline("a `b` <c>") == "a <code>b</code> &lt;c&gt;"
    assert paragraphs("One.\n\n* a\n* b") == "<p>One.</p><ul><li>a</li><li>b</li></ul>"


def test_a_sample_of_an_answer_has_every_field() -> None:
    manual = Manual(document())
    shown = [op for chapter in manual.chapters() for op in chapter.operations]
    answers = [each.answer for each in shown if each.answer]
    assert answers
    assert all(re.match(r"[\[{]", each) for each in answers)
    (order,) = [json.loads(each.answer) for each in shown if each.id == "read_order"]
    assert order["totals"]["grand_total"] == {"amount": "12.50", "currency": "TRY"}
    assert order["lines"][0]["quantity"] == "2.5"
