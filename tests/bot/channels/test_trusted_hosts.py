import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.channels.trusted_hosts import TrustedHosts, address

META = TrustedHosts(
    URL("https://graph.facebook.com"),
    frozenset({"lookaside.fbsbx.com", "Media.Example:8443"}),
)
LOCAL = TrustedHosts(URL("http://127.0.0.1:8080/graph"), frozenset({"media.local"}))


@pytest.mark.parametrize(
    "text",
    [
        "https://lookaside.fbsbx.com/whatsapp/?mid=1&hash=a%2Fb",
        "https://lookaside.fbsbx.com:443/a",
        "https://graph.facebook.com/v23.0/1",
        "https://media.example:8443/a",
    ],
)
def test_a_configured_host_is_trusted(text: str) -> None:
    url = address(text)
    assert url is not None
    assert str(url).endswith(text.partition("//")[2].partition("/")[2])
    assert META.trust(url)


@pytest.mark.parametrize(
    "text",
    [
        "http://lookaside.fbsbx.com/a",
        "http://lookaside.fbsbx.com:443/a",
        "http://graph.facebook.com/a",
        "https://lookaside.fbsbx.com:8443/a",
        "https://media.example/a",
        "https://lookaside.fbsbx.com./a",
        "https://lookaside.fbsbx.com.evil.example/a",
        "https://x.lookaside.fbsbx.com/a",
        "https://evil.example/lookaside.fbsbx.com",
        "https://evil.example#@lookaside.fbsbx.com/",
        "https://lookaside.fbsbx.com@evil.example/a",
        "https://lookaside.fbsbx.com\\@evil.example/a",
        "https://evil.example\\@lookaside.fbsbx.com/a",
        "https://me:pw@lookaside.fbsbx.com/a",
        "https://me@lookaside.fbsbx.com/a",
        "https://:pw@lookaside.fbsbx.com/a",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/a",
        "https:///a",
        "https:a",
        "ftp://lookaside.fbsbx.com/a",
        "file:///etc/passwd",
        "//lookaside.fbsbx.com/a",
        "/a",
    ],
)
def test_nobody_else_is(text: str) -> None:
    url = address(text)
    assert url is None or not META.trust(url)


@pytest.mark.parametrize(
    ("text", "trusted"),
    [
        ("http://127.0.0.1:8080/media/1", True),
        ("http://media.local/1", True),
        ("https://media.local/1", True),
        ("https://127.0.0.1:8080/media/1", False),
        ("http://127.0.0.1/media/1", False),
        ("http://localhost:8080/media/1", False),
    ],
)
def test_on_one_machine_plain_http_may_be_configured(text: str, trusted: bool) -> None:
    url = address(text)
    assert url is not None
    assert LOCAL.trust(url) is trusted


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "https://a b", "https://a/\r\nX: 1", "https://é.example"),
        *("https://[::1", "https://a:99999/", "https://a:x/", "x" * 5000),
    ],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert address(text) is None


@given(st.text() | st.text().map("https://{}".format))
def test_any_text_may_be_asked_about(text: str) -> None:
    url = address(text)
    assert url is None or not META.trust(url)
