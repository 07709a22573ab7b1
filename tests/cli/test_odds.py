"""The command line's odds, outflow history and verification."""

import json
from collections import deque
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean

import pytest

from bot.backtest.verification import verify
from bot.cli import offline
from bot.cli.main import main
from bot.data.bundle import bundled_readings
from bot.data.forecast_weights import load_model
from bot.signals.history import History
from bot.signals.series import end_of_day


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(autouse=True)
def without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "none.db"))


def test_replay_prints_the_odds_of_each_day(capsys: pytest.CaptureFixture[str]) -> None:
    span = ["--from", "2022-06-01", "--to", "2022-06-30"]
    assert main(["replay", *span, "--json", "--forecast"]) == 0
    printed = lines(capsys)
    odds = [line for line in printed if "forecast" in line]
    assert {line["forecast"] for line in odds} == {"difficulty_fall_2pct_30d", "difficulty_fall_5pct_30d"}
    assert len(odds) == 2 * 30
    assert all(0 <= float(str(line["probability"])) <= 1 for line in odds)
    assert "summary" in printed[-1]
    assert main(["replay", *span, "--json"]) == 0
    assert [line for line in printed if "forecast" not in line] == lines(capsys), "the rules say the same"


def outcomes(fall: float, first: date, last: date) -> Iterator[tuple[date, float]]:
    """1 for each day after which difficulty fell by so much within 30 days, else 0; known days only."""
    difficulty = dict(History(bundled_readings()).days("btc.difficulty"))
    day = first
    while day <= last:
        following = [difficulty.get(day + timedelta(days=n)) for n in range(1, 31)]
        known = [level for level in following if level is not None]
        if day in difficulty and following[-1] is not None:
            yield day, float(min(known) <= (1 - fall) * difficulty[day])
        day += timedelta(days=1)


_eleven_years: list[dict[str, object]] = []


@pytest.fixture
def eleven_years(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What `replay` prints of the years from 2015 on, with the odds; printed once for every event."""
    if not _eleven_years:
        assert main(["replay", "--from", "2015-01-01", "--to", "2026-07-03", "--json", "--forecast"]) == 0
        _eleven_years.extend(lines(capsys))
    return _eleven_years


@pytest.mark.parametrize(
    ("event", "fall", "skill"),
    [("difficulty_fall_5pct_30d", 0.05, 0.20), ("difficulty_fall_2pct_30d", 0.02, 0.30)],
)
def test_the_printed_odds_have_skill_and_happen_as_often_as_they_say(
    eleven_years: list[dict[str, object]], event: str, fall: float, skill: float
) -> None:
    """Walk-forward, 2015 to 2026, from the printed lines alone; climatology is the rate known on the day."""
    values = {
        date.fromisoformat(str(line["at"])): float(str(line["probability"]))
        for line in eleven_years
        if line.get("forecast") == event
    }
    happened = dict(outcomes(fall, date(2011, 6, 1), date(2026, 7, 3)))
    ours, reference, bins = [], [], dict[int, list[tuple[float, float]]]()
    waiting, over = deque(happened.items()), list[float]()
    for day, outcome in happened.items():
        while day - waiting[0][0] >= timedelta(days=30):
            over.append(waiting.popleft()[1])
        if day in values:
            ours.append((values[day] - outcome) ** 2)
            reference.append((sum(over) / len(over) - outcome) ** 2)
            bins.setdefault(min(int(10 * values[day]), 9), []).append((values[day], outcome))
    assert len(ours) > 4_000
    assert 1 - fmean(ours) / fmean(reference) >= skill
    for tenth, pairs in bins.items():
        if len(pairs) >= 100:
            result, fell = zip(*pairs, strict=True)
            assert fmean(result) == pytest.approx(fmean(fell), abs=0.1), f"{tenth * 10} %"


def test_the_verification_is_printed_in_one_form_for_programs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    until = end_of_day(date(2016, 12, 31))
    cut = [reading for reading in bundled_readings() if reading.read_at <= until]
    verification = verify(cut, load_model())
    monkeypatch.setattr(offline, "verify", lambda *_: verification)
    assert main(["backtest", "--json"]) == 0
    (printed,) = lines(capsys)
    assert (printed["first"], printed["last"]) == ("2011-01-01", "2016-12-31")
    shapes = {
        "detectors": {
            *("name", "episodes", "detected_5", "detected_10", "events", "false_alarms"),
            *("lead_to_fall_days", "lead_to_price_low_days"),
        },
        "forecasts": {
            *("name", "days", "base_rate", "brier", "brier_climatology", "skill"),
            *("skill_low", "skill_high", "bins"),
        },
        "regimes": {"name", "capitulations", "same", "other_days"},
        "sensitivity": {"threshold", "change", "episodes", "days", "hits"},
        "index": {"low", "high", "days", "days_followed", "fell", "base_rate"},
    }
    for table, keys in shapes.items():
        rows = printed[table]
        assert isinstance(rows, list)
        assert rows
        assert all(row.keys() == keys for row in rows), table
    detectors = _by_name(printed["detectors"])
    assert {"phase: capitulation", "rule: hashrate_decline.warning", "baseline: Puell multiple ≤ 0.5"} <= set(
        detectors
    )
    for detector in detectors.values():
        for share in ("detected_5", "detected_10", "events", "false_alarms"):
            assert detector[share].keys() == {"hits", "n", "low", "high"}
    assert set(_by_name(printed["forecasts"])) == {"difficulty_fall_2pct_30d", "difficulty_fall_5pct_30d"}
    messages = printed["messages"]
    assert isinstance(messages, dict)
    assert messages.keys() == {"by_year", "windows", "within_twelve", "median", "most"}
    assert main(["backtest"]) == 0
    text = capsys.readouterr().out
    assert all(f"| {name} |" in text for name in detectors), "people get the same rows as tables"


def _by_name(rows: object) -> dict[str, dict[str, dict[str, object]]]:
    assert isinstance(rows, list)
    return {str(row["name"]): row for row in rows}


def test_an_outflow_history_of_ones_own_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    first = date(2020, 1, 1)
    days = [first + timedelta(days=n) for n in range(500)]
    rows = [f"{day},{2_000 if n > 480 else 100 + n % 7}" for n, day in enumerate(days)]
    (folder / "miner_outflow.csv").write_text("day,net_btc\n" + "\n".join(rows) + "\n")
    asked = ["replay", "--from", "2021-01-01", "--to", "2021-05-14", "--history", str(folder)]
    assert main([*asked, "--json"]) == 0
    fired = [line for line in lines(capsys) if line.get("to") == "firing"]
    assert {line["signal"] for line in fired} == {"miner_outflow"}
    (folder / "miner_outflow.csv").write_text("day,net_btc\n2020-01-01,much\n")
    assert main(asked) == 2
    assert "2022-07-05,812.5" in capsys.readouterr().err


def test_the_bundle_holds_no_outflow() -> None:
    assert "btc.miner_outflow" not in {reading.series for reading in bundled_readings()}
