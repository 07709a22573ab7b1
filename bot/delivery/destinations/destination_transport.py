"""The transport to destinations outside Telegram: one event at a time, signed, within limits.

A webhook is told everything at least once: an event without an answer goes again under the same
`webhook-id`, by which a receiver knows it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from bot.delivery.destinations import addresses, services, signature
from bot.delivery.destinations.addresses import AddressRefusedError, CheckedResolver
from bot.delivery.outcomes import (
    Delivered,
    EditRequest,
    Gone,
    Outcome,
    Rejected,
    Retry,
    RetryCause,
    SendRequest,
)
from storage.chats import destinations
from storage.chats.destinations import Destination, DestinationKind
from storage.database import Store

TIMEOUT_S: Final = 15.0
"""For one try, from looking up the host to the answer's headers; the answer's body is not read."""

ROTATION: Final = timedelta(hours=24)
"""How long after a rotation the former secret signs as well."""

MAX_RETRY_AFTER: Final = timedelta(hours=1)

_CONNECT_S = 5.0
_MISCONFIGURED = (401, 402, 403, 404, 405, 407)
_PASSING = (408, 409, 423, 425, 429)


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationConfig:
    """What is set about destinations.

    `key` derives the webhooks' secrets, `private_hosts` may be inside private networks, `services` are the
    Apprise addresses by name.
    """

    key: bytes
    private_hosts: frozenset[str] = frozenset()
    services: Mapping[str, str]


class RefusalObserver(Protocol):
    """Is told of what operators should mend at a destination."""

    def __call__(self, destination: Destination, outcome: Outcome, why: str) -> None:
        """The destination refused."""


class DestinationTransport:
    """Sends events.

    Args:
        store: where the destinations are.
        config: what is set about them.
        clock: aware UTC now.
        version: of the program, for the User-Agent.
        on_refusal: told when a destination is gone, refuses an event for good or is not set up.
        lookup: finds the addresses of hosts; what it finds is checked.
    """

    def __init__(
        self,
        store: Store,
        config: DestinationConfig,
        clock: Callable[[], datetime],
        version: str,
        *,
        on_refusal: RefusalObserver = lambda _destination, _outcome, _why: None,
        lookup: AbstractResolver | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._store = store
        self._config = config
        self._clock = clock
        self._version = version
        self._on_refusal = on_refusal
        self._lookup = lookup
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S)
        self._session: aiohttp.ClientSession | None = None

    def split(self, request: SendRequest) -> list[SendRequest]:
        """One request for each event."""
        return [replace(request, text=line) for line in request.text.splitlines()]

    async def send(self, request: SendRequest) -> Outcome:
        """Send one event once."""
        destination = await self._store.read(lambda db: destinations.of_chat_id(db, request.chat_id))
        if destination is None:
            return Rejected("the destination was removed")
        if destination.kind is DestinationKind.SERVICE:
            data = json.loads(request.text)["data"]
            outcome = await services.send(
                self._config.services, destination.target, data["headline"], data["text"]
            )
        else:
            outcome = await self._post(destination, request.text.encode())
        match outcome:
            case Gone(why) | Rejected(why) | Retry(RetryCause.RIGHTS, why):
                self._on_refusal(destination, outcome, why)
        return outcome

    async def edit(self, request: EditRequest) -> Outcome:
        """Edits are for Telegram only."""
        return Rejected(f"the destination {request.chat_id} takes no edits")

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, destination: Destination, body: bytes) -> Outcome:
        url = destination.target
        try:
            addresses.parse(url, self._config.private_hosts)
            async with self._client().post(
                url,
                data=body,
                headers={"Content-Type": "application/json", **self._signed(destination, body)},
                allow_redirects=False,
            ) as response:
                status, retry_after = response.status, response.headers.get("Retry-After")
                response.close()  # whatever it goes on to say
        except AddressRefusedError as error:
            return Retry(RetryCause.RIGHTS, str(error))
        except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch):
            return Retry(RetryCause.RIGHTS, "its certificate can't be trusted")
        except TimeoutError:
            return Retry(RetryCause.DESTINATION, "no answer in time")
        except (aiohttp.ClientError, OSError) as error:  # their texts may hold the address
            return Retry(RetryCause.DESTINATION, f"no usable answer: {type(error).__name__}")
        return outcome_of(status, retry_after, self._clock())

    def _signed(self, destination: Destination, body: bytes) -> dict[str, str]:
        now = self._clock()
        salts = [destination.salt]
        if destination.salt_before is not None and destination.rotated_at is not None:
            salts += [destination.salt_before] if now - destination.rotated_at < ROTATION else []
        secrets = [signature.secret(self._config.key, salt) for salt in salts]
        digest = sha256(f"{destination.chat_id}\n".encode() + body).hexdigest()
        return signature.headers(secrets, f"msg_{digest[:32]}", now, body)

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            resolver = CheckedResolver(self._config.private_hosts, self._lookup)
            connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=50)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"minerwatch/{self._version}"},
                skip_auto_headers=("Accept", "Accept-Encoding"),
                auto_decompress=False,
            )
        return self._session


def where(destination: Destination) -> str:
    """A destination as it may stand in logs and messages: the host of a webhook, the name of a service."""
    if destination.kind is DestinationKind.SERVICE:
        return destination.target
    return urlsplit(destination.target).hostname or ""


def outcome_of(status: int, retry_after: str | None, now: datetime) -> Outcome:
    """What an answer means. 2xx: arrived. 410: gone. Other 4xx are final unless they pass or can be mended.

    `retry_after` is the header of that name.
    """
    if 200 <= status < 300:
        return Delivered(None)
    why = f"it answered {status}"
    if 300 <= status < 400:
        return Retry(RetryCause.RIGHTS, f"{why}, a redirect, and none is followed")
    if status == 410:
        return Gone(why)
    if status in _MISCONFIGURED:
        return Retry(RetryCause.RIGHTS, why)
    if 400 <= status < 500 and status not in _PASSING:
        return Rejected(why)
    return Retry(RetryCause.DESTINATION, why, _at(retry_after, now))


def _at(retry_after: str | None, now: datetime) -> datetime | None:
    """The moment in a Retry-After header, seconds or a date; at least a second and at most an hour ahead."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), 10**6))
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return now + max(timedelta(seconds=1), min(wait, MAX_RETRY_AFTER))
