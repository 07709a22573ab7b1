"""Which addresses a webhook may have: public ones, or those of hosts that the operator has named.

What is checked is what is connected to: the resolver hands on only addresses that it has checked, so that a
name can't point elsewhere a moment later.
"""

import asyncio
import socket
from collections.abc import Collection
from ipaddress import IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.i18n.message import Message, message

MAX_URL: Final = 1_000
_LOOK_UP_S = 5.0
_CARRIES_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("::/96"))
_6TO4 = IPv6Network("2002::/16")
_PRIVATE: Final = message("it leads into a private network; HOOK_PRIVATE_HOSTS may name its host")


class AddressRefusedError(Exception):
    """A webhook may not have this address; `reason` says why, without the address's path."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def is_public(address: str) -> bool:
    """Whether an IP address, and any IPv4 address that it carries, can be reached in the whole internet."""
    ip = ip_address(address.partition("%")[0])
    if ip.version == 6:
        if any(ip in network for network in _CARRIES_IPV4):
            return is_public(str(ip_address(int(ip) & 0xFFFFFFFF)))
        if ip in _6TO4:
            return is_public(str(ip_address(int(ip) >> 80 & 0xFFFFFFFF)))
    return ip.is_global and not ip.is_multicast


def parse(url: str, private_hosts: Collection[str]) -> SplitResult:
    """The parts of an address that a webhook may have by its looks. Raises AddressRefusedError."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefusedError(message("it is no web address"))
    if parts.username is not None or parts.password is not None:
        raise AddressRefusedError(message("it holds a password; webhooks are signed instead"))
    if parts.fragment:
        raise AddressRefusedError(message("what follows # is never sent"))
    if parts.scheme != "https" and not (parts.scheme == "http" and host in private_hosts):
        raise AddressRefusedError(message("it must begin with https://"))
    if _is_ip_address(host) and host not in private_hosts and not is_public(host):
        raise AddressRefusedError(_PRIVATE)
    return parts


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def check(url: str, private_hosts: Collection[str]) -> None:
    """Look an address up. Raises AddressRefusedError when it may not be used, or can't be found."""
    parts = parse(url, private_hosts)
    resolver = CheckedResolver(private_hosts)
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            await resolver.resolve(parts.hostname or "", parts.port or 443)
    except OSError:  # a timeout is one too
        raise AddressRefusedError(message("its host can't be found")) from None


class CheckedResolver(AbstractResolver):
    """Looks hosts up and refuses those with an address that is not public, unless they are named."""

    def __init__(self, private_hosts: Collection[str], lookup: AbstractResolver | None = None) -> None:
        self._private_hosts = frozenset(private_hosts)
        self._lookup = lookup or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises AddressRefusedError, and OSError when there is none."""
        results = await self._lookup.resolve(host, port, family)
        if host not in self._private_hosts and not all(is_public(result["host"]) for result in results):
            raise AddressRefusedError(_PRIVATE)
        return results

    async def close(self) -> None:
        """Nothing is held open."""
        await self._lookup.close()
