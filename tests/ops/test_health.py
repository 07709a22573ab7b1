"""/healthz and /metrics."""

from dataclasses import replace

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.delivery.stats import AlertGroupStats, DeliveryStats
from bot.ops.exposition import exposition
from bot.ops.health import HealthSnapshot
from bot.ops.health_server import HealthServer
from storage.errors import StorageError

WELL = HealthSnapshot(
    version="1.2.3",
    leads=True,
    uptime_s=3600,
    led_s=3600,
    poll_interval_s=300,
    poll_age_s=12.5,
    polls={"good": 12, "failed": 1},
    blind=False,
    source_age_s={"mempool": 61.0},
    source_ok={"mempool": True, "kraken": False},
    calls_today={"mempool": 288},
    series_age_s={"btc.price": 61.0, 'odd"name\n': 1.0},
    get_updates_age_s=4.0,
    updates=77,
    turned_away=2,
    delivery=DeliveryStats({"sent": 5, "dead": 1}, 3, 29.5, 1, (AlertGroupStats(7, 4, 1.5, 20.0),)),
    queue_age_s=1.5,
    due_age_s=0.0,
    stalled_s=0.0,
    pause_s=0.0,
    relay_age_s=1.0,
    scheduler_age_s=1.0,
    database_bytes=4096,
    disk_free_bytes=10**9,
)


async def _get(vitals: HealthSnapshot | StorageError, path: str) -> tuple[int, str, str]:
    async def now() -> HealthSnapshot:
        if isinstance(vitals, StorageError):
            raise vitals
        return vitals

    problem = vitals.problem if isinstance(vitals, StorageError) else None
    stuck = [] if isinstance(vitals, StorageError) else vitals.stuck()
    health = HealthServer("127.0.0.1", 0, now, lambda: problem, lambda: stuck)
    port = await health.start()
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}") as answer,
        ):
            return answer.status, answer.headers["Content-Type"], await answer.text()
    finally:
        await health.stop()


def _read(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_metrics_are_prometheus_text() -> None:
    status, kind, text = await _get(WELL, "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    read = _read(text)
    assert read["minerwatch_info", "1.2.3"] == 1
    assert read["minerwatch_poll_age_seconds", ""] == 12.5
    assert read["minerwatch_polls_total", "good"] == 12
    assert read["minerwatch_source_age_seconds", "mempool"] == 61
    assert read["minerwatch_source_ok", "kraken"] == 0
    assert read["minerwatch_queue_messages", ""] == 3
    assert read["minerwatch_alert_seconds", "first"] == 1.5
    assert read["minerwatch_alert_seconds", "last"] == 20
    assert read["minerwatch_queue_age_seconds", ""] == 1.5
    assert read["minerwatch_messages_total", "sent"] == 5
    assert read["minerwatch_get_updates_age_seconds", ""] == 4
    assert read["minerwatch_database_bytes", ""] == 4096
    assert read["minerwatch_series_age_seconds", 'odd"name\n'] == 1
    assert read["process_resident_memory_bytes", ""] > 0


def test_what_is_not_known_is_left_out() -> None:
    read = _read(exposition(replace(WELL, poll_age_s=None, get_updates_age_s=None)).decode())
    assert ("minerwatch_poll_age_seconds", "") not in read
    assert ("minerwatch_get_updates_age_seconds", "") not in read


async def test_healthz_is_200_while_all_goes_well() -> None:
    status, _, text = await _get(WELL, "/healthz")
    assert status == 200
    assert '"ok": true' in text


async def test_healthz_is_503_with_the_reason() -> None:
    status, _, text = await _get(replace(WELL, poll_age_s=2_000.0), "/healthz")
    assert status == 503
    assert "no poll for 2000 s" in text
    status, _, text = await _get(replace(WELL, get_updates_age_s=500.0), "/healthz")
    assert status == 503
    assert "getUpdates for 500 s" in text


def test_a_first_poll_may_take_its_time_but_not_for_ever() -> None:
    assert replace(WELL, poll_age_s=None, led_s=20.0).faults() == []
    assert replace(WELL, poll_age_s=None, led_s=5_000.0).faults() != []


def test_a_replica_that_does_not_lead_needs_no_polls_and_asks_for_no_updates() -> None:
    beside = replace(WELL, leads=False, poll_age_s=None, led_s=5_000.0, get_updates_age_s=5_000.0)
    assert beside.faults() == []
    assert replace(beside, due_age_s=5_000.0).faults() != []


def test_blindness_alone_gets_nobody_restarted() -> None:
    assert replace(WELL, blind=True).faults() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_age_s": 301.0}, "a message has been due for 301 s"),
        ({"stalled_s": 400.0}, "messages wait and none was delivered for 400 s"),
        ({"pause_s": 3000.0}, "nothing may be sent for 3000 s"),
        ({"relay_age_s": 130.0}, "the relay has not moved for 130 s"),
        ({"scheduler_age_s": 130.0}, "the scheduler has not moved for 130 s"),
    ],
)
async def test_healthy_means_that_messages_arrive(change: dict[str, float], words: str) -> None:
    """S12: polls and getUpdates went on while nothing was delivered for an hour."""
    status, _, text = await _get(replace(WELL, **change), "/healthz")  # type: ignore[arg-type]  # names above
    assert status == 503
    assert words in text


@pytest.mark.parametrize("path", ["/healthz", "/leader", "/metrics"])
async def test_without_the_database_the_page_says_why(path: str) -> None:
    status, _, text = await _get(StorageError("the disk is full", "free some space", passing=True), path)
    assert status == 503
    assert "the disk is full" in text


async def test_a_restart_is_asked_for_only_where_it_helps() -> None:
    away = StorageError("the server is away", "start it", passing=True)
    for vitals in (WELL, away, replace(WELL, due_age_s=5_000.0, get_updates_age_s=5_000.0)):
        assert (await _get(vitals, "/livez"))[0] == 200
    status, _, text = await _get(replace(WELL, relay_age_s=130.0), "/livez")
    assert status == 503
    assert "the relay has not moved for 130 s" in text


def test_one_message_that_waits_for_its_chat_is_no_fault() -> None:
    assert replace(WELL, queue_age_s=3_000.0).faults() == []


def test_only_what_stands_still_is_worth_a_restart() -> None:
    slow = replace(WELL, poll_age_s=5_000.0, get_updates_age_s=5_000.0, due_age_s=5_000.0, stalled_s=5_000.0)
    assert slow.faults()
    assert slow.stuck() == []
    assert replace(WELL, relay_age_s=130.0).stuck() == ["the relay has not moved for 130 s"]
