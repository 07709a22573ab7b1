"""The values and protocols that the parts of bot.sources share."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Protocol

from bot.i18n.message import Message
from bot.signals.series import Reading
from bot.sources.rate_limit import Pace

MAX_BYTES: Final = 256_000
"""What an answer may hold, unpacked, unless its request says otherwise."""

HISTORY_BYTES: Final = 2_000_000
"""What an answer with years of days may hold."""

RETARGET: Final = "btc.retarget"
"""The name under which the retarget estimate is planned and refused; no series of readings bears it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider is asked: `url` None stands for its own address, "" switches it off."""

    name: str
    url: str | None = None
    api_key: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """The facts about one provider. `daily_limit` is the calls we allow ourselves in a UTC day."""

    name: str
    title: str
    home: str
    licence: str
    limits: str
    needs_key: bool = False
    pace: Pace = field(default_factory=Pace)
    daily_limit: int | None = None


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What is wanted: the newest values as of `now` (UTC), or the days `first` to `last` of the past."""

    now: datetime
    zone: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def today(self) -> date:
        """The UTC day of `now`: still running, so never complete."""
        return self.now.astimezone(UTC).date()

    @property
    def max_bytes(self) -> int:
        """How much an answer to it may hold."""
        return MAX_BYTES if self.first is None else HISTORY_BYTES


@dataclass(frozen=True, slots=True)
class Retarget:
    """The next difficulty change as estimated by `source`.

    `change` is a fraction (−0.05 is 5 % easier), or None while the epoch is too young (below 15 %) for an
    estimate to mean anything or when the source's estimate isn't to be trusted. `progress` is the
    fraction of the epoch's blocks already found; `estimated_at` (UTC) when the retarget is expected.
    """

    change: float | None
    blocks_remaining: int
    progress: float
    estimated_at: datetime
    source: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class PriceSlot:
    """One delivery period of the day-ahead market; `eur_per_mwh` is None where the source has a gap."""

    start: datetime
    end: datetime
    eur_per_mwh: float | None


@dataclass(frozen=True, slots=True)
class DayAheadPrices:
    """Day-ahead prices of one zone in time order: today's and, once published, tomorrow's."""

    zone: str
    slots: tuple[PriceSlot, ...]
    source: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class CurrencyRates:
    """Reference rates of one day (`as_of`, UTC, is its end): US dollars for one unit, by currency code."""

    usd: Mapping[str, float]
    as_of: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """All that one request gave. `refused` says why the values of a series could not be used."""

    readings: tuple[Reading, ...] = ()
    refused: Mapping[str, Message] = field(default_factory=dict)
    retarget: Retarget | None = None
    day_ahead: DayAheadPrices | None = None
    rates: CurrencyRates | None = None


class ProviderApi(Protocol):
    """How a provider is asked. Every request raises SourceError when there is no usable answer."""

    @property
    def provider(self) -> Provider:
        """The facts about the provider."""

    @property
    def default_address(self) -> bool:
        """Whether it is asked at its own address, not at one that the settings name."""

    @property
    def key(self) -> str | None:
        """The key for it, if there is one."""

    async def json(
        self,
        path: str,
        now: datetime,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        host: str | None = None,
        max_bytes: int | None = None,
    ) -> object:
        """GET a JSON value."""

    async def page(self, path: str, now: datetime, *, max_bytes: int | None = None) -> str:
        """GET a web page."""

    async def csv(
        self,
        path: str,
        now: datetime,
        params: Mapping[str, str] | None = None,
        *,
        max_bytes: int | None = None,
    ) -> Sequence[Sequence[str]]:
        """GET a CSV table, its header row first."""

    def quote(self, words: str) -> str:
        """A provider's words made safe to repeat."""


@dataclass(frozen=True, slots=True)
class Query:
    """One request a provider can answer.

    `stampless` answers carry no time of their own, so that a frozen one shows only by never changing.
    `history` says that a span of past days can be asked. `zones` names the power zones it knows, none for
    all; where the settings replace the address only the first is known to be there.
    """

    provider: str
    name: str
    read: Callable[[ProviderApi, FetchRequest], Awaitable[ProviderAnswer]]
    stampless: bool = False
    history: bool = False
    zones: tuple[str, ...] = ()

    def serves(self, site: ProviderApi, zone: str) -> bool:
        """Whether this site can be asked for this zone ("" where zones play no part)."""
        known = self.zones if site.default_address else self.zones[:1]
        return not zone or not known or zone in known


@dataclass(frozen=True, slots=True)
class SourceReport:
    """How one provider did in one round. `error` is None when everything asked of it could be used."""

    source: str
    ok: bool
    error: Message | None
    as_of: datetime | None
    latency_ms: int | None
    asked: bool


@dataclass(frozen=True, slots=True)
class RejectedSeries:
    """A series for which no value could be trusted: `source` names those asked, `reason` says why not.

    `kind` tells which values of the series: "spot", "daily", "monthly", or "estimate" for the retarget.
    """

    series: str
    source: str
    reason: Message
    kind: str = "daily"


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What one round of asking brought."""

    readings: tuple[Reading, ...]
    reports: tuple[SourceReport, ...]
    refused: tuple[RejectedSeries, ...]
    retarget: Retarget | None
    day_ahead: tuple[DayAheadPrices, ...]
    rates: CurrencyRates | None = None
