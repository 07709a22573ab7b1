"""The metrics page in Prometheus's text format."""

import os
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from bot.ops.health import HealthSnapshot


def exposition(health: HealthSnapshot) -> bytes:
    """The measurements in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_HealthCollector(health))
    if os.path.isdir("/proc/self"):
        ProcessCollector(registry=registry)
    return generate_latest(registry)


class _HealthCollector(Collector):
    """Gives the families of one snapshot to the library."""

    def __init__(self, health: HealthSnapshot) -> None:
        self._health = health

    def collect(self) -> Iterable[Metric]:
        """Every family."""
        return _families(self._health)


def _families(health: HealthSnapshot) -> Iterable[Metric]:

    def gauge(name: str, text: str, value: float | None) -> Iterable[Metric]:
        if value is not None:
            yield GaugeMetricFamily(f"minerwatch_{name}", text, value=value)

    def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
        family = GaugeMetricFamily(f"minerwatch_{name}", text, labels=[label])
        for key, value in sorted(values.items()):
            family.add_metric([key], value)
        return family

    def counters(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
        family = CounterMetricFamily(f"minerwatch_{name}", text, labels=[label])
        for key, value in sorted(values.items()):
            family.add_metric([key], value)
        return family

    delivery = health.delivery
    yield gauges("info", "The running version.", "version", {health.version: 1})
    yield from gauge("uptime_seconds", "Time since the start.", health.uptime_s)
    yield from gauge("poll_interval_seconds", "Time wanted between polls.", health.poll_interval_s)
    yield from gauge("poll_age_seconds", "Time since the last poll that was written.", health.poll_age_s)
    yield counters("polls", "Polls by how they ended.", "result", health.polls)
    yield from gauge("blind", "1 while no source gives fresh data.", float(health.blind))
    yield gauges(
        "source_age_seconds", "Age of the newest value a source gave.", "source", health.source_age_s
    )
    ok = {name: float(well) for name, well in health.source_ok.items()}
    yield gauges("source_ok", "1 when a source's last answers could be used.", "source", ok)
    yield gauges("source_calls_today", "Requests to a source this UTC day.", "source", health.calls_today)
    yield gauges("series_age_seconds", "Age of the newest value kept.", "series", health.series_age_s)
    yield from gauge("queue_messages", "Messages waiting in the outbox.", delivery.waiting)
    text = "Age of the oldest message waiting, without those held back for quiet or muted chats."
    yield from gauge("queue_age_seconds", text, health.queue_age_s)
    text = "How long a message has been due that nobody took."
    yield from gauge("due_age_seconds", text, health.due_age_s)
    text = "How long several chats have waited without a message being delivered."
    yield from gauge("stalled_seconds", text, health.stalled_s)
    yield from gauge("pause_seconds", "Seconds until anything may be sent.", health.pause_s)
    yield counters("messages", "Messages from the outbox by outcome.", "outcome", delivery.outcomes)
    if delivery.alert_groups:
        newest = delivery.alert_groups[-1]
        seconds = {"first": newest.first_s, "last": newest.last_s}
        text = "From the reading behind the newest alert to its first and last delivery so far."
        yield gauges("alert_seconds", text, "delivery", seconds)
    yield CounterMetricFamily("minerwatch_floods", "429 answers from Telegram.", value=delivery.floods)
    yield from gauge("send_rate", "Messages a second allowed at present.", delivery.rate_per_second)
    yield from gauge(
        "get_updates_age_seconds", "Time since Telegram last answered getUpdates.", health.get_updates_age_s
    )
    yield CounterMetricFamily("minerwatch_updates", "Updates received.", value=health.updates)
    yield CounterMetricFamily("minerwatch_turned_away", "Updates over a limit.", value=health.turned_away)
    yield from gauge("database_bytes", "Size of the database and its journal.", health.database_bytes)
    yield from gauge("disk_free_bytes", "Free space where the database is.", health.disk_free_bytes)
