"""How many requests one address may make: a bucket of tokens for each, and a bounded number of buckets."""

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final

REQUESTS_AT_ONCE: Final = 100
REQUESTS_PER_SECOND: Final = 10.0
_ADDRESSES: Final = 20_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """`burst` requests at once by an address, then `per_second` on average."""

    def __init__(self, burst: float = REQUESTS_AT_ONCE, per_second: float = REQUESTS_PER_SECOND) -> None:
        self.burst = burst
        self.per_second = per_second
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, address: str, at: float, cost: float = 1.0) -> float:
        """Take tokens at a monotonic time `at` (s): 0 when there were enough, else the seconds to wait."""
        key = client_key(address)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(self.burst, at)
            if len(self._buckets) > _ADDRESSES:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
            bucket.tokens = min(self.burst, bucket.tokens + (at - bucket.filled_at) * self.per_second)
            bucket.filled_at = at
        if bucket.tokens < cost:
            return (cost - bucket.tokens) / self.per_second
        bucket.tokens -= cost
        return 0.0


def client_key(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def client_address(peer: str, forwarded_for: str, proxies: frozenset[str]) -> str:
    """Who asks: the peer, or the last address in X-Forwarded-For that is none of our own proxies.

    The header counts only when the peer is a proxy: anybody else could write anything into it.
    """
    address = peer
    for hop in reversed([hop.strip() for hop in forwarded_for.split(",") if hop.strip()]):
        if address not in proxies:
            break
        address = hop
    return address
