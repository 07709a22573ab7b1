"""Which addresses can be used."""

import re
from urllib.parse import urlsplit


def is_postgres_url(value: str) -> bool:
    """Whether a value is a URL as libpq takes it, with one server or several and the name of a database."""
    try:
        parts = urlsplit(value)
        servers = parts.netloc.rpartition("@")[2].split(",")
        ports = [urlsplit(f"//{server}").port for server in servers]
        return (
            parts.scheme in ("postgresql", "postgres")
            and len(parts.path) > 1
            and 0 not in ports
            and not re.search(r"[\s\x00-\x1f]", value)
        )
    except ValueError:
        return False


def is_web_address(value: str) -> bool:
    """Whether a value is an http or https address with a host."""
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and not re.search(r"[\s\x00-\x1f]", value)
        )
    except ValueError:
        return False
