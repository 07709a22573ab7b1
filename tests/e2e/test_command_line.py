"""The commands as a person or a script types them: the real process, its output and its exit status."""

import json
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.e2e.program import command, environment
from tests.fakes.providers import Providers

RECORDING = Path(__file__).resolve().parents[2] / "docs" / "pictures" / "demo.svg"


async def test_the_demonstration_tells_the_summer_of_2022_and_ends_by_itself(tmp_path: Path) -> None:
    status, result, errors = await command(tmp_path, "demo", env=environment(tmp_path))
    assert (status, errors) == (0, "")
    days = {day.split(" ─")[0]: day for day in result.split("\n── ")[1:]}
    assert "🔴 Bitcoin is 70 % below its record" in days["Thu 16 June 2022"]
    assert "Now −70.4 %; threshold −70.0 %" in days["Thu 16 June 2022"]
    assert "🔴 Miners are capitulating" in days["Sat 25 June 2022"]
    assert "Stress lasted 55 days" in days["Sat 25 June 2022"]
    assert "Hashrate decline: warning since 9 Jun 2022" in days["Sat 25 June 2022"]
    assert "you ▸ /breakeven s19 0.07" in days["Sat 18 June 2022"]
    assert "It pays: 2.22 USD profit a day" in days["Sat 18 June 2022"]
    assert "it loses 0.41 USD a day" in days["Tue 05 July 2022"]
    assert "The capitulation eases to stress" in days["Sat 27 August 2022"]
    assert "Capitulation lasted 63 days" in days["Sat 27 August 2022"]
    lines = ElementTree.parse(RECORDING).iter("{http://www.w3.org/2000/svg}text")
    recorded = " ".join(" ".join("".join(line.itertext()) for line in lines).split())
    alert = recorded.split("● ")[1].split("[#1")[0].strip()
    assert "8th time since 2010" in alert
    assert alert in " ".join(result.split()), "the README shows another alert than the demonstration"


async def test_replay_finds_the_same_transitions_without_flapping(tmp_path: Path) -> None:
    span = ("--from", "2022-05-01", "--to", "2022-08-31")
    status, out, errors = await command(tmp_path, "replay", *span, "--json", env=environment(tmp_path))
    assert (status, errors) == (0, "")
    *lines, summary = [json.loads(line) for line in out.splitlines()]
    assert summary["summary"]["days"] == 123
    assert sum(summary["summary"]["by_signal"].values()) == summary["summary"]["alerts"]
    firings: dict[tuple[str, str], int] = {}
    for line in lines:
        assert {"at", "signal", "from", "to", "value", "threshold", "severity"} <= line.keys()
        if line["to"] == "firing":
            key = (line["signal"], line["severity"])
            firings[key] = firings.get(key, 0) + 1
    assert set(firings) >= {(signal, "warning") for signal in ("hashrate_decline", "energy_price")}
    assert max(firings.values()) <= 3
    phases = [(line["at"], line["to"]) for line in lines if line["signal"] == "capitulation"]
    assert ("2022-06-25", "capitulation") in phases
    assert phases[-1][1] != "capitulation"


@pytest.mark.parametrize(("first", "last"), [("2024-06-01", "2024-07-31"), ("2025-06-01", "2025-07-31")])
async def test_a_fall_of_hashrate_alone_is_never_capitulation(tmp_path: Path, first: str, last: str) -> None:
    status, out, _ = await command(
        tmp_path, "replay", "--from", first, "--to", last, "--json", env=environment(tmp_path)
    )
    assert status == 0
    lines = [json.loads(line) for line in out.splitlines()]
    assert any(line.get("signal") == "hashrate_decline" for line in lines)
    assert not any(line.get("to") == "capitulation" for line in lines)


async def test_poll_prints_what_it_saw(tmp_path: Path, providers: Providers) -> None:
    env = environment(tmp_path, providers)
    status, out, _ = await command(tmp_path, "poll", "--json", env=env)
    body = json.loads(out)
    assert status == 0
    assert all(source["ok"] for source in body["sources"])
    assert {reading["series"] for reading in body["readings"]} >= {"btc.price", "btc.hashprice"}
    assert [signal["signal"] for signal in body["signals"]] == [
        "miner_outflow",
        "hashrate_decline",
        "price_drawdown",
        "miner_income",
        "energy_price",
    ]
    assert body["phase"] in {"calm", "stress", "capitulation", "recovery"}
    assert body["alerts_queued"] == 0
    assert {odds["name"] for odds in body["forecasts"]} == {
        "difficulty_fall_2pct_30d",
        "difficulty_fall_5pct_30d",
    }
    for odds in body["forecasts"]:
        assert odds.keys() == {"name", "probability", "base_rate", "as_of"}
        assert 0 <= odds["probability"] <= 1
        assert 0 < odds["base_rate"] < 0.5
        assert datetime.fromisoformat(odds["as_of"]).tzinfo is not None

    status, out, _ = await command(tmp_path, "series", "btc.price", "--from", "2026-07-01", "--json", env=env)
    days = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert days[0]["day"] == "2026-07-01"
    assert all(day["complete"] for day in days)
    assert any("kraken" in day["source"] for day in days), "the gap behind the bundle is filled"

    copy = tmp_path / "copy.db"
    assert (await command(tmp_path, "backup", str(copy), env=env))[0] == 0
    again = env | {"DATABASE_PATH": str(copy)}
    assert (await command(tmp_path, "series", "btc.price", "--from", "2026-07-01", "--json", env=again))[
        1
    ] == out


async def test_poll_with_every_provider_down_fails_and_says_so(tmp_path: Path) -> None:
    status, out, _ = await command(tmp_path, "poll", "--json", env=environment(tmp_path))
    assert status == 1
    assert json.loads(out)["readings"] == []


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["run"], {}, ["TELEGRAM_BOT_TOKEN is missing", "TELEGRAM_BOT_TOKEN=123456789:"]),
        (["run"], {"TELEGRAM_BOT_TOKEN": "nonsense"}, ["TELEGRAM_BOT_TOKEN is not a bot token"]),
        (["breakeven", "s19", "cheap"], {}, ["cheap", "0.07"]),
        (["sell"], {}, ["sell"]),
    ],
)
async def test_bad_input_gets_one_clear_line_and_status_2(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], words: list[str]
) -> None:
    status, out, errors = await command(tmp_path, *arguments, env=environment(tmp_path) | settings)
    assert (status, out) == (2, "")
    (line,) = errors.strip().splitlines()
    assert line.startswith("minerwatch: ")
    for word in words:
        assert word in line
