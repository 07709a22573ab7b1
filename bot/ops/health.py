"""What the program says of itself on the loopback: /healthz for supervisors, /metrics for Prometheus."""

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.delivery.stats import DeliveryStats

if TYPE_CHECKING:
    from aiohttp import web
    from prometheus_client import Metric

_LONG_POLL_S = 90.0  # Telegram answers every ten seconds, with nothing when there is nothing
_PROGRAM_FAULT_S = 60.0


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """Everything measured, at one moment. Ages in seconds; None is never yet, or not in this mode."""

    version: str
    uptime_s: float
    poll_interval_s: float
    poll_age_s: float | None
    polls: Mapping[str, int]
    blind: bool
    source_age_s: Mapping[str, float]
    source_ok: Mapping[str, bool]
    calls_today: Mapping[str, int]
    series_age_s: Mapping[str, float]
    get_updates_age_s: float | None
    updates: int
    turned_away: int
    delivery: DeliveryStats
    database_bytes: int
    disk_free_bytes: int

    def faults(self) -> list[str]:
        """Why the program is not well; empty when it is. Blindness is the world's fault and not here."""
        found = []
        since_poll = self.uptime_s if self.poll_age_s is None else self.poll_age_s
        if since_poll > 3 * self.poll_interval_s + _PROGRAM_FAULT_S:
            found.append(f"no poll for {since_poll:.0f} s")
        if self.get_updates_age_s is not None and self.get_updates_age_s > _LONG_POLL_S:
            found.append(f"Telegram has not answered getUpdates for {self.get_updates_age_s:.0f} s")
        return found


class HealthServer:
    """The server. `vitals` is asked anew for every request."""

    def __init__(self, port: int, vitals: Callable[[], Awaitable[HealthSnapshot]]) -> None:
        self._port = port
        self._vitals = vitals
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Listen on the loopback; give the port. Raises OSError when it is taken."""
        from aiohttp import web  # noqa: PLC0415 - the server's half of the library, only for who has a port

        app = web.Application(client_max_size=1024)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _request: "web.Request") -> "web.Response":
        from aiohttp import web  # noqa: PLC0415 - likewise

        vitals = await self._vitals()
        faults = vitals.faults()
        body = {
            "ok": not faults,
            "faults": faults,
            "blind": vitals.blind,
            "poll_age_seconds": vitals.poll_age_s,
            "get_updates_age_seconds": vitals.get_updates_age_s,
            "version": vitals.version,
        }
        return web.json_response(body, status=503 if faults else 200)

    async def _metrics(self, _request: "web.Request") -> "web.Response":
        from aiohttp import web  # noqa: PLC0415 - likewise

        body = exposition(await self._vitals())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def exposition(vitals: HealthSnapshot) -> bytes:
    """The vitals in Prometheus's text format."""
    from prometheus_client import CollectorRegistry, ProcessCollector  # noqa: PLC0415 - likewise
    from prometheus_client.exposition import generate_latest  # noqa: PLC0415 - likewise
    from prometheus_client.registry import Collector  # noqa: PLC0415 - likewise

    class Snapshot(Collector):
        def collect(self) -> Iterable["Metric"]:
            return _families(vitals)

    registry = CollectorRegistry()
    registry.register(Snapshot())
    if os.path.isdir("/proc/self"):
        ProcessCollector(registry=registry)
    return generate_latest(registry)


def _families(vitals: HealthSnapshot) -> Iterable["Metric"]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415 - likewise

    def gauge(name: str, text: str, value: float | None) -> Iterable["Metric"]:
        if value is not None:
            yield GaugeMetricFamily(f"minerwatch_{name}", text, value=value)

    def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> "Metric":
        family = GaugeMetricFamily(f"minerwatch_{name}", text, labels=[label])
        for key, value in sorted(values.items()):
            family.add_metric([key], value)
        return family

    def counters(name: str, text: str, label: str, values: Mapping[str, float]) -> "Metric":
        family = CounterMetricFamily(f"minerwatch_{name}", text, labels=[label])
        for key, value in sorted(values.items()):
            family.add_metric([key], value)
        return family

    delivery = vitals.delivery
    yield gauges("info", "The running version.", "version", {vitals.version: 1})
    yield from gauge("uptime_seconds", "Time since the start.", vitals.uptime_s)
    yield from gauge("poll_interval_seconds", "Time wanted between polls.", vitals.poll_interval_s)
    yield from gauge("poll_age_seconds", "Time since the last poll that was written.", vitals.poll_age_s)
    yield counters("polls", "Polls by how they ended.", "result", vitals.polls)
    yield from gauge("blind", "1 while no source gives fresh data.", float(vitals.blind))
    yield gauges(
        "source_age_seconds", "Age of the newest value a source gave.", "source", vitals.source_age_s
    )
    ok = {name: float(well) for name, well in vitals.source_ok.items()}
    yield gauges("source_ok", "1 when a source's last answers could be used.", "source", ok)
    yield gauges("source_calls_today", "Requests to a source this UTC day.", "source", vitals.calls_today)
    yield gauges("series_age_seconds", "Age of the newest value kept.", "series", vitals.series_age_s)
    yield from gauge("queue_messages", "Messages waiting in the outbox.", delivery.waiting)
    yield from gauge("queue_age_seconds", "Age of the oldest message waiting.", delivery.oldest_waiting_s)
    yield counters("messages", "Messages from the outbox by outcome.", "outcome", delivery.outcomes)
    if delivery.alert_groups:
        newest = delivery.alert_groups[-1]
        took = {"first": newest.first_s, "last": newest.last_s}
        text = "From the reading behind the newest alert to its first and last delivery so far."
        yield gauges("alert_seconds", text, "delivery", took)
    yield CounterMetricFamily("minerwatch_floods", "429 answers from Telegram.", value=delivery.floods)
    yield from gauge("send_rate", "Messages a second allowed at present.", delivery.rate_per_second)
    yield from gauge(
        "get_updates_age_seconds", "Time since Telegram last answered getUpdates.", vitals.get_updates_age_s
    )
    yield CounterMetricFamily("minerwatch_updates", "Updates received.", value=vitals.updates)
    yield CounterMetricFamily("minerwatch_turned_away", "Updates over a limit.", value=vitals.turned_away)
    yield from gauge("database_bytes", "Size of the database and its journal.", vitals.database_bytes)
    yield from gauge("disk_free_bytes", "Free space where the database is.", vitals.disk_free_bytes)
