"""docs/sources.md says what the code does: its two tables are compared row by row."""

from datetime import timedelta
from pathlib import Path

from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.signals.series import SERIES
from bot.sources.parse import figure
from bot.sources.series_config import PROVIDERS, SERIES_CONFIGS, SeriesConfig, power
from tests.sources.test_series_config import BY_KEY, keyless_providers

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")


def rows_after(heading: str) -> list[str]:
    """The body of the first table after a heading."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [line for line in part.splitlines() if line.startswith("|")][2:]


def span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60 and minutes != 1_440:
        return f"{minutes // 60} h"
    days = minutes // 1_440
    return "1 day" if days == 1 else f"{days} days"


def row(lane: SeriesConfig) -> str:
    """A lane as the page shows it."""
    retry = f", every {span(lane.retry_every)} while the newest is missing" if lane.retry_every else ""
    agree = "–"
    if lane.quorum > 1:
        agree = f"{lane.tolerance.value:.1%}".replace(".0%", "%")
        agree += f", 7-day mean {lane.tolerance.week:.1%}" if lane.tolerance.week else ""
        agree += f", 30-day mean {lane.tolerance.mean:.0%}" if lane.tolerance.mean else ""
        agree += (
            f" or {figure(lane.tolerance.slack)} {SERIES[lane.series].unit}" if lane.tolerance.slack else ""
        )
    jump = "–"
    if lane.jump:
        unit = " EUR/MWh" if lane.jump.absolute else ""
        least, more = lane.jump.least, lane.jump.per_root_day
        jump = f"{least:g}{unit}" if lane.jump.absolute else f"{least:.0%}"
        if more:
            jump += f", or {more:g}{unit} × √days" if lane.jump.absolute else f", or {more:.0%} × √days"
    stale = "never" if lane.stale_after > timedelta(days=1_000) else span(lane.stale_after)
    normal = "–" if lane.normal_age > timedelta(days=1_000) else span(lane.normal_age)
    name = "`power.<ZONE>`" if lane.zone else f"`{lane.series}`"
    order = ", ".join(query.provider for query in lane.offers)
    every = span(lane.every) + retry
    return f"| {name} {lane.kind} | {order} | {every} | {normal} | {stale} | {agree} | {jump} |"


def test_the_table_of_series() -> None:
    expected = [row(lane) for lane in (*SERIES_CONFIGS, power("FR"))]
    assert rows_after("Series") == expected, "\n" + "\n".join(expected)


def test_the_table_of_providers() -> None:
    expected = []
    for name, facts in PROVIDERS.items():
        key = f"`{name.upper()}_API_KEY`" if facts.needs_key else "–"
        ours = f"; we make at most {facts.daily_limit:,}".replace(",", " ") if facts.daily_limit else ""
        ours = f"{ours} a day" if ours else ""
        expected.append(
            f"| `{name}` | {facts.title} | {facts.home} | {facts.licence} | {facts.limits}{ours} | {key} |"
        )
    assert rows_after("Providers") == expected, "\n" + "\n".join(expected)


def test_the_zones_are_named() -> None:
    for zone in ZONES:
        assert f"`{zone}`" in PAGE
    assert set(ENDED_ZONES) <= set(ZONES)
    assert len(ZONES) == 16


def test_what_only_one_gives_is_said() -> None:
    part = PAGE.split("## Where there is only one\n", 1)[1].split("\n## ", 1)[0]
    keyless = {lane.series: len(keyless_providers(lane)) for lane in SERIES_CONFIGS}
    assert {series for series, count in keyless.items() if count < 2} == set(BY_KEY)
    for series in BY_KEY:
        assert f"`{series}`" in part
