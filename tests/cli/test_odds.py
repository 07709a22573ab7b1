"""The command line's odds, outflow history and verification."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli.main import main
from bot.data.bundle import bundled_readings


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
