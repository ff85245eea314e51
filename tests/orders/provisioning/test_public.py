"""What a stranger names must lie in the public internet, whenever it is called."""

import socket

import pytest
from aiohttp import ClientConnectionError, ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from orders.provisioning.public import (
    NotPublic,
    PublicResolver,
    check_public,
    is_public,
    public_socket,
)

PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "8.8.8.8"]
PRIVATE = [
    *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "0.0.0.0", "100.64.0.1", "255.255.255.255", "224.0.0.1"),
    *("192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0"),
    *("fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "localhost", "", "1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_our_own_networks_are_not(address: str) -> None:
    assert not is_public(address)


class Names(AbstractResolver):
    """Knows what each name means, and says it."""

    def __init__(self, **known: list[str]) -> None:
        self.known = known

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        if host not in self.known:
            raise OSError(f"no such name: {host}")
        return [
            ResolveResult(
                hostname=host, host=each, port=port, family=family, proto=0, flags=0
            )
            for each in self.known[host]
        ]

    async def close(self) -> None:
        pass


def names() -> PublicResolver:
    known = {
        "erp": ["93.184.215.14"],
        "home": ["127.0.0.1"],
        "both": ["93.184.215.14", "10.0.0.1"],
        "nowhere": [],
    }
    return PublicResolver(lambda: Names(**known))


@pytest.mark.parametrize(
    "url",
    ["https://erp/orders", "http://93.184.215.14:8080/", "https://[2606:2800::1]/"],
)
async def test_a_public_host_may_be_called(url: str) -> None:
    await check_public(url, names())


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://home/", "home is not in the public internet"),
        ("https://both/", "both is not in the public internet"),
        ("https://nowhere/", "nowhere is not in the public internet"),
        ("https://typo/", "there is no host typo"),
        ("http://127.0.0.1:9000/", "127.0.0.1 is not in the public internet"),
        ("http://[::ffff:10.0.0.1]/", "not in the public internet"),
        ("http://169.254.169.254/latest/", "not in the public internet"),
    ],
)
async def test_any_other_host_may_not(url: str, why: str) -> None:
    with pytest.raises(NotPublic, match=why):
        await check_public(url, names())


async def test_a_name_is_judged_again_when_it_is_called() -> None:
    moving = Names(erp=["93.184.215.14"])
    resolver = PublicResolver(lambda: moving)
    await check_public("https://erp/", resolver)
    moving.known["erp"] = ["127.0.0.1"]
    with pytest.raises(NotPublic):
        await resolver.resolve("erp", 443)


async def test_a_literal_address_is_judged_where_the_connection_is_made() -> None:
    connector = TCPConnector(resolver=PublicResolver(), socket_factory=public_socket)
    async with ClientSession(connector=connector) as session:
        for host in ("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"):
            with pytest.raises(ClientConnectionError) as refused:
                await session.get(f"http://{host}:9/")
            assert isinstance(refused.value.__cause__, NotPublic)
    with public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))):
        pass
