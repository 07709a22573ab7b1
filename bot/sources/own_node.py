"""Whether a server is the operator's own: it has no rate limit and needs no second source."""

import ipaddress
from urllib.parse import urlsplit


def is_own_node(url: str) -> bool:
    """Whether an address is on the operator's own machine or network.

    True for loopback and private addresses, and for names that only a private network resolves: those
    without a dot and under .local, .lan, .internal, .home.arpa or .onion.
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        local = (".local", ".lan", ".internal", ".home.arpa", ".onion", ".localhost")
        return bool(host) and ("." not in host or host.endswith(local))
    return address.is_private or address.is_loopback or address.is_link_local
