"""Which addresses webhooks may have."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.destinations import addresses
from bot.delivery.destinations.addresses import AddressRefusedError, CheckedResolver

PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "::7f00:1", "2002:7f00:1::", "2002:a00:1::1"),
)
PUBLIC = (
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "2002:101:101::1",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert addresses.is_public(address)


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_no_more_public_in_any_disguise(number: int) -> None:
    plain = addresses.is_public(str(IPv4Address(number)))
    for disguise in (number | 0xFFFF << 32, number | 0x64FF9B << 96, number, 0x2002 << 112 | number << 80):
        assert addresses.is_public(str(IPv6Address(disguise))) == plain


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/x", "https"),
        ("ftp://example.org/x", "https"),
        ("https://user:word@example.org/x", "password"),
        ("https://user@example.org/x", "password"),
        ("https://example.org/x#y", "#"),
        ("https://", "no web address"),
        ("nonsense", "no web address"),
        ("https://example.org/a b", "no web address"),
        ("https://exämple.org/", "no web address"),
        ("https://[::1", "no web address"),
        ("https://example.org:99999/", "no web address"),
        (f"https://example.org/{'x' * 1000}", "no web address"),
        ("https://127.0.0.1/x", "private network"),
        ("https://[::1]/x", "private network"),
        ("https://[::ffff:10.0.0.1]:8443/x", "private network"),
        ("https://169.254.169.254/latest/meta-data", "private network"),
    ],
)
def test_what_is_refused_by_its_looks(url: str, why: str) -> None:
    with pytest.raises(AddressRefusedError, match=why):
        addresses.parse(url, ())


def test_named_hosts_may_be_private_and_plain() -> None:
    addresses.parse("http://127.0.0.1:8080/x", {"127.0.0.1"})
    addresses.parse("http://hooks.internal/x", {"hooks.internal"})
    with pytest.raises(AddressRefusedError):
        addresses.parse("http://127.0.0.2/x", {"127.0.0.1"})


class Names(AbstractResolver):
    """Says what it is told to."""

    def __init__(self, *found: str) -> None:
        self.found = found

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ip_address(each).version == 6 else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for each in self.found
        ]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("answers", [("10.0.0.1",), ("1.1.1.1", "127.0.0.1"), ("fd00::1", "1.1.1.1")])
async def test_a_name_that_leads_inside_is_refused_though_it_leads_outside_too(
    answers: tuple[str, ...],
) -> None:
    with pytest.raises(AddressRefusedError, match="private network"):
        await CheckedResolver((), Names(*answers)).resolve("rebound.example", 443)
    assert len(
        await CheckedResolver({"rebound.example"}, Names(*answers)).resolve("rebound.example", 443)
    ) == len(answers)


async def test_names_of_this_machine_are_refused_however_they_are_written() -> None:
    for url in ("https://localhost/x", "https://2130706433/x", "https://127.1/x", "https://0x7f.0.0.1/x"):
        with pytest.raises(AddressRefusedError):
            await addresses.check(url, ())
    await addresses.check("http://localhost/x", {"localhost"})
